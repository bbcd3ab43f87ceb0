-- What the rules on dust and open burning ask about: more of a construction site, quarries, storage yards, the
-- "hundred percents" as lists, what an inspection said of each measure, broken road surfaces, hotspots.

INSERT INTO gridmap.site_kind (kind, name_zh, name_en, sort_order) VALUES
    ('quarry', '露天矿山', 'quarry', 40),
    ('storage_yard', '露天堆场', 'storage yard', 41);

ALTER TABLE gridmap.construction_site
ADD COLUMN works_kind text NOT NULL DEFAULT 'other' CHECK (
    works_kind IN ('building', 'demolition', 'municipal', 'road', 'water', 'land', 'other')
),
ADD COLUMN site_area_m2 double precision CHECK (site_area_m2 >= 0 AND site_area_m2 < 1e8),
ADD COLUMN started_on date,
ADD COLUMN is_networked boolean,
ADD COLUMN is_key_project boolean,
ADD COLUMN cleared_on date,
ADD COLUMN idle_since date,
ADD COLUMN is_greened boolean,
ADD COLUMN is_covered boolean;
COMMENT ON COLUMN gridmap.construction_site.works_kind IS 'building 房建, demolition 拆除, municipal 市政, road 道路, water 水利, land 土地整治 or other.';
COMMENT ON COLUMN gridmap.construction_site.site_area_m2 IS 'Area of the land, m².';
COMMENT ON COLUMN gridmap.construction_site.started_on IS 'First day of the works; NULL when they have not begun or nobody knows.';
COMMENT ON COLUMN gridmap.construction_site.is_networked IS 'Its monitoring is networked with the construction authority; NULL when nobody looked.';
COMMENT ON COLUMN gridmap.construction_site.is_key_project IS 'On the list of key projects and major livelihood works.';
COMMENT ON COLUMN gridmap.construction_site.cleared_on IS 'Day on which the demolition was finished.';
COMMENT ON COLUMN gridmap.construction_site.idle_since IS 'First day of standing idle; NULL while works go on.';
COMMENT ON COLUMN gridmap.construction_site.is_greened IS 'The bare ground is planted; NULL when nobody looked.';
COMMENT ON COLUMN gridmap.construction_site.is_covered IS 'All exposed earth is covered; NULL when nobody looked.';

-- "More than three months" is a matter of calendar months; engines other than PostgreSQL cannot count them.
CREATE FUNCTION gridmap.months_over(since date, day date) RETURNS integer
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN (
    extract(YEAR FROM age((day - 1)::timestamp, since::timestamp)) * 12
    + extract(MONTH FROM age((day - 1)::timestamp, since::timestamp))
)::integer;
COMMENT ON FUNCTION gridmap.months_over(date, date) IS 'Calendar months exceeded on a day: 3 from the day after the third month is full.';

CREATE OR REPLACE VIEW snapshot.construction_site WITH (security_invoker = true) AS
SELECT
    s.county_code, s.site_id, s.name, c.works, c.floor_area_m2, c.has_video_monitoring, c.has_pm10_monitoring,
    c.in_force, c.works_kind, c.site_area_m2, c.started_on, c.is_networked, c.is_key_project, c.cleared_on,
    c.idle_since, c.is_greened, c.is_covered,
    gridmap.months_over(c.idle_since, snapshot.as_of()) AS idle_months,
    gridmap.months_over(c.cleared_on, snapshot.as_of()) AS cleared_months
FROM snapshot.site AS s
INNER JOIN gridmap.construction_site AS c ON c.site_id = s.site_id AND c.in_force @> snapshot.as_of();
COMMENT ON COLUMN snapshot.construction_site.idle_months IS 'Calendar months of standing idle that are exceeded: 3 from the day after the third month is full.';
COMMENT ON COLUMN snapshot.construction_site.cleared_months IS 'Calendar months since the demolition that are exceeded, counted alike.';

CREATE TABLE gridmap.quarry (
    quarry_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    site_id text NOT NULL REFERENCES gridmap.site (site_id) ON DELETE CASCADE,
    mineral text NOT NULL,
    restoration_area text,
    damaged_m2 double precision CHECK (damaged_m2 >= 0 AND damaged_m2 < 1e9),
    restored_m2 double precision CHECK (restored_m2 >= 0 AND restored_m2 < 1e9),
    ordered text NOT NULL DEFAULT 'none' CHECK (ordered IN ('none', 'close', 'stop')),
    ordered_on date,
    accepted_on date,
    has_dust_control boolean,
    has_restoration boolean,
    in_force daterange NOT NULL DEFAULT '(,)' CHECK (NOT isempty(in_force)),
    recorded_at timestamptz NOT NULL DEFAULT gridmap.instant(),
    CONSTRAINT quarry_one_version_a_day EXCLUDE USING gist (site_id WITH =, in_force WITH &&),
    CONSTRAINT quarry_restores_what_it_damaged CHECK (restored_m2 <= damaged_m2)
);
COMMENT ON TABLE gridmap.quarry IS 'What the law asks about an open-pit mine other than for coal. Its licence is a permit of kind mining.';
COMMENT ON COLUMN gridmap.quarry.quarry_id IS 'Key of this version.';
COMMENT ON COLUMN gridmap.quarry.site_id IS 'The site.';
COMMENT ON COLUMN gridmap.quarry.mineral IS 'What is dug, in Chinese.';
COMMENT ON COLUMN gridmap.quarry.restoration_area IS 'Area whose restoration is counted together (荥阳市南部山区), where there is one.';
COMMENT ON COLUMN gridmap.quarry.damaged_m2 IS 'Damaged area, m²; NULL when nobody measured.';
COMMENT ON COLUMN gridmap.quarry.restored_m2 IS 'Area restored of it, m²; NULL when nobody measured.';
COMMENT ON COLUMN gridmap.quarry.ordered IS 'none, close 责令关闭 or stop 责令停产整治.';
COMMENT ON COLUMN gridmap.quarry.ordered_on IS 'Day of the order.';
COMMENT ON COLUMN gridmap.quarry.accepted_on IS 'Day on which the rectification passed acceptance.';
COMMENT ON COLUMN gridmap.quarry.has_dust_control IS 'Dust control facilities are in place; NULL when nobody looked.';
COMMENT ON COLUMN gridmap.quarry.has_restoration IS 'Ecological restoration is under way; NULL when nobody looked.';
COMMENT ON COLUMN gridmap.quarry.in_force IS 'Days on which this version holds, [from, to).';
COMMENT ON COLUMN gridmap.quarry.recorded_at IS 'When this row was written; judging never reads it.';
SELECT gridmap.watch('quarry');

CREATE VIEW snapshot.quarry WITH (security_invoker = true) AS
SELECT
    s.county_code, s.site_id, s.name, q.mineral, q.restoration_area, q.damaged_m2, q.restored_m2, q.ordered,
    CASE WHEN q.ordered_on <= snapshot.as_of() THEN q.ordered_on END AS ordered_on,
    CASE WHEN q.accepted_on <= snapshot.as_of() THEN q.accepted_on END AS accepted_on,
    q.has_dust_control, q.has_restoration, q.in_force
FROM snapshot.site AS s
INNER JOIN gridmap.quarry AS q ON q.site_id = s.site_id AND q.in_force @> snapshot.as_of();
COMMENT ON VIEW snapshot.quarry IS 'Quarries that are there.';

CREATE TABLE gridmap.storage_yard (
    storage_yard_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    site_id text NOT NULL REFERENCES gridmap.site (site_id) ON DELETE CASCADE,
    trade text NOT NULL CHECK (trade IN ('coal_yard', 'coal_mine', 'industry')),
    material text NOT NULL,
    is_powder boolean NOT NULL,
    is_enclosed boolean,
    fence_height_m double precision CHECK (fence_height_m >= 0 AND fence_height_m < 100),
    pile_height_m double precision CHECK (pile_height_m >= 0 AND pile_height_m < 200),
    has_wheel_wash boolean,
    in_force daterange NOT NULL DEFAULT '(,)' CHECK (NOT isempty(in_force)),
    recorded_at timestamptz NOT NULL DEFAULT gridmap.instant(),
    CONSTRAINT storage_yard_one_version_a_day EXCLUDE USING gist (site_id WITH =, in_force WITH &&)
);
COMMENT ON TABLE gridmap.storage_yard IS 'What the law asks about a coal yard, the yard of a coal mine, or an industrial bulk store.';
COMMENT ON COLUMN gridmap.storage_yard.storage_yard_id IS 'Key of this version.';
COMMENT ON COLUMN gridmap.storage_yard.site_id IS 'The site.';
COMMENT ON COLUMN gridmap.storage_yard.trade IS 'coal_yard 煤场, coal_mine 煤矿 or industry 工业堆场.';
COMMENT ON COLUMN gridmap.storage_yard.material IS 'What lies there, in Chinese.';
COMMENT ON COLUMN gridmap.storage_yard.is_powder IS 'Powder or grains, coal included; false for lumps.';
COMMENT ON COLUMN gridmap.storage_yard.is_enclosed IS 'Stored in a closed building or silo; NULL when nobody looked.';
COMMENT ON COLUMN gridmap.storage_yard.fence_height_m IS 'Height of the tight fence around it, metres; 0 without one, NULL when nobody looked.';
COMMENT ON COLUMN gridmap.storage_yard.pile_height_m IS 'Height of the pile, metres.';
COMMENT ON COLUMN gridmap.storage_yard.has_wheel_wash IS 'Vehicles are washed at the exit; NULL when nobody looked.';
COMMENT ON COLUMN gridmap.storage_yard.in_force IS 'Days on which this version holds, [from, to).';
COMMENT ON COLUMN gridmap.storage_yard.recorded_at IS 'When this row was written; judging never reads it.';
SELECT gridmap.watch('storage_yard');

CREATE VIEW snapshot.storage_yard WITH (security_invoker = true) AS
SELECT
    s.county_code, s.site_id, s.name, y.trade, y.material, y.is_powder, y.is_enclosed, y.fence_height_m,
    y.pile_height_m, y.has_wheel_wash, y.in_force
FROM snapshot.site AS s
INNER JOIN gridmap.storage_yard AS y ON y.site_id = s.site_id AND y.in_force @> snapshot.as_of();
COMMENT ON VIEW snapshot.storage_yard IS 'Storage yards that are there.';

CREATE TABLE gridmap.hundred_percent (
    list_id text NOT NULL CHECK (list_id ~ '^[a-z0-9_]+$'),
    measure text NOT NULL CHECK (measure ~ '^[a-z_]+$'),
    name text NOT NULL,
    works text NOT NULL CHECK (works IN ('every', 'municipal')),
    county_code text CHECK (county_code ~ '^[0-9]{6}$'),
    document text NOT NULL,
    item text NOT NULL,
    in_force daterange NOT NULL CHECK (NOT isempty(in_force) AND NOT lower_inf(in_force)),
    recorded_at timestamptz NOT NULL DEFAULT gridmap.instant(),
    PRIMARY KEY (list_id, measure)
);
COMMENT ON TABLE gridmap.hundred_percent IS 'The “hundred percents” of building sites, each document''s list as it stands. The eight of 2019 have no list.';
COMMENT ON COLUMN gridmap.hundred_percent.list_id IS 'Which list (z178_six, h56_six, zy2_six, h56_municipal_five).';
COMMENT ON COLUMN gridmap.hundred_percent.measure IS 'The measure; the same thing asked by several lists has one word.';
COMMENT ON COLUMN gridmap.hundred_percent.name IS 'The measure in Chinese.';
COMMENT ON COLUMN gridmap.hundred_percent.works IS 'Which works the list is for: every, or municipal only.';
COMMENT ON COLUMN gridmap.hundred_percent.county_code IS 'County that the list binds; NULL for the whole city.';
COMMENT ON COLUMN gridmap.hundred_percent.document IS 'The document.';
COMMENT ON COLUMN gridmap.hundred_percent.item IS 'Item of the document.';
COMMENT ON COLUMN gridmap.hundred_percent.in_force IS 'Days on which the list binds, [from, to).';
COMMENT ON COLUMN gridmap.hundred_percent.recorded_at IS 'When this row was written; judging never reads it.';
SELECT gridmap.watch('hundred_percent');
INSERT INTO gridmap.hundred_percent (list_id, measure, name, works, county_code, document, item, in_force)
SELECT l.list_id, m.measure, m.name, l.works, l.county_code, l.document, l.item, daterange(l.begins_on, NULL) AS in_force
FROM (VALUES
    ('h56_six', 'every', NULL, '豫环攻坚办〔2017〕56号附件', '三(四)3', '2017-02-13'::date),
    ('h56_municipal_five', 'municipal', NULL, '豫环攻坚办〔2017〕56号附件', '三(四)9', '2017-02-13'::date),
    ('zy2_six', 'every', '410102', '中原政〔2017〕2号', '23(1)', '2017-02-27'::date),
    ('z178_six', 'every', NULL, '郑政文〔2017〕178号', '31', '2017-09-22'::date)
) AS l (list_id, works, county_code, document, item, begins_on)
INNER JOIN (VALUES
    ('h56_six', 'fence', '四周硬质围挡'), ('h56_six', 'cover', '物料覆盖或密闭'),
    ('h56_six', 'vehicle_wash', '出入车辆冲洗'), ('h56_six', 'hard_ground', '场地硬化'),
    ('h56_six', 'earth_storage', '土方密闭堆存、及时清运'), ('h56_six', 'wet_demolition', '拆迁湿法'),
    ('h56_municipal_five', 'fence', '四周硬质围挡'), ('h56_municipal_five', 'cover', '物料覆盖或密闭'),
    ('h56_municipal_five', 'vehicle_wash', '出入车辆冲洗'), ('h56_municipal_five', 'hard_ground', '场地硬化'),
    ('h56_municipal_five', 'earth_storage', '土方密闭堆存、及时清运'),
    ('zy2_six', 'fence', '四周围挡'), ('zy2_six', 'cover', '物料覆盖'), ('zy2_six', 'vehicle_wash', '出入车辆冲洗'),
    ('zy2_six', 'hard_ground', '场内道路硬化'), ('zy2_six', 'wet_demolition', '拆迁湿法'),
    ('zy2_six', 'closed_trucks', '渣土车密闭'),
    ('z178_six', 'fence', '四周围挡'), ('z178_six', 'cover', '物料覆盖'), ('z178_six', 'wet_earthwork', '土方湿法'),
    ('z178_six', 'hard_ground', '路面硬化'), ('z178_six', 'vehicle_wash', '出入车辆清洗'),
    ('z178_six', 'closed_trucks', '渣土车密闭')
) AS m (list_id, measure, name) ON m.list_id = l.list_id;

CREATE VIEW snapshot.hundred_percent WITH (security_invoker = true) AS
SELECT
    h.list_id, h.measure, h.name, h.works, h.county_code, h.document, h.item, lower(h.in_force) AS begins_on,
    upper(h.in_force) - 1 AS ends_on
FROM gridmap.hundred_percent AS h
WHERE lower(h.in_force) <= snapshot.as_of();
COMMENT ON VIEW snapshot.hundred_percent IS 'Lists of measures that have begun; ends_on is the last day, NULL when none is set.';
COMMENT ON COLUMN snapshot.hundred_percent.begins_on IS 'First day.';
COMMENT ON COLUMN snapshot.hundred_percent.ends_on IS 'Last day.';

CREATE TABLE gridmap.inspection_measure (
    inspection_id text NOT NULL REFERENCES gridmap.inspection (inspection_id) ON DELETE CASCADE,
    measure text NOT NULL CHECK (measure ~ '^[a-z_]+$'),
    is_met boolean NOT NULL,
    recorded_at timestamptz NOT NULL DEFAULT gridmap.instant(),
    PRIMARY KEY (inspection_id, measure)
);
COMMENT ON TABLE gridmap.inspection_measure IS 'What an inspection said of each measure that it looked at.';
COMMENT ON COLUMN gridmap.inspection_measure.inspection_id IS 'The inspection.';
COMMENT ON COLUMN gridmap.inspection_measure.measure IS 'The measure, a word of hundred_percent.';
COMMENT ON COLUMN gridmap.inspection_measure.is_met IS 'It was kept wholly.';
COMMENT ON COLUMN gridmap.inspection_measure.recorded_at IS 'When this row was written; judging never reads it.';
SELECT gridmap.watch('inspection_measure');

CREATE VIEW snapshot.inspection_measure WITH (security_invoker = true) AS
SELECT i.county_code, i.site_id, i.inspection_id, i.inspected_on, m.measure, m.is_met
FROM snapshot.inspection AS i
INNER JOIN gridmap.inspection_measure AS m ON m.inspection_id = i.inspection_id;
COMMENT ON VIEW snapshot.inspection_measure IS 'Measures looked at up to that day, of sites being judged.';

CREATE TABLE gridmap.road_setting (
    road_setting_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    road_id text NOT NULL,
    rank text NOT NULL CHECK (rank IN ('main', 'secondary', 'other')),
    setting text NOT NULL CHECK (setting IN ('main_city', 'fringe', 'suburb', 'other')),
    in_force daterange NOT NULL DEFAULT '(,)' CHECK (NOT isempty(in_force)),
    recorded_at timestamptz NOT NULL DEFAULT gridmap.instant(),
    CONSTRAINT road_setting_one_version_a_day EXCLUDE USING gist (road_id WITH =, in_force WITH &&)
);
COMMENT ON TABLE gridmap.road_setting IS 'Rank and surroundings of a road, which decide how much dust it may carry.';
COMMENT ON COLUMN gridmap.road_setting.road_setting_id IS 'Key of this version.';
COMMENT ON COLUMN gridmap.road_setting.road_id IS 'The road.';
COMMENT ON COLUMN gridmap.road_setting.rank IS 'main 主干道, secondary 次干道 or other.';
COMMENT ON COLUMN gridmap.road_setting.setting IS 'main_city 主城区, fringe 城乡结合部, suburb 郊区 or other.';
COMMENT ON COLUMN gridmap.road_setting.in_force IS 'Days on which this version holds, [from, to).';
COMMENT ON COLUMN gridmap.road_setting.recorded_at IS 'When this row was written; judging never reads it.';
SELECT gridmap.watch('road_setting');

CREATE VIEW snapshot.road_setting WITH (security_invoker = true) AS
SELECT r.county_code, t.road_id, r.name, t.rank, t.setting, t.in_force
FROM gridmap.road_setting AS t
INNER JOIN snapshot.road AS r ON r.road_id = t.road_id
WHERE t.in_force @> snapshot.as_of();
COMMENT ON VIEW snapshot.road_setting IS 'Settings in force of roads being judged.';

CREATE TABLE gridmap.road_damage (
    damage_id text PRIMARY KEY CHECK (damage_id ~ '^[A-Za-z0-9._-]+$'),
    name text NOT NULL CHECK (name <> ''),
    county_code text NOT NULL CHECK (county_code ~ '^[0-9]{6}$'),
    geom geometry(Point, 4490) NOT NULL CHECK (gridmap.is_sound(geom)),
    geom_m geometry(Point, 4547) GENERATED ALWAYS AS (ST_Transform(geom, 4547)) STORED,
    geom_3857 geometry(Point, 3857) GENERATED ALWAYS AS (ST_Transform(geom, 3857)) STORED,
    position_error_m double precision NOT NULL CHECK (position_error_m >= 0 AND position_error_m < 200000),
    found_on date NOT NULL,
    repaired_on date,
    is_demo boolean NOT NULL DEFAULT false,
    source text NOT NULL,
    recorded_at timestamptz NOT NULL DEFAULT gridmap.instant(),
    CONSTRAINT road_damage_found_before_repaired CHECK (repaired_on >= found_on)
);
CREATE INDEX road_damage_geom_m_idx ON gridmap.road_damage USING gist (geom_m);
CREATE INDEX road_damage_geom_3857_idx ON gridmap.road_damage USING gist (geom_3857);
COMMENT ON TABLE gridmap.road_damage IS 'Broken road surfaces, from discovery to repair.';
COMMENT ON COLUMN gridmap.road_damage.damage_id IS 'Identifier that stays through imports.';
COMMENT ON COLUMN gridmap.road_damage.name IS 'What and where, in Chinese.';
COMMENT ON COLUMN gridmap.road_damage.county_code IS 'County by position.';
COMMENT ON COLUMN gridmap.road_damage.geom IS 'Point, EPSG:4490.';
COMMENT ON COLUMN gridmap.road_damage.geom_m IS 'Point in metres, EPSG:4547.';
COMMENT ON COLUMN gridmap.road_damage.geom_3857 IS 'Point for tiles, EPSG:3857.';
COMMENT ON COLUMN gridmap.road_damage.position_error_m IS 'It lies within this many metres of the point.';
COMMENT ON COLUMN gridmap.road_damage.found_on IS 'Day on which it was found.';
COMMENT ON COLUMN gridmap.road_damage.repaired_on IS 'Day on which it was repaired.';
COMMENT ON COLUMN gridmap.road_damage.is_demo IS 'True when it was made up for the demo city.';
COMMENT ON COLUMN gridmap.road_damage.source IS 'Where the row comes from.';
COMMENT ON COLUMN gridmap.road_damage.recorded_at IS 'When this row was written; judging never reads it.';
SELECT gridmap.watch('road_damage');

CREATE VIEW snapshot.road_damage WITH (security_invoker = true) AS
SELECT
    d.damage_id, d.name, d.county_code, d.geom, d.geom_m, d.geom_3857, d.position_error_m, d.found_on,
    CASE WHEN d.repaired_on <= snapshot.as_of() THEN d.repaired_on END AS repaired_on,
    snapshot.as_of() - d.found_on AS days_since_found, d.is_demo, d.source
FROM gridmap.road_damage AS d
WHERE d.found_on <= snapshot.as_of()
    AND (snapshot.counties() IS NULL OR d.county_code = ANY(snapshot.counties()));
COMMENT ON VIEW snapshot.road_damage IS 'Broken road surfaces found by that day; repaired_on only when they were repaired by then.';
COMMENT ON COLUMN snapshot.road_damage.days_since_found IS 'Days between its discovery and that day.';

-- As site_in_zone, for what is no site: the same columns, the same reading of near.
CREATE VIEW snapshot.road_damage_in_zone WITH (security_invoker = true) AS
SELECT
    d.county_code, d.damage_id, z.zone_id, z.lineage, z.kind, z.name AS zone_name, place.inside,
    edge.distance_to_boundary_m, edge.distance_to_boundary_m IS NOT NULL AS near_boundary
FROM snapshot.road_damage AS d
INNER JOIN snapshot.zone AS z ON ST_DWithin(z.geom_m, d.geom_m, d.position_error_m + z.position_error_m)
CROSS JOIN LATERAL (SELECT ST_Intersects(z.geom_m, d.geom_m) AS inside) AS place
CROSS JOIN LATERAL (
    SELECT min(ST_Distance(e.geom_m, d.geom_m)) AS distance_to_boundary_m
    FROM gridmap.zone_edge AS e
    WHERE e.zone_id = z.zone_id AND ST_DWithin(e.geom_m, d.geom_m, d.position_error_m + z.position_error_m)
) AS edge
WHERE place.inside OR edge.distance_to_boundary_m IS NOT NULL;
COMMENT ON VIEW snapshot.road_damage_in_zone IS 'One row per broken road surface and zone in force that holds it or to whose boundary it is nearer than their errors together.';
COMMENT ON COLUMN snapshot.road_damage_in_zone.zone_name IS 'Name of the zone.';
COMMENT ON COLUMN snapshot.road_damage_in_zone.inside IS 'The point lies in the zone or on its boundary.';
COMMENT ON COLUMN snapshot.road_damage_in_zone.distance_to_boundary_m IS 'Metres to the boundary, only when that is no more than the position errors together; else NULL.';
COMMENT ON COLUMN snapshot.road_damage_in_zone.near_boundary IS 'The side cannot be told: never a breach.';

CREATE TABLE gridmap.hotspot (
    hotspot_id text PRIMARY KEY CHECK (hotspot_id ~ '^[A-Za-z0-9._-]+$'),
    name text NOT NULL CHECK (name <> ''),
    kind text NOT NULL CHECK (kind IN ('straw', 'rubbish', 'leaves')),
    seen_by text NOT NULL CHECK (seen_by IN ('satellite', 'camera')),
    county_code text NOT NULL CHECK (county_code ~ '^[0-9]{6}$'),
    geom geometry(Point, 4490) NOT NULL CHECK (gridmap.is_sound(geom)),
    geom_m geometry(Point, 4547) GENERATED ALWAYS AS (ST_Transform(geom, 4547)) STORED,
    geom_3857 geometry(Point, 3857) GENERATED ALWAYS AS (ST_Transform(geom, 3857)) STORED,
    position_error_m double precision NOT NULL CHECK (position_error_m >= 0 AND position_error_m < 200000),
    seen_on date NOT NULL,
    handled_on date,
    is_confirmed boolean,
    is_demo boolean NOT NULL DEFAULT false,
    source text NOT NULL,
    recorded_at timestamptz NOT NULL DEFAULT gridmap.instant(),
    CONSTRAINT hotspot_seen_before_handled CHECK (handled_on >= seen_on)
);
CREATE INDEX hotspot_geom_m_idx ON gridmap.hotspot USING gist (geom_m);
CREATE INDEX hotspot_geom_3857_idx ON gridmap.hotspot USING gist (geom_3857);
COMMENT ON TABLE gridmap.hotspot IS 'Open fires seen by satellite or camera.';
COMMENT ON COLUMN gridmap.hotspot.hotspot_id IS 'Identifier that stays through imports.';
COMMENT ON COLUMN gridmap.hotspot.name IS 'What and where, in Chinese.';
COMMENT ON COLUMN gridmap.hotspot.kind IS 'straw 秸秆, rubbish 垃圾 or leaves 枯枝落叶.';
COMMENT ON COLUMN gridmap.hotspot.seen_by IS 'satellite or camera.';
COMMENT ON COLUMN gridmap.hotspot.county_code IS 'County by position.';
COMMENT ON COLUMN gridmap.hotspot.geom IS 'Point, EPSG:4490.';
COMMENT ON COLUMN gridmap.hotspot.geom_m IS 'Point in metres, EPSG:4547.';
COMMENT ON COLUMN gridmap.hotspot.geom_3857 IS 'Point for tiles, EPSG:3857.';
COMMENT ON COLUMN gridmap.hotspot.position_error_m IS 'It lies within this many metres of the point.';
COMMENT ON COLUMN gridmap.hotspot.seen_on IS 'Day on which it burnt.';
COMMENT ON COLUMN gridmap.hotspot.handled_on IS 'Day on which the matter was dealt with.';
COMMENT ON COLUMN gridmap.hotspot.is_confirmed IS 'What was found on the spot: true a fire, false none; NULL when nobody went.';
COMMENT ON COLUMN gridmap.hotspot.is_demo IS 'True when it was made up for the demo city.';
COMMENT ON COLUMN gridmap.hotspot.source IS 'Where the row comes from.';
COMMENT ON COLUMN gridmap.hotspot.recorded_at IS 'When this row was written; judging never reads it.';
SELECT gridmap.watch('hotspot');

CREATE VIEW snapshot.hotspot WITH (security_invoker = true) AS
SELECT
    h.hotspot_id, h.name, h.kind, h.seen_by, h.county_code, h.geom, h.geom_m, h.geom_3857, h.position_error_m,
    h.seen_on, CASE WHEN h.handled_on <= snapshot.as_of() THEN h.handled_on END AS handled_on, h.is_confirmed,
    h.is_demo, h.source
FROM gridmap.hotspot AS h
WHERE h.seen_on <= snapshot.as_of()
    AND (snapshot.counties() IS NULL OR h.county_code = ANY(snapshot.counties()));
COMMENT ON VIEW snapshot.hotspot IS 'Fires seen by that day; handled_on only when they were dealt with by then.';

SELECT gridmap.describe_views();
