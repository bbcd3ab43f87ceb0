-- Supervised objects: a site has a place and a keeper, and one typed table per kind says what the law asks about it.

CREATE TABLE gridmap.site (
    site_pk bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    site_id text NOT NULL UNIQUE CHECK (site_id ~ '^[A-Za-z0-9._-]+$'),
    kind text NOT NULL CHECK (kind IN ('enterprise', 'power_plant', 'machine', 'coal_outlet', 'construction_site')),
    name text NOT NULL CHECK (name <> ''),
    credit_code text CHECK (credit_code ~ '^[0-9A-HJ-NPQRTUWXY]{18}$'),
    address text,
    county_code text NOT NULL CHECK (county_code ~ '^[0-9]{6}$'),
    region_code text CHECK (region_code ~ '^([0-9]{6}|[0-9]{9}|[0-9]{12})$'),
    reported_region_code text CHECK (reported_region_code ~ '^([0-9]{6}|[0-9]{9}|[0-9]{12})$'),
    geom geometry(Point, 4490) NOT NULL CHECK (gridmap.is_sound(geom)),
    geom_m geometry(Point, 4547) GENERATED ALWAYS AS (ST_Transform(geom, 4547)) STORED,
    geom_3857 geometry(Point, 3857) GENERATED ALWAYS AS (ST_Transform(geom, 3857)) STORED,
    cell_key bigint GENERATED ALWAYS AS (
        gridmap.cell_key_m(ST_X(ST_Transform(geom, 4547)), ST_Y(ST_Transform(geom, 4547)))
    ) STORED,
    position_error_m double precision NOT NULL CHECK (position_error_m >= 0 AND position_error_m < 200000),
    placed_by text NOT NULL,
    opened_on date,
    closed_on date,
    is_demo boolean NOT NULL DEFAULT false,
    source text NOT NULL,
    note text,
    recorded_at timestamptz NOT NULL DEFAULT gridmap.instant(),
    CONSTRAINT site_closes_after_opening CHECK (closed_on IS NULL OR opened_on IS NULL OR closed_on >= opened_on)
);
CREATE UNIQUE INDEX site_county_idx ON gridmap.site (county_code, site_id);
CREATE INDEX site_geom_m_idx ON gridmap.site USING gist (geom_m);
CREATE INDEX site_geom_3857_idx ON gridmap.site USING gist (geom_3857);
CREATE INDEX site_cell_key_idx ON gridmap.site (cell_key);
COMMENT ON TABLE gridmap.site IS 'Everything that is supervised at a place.';
COMMENT ON COLUMN gridmap.site.site_pk IS 'Key.';
COMMENT ON COLUMN gridmap.site.site_id IS 'Identifier that stays through imports.';
COMMENT ON COLUMN gridmap.site.kind IS 'Which typed table describes it.';
COMMENT ON COLUMN gridmap.site.name IS 'Name; demo sites say that they are.';
COMMENT ON COLUMN gridmap.site.credit_code IS 'Unified social credit code, 18 characters (GB 32100).';
COMMENT ON COLUMN gridmap.site.address IS 'Address in words.';
COMMENT ON COLUMN gridmap.site.county_code IS 'County by position; the neighbouring city''s code where it lies outside.';
COMMENT ON COLUMN gridmap.site.region_code IS 'Smallest region by position.';
COMMENT ON COLUMN gridmap.site.reported_region_code IS 'Region it was reported under.';
COMMENT ON COLUMN gridmap.site.geom IS 'Point, EPSG:4490.';
COMMENT ON COLUMN gridmap.site.geom_m IS 'Point in metres, EPSG:4547.';
COMMENT ON COLUMN gridmap.site.geom_3857 IS 'Point for tiles, EPSG:3857.';
COMMENT ON COLUMN gridmap.site.cell_key IS 'Key of the 1 km square that holds it.';
COMMENT ON COLUMN gridmap.site.position_error_m IS 'It lies within this many metres of the point.';
COMMENT ON COLUMN gridmap.site.placed_by IS 'Who or what placed it.';
COMMENT ON COLUMN gridmap.site.opened_on IS 'First day, where known.';
COMMENT ON COLUMN gridmap.site.closed_on IS 'First day on which it was no longer there.';
COMMENT ON COLUMN gridmap.site.is_demo IS 'True when it was generated for the demo city.';
COMMENT ON COLUMN gridmap.site.source IS 'Where the row comes from.';
COMMENT ON COLUMN gridmap.site.note IS 'What a reader must know of it, in Chinese.';
COMMENT ON COLUMN gridmap.site.recorded_at IS 'When this row was written; judging never reads it.';
SELECT gridmap.watch('site');

CREATE TABLE gridmap.enterprise (
    enterprise_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    site_id text NOT NULL REFERENCES gridmap.site (site_id) ON DELETE CASCADE,
    industry text NOT NULL,
    is_industrial boolean NOT NULL DEFAULT true,
    set_up_on date,
    relocation_year integer CHECK (relocation_year BETWEEN 2000 AND 2100),
    conforms_city_plan boolean,
    conforms_positioning boolean,
    conforms_environment boolean,
    conformity_document text,
    in_force daterange NOT NULL DEFAULT '(,)' CHECK (NOT isempty(in_force)),
    recorded_at timestamptz NOT NULL DEFAULT gridmap.instant(),
    CONSTRAINT enterprise_one_version_a_day EXCLUDE USING gist (site_id WITH =, in_force WITH &&)
);
COMMENT ON TABLE gridmap.enterprise IS 'What the law asks about an enterprise.';
COMMENT ON COLUMN gridmap.enterprise.enterprise_id IS 'Key of this version.';
COMMENT ON COLUMN gridmap.enterprise.site_id IS 'The site.';
COMMENT ON COLUMN gridmap.enterprise.industry IS 'Trade, in Chinese.';
COMMENT ON COLUMN gridmap.enterprise.is_industrial IS 'True for industry; duties on industrial enterprises bind only these.';
COMMENT ON COLUMN gridmap.enterprise.set_up_on IS 'Day it was set up, where known.';
COMMENT ON COLUMN gridmap.enterprise.relocation_year IS 'Year in which it is to move under the relocation list.';
COMMENT ON COLUMN gridmap.enterprise.conforms_city_plan IS 'Conforms with the city plan; NULL when nobody examined it.';
COMMENT ON COLUMN gridmap.enterprise.conforms_positioning IS 'Conforms with the industrial positioning; NULL when nobody examined it.';
COMMENT ON COLUMN gridmap.enterprise.conforms_environment IS 'Meets the environmental requirements; NULL when nobody examined it.';
COMMENT ON COLUMN gridmap.enterprise.conformity_document IS 'Document that says so.';
COMMENT ON COLUMN gridmap.enterprise.in_force IS 'Days on which this version holds, [from, to).';
COMMENT ON COLUMN gridmap.enterprise.recorded_at IS 'When this row was written; judging never reads it.';
SELECT gridmap.watch('enterprise');

CREATE TABLE gridmap.power_plant (
    power_plant_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    site_id text NOT NULL REFERENCES gridmap.site (site_id) ON DELETE CASCADE,
    fuel text NOT NULL,
    capacity_mw double precision CHECK (capacity_mw > 0 AND capacity_mw < 100000),
    commissioned text,
    operational_status text,
    owner text,
    in_force daterange NOT NULL DEFAULT '(,)' CHECK (NOT isempty(in_force)),
    recorded_at timestamptz NOT NULL DEFAULT gridmap.instant(),
    CONSTRAINT power_plant_one_version_a_day EXCLUDE USING gist (site_id WITH =, in_force WITH &&)
);
COMMENT ON TABLE gridmap.power_plant IS 'What the law asks about a power plant.';
COMMENT ON COLUMN gridmap.power_plant.power_plant_id IS 'Key of this version.';
COMMENT ON COLUMN gridmap.power_plant.site_id IS 'The site.';
COMMENT ON COLUMN gridmap.power_plant.fuel IS 'Main fuel: coal, gas, oil, waste, biomass, hydro, solar, wind or other.';
COMMENT ON COLUMN gridmap.power_plant.capacity_mw IS 'Capacity, megawatts.';
COMMENT ON COLUMN gridmap.power_plant.commissioned IS 'Commissioning date as the source gives it.';
COMMENT ON COLUMN gridmap.power_plant.operational_status IS 'Status as the source gives it.';
COMMENT ON COLUMN gridmap.power_plant.owner IS 'Owning company as the source gives it.';
COMMENT ON COLUMN gridmap.power_plant.in_force IS 'Days on which this version holds, [from, to).';
COMMENT ON COLUMN gridmap.power_plant.recorded_at IS 'When this row was written; judging never reads it.';
SELECT gridmap.watch('power_plant');

CREATE TABLE gridmap.machine (
    machine_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    site_id text NOT NULL REFERENCES gridmap.site (site_id) ON DELETE CASCADE,
    machine_type text NOT NULL,
    emission_stage smallint CHECK (emission_stage BETWEEN 0 AND 6),
    made_on date,
    has_particulate_filter boolean,
    seen_on date,
    in_force daterange NOT NULL DEFAULT '(,)' CHECK (NOT isempty(in_force)),
    recorded_at timestamptz NOT NULL DEFAULT gridmap.instant(),
    CONSTRAINT machine_one_version_a_day EXCLUDE USING gist (site_id WITH =, in_force WITH &&),
    CONSTRAINT machine_age_known CHECK (emission_stage IS NOT NULL OR made_on IS NOT NULL)
);
COMMENT ON TABLE gridmap.machine IS 'Non-road mobile machinery at the place where it works.';
COMMENT ON COLUMN gridmap.machine.machine_id IS 'Key of this version.';
COMMENT ON COLUMN gridmap.machine.site_id IS 'The site.';
COMMENT ON COLUMN gridmap.machine.machine_type IS 'Type, in Chinese (挖掘机, 装载机, 叉车 …).';
COMMENT ON COLUMN gridmap.machine.emission_stage IS 'Emission stage: 0 before any, 1 国Ⅰ to 4 国Ⅳ; NULL when only the date is known.';
COMMENT ON COLUMN gridmap.machine.made_on IS 'Day it was made; before 2009-10-01 means stage I or below.';
COMMENT ON COLUMN gridmap.machine.has_particulate_filter IS 'Carries a diesel particulate filter (DPF).';
COMMENT ON COLUMN gridmap.machine.seen_on IS 'Last day it was seen there.';
COMMENT ON COLUMN gridmap.machine.in_force IS 'Days on which this version holds, [from, to).';
COMMENT ON COLUMN gridmap.machine.recorded_at IS 'When this row was written; judging never reads it.';
SELECT gridmap.watch('machine');

CREATE TABLE gridmap.coal_outlet (
    coal_outlet_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    site_id text NOT NULL REFERENCES gridmap.site (site_id) ON DELETE CASCADE,
    sells text NOT NULL CHECK (sells IN ('loose_coal', 'clean_coal')),
    role text NOT NULL CHECK (role IN ('outlet', 'centre', 'distribution_point')),
    in_force daterange NOT NULL DEFAULT '(,)' CHECK (NOT isempty(in_force)),
    recorded_at timestamptz NOT NULL DEFAULT gridmap.instant(),
    CONSTRAINT coal_outlet_one_version_a_day EXCLUDE USING gist (site_id WITH =, in_force WITH &&)
);
COMMENT ON TABLE gridmap.coal_outlet IS 'Where coal is sold.';
COMMENT ON COLUMN gridmap.coal_outlet.coal_outlet_id IS 'Key of this version.';
COMMENT ON COLUMN gridmap.coal_outlet.site_id IS 'The site.';
COMMENT ON COLUMN gridmap.coal_outlet.sells IS 'loose_coal 散煤 or clean_coal 洁净煤.';
COMMENT ON COLUMN gridmap.coal_outlet.role IS 'outlet, or centre and distribution point of the clean-coal supply.';
COMMENT ON COLUMN gridmap.coal_outlet.in_force IS 'Days on which this version holds, [from, to).';
COMMENT ON COLUMN gridmap.coal_outlet.recorded_at IS 'When this row was written; judging never reads it.';
SELECT gridmap.watch('coal_outlet');

CREATE TABLE gridmap.construction_site (
    construction_site_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    site_id text NOT NULL REFERENCES gridmap.site (site_id) ON DELETE CASCADE,
    works text NOT NULL,
    floor_area_m2 double precision CHECK (floor_area_m2 >= 0 AND floor_area_m2 < 1e8),
    has_video_monitoring boolean,
    has_pm10_monitoring boolean,
    in_force daterange NOT NULL DEFAULT '(,)' CHECK (NOT isempty(in_force)),
    recorded_at timestamptz NOT NULL DEFAULT gridmap.instant(),
    CONSTRAINT construction_site_one_version_a_day EXCLUDE USING gist (site_id WITH =, in_force WITH &&)
);
COMMENT ON TABLE gridmap.construction_site IS 'What the law asks about a construction site.';
COMMENT ON COLUMN gridmap.construction_site.construction_site_id IS 'Key of this version.';
COMMENT ON COLUMN gridmap.construction_site.site_id IS 'The site.';
COMMENT ON COLUMN gridmap.construction_site.works IS 'What is being built, in Chinese.';
COMMENT ON COLUMN gridmap.construction_site.floor_area_m2 IS 'Floor area, square metres.';
COMMENT ON COLUMN gridmap.construction_site.has_video_monitoring IS 'Has networked video monitoring.';
COMMENT ON COLUMN gridmap.construction_site.has_pm10_monitoring IS 'Has networked PM10 monitoring.';
COMMENT ON COLUMN gridmap.construction_site.in_force IS 'Days on which this version holds, [from, to).';
COMMENT ON COLUMN gridmap.construction_site.recorded_at IS 'When this row was written; judging never reads it.';
SELECT gridmap.watch('construction_site');

CREATE TABLE gridmap.road (
    road_pk bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    road_id text NOT NULL UNIQUE CHECK (road_id ~ '^[a-z0-9_]+$'),
    name text NOT NULL CHECK (name <> ''),
    name_en text,
    class text NOT NULL CHECK (class IN ('ring', 'expressway', 'main', 'county_road', 'street')),
    geom geometry(MultiLineString, 4490) NOT NULL CHECK (gridmap.is_sound(geom)),
    geom_m geometry(MultiLineString, 4547) GENERATED ALWAYS AS (ST_Transform(geom, 4547)) STORED,
    geom_3857 geometry(MultiLineString, 3857) GENERATED ALWAYS AS (ST_Transform(geom, 3857)) STORED,
    county_code text NOT NULL CHECK (county_code ~ '^[0-9]{6}$'),
    is_sketch boolean NOT NULL DEFAULT false,
    position_error_m double precision NOT NULL CHECK (position_error_m >= 0 AND position_error_m < 200000),
    source text NOT NULL,
    note text,
    recorded_at timestamptz NOT NULL DEFAULT gridmap.instant()
);
CREATE INDEX road_geom_m_idx ON gridmap.road USING gist (geom_m);
CREATE INDEX road_geom_3857_idx ON gridmap.road USING gist (geom_3857);
COMMENT ON TABLE gridmap.road IS 'Roads that bound zones or are supervised.';
COMMENT ON COLUMN gridmap.road.road_pk IS 'Key.';
COMMENT ON COLUMN gridmap.road.road_id IS 'Identifier (north_third_ring).';
COMMENT ON COLUMN gridmap.road.name IS 'Name in Chinese.';
COMMENT ON COLUMN gridmap.road.name_en IS 'Name in English.';
COMMENT ON COLUMN gridmap.road.class IS 'ring, expressway, main, county_road or street.';
COMMENT ON COLUMN gridmap.road.geom IS 'Line, EPSG:4490.';
COMMENT ON COLUMN gridmap.road.geom_m IS 'Line in metres, EPSG:4547.';
COMMENT ON COLUMN gridmap.road.geom_3857 IS 'Line for tiles, EPSG:3857.';
COMMENT ON COLUMN gridmap.road.county_code IS 'County it is supervised by; the city''s code when it crosses several.';
COMMENT ON COLUMN gridmap.road.is_sketch IS 'True when it was drawn from words.';
COMMENT ON COLUMN gridmap.road.position_error_m IS 'How far the line may be off, metres.';
COMMENT ON COLUMN gridmap.road.source IS 'Where the row comes from.';
COMMENT ON COLUMN gridmap.road.note IS 'What a reader must know of it, in Chinese.';
COMMENT ON COLUMN gridmap.road.recorded_at IS 'When this row was written; judging never reads it.';
SELECT gridmap.watch('road');

CREATE TABLE gridmap.station (
    station_code text PRIMARY KEY,
    name text NOT NULL,
    is_control_point boolean NOT NULL DEFAULT false,
    geom geometry(Point, 4490) NOT NULL CHECK (gridmap.is_sound(geom)),
    geom_m geometry(Point, 4547) GENERATED ALWAYS AS (ST_Transform(geom, 4547)) STORED,
    geom_3857 geometry(Point, 3857) GENERATED ALWAYS AS (ST_Transform(geom, 3857)) STORED,
    county_code text NOT NULL CHECK (county_code ~ '^[0-9]{6}$'),
    position_error_m double precision NOT NULL CHECK (position_error_m >= 0 AND position_error_m < 200000),
    source text NOT NULL,
    recorded_at timestamptz NOT NULL DEFAULT gridmap.instant()
);
CREATE INDEX station_geom_3857_idx ON gridmap.station USING gist (geom_3857);
COMMENT ON TABLE gridmap.station IS 'State monitoring stations of air quality.';
COMMENT ON COLUMN gridmap.station.station_code IS 'Code of the national network (1316A).';
COMMENT ON COLUMN gridmap.station.name IS 'Name in Chinese.';
COMMENT ON COLUMN gridmap.station.is_control_point IS 'True for the background station.';
COMMENT ON COLUMN gridmap.station.geom IS 'Point, EPSG:4490.';
COMMENT ON COLUMN gridmap.station.geom_m IS 'Point in metres, EPSG:4547.';
COMMENT ON COLUMN gridmap.station.geom_3857 IS 'Point for tiles, EPSG:3857.';
COMMENT ON COLUMN gridmap.station.county_code IS 'County by position.';
COMMENT ON COLUMN gridmap.station.position_error_m IS 'It lies within this many metres of the point.';
COMMENT ON COLUMN gridmap.station.source IS 'Where the row comes from.';
COMMENT ON COLUMN gridmap.station.recorded_at IS 'When this row was written; judging never reads it.';
SELECT gridmap.watch('station');
