-- What the first policies left open: numbers of whole runs, drafts behind their derived tables, findings about more than
-- the cell that happens to hold their point. And the keys of squares by which readers of an area search a place, since
-- row-level security keeps them from every spatial index: PostGIS functions are not leakproof.

-- The numbers of a run are the whole city's: a reader of an area may know that a rule failed, not what it found elsewhere.
REVOKE ALL ON gridmap.run_rule FROM gridmap_area;
GRANT SELECT (run_id, rule_id, status) ON gridmap.run_rule TO gridmap_area;

-- A run about a draft tells of the draft, and so do the squares of its grid.
SELECT gridmap.keep_to_area(t.name, t.condition) FROM (VALUES
    ('run', 'draft_zone_id IS NULL OR EXISTS (SELECT FROM gridmap.zone AS z WHERE z.zone_id = run.draft_zone_id)'),
    ('zone_grid', 'EXISTS (SELECT FROM gridmap.zone AS z WHERE z.zone_id = zone_grid.zone_id)')
) AS t (name, condition);
ALTER POLICY area ON gridmap.run_finding USING (
    (county_code = ANY((SELECT gridmap.area_counties())::text[]) OR cell_code = ANY((SELECT gridmap.area_cells())::text[])
        OR other_county_codes && (SELECT gridmap.area_counties())::text[])
    AND run_id = ANY(ARRAY(SELECT u.run_id FROM gridmap.run AS u))
);

-- These hide drafts and nothing else. What shows no draft is the same for everybody, and may be kept for everybody.
DO $$
DECLARE
    name text;
BEGIN
    FOREACH name IN ARRAY ARRAY['zone', 'zone_unit', 'zone_edge', 'zone_cell', 'zone_grid', 'run'] LOOP
        EXECUTE format('ALTER POLICY area ON gridmap.%I RENAME TO drafts', name);
    END LOOP;
END
$$;

-- Stations are on the map; what was measured of a county, a road or a site is theirs.
ALTER POLICY area ON gridmap.observation USING (
    subject_kind = 'station'
    OR subject_kind = 'site' AND EXISTS (SELECT FROM gridmap.site AS s WHERE s.site_id = observation.subject_id)
    OR subject_kind = 'county' AND subject_id = ANY((SELECT gridmap.area_counties())::text[])
    OR subject_kind = 'road' AND EXISTS (
        SELECT FROM gridmap.road AS r
        WHERE r.road_id = observation.subject_id AND r.county_code = ANY((SELECT gridmap.area_counties())::text[])
    )
);

-- Placing a row cost more than the rest of its insert (250 µs of 330): every cell around was compared, the largest too, and
-- the question was planned anew for each row. Now the boxes are sorted first, the finest cell in front, outlines are
-- compared until one holds the point, and PL/pgSQL keeps the plan (85 µs).
CREATE INDEX grid_cell_answering_idx ON gridmap.grid_cell USING gist (geom_m) WHERE kind = 'responsibility';
CREATE OR REPLACE FUNCTION gridmap.cell_on(place geometry, on_day date) RETURNS text
LANGUAGE plpgsql STABLE
SET search_path = 'public'
AS $$
DECLARE
    here geometry := ST_Transform(ST_PointOnSurface(place), 4547);
BEGIN
    RETURN (
        SELECT b.cell_code
        FROM (
            SELECT c.cell_code, c.geom_m
            FROM gridmap.grid_cell AS c
            WHERE c.geom_m && here AND c.kind = 'responsibility' AND c.in_force @> on_day
            ORDER BY array_position(ARRAY['unit', 'village', 'township', 'county', 'city'], c.level), c.cell_code
            OFFSET 0  -- keeps the comparison below from being asked before the order
        ) AS b
        WHERE ST_Intersects(b.geom_m, here)
        LIMIT 1
    );
END
$$;
COMMENT ON FUNCTION gridmap.cell_on(geometry, date) IS 'Code of the one responsibility cell that holds a place (EPSG:4490) on a day: the finest, and of several, as on a common edge, the lowest code. NULL outside all.';
CREATE OR REPLACE FUNCTION gridmap.cell_at(place geometry) RETURNS text
LANGUAGE plpgsql STABLE
SET search_path = 'public'
AS $$
BEGIN
    RETURN gridmap.cell_on(place, gridmap.today());
END
$$;

-- A finding about a whole county or township belongs to the cell of that name, not to whichever small cell holds the
-- point that stands for it on the map; a square of the grid belongs to the cell it lies in.
CREATE FUNCTION gridmap.cell_of_code(code text) RETURNS text
LANGUAGE sql STABLE
SET search_path = ''
AS $$
    SELECT c.cell_code FROM gridmap.grid_cell AS c
    WHERE c.cell_code = code AND c.kind = 'responsibility' AND c.in_force @> gridmap.today()
$$;
COMMENT ON FUNCTION gridmap.cell_of_code(text) IS 'The code itself when a responsibility cell of that code is in force today, else NULL.';

CREATE OR REPLACE FUNCTION gridmap.cell_of_finding(feature_kind text, feature_id text, place geometry) RETURNS text
LANGUAGE sql STABLE
SET search_path = ''
AS $$
    SELECT CASE feature_kind
        WHEN 'site' THEN (SELECT s.cell_code FROM gridmap.site AS s WHERE s.site_id = feature_id)
        WHEN 'grid_cell' THEN coalesce(gridmap.cell_of_code(feature_id), gridmap.cell_at(place))
        WHEN 'county' THEN gridmap.cell_of_code(feature_id)
        WHEN 'township' THEN gridmap.cell_of_code(feature_id)
        WHEN 'case_file' THEN (
            SELECT coalesce(s.cell_code, gridmap.cell_of_code(c.county_code)) FROM gridmap.case_file AS c
            LEFT JOIN gridmap.site AS s ON s.site_id = c.site_id WHERE c.case_id = feature_id)
        WHEN 'place_mention' THEN (
            SELECT coalesce(gridmap.cell_of_code(m.township_code), gridmap.cell_of_code(m.county_code))
            FROM gridmap.place_mention AS m WHERE m.mention_id = feature_id)
        WHEN 'zone' THEN (
            SELECT gridmap.cell_of_code(z.county_code) FROM gridmap.zone AS z WHERE z.lineage = feature_id LIMIT 1)
        ELSE gridmap.cell_at(place)
    END
$$;
COMMENT ON FUNCTION gridmap.cell_of_finding(text, text, geometry) IS 'Code of the responsibility cell that a finding belongs to: its site''s, that of the region it is about, or the one that holds its place.';

CREATE OR REPLACE FUNCTION gridmap.place_finding() RETURNS trigger
LANGUAGE plpgsql
SET search_path = ''
AS $$
BEGIN
    new.cell_code := gridmap.cell_of_finding(new.feature_kind, new.feature_id, new.geom);
    -- whoever has the site in his books sees what is found there, and so does the county where it lies
    new.other_county_codes := CASE WHEN new.feature_kind = 'site' THEN coalesce((
        SELECT array_agg(DISTINCT o.code) FROM gridmap.site AS s
        CROSS JOIN LATERAL (VALUES (s.county_code), (left(s.reported_region_code, 6))) AS o (code)
        WHERE s.site_id = new.feature_id AND o.code <> new.county_code), '{}') ELSE '{}' END;
    RETURN new;
END
$$;

-- Keys of squares: what a reader of an area searches a place by. A line or an area has none; it is always looked at.
CREATE FUNCTION gridmap.square_of(place geometry) RETURNS bigint
LANGUAGE sql IMMUTABLE PARALLEL SAFE
AS $$
    SELECT CASE WHEN GeometryType(place) = 'POINT'
        THEN gridmap.cell_key_m(ST_X(ST_Transform(place, 4547)), ST_Y(ST_Transform(place, 4547))) END
$$;
COMMENT ON FUNCTION gridmap.square_of(geometry) IS 'Key of the 1 km square that holds a point; NULL for lines and areas.';

-- The edges are followed from eighth to eighth: a straight line of one projection is none in another. Over a box of
-- 60 km the rest is below a metre, and two metres are added.
CREATE FUNCTION gridmap.squares_of(box geometry) RETURNS bigint []
LANGUAGE sql IMMUTABLE PARALLEL SAFE
AS $$
    SELECT array_agg(e.km * 100000 + n.km ORDER BY e.km, n.km)
    FROM (
        SELECT ST_Expand(ST_Extent(ST_Transform(ST_Segmentize(
            box, greatest(ST_XMax(box) - ST_XMin(box), ST_YMax(box) - ST_YMin(box)) / 8), 4547))::geometry, 2) AS m
    ) AS b
    CROSS JOIN LATERAL generate_series(floor(ST_XMin(b.m) / 1000)::bigint, floor(ST_XMax(b.m) / 1000)::bigint) AS e (km)
    CROSS JOIN LATERAL generate_series(floor(ST_YMin(b.m) / 1000)::bigint, floor(ST_YMax(b.m) / 1000)::bigint) AS n (km)
$$;
COMMENT ON FUNCTION gridmap.squares_of(geometry) IS 'Keys of the 1 km squares that a box meets, sorted; of any geometry, those of its box in metres.';

ALTER TABLE gridmap.finding ADD COLUMN IF NOT EXISTS cell_key bigint GENERATED ALWAYS AS (gridmap.square_of(geom)) STORED;
ALTER TABLE gridmap.run_finding ADD COLUMN cell_key bigint GENERATED ALWAYS AS (gridmap.square_of(geom)) STORED;
ALTER TABLE gridmap.hotspot ADD COLUMN cell_key bigint GENERATED ALWAYS AS (gridmap.square_of(geom)) STORED;
ALTER TABLE gridmap.road_damage ADD COLUMN cell_key bigint GENERATED ALWAYS AS (gridmap.square_of(geom)) STORED;
CREATE INDEX finding_cell_key_idx ON gridmap.finding (cell_key);
CREATE INDEX run_finding_cell_key_idx ON gridmap.run_finding (run_id, cell_key);
CREATE INDEX hotspot_cell_key_idx ON gridmap.hotspot (cell_key);
CREATE INDEX road_damage_cell_key_idx ON gridmap.road_damage (cell_key);
COMMENT ON COLUMN gridmap.finding.cell_key IS 'Key of the 1 km square that holds it when it is a point, else NULL.';
COMMENT ON COLUMN gridmap.run_finding.cell_key IS 'Key of the 1 km square that holds it when it is a point, else NULL.';
COMMENT ON COLUMN gridmap.hotspot.cell_key IS 'Key of the 1 km square that holds it.';
COMMENT ON COLUMN gridmap.road_damage.cell_key IS 'Key of the 1 km square that holds it.';
UPDATE gridmap.finding SET geom = geom;
UPDATE gridmap.run_finding SET geom = geom;

CREATE OR REPLACE FUNCTION gridmap.square_code(cell_key bigint) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE
AS $$
    SELECT 'E' || cell_key / 100000 || 'N' || cell_key % 100000
$$;
COMMENT ON FUNCTION gridmap.square_code(bigint) IS 'Code of a 1 km square (E459N3846) from its key.';

CREATE OR REPLACE FUNCTION gridmap.square_at(place geometry) RETURNS text
LANGUAGE sql STABLE PARALLEL SAFE
SET search_path = 'public'
AS $$
    SELECT gridmap.square_code(gridmap.cell_key_m(ST_X(p.at), ST_Y(p.at)))
    FROM (SELECT ST_Transform(ST_PointOnSurface(place), 4547) AS at) AS p
$$;
COMMENT ON FUNCTION gridmap.square_at(geometry) IS 'Code of the 1 km square that holds a place (EPSG:4490); of a line or an area a point on it counts.';

CREATE OR REPLACE VIEW snapshot.finding WITH (security_invoker = true) AS
SELECT
    f.key, f.rule_id, f.county_code, f.feature_kind, f.feature_id, f.part, f.name, f.certainty, f.severity,
    f.status, f.facts, f.geom, f.geom_3857, f.opened_on, f.last_run_id AS run_id,
    f.cell_code, gridmap.square_at(f.geom) AS square_code, f.cell_key
FROM gridmap.finding AS f
WHERE snapshot.as_of() = gridmap.today() AND snapshot.draft() IS NULL AND f.status <> 'gone'
UNION ALL
SELECT
    r.key, r.rule_id, r.county_code, r.feature_kind, r.feature_id, r.part, r.name, r.certainty, r.severity,
    'open' AS status, r.facts, r.geom, r.geom_3857, NULL AS opened_on, r.run_id,
    r.cell_code, gridmap.square_at(r.geom) AS square_code, r.cell_key
FROM gridmap.run_finding AS r
WHERE r.run_id = (
    SELECT max(u.run_id) FROM gridmap.run AS u
    WHERE u.kind = 'report' AND u.as_of = snapshot.as_of() AND u.status IN ('complete', 'incomplete')
        AND u.counties IS NULL AND u.rules IS NULL AND u.draft_zone_id IS NOT DISTINCT FROM snapshot.draft()
) AND NOT (snapshot.as_of() = gridmap.today() AND snapshot.draft() IS NULL);

COMMENT ON COLUMN snapshot.finding.square_code IS 'Code of the 1 km square that holds its place.';

CREATE OR REPLACE VIEW snapshot.hotspot WITH (security_invoker = true) AS
SELECT
    h.hotspot_id, h.name, h.kind, h.seen_by, h.county_code, h.geom, h.geom_m, h.geom_3857, h.position_error_m,
    h.seen_on, CASE WHEN h.handled_on <= snapshot.as_of() THEN h.handled_on END AS handled_on, h.is_confirmed,
    h.is_demo, h.source, h.cell_key
FROM gridmap.hotspot AS h
WHERE h.seen_on <= snapshot.as_of()
    AND (snapshot.counties() IS NULL OR h.county_code = ANY(snapshot.counties()));

CREATE OR REPLACE VIEW snapshot.road_damage WITH (security_invoker = true) AS
SELECT
    d.damage_id, d.name, d.county_code, d.geom, d.geom_m, d.geom_3857, d.position_error_m, d.found_on,
    CASE WHEN d.repaired_on <= snapshot.as_of() THEN d.repaired_on END AS repaired_on,
    snapshot.as_of() - d.found_on AS days_since_found, d.is_demo, d.source, d.cell_key
FROM gridmap.road_damage AS d
WHERE d.found_on <= snapshot.as_of()
    AND (snapshot.counties() IS NULL OR d.county_code = ANY(snapshot.counties()));
SELECT gridmap.describe_views();
