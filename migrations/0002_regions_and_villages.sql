-- Administrative regions and the villages that most duties of the law are about, each with its validity in time.
-- Codes: 6 digits for city and county, 9 for township, 12 for village (the statistical division code, cut to its level).

CREATE TABLE gridmap.region (
    region_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    code text NOT NULL,
    level text NOT NULL CHECK (level IN ('city', 'county', 'township')),
    name text NOT NULL CHECK (name <> ''),
    name_en text,
    parent_code text,
    county_code text GENERATED ALWAYS AS (CASE WHEN level = 'city' THEN NULL ELSE left(code, 6) END) STORED,
    in_force daterange NOT NULL DEFAULT '(,)' CHECK (NOT isempty(in_force)),
    geom geometry(MultiPolygon, 4490) CHECK (gridmap.is_sound(geom)),
    geom_m geometry(MultiPolygon, 4547) GENERATED ALWAYS AS (ST_Transform(geom, 4547)) STORED,
    geom_3857 geometry(MultiPolygon, 3857) GENERATED ALWAYS AS (ST_Transform(geom, 3857)) STORED,
    seat geometry(Point, 4490) CHECK (gridmap.is_sound(seat)),
    position_error_m double precision CHECK (position_error_m >= 0 AND position_error_m < 200000),
    is_sketch boolean NOT NULL DEFAULT false,
    source text NOT NULL,
    note text,
    recorded_at timestamptz NOT NULL DEFAULT gridmap.instant(),
    CONSTRAINT region_code_fits_level CHECK (
        code ~ CASE level WHEN 'township' THEN '^[0-9]{9}$' ELSE '^[0-9]{6}$' END
    ),
    CONSTRAINT region_one_version_a_day EXCLUDE USING gist (code WITH =, in_force WITH &&),
    CONSTRAINT region_error_known CHECK (geom IS NULL OR position_error_m IS NOT NULL)
);
CREATE INDEX region_geom_m_idx ON gridmap.region USING gist (geom_m);
CREATE INDEX region_geom_3857_idx ON gridmap.region USING gist (geom_3857);
CREATE INDEX region_parent_idx ON gridmap.region (parent_code);
COMMENT ON TABLE gridmap.region IS 'City, counties and townships, one row per version. A region without a known outline has no geom: none is made up.';
COMMENT ON COLUMN gridmap.region.region_id IS 'Key of this version.';
COMMENT ON COLUMN gridmap.region.code IS 'Division code: 6 digits for city and county, 9 for township or street.';
COMMENT ON COLUMN gridmap.region.level IS 'city, county (districts and county-level cities too) or township (streets too).';
COMMENT ON COLUMN gridmap.region.name IS 'Name in Chinese, as in the source.';
COMMENT ON COLUMN gridmap.region.name_en IS 'Name in English where one is known.';
COMMENT ON COLUMN gridmap.region.parent_code IS 'Code of the region above; NULL for the city.';
COMMENT ON COLUMN gridmap.region.county_code IS 'Code of the county that this region is or belongs to.';
COMMENT ON COLUMN gridmap.region.in_force IS 'Days on which name, code and outline hold, [from, to).';
COMMENT ON COLUMN gridmap.region.geom IS 'Outline, EPSG:4490.';
COMMENT ON COLUMN gridmap.region.geom_m IS 'Outline in metres, EPSG:4547: for every length, area and distance.';
COMMENT ON COLUMN gridmap.region.geom_3857 IS 'Outline for tiles, EPSG:3857; never for measuring.';
COMMENT ON COLUMN gridmap.region.seat IS 'Seat of the government, EPSG:4490, where known.';
COMMENT ON COLUMN gridmap.region.position_error_m IS 'How far the outline may be off, metres.';
COMMENT ON COLUMN gridmap.region.is_sketch IS 'True when the outline was drawn from a description.';
COMMENT ON COLUMN gridmap.region.source IS 'Where name and outline come from.';
COMMENT ON COLUMN gridmap.region.note IS 'What a reader must know of the outline, in Chinese.';
COMMENT ON COLUMN gridmap.region.recorded_at IS 'When this row was written; judging never reads it.';
SELECT gridmap.watch('region');

CREATE TABLE gridmap.village (
    village_version_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    village_id text NOT NULL CHECK (village_id ~ '^[0-9]{12}$'),
    county_code text GENERATED ALWAYS AS (left(village_id, 6)) STORED,
    township_code text GENERATED ALWAYS AS (left(village_id, 9)) STORED,
    name text NOT NULL CHECK (name <> ''),
    official_name text NOT NULL,
    match_name text NOT NULL,
    is_community boolean NOT NULL DEFAULT false,
    households integer CHECK (households >= 0),
    terrain_declared text CHECK (terrain_declared IN ('plain', 'hill', 'mountain', 'remote_mountain')),
    terrain_declared_by text,
    terrain_derived text CHECK (terrain_derived IN ('plain', 'not_plain', 'unknown')),
    terrain_resolution_m double precision CHECK (terrain_resolution_m > 0),
    terrain text GENERATED ALWAYS AS (coalesce(terrain_declared, terrain_derived, 'unknown')) STORED,
    programme text NOT NULL DEFAULT 'none' CHECK (programme IN ('none', 'planned', 'finished')),
    programme_source text,
    wholly_substituted boolean NOT NULL DEFAULT false,
    geom geometry(Point, 4490) NOT NULL CHECK (gridmap.is_sound(geom)),
    geom_m geometry(Point, 4547) GENERATED ALWAYS AS (ST_Transform(geom, 4547)) STORED,
    geom_3857 geometry(Point, 3857) GENERATED ALWAYS AS (ST_Transform(geom, 3857)) STORED,
    cell_key bigint GENERATED ALWAYS AS (
        gridmap.cell_key_m(ST_X(ST_Transform(geom, 4547)), ST_Y(ST_Transform(geom, 4547)))
    ) STORED,
    territory geometry(MultiPolygon, 4490) CHECK (gridmap.is_sound(territory)),
    territory_m geometry(MultiPolygon, 4547) GENERATED ALWAYS AS (ST_Transform(territory, 4547)) STORED,
    position_error_m double precision NOT NULL CHECK (position_error_m >= 0 AND position_error_m < 200000),
    placed_by text NOT NULL CHECK (placed_by IN ('survey', 'geocode', 'township', 'county', 'city')),
    in_force daterange NOT NULL DEFAULT '(,)' CHECK (NOT isempty(in_force)),
    source text NOT NULL,
    note text,
    recorded_at timestamptz NOT NULL DEFAULT gridmap.instant(),
    CONSTRAINT village_one_version_a_day EXCLUDE USING gist (village_id WITH =, in_force WITH &&),
    CONSTRAINT village_declared_by_someone CHECK ((terrain_declared IS NULL) = (terrain_declared_by IS NULL)),
    CONSTRAINT village_programme_has_source CHECK (programme = 'none' OR programme_source IS NOT NULL)
);
CREATE INDEX village_geom_m_idx ON gridmap.village USING gist (geom_m);
CREATE INDEX village_geom_3857_idx ON gridmap.village USING gist (geom_3857);
CREATE INDEX village_township_idx ON gridmap.village (township_code);
CREATE INDEX village_county_idx ON gridmap.village (county_code, village_id);
COMMENT ON TABLE gridmap.village IS 'Villages and communities, one row per version: a change of name, terrain, programme or place is a new version.';
COMMENT ON COLUMN gridmap.village.village_version_id IS 'Key of this version.';
COMMENT ON COLUMN gridmap.village.village_id IS 'Twelve-digit division code.';
COMMENT ON COLUMN gridmap.village.county_code IS 'First six digits of the code.';
COMMENT ON COLUMN gridmap.village.township_code IS 'First nine digits of the code.';
COMMENT ON COLUMN gridmap.village.name IS 'Short name for reading (老井沟村).';
COMMENT ON COLUMN gridmap.village.official_name IS 'Name as in the division list (老井沟村民委员会).';
COMMENT ON COLUMN gridmap.village.match_name IS 'Name without the word for village, for comparing with names in documents (老井沟).';
COMMENT ON COLUMN gridmap.village.is_community IS 'True for an urban community (社区居委会).';
COMMENT ON COLUMN gridmap.village.households IS 'Number of households, where known.';
COMMENT ON COLUMN gridmap.village.terrain_declared IS 'Terrain as the city or a document declares it; wins over the derived one.';
COMMENT ON COLUMN gridmap.village.terrain_declared_by IS 'Who declares it: document and item.';
COMMENT ON COLUMN gridmap.village.terrain_derived IS 'Terrain by slope from the height grid: plain, not_plain, or unknown where place or grid do not allow a verdict.';
COMMENT ON COLUMN gridmap.village.terrain_resolution_m IS 'Spacing of the height grid used, metres.';
COMMENT ON COLUMN gridmap.village.terrain IS 'Declared terrain, else derived, else unknown.';
COMMENT ON COLUMN gridmap.village.programme IS 'Dual-substitution programme (双替代): none, planned or finished.';
COMMENT ON COLUMN gridmap.village.programme_source IS 'Document and item that put the village in the programme.';
COMMENT ON COLUMN gridmap.village.wholly_substituted IS 'True when the whole area has been converted from coal (全域完成).';
COMMENT ON COLUMN gridmap.village.geom IS 'Point, EPSG:4490; placed_by and position_error_m say what it is worth.';
COMMENT ON COLUMN gridmap.village.geom_m IS 'Point in metres, EPSG:4547.';
COMMENT ON COLUMN gridmap.village.geom_3857 IS 'Point for tiles, EPSG:3857.';
COMMENT ON COLUMN gridmap.village.cell_key IS 'Key of the 1 km square that holds the point.';
COMMENT ON COLUMN gridmap.village.territory IS 'Territory, EPSG:4490, where one is known; none is made up.';
COMMENT ON COLUMN gridmap.village.territory_m IS 'Territory in metres, EPSG:4547.';
COMMENT ON COLUMN gridmap.village.position_error_m IS 'The village lies within this many metres of the point (or of the territory''s outline).';
COMMENT ON COLUMN gridmap.village.placed_by IS 'survey, geocode, or the smallest region it is known to lie in: township, county, city.';
COMMENT ON COLUMN gridmap.village.in_force IS 'Days on which this version holds, [from, to).';
COMMENT ON COLUMN gridmap.village.source IS 'Where name and point come from.';
COMMENT ON COLUMN gridmap.village.note IS 'What a reader must know of it, in Chinese.';
COMMENT ON COLUMN gridmap.village.recorded_at IS 'When this row was written; judging never reads it.';
SELECT gridmap.watch('village');

CREATE TABLE gridmap.place_mention (
    mention_id text PRIMARY KEY CHECK (mention_id ~ '^[a-z0-9_-]+$'),
    document text NOT NULL,
    item text NOT NULL,
    name text NOT NULL CHECK (name <> ''),
    match_name text NOT NULL CHECK (match_name <> ''),
    county_code text NOT NULL CHECK (county_code ~ '^[0-9]{6}$'),
    township_code text CHECK (township_code ~ '^[0-9]{9}$'),
    township_name text,
    mentioned_on date NOT NULL,
    note text,
    recorded_at timestamptz NOT NULL DEFAULT gridmap.instant()
);
COMMENT ON TABLE gridmap.place_mention IS 'A village as a document names it, to be held against the village list.';
COMMENT ON COLUMN gridmap.place_mention.mention_id IS 'Key: document, item and number.';
COMMENT ON COLUMN gridmap.place_mention.document IS 'Short name of the document.';
COMMENT ON COLUMN gridmap.place_mention.item IS 'Item of the document.';
COMMENT ON COLUMN gridmap.place_mention.name IS 'Name as it stands there.';
COMMENT ON COLUMN gridmap.place_mention.match_name IS 'The name without the word for village.';
COMMENT ON COLUMN gridmap.place_mention.county_code IS 'County it is named under.';
COMMENT ON COLUMN gridmap.place_mention.township_code IS 'Township it is named under, where the document says one.';
COMMENT ON COLUMN gridmap.place_mention.township_name IS 'That township''s name as it stands there.';
COMMENT ON COLUMN gridmap.place_mention.mentioned_on IS 'Day of the document; where unknown, the last day it can be (the note says so).';
COMMENT ON COLUMN gridmap.place_mention.note IS 'What a reader must know of it, in Chinese.';
COMMENT ON COLUMN gridmap.place_mention.recorded_at IS 'When this row was written; judging never reads it.';
SELECT gridmap.watch('place_mention');
