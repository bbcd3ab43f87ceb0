-- Cells are made, split, merged and renamed: what lies in them follows, whether a cell changed or the day moved over
-- one on which a cell begins or ends. Sites and findings show the cell and the square they lie in.

CREATE FUNCTION gridmap.cell_on(place geometry, on_day date) RETURNS text
LANGUAGE sql STABLE
SET search_path = 'public'
AS $$
    SELECT c.cell_code
    FROM gridmap.grid_cell AS c
    WHERE c.kind = 'responsibility' AND c.in_force @> on_day
        AND ST_Intersects(c.geom_m, ST_Transform(ST_PointOnSurface(place), 4547))
    ORDER BY array_position(ARRAY['unit', 'village', 'township', 'county', 'city'], c.level), c.cell_code
    LIMIT 1
$$;
COMMENT ON FUNCTION gridmap.cell_on(geometry, date) IS 'Code of the one responsibility cell that holds a place (EPSG:4490) on a day: the finest, and of several, as on a common edge, the lowest code. NULL outside all.';

CREATE OR REPLACE FUNCTION gridmap.cell_at(place geometry) RETURNS text
LANGUAGE sql STABLE
SET search_path = 'public'
AS $$
    SELECT gridmap.cell_on(place, gridmap.today())
$$;

CREATE FUNCTION gridmap.square_code(cell_key bigint) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE
AS $$
    SELECT 'E' || cell_key / 100000 || 'N' || cell_key % 100000
$$;
COMMENT ON FUNCTION gridmap.square_code(bigint) IS 'Code of a 1 km square (E459N3846) from its key.';

CREATE FUNCTION gridmap.square_at(place geometry) RETURNS text
LANGUAGE sql STABLE PARALLEL SAFE
SET search_path = 'public'
AS $$
    SELECT gridmap.square_code(gridmap.cell_key_m(ST_X(p.at), ST_Y(p.at)))
    FROM (SELECT ST_Transform(ST_PointOnSurface(place), 4547) AS at) AS p
$$;
COMMENT ON FUNCTION gridmap.square_at(geometry) IS 'Code of the 1 km square that holds a place (EPSG:4490); of a line or an area a point on it counts.';

-- a square is nobody's responsibility cell: what is found of one belongs to the cell that holds it
CREATE FUNCTION gridmap.cell_of_finding(feature_kind text, feature_id text, place geometry) RETURNS text
LANGUAGE sql STABLE
SET search_path = ''
AS $$
    SELECT CASE
        WHEN feature_kind = 'site' THEN (SELECT s.cell_code FROM gridmap.site AS s WHERE s.site_id = feature_id)
        WHEN feature_kind = 'grid_cell' AND feature_id !~ '^E[0-9]+N[0-9]+$' THEN feature_id
        WHEN place IS NOT NULL THEN gridmap.cell_at(place)
    END
$$;
COMMENT ON FUNCTION gridmap.cell_of_finding(text, text, geometry) IS 'Code of the responsibility cell that a finding belongs to: its site''s, the cell itself, or the one that holds its place.';

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

CREATE FUNCTION gridmap.place_rows_again(table_name text, key_column text, changed geometry) RETURNS bigint
LANGUAGE plpgsql
SET search_path = 'public'
AS $$
DECLARE
    keys text[];
    codes text[];
BEGIN
    -- first looked for, then written: a statement that writes nothing would still make a new version of the table
    EXECUTE format(
        'SELECT array_agg(n.key), array_agg(n.cell_code) FROM ('
        '    SELECT r.%1$I AS key, r.cell_code AS before, gridmap.cell_at(r.geom) AS cell_code FROM gridmap.%2$I AS r'
        '    WHERE $1 IS NULL OR ST_Intersects(r.geom_m, $1)'
        ') AS n WHERE n.before IS DISTINCT FROM n.cell_code', key_column, table_name) INTO keys, codes USING changed;
    IF keys IS NULL THEN
        RETURN 0;
    END IF;
    EXECUTE format(
        'UPDATE gridmap.%2$I AS r SET cell_code = n.cell_code FROM unnest($1, $2) AS n (key, cell_code)'
        ' WHERE r.%1$I = n.key', key_column, table_name) USING keys, codes;
    RETURN cardinality(keys);
END
$$;
COMMENT ON FUNCTION gridmap.place_rows_again(text, text, geometry) IS 'Has the rows of a table follow the cells, within an area (EPSG:4547) or everywhere; returns how many moved.';

CREATE FUNCTION gridmap.place_findings_again(table_name text, changed geometry) RETURNS bigint
LANGUAGE plpgsql
SET search_path = 'public'
AS $$
DECLARE
    -- what is found of a site follows the site, wherever its own place is
    around geometry := ST_Expand(ST_Envelope(ST_Transform(changed, 4490)), 0.00001);
    places tid[];
BEGIN
    EXECUTE format(
        'SELECT array_agg(f.ctid) FROM gridmap.%I AS f'
        ' WHERE ($1 IS NULL OR f.feature_kind = ''site'''
        '        OR (f.geom && $2 AND ST_Intersects(ST_Transform(f.geom, 4547), $1)))'
        '    AND f.cell_code IS DISTINCT FROM gridmap.cell_of_finding(f.feature_kind, f.feature_id, f.geom)',
        table_name) INTO places USING changed, around;
    IF places IS NULL THEN
        RETURN 0;
    END IF;
    EXECUTE format(
        'UPDATE gridmap.%I AS f SET cell_code = gridmap.cell_of_finding(f.feature_kind, f.feature_id, f.geom)'
        ' WHERE f.ctid = ANY($1)', table_name) USING places;
    RETURN cardinality(places);
END
$$;
COMMENT ON FUNCTION gridmap.place_findings_again(text, geometry) IS 'Has findings or findings of reports follow the cells, within an area (EPSG:4547) or everywhere; returns how many moved.';

CREATE FUNCTION gridmap.place_again(changed geometry DEFAULT NULL) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = ''
AS $$
DECLARE
    actor text := coalesce(gridmap.actor(), '');
    moved bigint;
BEGIN
    -- a row that somebody is writing right now was placed by the cells of before: wait for it, then let others wait
    LOCK TABLE gridmap.site, gridmap.hotspot, gridmap.road_damage, gridmap.finding, gridmap.run_finding
    IN SHARE ROW EXCLUSIVE MODE;
    -- what follows by itself is nobody's change: the log tells of the cells
    PERFORM set_config('gridmap.actor', '', true);
    moved := gridmap.place_rows_again('site', 'site_id', changed)
        + gridmap.place_rows_again('hotspot', 'hotspot_id', changed)
        + gridmap.place_rows_again('road_damage', 'damage_id', changed);
    -- after the sites, whose cells they take
    moved := moved + gridmap.place_findings_again('finding', changed)
        + gridmap.place_findings_again('run_finding', changed);
    PERFORM set_config('gridmap.actor', actor, true);
    RETURN moved;
END
$$;
COMMENT ON FUNCTION gridmap.place_again(geometry) IS 'Has everything that lies in a cell follow the cells in force today, within an area (EPSG:4547) or everywhere; returns how many rows moved. Again changes nothing.';
REVOKE EXECUTE ON FUNCTION gridmap.place_again(geometry) FROM public;

CREATE FUNCTION gridmap.follow_cells() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = 'public'
AS $$
DECLARE
    changed geometry;
    source text := CASE TG_OP
        WHEN 'INSERT' THEN 'SELECT * FROM new_rows'
        WHEN 'DELETE' THEN 'SELECT * FROM old_rows'
        ELSE 'SELECT * FROM old_rows UNION ALL SELECT * FROM new_rows' END;
BEGIN
    EXECUTE 'SELECT ST_Union(c.geom_m) FROM (' || source || ') AS c'
        ' WHERE c.kind = ''responsibility'' AND c.in_force @> gridmap.today()' INTO changed;
    IF changed IS NOT NULL THEN
        PERFORM gridmap.place_again(changed);
    END IF;
    RETURN NULL;
END
$$;
COMMENT ON FUNCTION gridmap.follow_cells() IS 'Statement trigger of grid_cell: has what lies in the changed cells follow, where they are or were in force today.';
CREATE TRIGGER grid_cell_place_insert AFTER INSERT ON gridmap.grid_cell REFERENCING NEW TABLE AS new_rows
FOR EACH STATEMENT EXECUTE FUNCTION gridmap.follow_cells();
CREATE TRIGGER grid_cell_place_update AFTER UPDATE ON gridmap.grid_cell REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows
FOR EACH STATEMENT EXECUTE FUNCTION gridmap.follow_cells();
CREATE TRIGGER grid_cell_place_delete AFTER DELETE ON gridmap.grid_cell REFERENCING OLD TABLE AS old_rows
FOR EACH STATEMENT EXECUTE FUNCTION gridmap.follow_cells();

CREATE TABLE gridmap.cell_placement (
    only_row boolean PRIMARY KEY DEFAULT true CHECK (only_row),
    placed_on date NOT NULL
);
COMMENT ON TABLE gridmap.cell_placement IS 'One row: the day whose cells the columns cell_code tell.';
COMMENT ON COLUMN gridmap.cell_placement.only_row IS 'Always true: makes a second row impossible.';
COMMENT ON COLUMN gridmap.cell_placement.placed_on IS 'The platform''s today when everything was last placed.';
INSERT INTO gridmap.cell_placement (placed_on) SELECT gridmap.today();

CREATE FUNCTION gridmap.place_due() RETURNS bigint
LANGUAGE plpgsql
SET search_path = 'public'
AS $$
DECLARE
    today date := gridmap.today();
    placed date;
    changed geometry;
    moved bigint := 0;
BEGIN
    SELECT p.placed_on INTO placed FROM gridmap.cell_placement AS p FOR UPDATE;
    IF placed = today THEN
        RETURN 0;
    END IF;
    -- today may have been set back as well
    SELECT ST_Union(c.geom_m) INTO changed FROM gridmap.grid_cell AS c
    WHERE c.kind = 'responsibility' AND (c.in_force @> placed) IS DISTINCT FROM (c.in_force @> today);
    IF changed IS NOT NULL THEN
        moved := gridmap.place_again(changed);
    END IF;
    UPDATE gridmap.cell_placement SET placed_on = today;
    RETURN moved;
END
$$;
COMMENT ON FUNCTION gridmap.place_due() IS 'Has everything follow the cells when today has moved over a day on which one begins or ends; returns how many rows moved.';

CREATE OR REPLACE VIEW snapshot.site_all WITH (security_invoker = true) AS
SELECT
    s.site_id, s.kind, s.name, s.credit_code, s.address, s.county_code, s.region_code, s.reported_region_code,
    s.geom, s.geom_m, s.geom_3857, s.cell_key, s.position_error_m, s.placed_by, s.opened_on, s.closed_on,
    s.is_demo, s.source, s.note, s.cell_code, gridmap.square_code(s.cell_key) AS square_code
FROM gridmap.site AS s
WHERE (s.opened_on IS NULL OR s.opened_on <= snapshot.as_of())
    AND (s.closed_on IS NULL OR s.closed_on > snapshot.as_of());
COMMENT ON COLUMN snapshot.site_all.square_code IS 'Code of the 1 km square that holds it.';

CREATE OR REPLACE VIEW snapshot.site WITH (security_invoker = true) AS
SELECT s.*
FROM snapshot.site_all AS s
WHERE ((SELECT nullif(snapshot.counties() IS NULL, false)) IS NOT NULL
        OR s.county_code = ANY((SELECT snapshot.counties())::text[]))
    AND s.cell_key >= snapshot.cell_low() AND s.cell_key <= snapshot.cell_high()
    AND ((SELECT nullif(snapshot.cells() IS NULL, false)) IS NOT NULL
        OR s.cell_key = ANY((SELECT snapshot.cells())::bigint[]));
COMMENT ON COLUMN snapshot.site.square_code IS 'Code of the 1 km square that holds it.';

CREATE OR REPLACE VIEW snapshot.finding WITH (security_invoker = true) AS
SELECT
    f.key, f.rule_id, f.county_code, f.feature_kind, f.feature_id, f.part, f.name, f.certainty, f.severity,
    f.status, f.facts, f.geom, f.geom_3857, f.opened_on, f.last_run_id AS run_id,
    f.cell_code, gridmap.square_at(f.geom) AS square_code
FROM gridmap.finding AS f
WHERE snapshot.as_of() = gridmap.today() AND snapshot.draft() IS NULL AND f.status <> 'gone'
UNION ALL
SELECT
    r.key, r.rule_id, r.county_code, r.feature_kind, r.feature_id, r.part, r.name, r.certainty, r.severity,
    'open' AS status, r.facts, r.geom, r.geom_3857, NULL AS opened_on, r.run_id,
    r.cell_code, gridmap.square_at(r.geom) AS square_code
FROM gridmap.run_finding AS r
WHERE r.run_id = (
    SELECT max(u.run_id) FROM gridmap.run AS u
    WHERE u.kind = 'report' AND u.as_of = snapshot.as_of() AND u.status IN ('complete', 'incomplete')
        AND u.counties IS NULL AND u.rules IS NULL AND u.draft_zone_id IS NOT DISTINCT FROM snapshot.draft()
) AND NOT (snapshot.as_of() = gridmap.today() AND snapshot.draft() IS NULL);
COMMENT ON COLUMN snapshot.finding.square_code IS 'Code of the 1 km square that holds its place.';

CREATE OR REPLACE VIEW snapshot.duty WITH (security_invoker = true) AS
SELECT d.duty_id, d.cell_code, d.role, d.post, d.in_force, d.is_full_time, d.account_id
FROM gridmap.duty AS d
WHERE d.in_force @> snapshot.as_of();

-- findings about a square were given the square itself
SELECT gridmap.place_again();

SELECT gridmap.describe_views();
