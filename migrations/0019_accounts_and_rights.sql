-- Who may see and change what: accounts, roles, sessions, the log of changes, and the same own area once more beneath
-- every query, by row-level security. Row-level security guards against a forgotten WHERE, not against injection.

CREATE TABLE gridmap.account (
    account_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    name text NOT NULL UNIQUE CHECK (name ~ '^[a-z0-9][a-z0-9-]{1,62}$'),
    post text NOT NULL CHECK (post <> ''),
    password_hash text NOT NULL CHECK (password_hash LIKE '$argon2id$%'),
    must_change_password boolean NOT NULL DEFAULT true,
    password_changed_at timestamptz NOT NULL DEFAULT gridmap.instant(),
    totp_secret text,
    totp_last_step bigint,
    is_active boolean NOT NULL DEFAULT true,
    is_demo boolean NOT NULL DEFAULT false,
    created_at timestamptz NOT NULL DEFAULT gridmap.instant()
);
COMMENT ON TABLE gridmap.account IS 'Accounts: each belongs to a post, none to a person by name.';
COMMENT ON COLUMN gridmap.account.account_id IS 'Key.';
COMMENT ON COLUMN gridmap.account.name IS 'Login name: small letters, digits and hyphens.';
COMMENT ON COLUMN gridmap.account.post IS 'The post that uses it (网格长-410181113-01), never a person''s name.';
COMMENT ON COLUMN gridmap.account.password_hash IS 'argon2id hash with its parameters and salt.';
COMMENT ON COLUMN gridmap.account.must_change_password IS 'The password was set by somebody else: nothing may be done before it is changed.';
COMMENT ON COLUMN gridmap.account.password_changed_at IS 'When the password was last set.';
COMMENT ON COLUMN gridmap.account.totp_secret IS 'Secret of the second factor (RFC 6238), base32; NULL when none is in use.';
COMMENT ON COLUMN gridmap.account.totp_last_step IS 'Time step of the last code that was used: none is taken twice.';
COMMENT ON COLUMN gridmap.account.is_active IS 'False: nobody may log in with it; its sessions have ended.';
COMMENT ON COLUMN gridmap.account.is_demo IS 'True when it was made for the demo city.';
COMMENT ON COLUMN gridmap.account.created_at IS 'When it was made.';

CREATE TABLE gridmap.role_grant (
    grant_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    account_id bigint NOT NULL REFERENCES gridmap.account ON DELETE CASCADE,
    role text NOT NULL CHECK (role IN ('inspector', 'planner', 'reviewer', 'bureau', 'auditor', 'admin')),
    county_code text CHECK (county_code ~ '^[0-9]{6}$'),
    in_force daterange NOT NULL DEFAULT '(,)' CHECK (NOT isempty(in_force)),
    CONSTRAINT role_grant_county_roles_have_one CHECK (
        (role IN ('inspector', 'planner', 'reviewer')) = (county_code IS NOT NULL)
    ),
    CONSTRAINT role_grant_once_a_day EXCLUDE USING gist (
        account_id WITH =, role WITH =, (coalesce(county_code, '')) WITH =, in_force WITH &&
    )
);
CREATE INDEX role_grant_account_idx ON gridmap.role_grant (account_id);
COMMENT ON TABLE gridmap.role_grant IS 'Roles for a county or the whole city; the roles in a cell are duties.';
COMMENT ON COLUMN gridmap.role_grant.grant_id IS 'Key.';
COMMENT ON COLUMN gridmap.role_grant.account_id IS 'The account.';
COMMENT ON COLUMN gridmap.role_grant.role IS 'inspector, planner, reviewer (of a county); bureau, auditor, admin (of the city).';
COMMENT ON COLUMN gridmap.role_grant.county_code IS 'The county; NULL for roles of the city.';
COMMENT ON COLUMN gridmap.role_grant.in_force IS 'Days of the role, [from, to).';

ALTER TABLE gridmap.duty ADD COLUMN account_id bigint REFERENCES gridmap.account;
CREATE INDEX duty_account_idx ON gridmap.duty (account_id);
COMMENT ON COLUMN gridmap.duty.account_id IS 'The account of the post; NULL while it has none.';

CREATE TABLE gridmap.login_session (
    session_id text PRIMARY KEY CHECK (session_id ~ '^[0-9a-f]{64}$'),
    account_id bigint NOT NULL REFERENCES gridmap.account ON DELETE CASCADE,
    created_at timestamptz NOT NULL DEFAULT gridmap.instant(),
    last_seen_at timestamptz NOT NULL DEFAULT gridmap.instant(),
    address inet,
    agent text
);
CREATE INDEX login_session_account_idx ON gridmap.login_session (account_id);
COMMENT ON TABLE gridmap.login_session IS 'Who is logged in. A session that is deleted has ended.';
COMMENT ON COLUMN gridmap.login_session.session_id IS 'SHA-256 of the token in the reader''s cookie: whoever reads this table cannot use it.';
COMMENT ON COLUMN gridmap.login_session.account_id IS 'The account.';
COMMENT ON COLUMN gridmap.login_session.created_at IS 'When he logged in.';
COMMENT ON COLUMN gridmap.login_session.last_seen_at IS 'When he last asked for something, to a minute.';
COMMENT ON COLUMN gridmap.login_session.address IS 'Address it was begun from.';
COMMENT ON COLUMN gridmap.login_session.agent IS 'What the browser calls itself, shortened.';

CREATE TABLE gridmap.login_attempt (
    attempt_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    name_digest text NOT NULL,
    address inet,
    succeeded boolean NOT NULL,
    at timestamptz NOT NULL DEFAULT gridmap.instant()
);
CREATE INDEX login_attempt_name_idx ON gridmap.login_attempt (name_digest, at);
CREATE INDEX login_attempt_address_idx ON gridmap.login_attempt (address, at);
COMMENT ON TABLE gridmap.login_attempt IS 'Attempts to log in, for throttling; those older than a day are deleted.';
COMMENT ON COLUMN gridmap.login_attempt.attempt_id IS 'Key.';
COMMENT ON COLUMN gridmap.login_attempt.name_digest IS 'SHA-256 of the name that was typed, which may be a password typed in the wrong field.';
COMMENT ON COLUMN gridmap.login_attempt.address IS 'Where it came from.';
COMMENT ON COLUMN gridmap.login_attempt.succeeded IS 'Whether it was let in.';
COMMENT ON COLUMN gridmap.login_attempt.at IS 'When.';

-- Every change: who, when, from where, before and after. The database lets nobody alter what stands here.
CREATE TABLE gridmap.audit_log (
    log_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    at timestamptz NOT NULL DEFAULT gridmap.instant(),
    account_id bigint,
    actor text NOT NULL,
    address inet,
    action text NOT NULL,
    relation text,
    row_key text,
    before jsonb,
    after jsonb
);
CREATE INDEX audit_log_row_idx ON gridmap.audit_log (relation, row_key, log_id);
CREATE INDEX audit_log_actor_idx ON gridmap.audit_log (actor, log_id);
COMMENT ON TABLE gridmap.audit_log IS 'Every change that somebody made, append-only.';
COMMENT ON COLUMN gridmap.audit_log.log_id IS 'Key, in the order of events.';
COMMENT ON COLUMN gridmap.audit_log.at IS 'When.';
COMMENT ON COLUMN gridmap.audit_log.account_id IS 'Account that did it; NULL for the command line. No reference: the log outlives the account.';
COMMENT ON COLUMN gridmap.audit_log.actor IS 'Login name, or where it was done: command line.';
COMMENT ON COLUMN gridmap.audit_log.address IS 'Where it came from.';
COMMENT ON COLUMN gridmap.audit_log.action IS 'insert, update, delete, or what else was done: login, logout, export …';
COMMENT ON COLUMN gridmap.audit_log.relation IS 'The table that changed.';
COMMENT ON COLUMN gridmap.audit_log.row_key IS 'Key of the row.';
COMMENT ON COLUMN gridmap.audit_log.before IS 'The row before, or of an update the columns that changed; secrets left out.';
COMMENT ON COLUMN gridmap.audit_log.after IS 'The row afterwards, likewise.';

CREATE FUNCTION gridmap.refuse_change() RETURNS trigger
LANGUAGE plpgsql
SET search_path = ''
AS $$
BEGIN
    RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'object_not_in_prerequisite_state';
END
$$;
COMMENT ON FUNCTION gridmap.refuse_change() IS 'Statement trigger: what stands in its table can neither be changed nor deleted.';
CREATE TRIGGER audit_log_is_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON gridmap.audit_log
FOR EACH STATEMENT EXECUTE FUNCTION gridmap.refuse_change();

CREATE FUNCTION gridmap.actor() RETURNS text
LANGUAGE sql STABLE PARALLEL SAFE
AS $$
    SELECT nullif(current_setting('gridmap.actor', true), '')
$$;
COMMENT ON FUNCTION gridmap.actor() IS 'Who acts on this connection; NULL for what the platform does by itself and for bulk loads.';

CREATE FUNCTION gridmap.write_log() RETURNS trigger
LANGUAGE plpgsql
SECURITY DEFINER
SET search_path = 'public'
AS $$
DECLARE
    hidden text[] := ARRAY['geom_m', 'geom_3857', 'territory_m', 'recorded_at', 'password_hash', 'totp_secret', 'totp_last_step'];
    was jsonb := CASE WHEN TG_OP <> 'INSERT' THEN to_jsonb(old) - hidden END;
    is_now jsonb := CASE WHEN TG_OP <> 'DELETE' THEN to_jsonb(new) - hidden END;
    row_key text := coalesce(is_now, was) ->> TG_ARGV[0];
    every_column text;
BEGIN
    IF TG_OP = 'UPDATE' THEN
        FOR every_column IN SELECT jsonb_object_keys(is_now) LOOP
            IF was -> every_column IS NOT DISTINCT FROM is_now -> every_column THEN
                was := was - every_column;
                is_now := is_now - every_column;
            END IF;
        END LOOP;
        IF TG_TABLE_NAME = 'account' THEN  -- what is hidden may have changed: that it did is no secret
            is_now := is_now || CASE WHEN old.password_hash <> new.password_hash THEN '{"password": "changed"}'::jsonb ELSE '{}' END
                || CASE WHEN old.totp_secret IS DISTINCT FROM new.totp_secret THEN '{"second_factor": "changed"}'::jsonb ELSE '{}' END;
        END IF;
        IF was = '{}' AND is_now = '{}' THEN
            RETURN NULL;
        END IF;
    END IF;
    INSERT INTO gridmap.audit_log (account_id, actor, address, action, relation, row_key, before, after)
    VALUES (
        nullif(current_setting('gridmap.account_id', true), '')::bigint, gridmap.actor(),
        nullif(current_setting('gridmap.address', true), '')::inet, lower(TG_OP), TG_TABLE_NAME, row_key, was, is_now
    );
    RETURN NULL;
END
$$;
COMMENT ON FUNCTION gridmap.write_log() IS 'Row trigger: writes before and after into the log, with who did it.';

CREATE FUNCTION gridmap.keep_log(table_name text, key_column text) RETURNS void
LANGUAGE plpgsql
SET search_path = ''
AS $$
BEGIN
    EXECUTE format(
        'CREATE TRIGGER %I AFTER INSERT OR UPDATE OR DELETE ON gridmap.%I FOR EACH ROW '
        'WHEN (gridmap.actor() IS NOT NULL) EXECUTE FUNCTION gridmap.write_log(%L)',
        table_name || '_log_row', table_name, key_column);
END
$$;
COMMENT ON FUNCTION gridmap.keep_log(text, text) IS 'Has gridmap.audit_log follow what somebody changes in a table; for migrations.';
SELECT gridmap.keep_log(t.name, t.key) FROM (VALUES
    ('account', 'account_id'), ('role_grant', 'grant_id'), ('duty', 'duty_id'), ('grid_cell', 'cell_code'),
    ('setting', 'city_name_zh'), ('finding', 'key'), ('site', 'site_id'), ('village', 'village_id'), ('zone', 'zone_id'),
    ('region', 'code'), ('patrol', 'patrol_id'), ('inspection', 'inspection_id'), ('case_file', 'case_id')
) AS t (name, key);

-- Each thing lies in exactly one responsibility cell: the finest in force today that holds its point, the first by code
-- where several do (codes run from west to east and north to south). Everything asks the column, nothing asks twice.
CREATE FUNCTION gridmap.cell_at(place geometry) RETURNS text
LANGUAGE sql STABLE
SET search_path = 'public'
AS $$
    SELECT c.cell_code
    FROM gridmap.grid_cell AS c
    WHERE c.kind = 'responsibility' AND c.in_force @> gridmap.today()
        AND ST_Intersects(c.geom_m, ST_Transform(ST_PointOnSurface(place), 4547))
    ORDER BY array_position(ARRAY['unit', 'village', 'township', 'county', 'city'], c.level), c.cell_code
    LIMIT 1
$$;
COMMENT ON FUNCTION gridmap.cell_at(geometry) IS 'Code of the one responsibility cell that holds a place (EPSG:4490) today; of a line or an area a point on it counts. NULL outside all.';

CREATE FUNCTION gridmap.place_in_cell() RETURNS trigger
LANGUAGE plpgsql
SET search_path = ''
AS $$
BEGIN
    new.cell_code := CASE WHEN new.geom IS NOT NULL THEN gridmap.cell_at(new.geom) END;
    RETURN new;
END
$$;
COMMENT ON FUNCTION gridmap.place_in_cell() IS 'Row trigger: keeps the code of the cell that holds the row''s place.';

CREATE FUNCTION gridmap.place_finding() RETURNS trigger
LANGUAGE plpgsql
SET search_path = ''
AS $$
BEGIN
    new.cell_code := CASE
        WHEN new.feature_kind = 'site' THEN
            (SELECT s.cell_code FROM gridmap.site AS s WHERE s.site_id = new.feature_id)
        WHEN new.feature_kind = 'grid_cell' THEN new.feature_id
        WHEN new.geom IS NOT NULL THEN gridmap.cell_at(new.geom) END;
    -- whoever has the site in his books sees what is found there, and so does the county where it lies
    new.other_county_codes := CASE WHEN new.feature_kind = 'site' THEN coalesce((
        SELECT array_agg(DISTINCT o.code) FROM gridmap.site AS s
        CROSS JOIN LATERAL (VALUES (s.county_code), (left(s.reported_region_code, 6))) AS o (code)
        WHERE s.site_id = new.feature_id AND o.code <> new.county_code), '{}') ELSE '{}' END;
    RETURN new;
END
$$;
COMMENT ON FUNCTION gridmap.place_finding() IS 'Row trigger: keeps the cell and the other counties that a finding concerns.';

ALTER TABLE gridmap.site ADD COLUMN cell_code text;
ALTER TABLE gridmap.hotspot ADD COLUMN cell_code text;
ALTER TABLE gridmap.road_damage ADD COLUMN cell_code text;
ALTER TABLE gridmap.finding ADD COLUMN cell_code text, ADD COLUMN other_county_codes text[] NOT NULL DEFAULT '{}';
ALTER TABLE gridmap.run_finding ADD COLUMN cell_code text, ADD COLUMN other_county_codes text[] NOT NULL DEFAULT '{}';
ALTER TABLE gridmap.patrol ADD COLUMN cell_code text;
CREATE INDEX site_cell_code_idx ON gridmap.site (cell_code);
CREATE INDEX finding_cell_code_idx ON gridmap.finding (cell_code);
COMMENT ON COLUMN gridmap.site.cell_code IS 'The one responsibility cell that holds it today; NULL outside all.';
COMMENT ON COLUMN gridmap.hotspot.cell_code IS 'The one responsibility cell that holds it today; NULL outside all.';
COMMENT ON COLUMN gridmap.road_damage.cell_code IS 'The one responsibility cell that holds it today; NULL outside all.';
COMMENT ON COLUMN gridmap.finding.cell_code IS 'The one responsibility cell that holds its place; NULL outside all.';
COMMENT ON COLUMN gridmap.finding.other_county_codes IS 'Counties beside county_code that it is about: they see it too.';
COMMENT ON COLUMN gridmap.run_finding.cell_code IS 'The one responsibility cell that holds its place; NULL outside all.';
COMMENT ON COLUMN gridmap.run_finding.other_county_codes IS 'Counties beside county_code that it is about: they see it too.';
COMMENT ON COLUMN gridmap.patrol.cell_code IS 'The responsibility cell that was patrolled; NULL where only a square or a county is known.';
CREATE TRIGGER site_is_placed BEFORE INSERT OR UPDATE OF geom ON gridmap.site
FOR EACH ROW EXECUTE FUNCTION gridmap.place_in_cell();
CREATE TRIGGER hotspot_is_placed BEFORE INSERT OR UPDATE OF geom ON gridmap.hotspot
FOR EACH ROW EXECUTE FUNCTION gridmap.place_in_cell();
CREATE TRIGGER road_damage_is_placed BEFORE INSERT OR UPDATE OF geom ON gridmap.road_damage
FOR EACH ROW EXECUTE FUNCTION gridmap.place_in_cell();
CREATE TRIGGER finding_is_placed BEFORE INSERT OR UPDATE OF geom ON gridmap.finding
FOR EACH ROW EXECUTE FUNCTION gridmap.place_finding();
CREATE TRIGGER run_finding_is_placed BEFORE INSERT OR UPDATE OF geom ON gridmap.run_finding
FOR EACH ROW EXECUTE FUNCTION gridmap.place_finding();
UPDATE gridmap.site SET cell_code = gridmap.cell_at(geom);
UPDATE gridmap.hotspot SET cell_code = gridmap.cell_at(geom);
UPDATE gridmap.road_damage SET cell_code = gridmap.cell_at(geom);
UPDATE gridmap.finding SET geom = geom;
UPDATE gridmap.run_finding SET geom = geom;

CREATE FUNCTION gridmap.cells_below(codes text[]) RETURNS text[]
LANGUAGE sql STABLE
SET search_path = ''
AS $$
    WITH RECURSIVE below AS (
        SELECT c.cell_code FROM gridmap.grid_cell AS c
        WHERE c.cell_code = ANY(codes) AND c.kind = 'responsibility' AND c.in_force @> gridmap.today()
        UNION
        SELECT c.cell_code FROM gridmap.grid_cell AS c
        INNER JOIN below AS b ON b.cell_code = c.parent_code
        WHERE c.kind = 'responsibility' AND c.in_force @> gridmap.today()
    )
    SELECT coalesce(array_agg(b.cell_code ORDER BY b.cell_code), '{}') FROM below AS b
$$;
COMMENT ON FUNCTION gridmap.cells_below(text[]) IS 'Codes of responsibility cells in force today and of all cells below them, sorted.';
CREATE INDEX grid_cell_parent_idx ON gridmap.grid_cell (parent_code);

-- The own area of whoever asks. Empty settings are no area at all.
CREATE FUNCTION gridmap.area_counties() RETURNS text[]
LANGUAGE sql STABLE PARALLEL SAFE
AS $$
    SELECT string_to_array(coalesce(current_setting('gridmap.area_counties', true), ''), ',')
$$;
COMMENT ON FUNCTION gridmap.area_counties() IS 'Counties that the reader on this connection may see.';
CREATE FUNCTION gridmap.area_cells() RETURNS text[]
LANGUAGE sql STABLE PARALLEL SAFE
AS $$
    SELECT string_to_array(coalesce(current_setting('gridmap.area_cells', true), ''), ',')
$$;
COMMENT ON FUNCTION gridmap.area_cells() IS 'Responsibility cells that the reader on this connection may see.';

DO $$
DECLARE
    name text;
BEGIN
    FOREACH name IN ARRAY ARRAY['gridmap_city', 'gridmap_area'] LOOP
        BEGIN  -- roles belong to the server: another database of ours may have made them, or makes them right now
            IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = name) THEN
                EXECUTE format('CREATE ROLE %I NOLOGIN', name);
            END IF;
        EXCEPTION WHEN duplicate_object OR unique_violation THEN
            NULL;
        END;
        IF NOT pg_has_role(current_user, name, 'MEMBER') THEN
            EXECUTE format('GRANT %I TO current_user', name);
        END IF;
    END LOOP;
END
$$;

GRANT USAGE ON SCHEMA gridmap, snapshot TO gridmap_city, gridmap_area;
GRANT SELECT ON ALL TABLES IN SCHEMA gridmap, snapshot TO gridmap_city, gridmap_area;
ALTER DEFAULT PRIVILEGES IN SCHEMA gridmap GRANT SELECT ON TABLES TO gridmap_city, gridmap_area;
ALTER DEFAULT PRIVILEGES IN SCHEMA snapshot GRANT SELECT ON TABLES TO gridmap_city, gridmap_area;
-- accounts, sessions and attempts are the business of gridmap.auth alone, which asks as the owner
REVOKE ALL ON gridmap.account, gridmap.login_session, gridmap.login_attempt FROM gridmap_city, gridmap_area;
GRANT SELECT (account_id, name, post, is_active, is_demo, created_at) ON gridmap.account TO gridmap_city;
REVOKE ALL ON gridmap.role_grant, gridmap.audit_log, gridmap.change FROM gridmap_area;
-- what readers change: the permission is asked before, the area again here
GRANT UPDATE ON gridmap.finding TO gridmap_city;
GRANT INSERT ON gridmap.finding_event TO gridmap_city;

-- what triggers of these tables write is not the reader's to touch; the cells that place a row are everybody's law
ALTER FUNCTION gridmap.bump_data_version() SECURITY DEFINER;
ALTER FUNCTION gridmap.log_change() SECURITY DEFINER;

CREATE FUNCTION gridmap.keep_to_area(table_name text, condition text) RETURNS void
LANGUAGE plpgsql
SET search_path = ''
AS $$
BEGIN
    EXECUTE format('ALTER TABLE gridmap.%I ENABLE ROW LEVEL SECURITY', table_name);
    EXECUTE format('CREATE POLICY city ON gridmap.%I TO gridmap_city USING (true)', table_name);
    EXECUTE format('CREATE POLICY area ON gridmap.%I TO gridmap_area USING (%s)', table_name, condition);
END
$$;
COMMENT ON FUNCTION gridmap.keep_to_area(text, text) IS 'Has the rows of a table shown to readers of an area only where a condition holds; for migrations.';

SELECT gridmap.keep_to_area(t.name, t.condition) FROM (VALUES
    ('site', 'county_code = ANY((SELECT gridmap.area_counties())::text[]) OR cell_code = ANY((SELECT gridmap.area_cells())::text[])'),
    ('hotspot', 'county_code = ANY((SELECT gridmap.area_counties())::text[]) OR cell_code = ANY((SELECT gridmap.area_cells())::text[])'),
    ('road_damage', 'county_code = ANY((SELECT gridmap.area_counties())::text[]) OR cell_code = ANY((SELECT gridmap.area_cells())::text[])'),
    ('patrol', 'county_code = ANY((SELECT gridmap.area_counties())::text[]) OR cell_code = ANY((SELECT gridmap.area_cells())::text[])'),
    ('finding', 'county_code = ANY((SELECT gridmap.area_counties())::text[]) OR cell_code = ANY((SELECT gridmap.area_cells())::text[])'
        ' OR other_county_codes && (SELECT gridmap.area_counties())::text[]'),
    ('run_finding', 'county_code = ANY((SELECT gridmap.area_counties())::text[]) OR cell_code = ANY((SELECT gridmap.area_cells())::text[])'
        ' OR other_county_codes && (SELECT gridmap.area_counties())::text[]'),
    ('finding_event', 'EXISTS (SELECT FROM gridmap.finding AS f WHERE f.key = finding_event.key)'),
    ('duty', 'cell_code = ANY((SELECT gridmap.area_cells())::text[]) OR EXISTS (SELECT FROM gridmap.grid_cell AS c'
        ' WHERE c.cell_code = duty.cell_code AND coalesce(c.county_code, c.cell_code) = ANY((SELECT gridmap.area_counties())::text[]))'),
    -- drafts are the county's own until they are submitted; the law is everybody's
    ('zone', 'status <> ''draft'' OR county_code = ANY((SELECT gridmap.area_counties())::text[])'),
    ('zone_unit', 'EXISTS (SELECT FROM gridmap.zone AS z WHERE z.zone_id = zone_unit.zone_id)'),
    ('zone_edge', 'EXISTS (SELECT FROM gridmap.zone AS z WHERE z.zone_id = zone_edge.zone_id)'),
    ('zone_cell', 'EXISTS (SELECT FROM gridmap.zone AS z WHERE z.zone_id = zone_cell.zone_id)'),
    -- a rectification item is published and concerns a county as a whole; a case about a site is the site's
    ('case_file', 'county_code = ANY((SELECT gridmap.area_counties())::text[])'
        ' OR (site_id IS NOT NULL AND EXISTS (SELECT FROM gridmap.site AS s WHERE s.site_id = case_file.site_id))'),
    ('case_handover', 'EXISTS (SELECT FROM gridmap.case_file AS c WHERE c.case_id = case_handover.case_id)'),
    ('inspection_measure', 'EXISTS (SELECT FROM gridmap.inspection AS i WHERE i.inspection_id = inspection_measure.inspection_id)'),
    ('observation', 'subject_kind <> ''site'' OR EXISTS (SELECT FROM gridmap.site AS s WHERE s.site_id = observation.subject_id)'),
    ('observation_default', 'false'),
    ('emergency_measure', 'site_id IS NULL OR EXISTS (SELECT FROM gridmap.site AS s WHERE s.site_id = emergency_measure.site_id)')
) AS t (name, condition);

-- what hangs on a site is seen by whoever sees the site
SELECT gridmap.keep_to_area(c.relname::text, format(
    'EXISTS (SELECT FROM gridmap.site AS s WHERE s.site_id = %I.site_id)', c.relname))
FROM pg_class AS c
INNER JOIN pg_attribute AS a ON a.attrelid = c.oid AND a.attname = 'site_id'
WHERE c.relnamespace = 'gridmap'::regnamespace AND c.relkind = 'r' AND c.relname NOT IN ('site', 'case_file', 'emergency_measure')
ORDER BY c.relname;
