-- What the duties on vehicles, machines, fuel and on the grid itself ask: what was seen where, what stations sell and
-- recover, who keeps machines on file, what stations measure, which squares a road passes, and how the cells fit.

INSERT INTO gridmap.site_kind (kind, name_zh, name_en, sort_order) VALUES
    ('vehicle', '机动车', 'road vehicle', 31),
    ('market', '批发物流市场', 'wholesale or logistics market', 32),
    ('gas_station', '加油站和储油库', 'filling station or oil depot', 33),
    ('test_station', '机动车排放检验机构', 'emission-test station', 34),
    ('remote_sensor', '机动车遥感监测设备', 'remote sensor', 35);

CREATE TABLE gridmap.vehicle (
    vehicle_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    site_id text NOT NULL REFERENCES gridmap.site (site_id) ON DELETE CASCADE,
    vehicle_type text NOT NULL,
    seen_on date NOT NULL,
    is_over_limit boolean,
    is_smoking boolean,
    is_yellow_label boolean,
    is_fuel_bus boolean NOT NULL DEFAULT false,
    bus_route text,
    in_force daterange NOT NULL DEFAULT '(,)' CHECK (NOT isempty(in_force)),
    recorded_at timestamptz NOT NULL DEFAULT gridmap.instant(),
    CONSTRAINT vehicle_one_version_a_day EXCLUDE USING gist (site_id WITH =, in_force WITH &&)
);
COMMENT ON TABLE gridmap.vehicle IS 'A road vehicle at the place where it was seen. No number plate is kept.';
COMMENT ON COLUMN gridmap.vehicle.vehicle_id IS 'Key of this version.';
COMMENT ON COLUMN gridmap.vehicle.site_id IS 'The site.';
COMMENT ON COLUMN gridmap.vehicle.vehicle_type IS 'Type, in Chinese (重型柴油货车, 公交车 …).';
COMMENT ON COLUMN gridmap.vehicle.seen_on IS 'Day it was seen there.';
COMMENT ON COLUMN gridmap.vehicle.is_over_limit IS 'Its exhaust is over the limit, or it failed its test; NULL when nobody measured.';
COMMENT ON COLUMN gridmap.vehicle.is_smoking IS 'It gave off visible smoke.';
COMMENT ON COLUMN gridmap.vehicle.is_yellow_label IS 'A yellow-label vehicle (黄标车).';
COMMENT ON COLUMN gridmap.vehicle.is_fuel_bus IS 'A bus on petrol or diesel that has not been replaced, in service.';
COMMENT ON COLUMN gridmap.vehicle.bus_route IS 'Route of the bus, as a name.';
COMMENT ON COLUMN gridmap.vehicle.in_force IS 'Days on which this version holds, [from, to).';
COMMENT ON COLUMN gridmap.vehicle.recorded_at IS 'When this row was written; judging never reads it.';
SELECT gridmap.watch('vehicle');

CREATE TABLE gridmap.market (
    market_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    site_id text NOT NULL REFERENCES gridmap.site (site_id) ON DELETE CASCADE,
    trade text NOT NULL,
    serves_heavy_diesel boolean,
    in_force daterange NOT NULL DEFAULT '(,)' CHECK (NOT isempty(in_force)),
    recorded_at timestamptz NOT NULL DEFAULT gridmap.instant(),
    CONSTRAINT market_one_version_a_day EXCLUDE USING gist (site_id WITH =, in_force WITH &&)
);
COMMENT ON TABLE gridmap.market IS 'Wholesale and logistics markets.';
COMMENT ON COLUMN gridmap.market.market_id IS 'Key of this version.';
COMMENT ON COLUMN gridmap.market.site_id IS 'The site.';
COMMENT ON COLUMN gridmap.market.trade IS 'What is traded, in Chinese.';
COMMENT ON COLUMN gridmap.market.serves_heavy_diesel IS 'Heavy diesel lorries serve it; NULL when not looked at.';
COMMENT ON COLUMN gridmap.market.in_force IS 'Days on which this version holds, [from, to).';
COMMENT ON COLUMN gridmap.market.recorded_at IS 'When this row was written; judging never reads it.';
SELECT gridmap.watch('market');

CREATE TABLE gridmap.gas_station (
    gas_station_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    site_id text NOT NULL REFERENCES gridmap.site (site_id) ON DELETE CASCADE,
    role text NOT NULL CHECK (role IN ('filling_station', 'oil_depot')),
    sells_urea boolean,
    petrol_t_year double precision CHECK (petrol_t_year >= 0 AND petrol_t_year < 1e7),
    fuel_t_year double precision CHECK (fuel_t_year >= 0 AND fuel_t_year < 1e7),
    has_vapour_monitoring boolean,
    vapour_recovery_pct double precision CHECK (vapour_recovery_pct BETWEEN 0 AND 100),
    has_double_walled_tanks boolean,
    has_lined_pit boolean,
    in_force daterange NOT NULL DEFAULT '(,)' CHECK (NOT isempty(in_force)),
    recorded_at timestamptz NOT NULL DEFAULT gridmap.instant(),
    CONSTRAINT gas_station_one_version_a_day EXCLUDE USING gist (site_id WITH =, in_force WITH &&)
);
COMMENT ON TABLE gridmap.gas_station IS 'Filling stations and oil depots.';
COMMENT ON COLUMN gridmap.gas_station.gas_station_id IS 'Key of this version.';
COMMENT ON COLUMN gridmap.gas_station.site_id IS 'The site.';
COMMENT ON COLUMN gridmap.gas_station.role IS 'filling_station 加油站 or oil_depot 储油库.';
COMMENT ON COLUMN gridmap.gas_station.sells_urea IS 'Sells urea solution for diesel vehicles (车用尿素); NULL when not looked at.';
COMMENT ON COLUMN gridmap.gas_station.petrol_t_year IS 'Petrol sold in a year, tons.';
COMMENT ON COLUMN gridmap.gas_station.fuel_t_year IS 'Fuel of all kinds sold in a year, tons.';
COMMENT ON COLUMN gridmap.gas_station.has_vapour_monitoring IS 'Its vapour recovery is monitored online.';
COMMENT ON COLUMN gridmap.gas_station.vapour_recovery_pct IS 'Share of vapour recovered, per cent, as last measured.';
COMMENT ON COLUMN gridmap.gas_station.has_double_walled_tanks IS 'All underground tanks are double-walled.';
COMMENT ON COLUMN gridmap.gas_station.has_lined_pit IS 'The tanks lie in a lined pit (防渗池).';
COMMENT ON COLUMN gridmap.gas_station.in_force IS 'Days on which this version holds, [from, to).';
COMMENT ON COLUMN gridmap.gas_station.recorded_at IS 'When this row was written; judging never reads it.';
SELECT gridmap.watch('gas_station');

CREATE TABLE gridmap.test_station (
    test_station_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    site_id text NOT NULL REFERENCES gridmap.site (site_id) ON DELETE CASCADE,
    lanes integer CHECK (lanes BETWEEN 1 AND 100),
    in_force daterange NOT NULL DEFAULT '(,)' CHECK (NOT isempty(in_force)),
    recorded_at timestamptz NOT NULL DEFAULT gridmap.instant(),
    CONSTRAINT test_station_one_version_a_day EXCLUDE USING gist (site_id WITH =, in_force WITH &&)
);
COMMENT ON TABLE gridmap.test_station IS 'Emission-test stations for road vehicles.';
COMMENT ON COLUMN gridmap.test_station.test_station_id IS 'Key of this version.';
COMMENT ON COLUMN gridmap.test_station.site_id IS 'The site.';
COMMENT ON COLUMN gridmap.test_station.lanes IS 'Number of test lanes.';
COMMENT ON COLUMN gridmap.test_station.in_force IS 'Days on which this version holds, [from, to).';
COMMENT ON COLUMN gridmap.test_station.recorded_at IS 'When this row was written; judging never reads it.';
SELECT gridmap.watch('test_station');

CREATE TABLE gridmap.remote_sensor (
    remote_sensor_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    site_id text NOT NULL REFERENCES gridmap.site (site_id) ON DELETE CASCADE,
    is_mobile boolean NOT NULL,
    in_force daterange NOT NULL DEFAULT '(,)' CHECK (NOT isempty(in_force)),
    recorded_at timestamptz NOT NULL DEFAULT gridmap.instant(),
    CONSTRAINT remote_sensor_one_version_a_day EXCLUDE USING gist (site_id WITH =, in_force WITH &&)
);
COMMENT ON TABLE gridmap.remote_sensor IS 'Remote sensors of vehicle exhaust at the gates of the city.';
COMMENT ON COLUMN gridmap.remote_sensor.remote_sensor_id IS 'Key of this version.';
COMMENT ON COLUMN gridmap.remote_sensor.site_id IS 'The site.';
COMMENT ON COLUMN gridmap.remote_sensor.is_mobile IS 'Mobile; else fixed beside the road.';
COMMENT ON COLUMN gridmap.remote_sensor.in_force IS 'Days on which this version holds, [from, to).';
COMMENT ON COLUMN gridmap.remote_sensor.recorded_at IS 'When this row was written; judging never reads it.';
SELECT gridmap.watch('remote_sensor');

ALTER TABLE gridmap.machine
    ADD COLUMN machine_number text,
    ADD COLUMN has_test_report boolean,
    ADD COLUMN filed_with_construction boolean,
    ADD COLUMN filed_with_environment boolean;
COMMENT ON COLUMN gridmap.machine.machine_number IS 'Number given to the machine; NULL when it has none.';
COMMENT ON COLUMN gridmap.machine.has_test_report IS 'An exhaust test report of a qualified body is on file.';
COMMENT ON COLUMN gridmap.machine.filed_with_construction IS 'On file with the construction authority.';
COMMENT ON COLUMN gridmap.machine.filed_with_environment IS 'On file with the environment authority.';

ALTER TABLE gridmap.station
    ADD COLUMN level text NOT NULL DEFAULT 'state' CHECK (level IN ('state', 'county', 'township', 'micro')),
    ADD COLUMN township_code text CHECK (township_code ~ '^[0-9]{9}$'),
    ADD COLUMN is_six_parameter boolean,
    ADD COLUMN is_dustfall_point boolean NOT NULL DEFAULT false,
    ADD COLUMN joint_control_lead text,
    ADD COLUMN is_lead_recorded boolean NOT NULL DEFAULT true,
    ADD COLUMN is_demo boolean NOT NULL DEFAULT false;
COMMENT ON TABLE gridmap.station IS 'Monitoring stations of air quality and points where dustfall is measured.';
COMMENT ON COLUMN gridmap.station.level IS 'Whose station: state 国控, county 县级, township 乡镇 or micro 微型站.';
COMMENT ON COLUMN gridmap.station.township_code IS 'The township whose station it is.';
COMMENT ON COLUMN gridmap.station.is_six_parameter IS 'Measures SO2, NO2, PM10, PM2.5, CO and O3; NULL when unknown.';
COMMENT ON COLUMN gridmap.station.is_dustfall_point IS 'Dustfall is measured here.';
COMMENT ON COLUMN gridmap.station.joint_control_lead IS 'Office that leads the joint control of its surroundings; NULL when there is none.';
COMMENT ON COLUMN gridmap.station.is_lead_recorded IS 'Whether anybody keeps the record of leads for this station; false: no lead is known, which is not the same as none.';
COMMENT ON COLUMN gridmap.station.is_demo IS 'True when it was made up for the demo city.';

ALTER TABLE gridmap.duty ADD COLUMN is_full_time boolean;
COMMENT ON COLUMN gridmap.duty.is_full_time IS 'The post is held full-time; NULL when unknown.';

ALTER TABLE gridmap.road
    ADD COLUMN grade text CHECK (grade IN ('expressway', 'national', 'provincial', 'county', 'township', 'urban')),
    ADD COLUMN is_broken boolean;
COMMENT ON COLUMN gridmap.road.grade IS 'Administrative grade: expressway, national, provincial, county, township or urban; NULL when unknown.';
COMMENT ON COLUMN gridmap.road.is_broken IS 'Its surface is known to be broken; NULL when nobody looked.';

CREATE TABLE gridmap.case_handover (
    handover_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    case_id text NOT NULL REFERENCES gridmap.case_file (case_id) ON DELETE CASCADE,
    handed_on date NOT NULL,
    from_office text NOT NULL,
    to_office text NOT NULL,
    recorded_at timestamptz NOT NULL DEFAULT gridmap.instant()
);
CREATE INDEX case_handover_case_idx ON gridmap.case_handover (case_id, handed_on);
COMMENT ON TABLE gridmap.case_handover IS 'Each time a case is handed down (交办) or over (转办) to be dealt with.';
COMMENT ON COLUMN gridmap.case_handover.handover_id IS 'Key.';
COMMENT ON COLUMN gridmap.case_handover.case_id IS 'The case.';
COMMENT ON COLUMN gridmap.case_handover.handed_on IS 'The day.';
COMMENT ON COLUMN gridmap.case_handover.from_office IS 'Office that hands it on, never a person.';
COMMENT ON COLUMN gridmap.case_handover.to_office IS 'Office that receives it, never a person.';
COMMENT ON COLUMN gridmap.case_handover.recorded_at IS 'When this row was written; judging never reads it.';
SELECT gridmap.watch('case_handover');

CREATE VIEW snapshot.vehicle WITH (security_invoker = true) AS
SELECT
    s.county_code, s.site_id, s.name, v.vehicle_type, v.seen_on, v.is_over_limit, v.is_smoking, v.is_yellow_label,
    v.is_fuel_bus, v.bus_route, v.in_force
FROM snapshot.site AS s
INNER JOIN gridmap.vehicle AS v ON v.site_id = s.site_id AND v.in_force @> snapshot.as_of()
WHERE v.seen_on <= snapshot.as_of();
COMMENT ON VIEW snapshot.vehicle IS 'Road vehicles seen up to that day.';

CREATE VIEW snapshot.market WITH (security_invoker = true) AS
SELECT s.county_code, s.site_id, s.name, m.trade, m.serves_heavy_diesel, m.in_force
FROM snapshot.site AS s
INNER JOIN gridmap.market AS m ON m.site_id = s.site_id AND m.in_force @> snapshot.as_of();
COMMENT ON VIEW snapshot.market IS 'Wholesale and logistics markets that are there.';

CREATE VIEW snapshot.gas_station WITH (security_invoker = true) AS
SELECT
    s.county_code, s.site_id, s.name, g.role, g.sells_urea, g.petrol_t_year, g.fuel_t_year, g.has_vapour_monitoring,
    g.vapour_recovery_pct, g.has_double_walled_tanks, g.has_lined_pit, g.in_force
FROM snapshot.site AS s
INNER JOIN gridmap.gas_station AS g ON g.site_id = s.site_id AND g.in_force @> snapshot.as_of();
COMMENT ON VIEW snapshot.gas_station IS 'Filling stations and oil depots that are there.';

CREATE VIEW snapshot.test_station WITH (security_invoker = true) AS
SELECT s.county_code, s.site_id, s.name, t.lanes, t.in_force
FROM snapshot.site AS s
INNER JOIN gridmap.test_station AS t ON t.site_id = s.site_id AND t.in_force @> snapshot.as_of();
COMMENT ON VIEW snapshot.test_station IS 'Emission-test stations that are there.';

CREATE VIEW snapshot.remote_sensor WITH (security_invoker = true) AS
SELECT s.county_code, s.site_id, s.name, r.is_mobile, r.in_force
FROM snapshot.site_all AS s
INNER JOIN gridmap.remote_sensor AS r ON r.site_id = s.site_id AND r.in_force @> snapshot.as_of();
COMMENT ON VIEW snapshot.remote_sensor IS 'Remote sensors that are there, the whole city: they are a duty of the city.';

CREATE OR REPLACE VIEW snapshot.machine WITH (security_invoker = true) AS
SELECT
    s.county_code, s.site_id, s.name, m.machine_type, m.emission_stage, m.made_on, m.has_particulate_filter,
    m.seen_on, m.in_force, m.machine_number, m.has_test_report, m.filed_with_construction, m.filed_with_environment
FROM snapshot.site AS s
INNER JOIN gridmap.machine AS m ON m.site_id = s.site_id AND m.in_force @> snapshot.as_of();

CREATE OR REPLACE VIEW snapshot.station WITH (security_invoker = true) AS
SELECT
    s.station_code, s.name, s.is_control_point, s.geom, s.geom_m, s.geom_3857, s.county_code,
    s.position_error_m, s.source, s.level, s.township_code, s.is_six_parameter, s.is_dustfall_point,
    s.joint_control_lead, s.is_demo, s.is_lead_recorded
FROM gridmap.station AS s;

CREATE OR REPLACE VIEW snapshot.duty WITH (security_invoker = true) AS
SELECT d.duty_id, d.cell_code, d.role, d.post, d.in_force, d.is_full_time
FROM gridmap.duty AS d
WHERE d.in_force @> snapshot.as_of();

CREATE VIEW snapshot.road_all WITH (security_invoker = true) AS
SELECT
    r.road_id, r.name, r.name_en, r.class, r.geom, r.geom_m, r.geom_3857, r.county_code, r.is_sketch,
    r.position_error_m, r.source, r.note, r.grade, r.is_broken
FROM gridmap.road AS r;
COMMENT ON VIEW snapshot.road_all IS 'Roads, the whole city.';

-- Items read from a document are known with their days, but nobody records here whether they were closed out.
ALTER TABLE gridmap.case_file ADD COLUMN is_tracked boolean NOT NULL DEFAULT true;
COMMENT ON COLUMN gridmap.case_file.is_tracked IS 'Whether its close-out is recorded here; false: an open item is not known to be open.';
CREATE OR REPLACE VIEW snapshot.case_file WITH (security_invoker = true) AS
SELECT
    c.case_id, c.county_code, c.site_id, c.source, c.title, c.document, c.item, c.filed_on, c.due_on,
    CASE WHEN c.closed_on <= snapshot.as_of() THEN c.closed_on END AS closed_on, c.is_demo, c.is_tracked
FROM gridmap.case_file AS c
WHERE c.filed_on <= snapshot.as_of()
    AND (snapshot.counties() IS NULL OR c.county_code = ANY(snapshot.counties()));

CREATE VIEW snapshot.case_handover WITH (security_invoker = true) AS
SELECT c.county_code, h.handover_id, h.case_id, c.site_id, h.handed_on, h.from_office, h.to_office
FROM snapshot.case_file AS c
INNER JOIN gridmap.case_handover AS h ON h.case_id = c.case_id
WHERE h.handed_on <= snapshot.as_of();
COMMENT ON VIEW snapshot.case_handover IS 'Hand-overs up to that day, of the cases being judged.';

-- Rules that speak of a county as such begin here, so that judging one county says nothing of another. The city
-- itself is judged only when everything is.
CREATE VIEW snapshot.judged_area WITH (security_invoker = true) AS
SELECT r.code AS county_code, r.level, r.name, r.geom, r.geom_m, r.position_error_m
FROM snapshot.region AS r
WHERE r.level IN ('city', 'county')
    AND (snapshot.counties() IS NULL OR r.code = ANY(snapshot.counties()));
COMMENT ON VIEW snapshot.judged_area IS 'The city and its counties, the part being judged.';

-- A road is known to pass a square when its line crosses it further inside than the line may be off.
CREATE VIEW snapshot.road_cell WITH (security_invoker = true) AS
SELECT
    c.county_code, c.cell_code, c.cell_key, r.road_id, r.name AS road_name, r.is_broken,
    ST_Length(ST_Intersection(c.geom_m, r.geom_m)) AS length_m,
    NOT coalesce(ST_Intersects(ST_Buffer(c.geom_m, -r.position_error_m), r.geom_m), false) AS near_boundary
FROM snapshot.grid_cell AS c
INNER JOIN gridmap.road AS r ON ST_Intersects(c.geom_m, r.geom_m)
WHERE c.kind = 'square' AND c.county_code IS NOT NULL
    AND (snapshot.counties() IS NULL OR c.county_code = ANY(snapshot.counties()));
COMMENT ON VIEW snapshot.road_cell IS 'Which 1 km squares a road passes, squares being judged.';
COMMENT ON COLUMN snapshot.road_cell.road_name IS 'Name of the road.';
COMMENT ON COLUMN snapshot.road_cell.length_m IS 'Length of the road inside the square, metres.';
COMMENT ON COLUMN snapshot.road_cell.near_boundary IS 'The line may be off by so much that the road may pass another square.';

-- Differences of geometries are not portable, so the pieces are cut here. What is narrower than 2 m is a seam of two
-- outlines that were drawn apart, no gap.
CREATE VIEW snapshot.cell_gap WITH (security_invoker = true) AS
WITH parent AS (
    SELECT p.cell_code, p.name, p.county_code, p.geom_m, p.position_error_m
    FROM snapshot.grid_cell AS p
    WHERE p.kind = 'responsibility' AND p.county_code IS NOT NULL
        AND (snapshot.counties() IS NULL OR p.county_code = ANY(snapshot.counties()))
), child AS (
    SELECT c.parent_code, ST_Union(c.geom_m) AS geom_m, max(c.position_error_m) AS position_error_m
    FROM snapshot.grid_cell AS c
    WHERE c.kind = 'responsibility' AND c.parent_code IS NOT NULL
    GROUP BY c.parent_code
)
SELECT
    parent.county_code, parent.cell_code, parent.name,
    'E' || floor(ST_XMin(piece.geom) / 1000)::bigint || 'N' || floor(ST_YMin(piece.geom) / 1000)::bigint AS part,
    ST_Area(piece.geom) AS area_m2,
    2 * (ST_MaximumInscribedCircle(piece.geom)).radius <= CASE
        WHEN ST_DWithin(ST_Boundary(parent.geom_m), piece.geom, 1)
            THEN greatest(parent.position_error_m, child.position_error_m)
        ELSE child.position_error_m
    END AS near_boundary,
    ST_CollectionExtract(ST_MakeValid(ST_Transform(piece.geom, 4490)), 3) AS geom
FROM parent
INNER JOIN child ON child.parent_code = parent.cell_code
CROSS JOIN LATERAL ST_Dump(
    ST_Buffer(ST_Buffer(ST_Difference(parent.geom_m, child.geom_m), -1, 'join=mitre'), 1, 'join=mitre')
) AS piece
WHERE ST_Dimension(piece.geom) = 2 AND ST_Area(piece.geom) >= 1;
COMMENT ON VIEW snapshot.cell_gap IS 'Land of a responsibility cell that none of the cells below it covers, piece by piece.';
COMMENT ON COLUMN snapshot.cell_gap.part IS 'Code of the 1 km square at the piece''s south-west corner.';
COMMENT ON COLUMN snapshot.cell_gap.area_m2 IS 'Area in square metres.';
COMMENT ON COLUMN snapshot.cell_gap.near_boundary IS 'The piece is nowhere wider than the error of the outlines: it may be no gap at all.';

CREATE VIEW snapshot.cell_overlap WITH (security_invoker = true) AS
SELECT
    a.county_code, a.parent_code, a.cell_code, a.name, b.cell_code AS other_code, b.name AS other_name,
    'E' || floor(ST_XMin(piece.geom) / 1000)::bigint || 'N' || floor(ST_YMin(piece.geom) / 1000)::bigint AS part,
    ST_Area(piece.geom) AS area_m2,
    2 * (ST_MaximumInscribedCircle(piece.geom)).radius <= a.position_error_m + b.position_error_m AS near_boundary,
    ST_CollectionExtract(ST_MakeValid(ST_Transform(piece.geom, 4490)), 3) AS geom
FROM snapshot.grid_cell AS a
INNER JOIN snapshot.grid_cell AS b
    ON b.parent_code = a.parent_code AND b.kind = 'responsibility' AND b.cell_code > a.cell_code
    AND ST_Intersects(b.geom_m, a.geom_m)
CROSS JOIN LATERAL ST_Dump(
    ST_Buffer(
        ST_Buffer(ST_CollectionExtract(ST_Intersection(a.geom_m, b.geom_m), 3), -1, 'join=mitre'), 1, 'join=mitre'
    )
) AS piece
WHERE a.kind = 'responsibility' AND a.county_code IS NOT NULL
    AND (snapshot.counties() IS NULL OR a.county_code = ANY(snapshot.counties()))
    AND ST_Dimension(piece.geom) = 2 AND ST_Area(piece.geom) >= 1;
COMMENT ON VIEW snapshot.cell_overlap IS 'Land that two responsibility cells of one parent both cover, piece by piece; the lower code first.';
COMMENT ON COLUMN snapshot.cell_overlap.other_code IS 'Code of the other cell.';
COMMENT ON COLUMN snapshot.cell_overlap.other_name IS 'Name of the other cell.';
COMMENT ON COLUMN snapshot.cell_overlap.part IS 'Code of the 1 km square at the piece''s south-west corner.';
COMMENT ON COLUMN snapshot.cell_overlap.area_m2 IS 'Area in square metres.';
COMMENT ON COLUMN snapshot.cell_overlap.near_boundary IS 'The piece is nowhere wider than the errors of both outlines together: they may not overlap at all.';

SELECT gridmap.describe_views();
