-- What changed since the last whole audit, by 1 km square, so that only there is judged again. Written by statement
-- triggers: a bulk load of a million sites leaves at most one row per square.

CREATE TABLE gridmap.change (
    change_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    relation text NOT NULL,
    cell_key bigint,
    feature_id text,
    xact xid8 NOT NULL DEFAULT pg_current_xact_id()
);
COMMENT ON TABLE gridmap.change IS 'Changes that no whole audit has judged yet.';
COMMENT ON COLUMN gridmap.change.change_id IS 'Key.';
COMMENT ON COLUMN gridmap.change.relation IS 'The table that changed.';
COMMENT ON COLUMN gridmap.change.cell_key IS 'The 1 km square in which it changed; NULL when the change has no place: then everywhere.';
COMMENT ON COLUMN gridmap.change.feature_id IS 'zone_id of a zone that was published or ended.';
COMMENT ON COLUMN gridmap.change.xact IS 'Transaction that made the change: an audit has seen it if it is visible in the run''s snapshot.';

ALTER TABLE gridmap.run ADD COLUMN began_at pg_snapshot NOT NULL DEFAULT pg_current_snapshot();
COMMENT ON COLUMN gridmap.run.began_at IS 'Transactions that had ended when the run began: their changes were judged by it.';

CREATE FUNCTION gridmap.log_change() RETURNS trigger
LANGUAGE plpgsql
SET search_path = 'public'
AS $$
DECLARE
    how text := TG_ARGV[0];
    -- an INSERT has no old rows and a DELETE no new ones: only the tables that are there may be named
    source text := CASE TG_OP
        WHEN 'INSERT' THEN 'SELECT * FROM new_rows'
        WHEN 'DELETE' THEN 'SELECT * FROM old_rows'
        ELSE 'SELECT * FROM old_rows UNION ALL SELECT * FROM new_rows' END;
BEGIN
    IF TG_OP = 'TRUNCATE' THEN  -- tells of no rows
        INSERT INTO gridmap.change (relation) VALUES (TG_TABLE_NAME);
    ELSIF how = 'cell' THEN
        EXECUTE format('INSERT INTO gridmap.change (relation, cell_key) '
            'SELECT DISTINCT %L, r.cell_key FROM (%s) AS r', TG_TABLE_NAME, source);
    ELSIF how = 'site' THEN
        EXECUTE format('INSERT INTO gridmap.change (relation, cell_key) SELECT DISTINCT %L, s.cell_key '
            'FROM (%s) AS r LEFT JOIN gridmap.site AS s ON s.site_id = r.site_id '
            -- details of a site that is gone: the site itself told where it was
            'WHERE s.site_id IS NOT NULL OR r.site_id IS NULL', TG_TABLE_NAME, source);
    ELSIF how = 'zone' THEN
        EXECUTE format('INSERT INTO gridmap.change (relation, feature_id) SELECT DISTINCT %L, r.zone_id::text '
            'FROM (%s) AS r WHERE r.status = ''published''', TG_TABLE_NAME, source);
    ELSE
        EXECUTE format('INSERT INTO gridmap.change (relation) SELECT %L WHERE EXISTS (%s)', TG_TABLE_NAME, source);
    END IF;
    RETURN NULL;
END
$$;
COMMENT ON FUNCTION gridmap.log_change() IS 'Statement trigger: notes where its table changed (by cell, by the cell of the site, by zone, or everywhere).';

CREATE FUNCTION gridmap.follow_changes(table_name text) RETURNS void
LANGUAGE plpgsql
SET search_path = 'public'
AS $$
DECLARE
    target regclass := format('gridmap.%I', table_name)::regclass;
    how text := CASE
        WHEN table_name = 'zone' THEN 'zone'
        WHEN table_name IN ('site', 'village') THEN 'cell'
        -- what hangs on a site; case files may cite one without being about its place only
        WHEN table_name <> 'case_file' AND EXISTS (
            SELECT FROM pg_attribute AS a WHERE a.attrelid = target AND a.attname = 'site_id') THEN 'site'
        ELSE 'everywhere' END;
BEGIN
    EXECUTE format('CREATE TRIGGER %I AFTER INSERT ON %s REFERENCING NEW TABLE AS new_rows '
        'FOR EACH STATEMENT EXECUTE FUNCTION gridmap.log_change(%L)', table_name || '_log_insert', target, how);
    EXECUTE format('CREATE TRIGGER %I AFTER UPDATE ON %s REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows '
        'FOR EACH STATEMENT EXECUTE FUNCTION gridmap.log_change(%L)', table_name || '_log_update', target, how);
    EXECUTE format('CREATE TRIGGER %I AFTER DELETE ON %s REFERENCING OLD TABLE AS old_rows '
        'FOR EACH STATEMENT EXECUTE FUNCTION gridmap.log_change(%L)', table_name || '_log_delete', target, how);
    EXECUTE format('CREATE TRIGGER %I AFTER TRUNCATE ON %s '
        'FOR EACH STATEMENT EXECUTE FUNCTION gridmap.log_change(%L)', table_name || '_log_truncate', target, how);
END
$$;
COMMENT ON FUNCTION gridmap.follow_changes(text) IS 'Has gridmap.change follow a table that rules read; for migrations.';

-- every table whose version is followed so far, but findings, which are no input, the setting, whose change is a
-- whole audit anyway, and a zone's units, which change only with their zone
SELECT gridmap.follow_changes(c.relname)
FROM pg_trigger AS t
INNER JOIN pg_class AS c ON c.oid = t.tgrelid
WHERE t.tgname = c.relname || '_data_version' AND c.relnamespace = 'gridmap'::regnamespace
    AND c.relname NOT IN ('finding', 'setting', 'zone_unit')
ORDER BY c.relname;

CREATE FUNCTION snapshot.cells() RETURNS bigint[]
LANGUAGE sql STABLE PARALLEL SAFE
AS $$
    SELECT string_to_array(nullif(current_setting('gridmap.cells', true), ''), ',')::bigint[]
$$;
COMMENT ON FUNCTION snapshot.cells() IS 'Keys of the 1 km squares being judged, or NULL for all: narrows site, village and their kin.';

-- a range beside the list lets the index on cell_key serve a small area and the planner know that it is small
CREATE FUNCTION snapshot.cell_low() RETURNS bigint
LANGUAGE sql STABLE PARALLEL SAFE
AS $$
    SELECT coalesce(nullif(current_setting('gridmap.cell_low', true), '')::bigint, -9223372036854775808)
$$;
COMMENT ON FUNCTION snapshot.cell_low() IS 'Least key of the squares being judged.';
CREATE FUNCTION snapshot.cell_high() RETURNS bigint
LANGUAGE sql STABLE PARALLEL SAFE
AS $$
    SELECT coalesce(nullif(current_setting('gridmap.cell_high', true), '')::bigint, 9223372036854775807)
$$;
COMMENT ON FUNCTION snapshot.cell_high() IS 'Greatest key of the squares being judged.';

CREATE INDEX village_cell_key_idx ON gridmap.village (cell_key);

CREATE OR REPLACE VIEW snapshot.village WITH (security_invoker = true) AS
SELECT v.*
FROM snapshot.village_all AS v
WHERE (snapshot.counties() IS NULL OR v.county_code = ANY(snapshot.counties()))
    AND v.cell_key >= snapshot.cell_low() AND v.cell_key <= snapshot.cell_high()
    AND (snapshot.cells() IS NULL OR v.cell_key = ANY(snapshot.cells()));

-- `IS NULL` of what is no column counts as one row in two hundred with the planner, and `IS NOT NULL` as nearly all:
-- said the first way, a million sites are taken for 25, and judging them becomes a nested loop over all of them
CREATE OR REPLACE VIEW snapshot.site WITH (security_invoker = true) AS
SELECT s.*
FROM snapshot.site_all AS s
WHERE ((SELECT nullif(snapshot.counties() IS NULL, false)) IS NOT NULL
        OR s.county_code = ANY((SELECT snapshot.counties())::text[]))
    AND s.cell_key >= snapshot.cell_low() AND s.cell_key <= snapshot.cell_high()
    AND ((SELECT nullif(snapshot.cells() IS NULL, false)) IS NOT NULL
        OR s.cell_key = ANY((SELECT snapshot.cells())::bigint[]));
