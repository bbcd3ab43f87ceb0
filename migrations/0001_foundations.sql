-- Two schemas (facts as recorded; facts as of a day), the one clock, and the version of the data that caches go by.
-- Forward only: a mistake here is mended by the next migration.

CREATE EXTENSION IF NOT EXISTS postgis;
CREATE EXTENSION IF NOT EXISTS btree_gist;
CREATE EXTENSION IF NOT EXISTS fuzzystrmatch;

CREATE SCHEMA gridmap;
COMMENT ON SCHEMA gridmap IS 'Facts as recorded, all versions. Rules never read it: they read schema snapshot.';
CREATE SCHEMA snapshot;
COMMENT ON SCHEMA snapshot IS 'The facts in force on one day (snapshot.as_of()), or under a draft (snapshot.draft()): what rules, maps and exports read.';

CREATE TABLE gridmap.setting (
    only_row boolean PRIMARY KEY DEFAULT true CHECK (only_row),
    today date,
    city_code text NOT NULL DEFAULT '410100' CHECK (city_code ~ '^[0-9]{6}$'),
    city_name_zh text NOT NULL DEFAULT '郑州市',
    city_name_en text NOT NULL DEFAULT 'Zhengzhou',
    is_demo boolean NOT NULL DEFAULT false
);
COMMENT ON TABLE gridmap.setting IS 'One row: what this installation is and on which day it stands.';
COMMENT ON COLUMN gridmap.setting.only_row IS 'Always true: makes a second row impossible.';
COMMENT ON COLUMN gridmap.setting.today IS 'The day the platform stands on; NULL follows the clock. The demo city stands on 2020-10-15.';
COMMENT ON COLUMN gridmap.setting.city_code IS 'Six-digit code of the city (GB/T 2260).';
COMMENT ON COLUMN gridmap.setting.city_name_zh IS 'Name of the city in Chinese.';
COMMENT ON COLUMN gridmap.setting.city_name_en IS 'Name of the city in English.';
COMMENT ON COLUMN gridmap.setting.is_demo IS 'True when the data are the demo city: every page then says so.';
INSERT INTO gridmap.setting DEFAULT VALUES;

CREATE FUNCTION gridmap.today() RETURNS date
LANGUAGE sql STABLE PARALLEL SAFE
SET search_path = ''
AS $$
    SELECT coalesce((SELECT setting.today FROM gridmap.setting), current_date)
$$;
COMMENT ON FUNCTION gridmap.today() IS 'The day the platform stands on: the setting, else the clock. The only place that asks the clock for a day.';

CREATE FUNCTION gridmap.instant() RETURNS timestamptz
LANGUAGE sql STABLE PARALLEL SAFE
AS $$ SELECT now() $$;
COMMENT ON FUNCTION gridmap.instant() IS 'The instant of this transaction, for the record only (recorded_at, started_at): no judgement reads it.';

-- current_setting gives back '' on a pooled connection after SET LOCAL ended, hence nullif.
CREATE FUNCTION snapshot.as_of() RETURNS date
LANGUAGE sql STABLE PARALLEL SAFE
AS $$
    SELECT coalesce(nullif(current_setting('gridmap.as_of', true), '')::date, gridmap.today())
$$;
COMMENT ON FUNCTION snapshot.as_of() IS 'The day that this transaction judges; set by gridmap.db.snapshot() only.';

CREATE FUNCTION snapshot.draft() RETURNS bigint
LANGUAGE sql STABLE PARALLEL SAFE
AS $$
    SELECT nullif(current_setting('gridmap.draft', true), '')::bigint
$$;
COMMENT ON FUNCTION snapshot.draft() IS 'zone_id of the draft that this transaction treats as law, or NULL.';

CREATE FUNCTION snapshot.counties() RETURNS text[]
LANGUAGE sql STABLE PARALLEL SAFE
AS $$
    SELECT string_to_array(nullif(current_setting('gridmap.counties', true), ''), ',')
$$;
COMMENT ON FUNCTION snapshot.counties() IS 'Six-digit codes of the counties being judged, or NULL for all: narrows site, village and their kin, never the *_all views or the law.';

-- The city's envelope: everything within 90 km of Zhengzhou's centre and nothing in another province's coordinates.
-- A city elsewhere replaces this function in a migration of its own.
CREATE FUNCTION gridmap.inside_envelope(g geometry) RETURNS boolean
LANGUAGE sql IMMUTABLE PARALLEL SAFE
AS $$
    SELECT ST_XMin(g) >= 111.5 AND ST_XMax(g) <= 115.5 AND ST_YMin(g) >= 33.5 AND ST_YMax(g) <= 36.2
$$;
COMMENT ON FUNCTION gridmap.inside_envelope(geometry) IS 'True when a geometry in EPSG:4490 (degrees, longitude first) lies inside the box the city''s data may come from.';

CREATE FUNCTION gridmap.is_sound(g geometry) RETURNS boolean
LANGUAGE sql IMMUTABLE PARALLEL SAFE
AS $$
    SELECT NOT ST_IsEmpty(g) AND ST_IsValid(g) AND gridmap.inside_envelope(g)
$$;
COMMENT ON FUNCTION gridmap.is_sound(geometry) IS 'Not empty, valid, and inside the city''s envelope: the check on every stored geometry.';

-- Half-open: a point on an edge belongs to the square east or north of it, so that each point has exactly one.
CREATE FUNCTION gridmap.cell_key_m(x double precision, y double precision) RETURNS bigint
LANGUAGE sql IMMUTABLE PARALLEL SAFE
AS $$
    SELECT floor(x / 1000)::bigint * 100000 + floor(y / 1000)::bigint
$$;
COMMENT ON FUNCTION gridmap.cell_key_m(double precision, double precision) IS 'Key of the 1 km square of EPSG:4547 that holds (easting, northing) in metres.';

CREATE TABLE gridmap.data_version (
    relation text PRIMARY KEY,
    version bigint NOT NULL DEFAULT 1
);
COMMENT ON TABLE gridmap.data_version IS 'How often each base table has changed: tiles, reports and pages are cached by it.';
COMMENT ON COLUMN gridmap.data_version.relation IS 'Name of the table in schema gridmap.';
COMMENT ON COLUMN gridmap.data_version.version IS 'Grows with every statement that changed the table.';

CREATE FUNCTION gridmap.bump_data_version() RETURNS trigger
LANGUAGE plpgsql
SET search_path = ''
AS $$
BEGIN
    INSERT INTO gridmap.data_version AS d (relation) VALUES (TG_TABLE_NAME)
    ON CONFLICT (relation) DO UPDATE SET version = d.version + 1;
    RETURN NULL;
END
$$;
COMMENT ON FUNCTION gridmap.bump_data_version() IS 'Statement trigger: one more version of the table it stands on.';

CREATE FUNCTION gridmap.watch(table_name text) RETURNS void
LANGUAGE plpgsql
SET search_path = ''
AS $$
BEGIN
    EXECUTE format(
        'CREATE TRIGGER %I AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON gridmap.%I '
        'FOR EACH STATEMENT EXECUTE FUNCTION gridmap.bump_data_version()',
        table_name || '_data_version', table_name);
END
$$;
COMMENT ON FUNCTION gridmap.watch(text) IS 'Has gridmap.data_version follow a table; for migrations.';
SELECT gridmap.watch('setting');
