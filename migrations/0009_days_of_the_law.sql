-- What many rules share beside sites and zones: seasons and alerts as dated lists, permits, what inspectors and
-- instruments saw, patrols, and the cases that came of it, in the shape that judging needs.

CREATE TABLE gridmap.season (
    season_id text PRIMARY KEY CHECK (season_id ~ '^[a-z0-9_]+$'),
    kind text NOT NULL CHECK (kind IN ('heating', 'earthwork_ban', 'off_peak')),
    name text NOT NULL,
    in_force daterange NOT NULL CHECK (NOT isempty(in_force) AND NOT lower_inf(in_force) AND NOT upper_inf(in_force)),
    document text NOT NULL,
    item text NOT NULL,
    recorded_at timestamptz NOT NULL DEFAULT gridmap.instant()
);
COMMENT ON TABLE gridmap.season IS 'Seasons in which duties bind, as a dated list: no document repeats one for later years.';
COMMENT ON COLUMN gridmap.season.season_id IS 'Key, such as heating_2017.';
COMMENT ON COLUMN gridmap.season.kind IS 'heating 采暖季, earthwork_ban 限土期 or off_peak 错峰生产期.';
COMMENT ON COLUMN gridmap.season.name IS 'Name in Chinese.';
COMMENT ON COLUMN gridmap.season.in_force IS 'Its days, [from, to).';
COMMENT ON COLUMN gridmap.season.document IS 'Document that sets it.';
COMMENT ON COLUMN gridmap.season.item IS 'Item of the document.';
COMMENT ON COLUMN gridmap.season.recorded_at IS 'When this row was written; judging never reads it.';
SELECT gridmap.watch('season');

CREATE TABLE gridmap.alert (
    alert_id text PRIMARY KEY CHECK (alert_id ~ '^[a-z0-9_]+$'),
    level text NOT NULL CHECK (level IN ('blue', 'yellow', 'orange', 'red')),
    in_force daterange NOT NULL CHECK (NOT isempty(in_force) AND NOT lower_inf(in_force)),
    document text NOT NULL,
    is_demo boolean NOT NULL DEFAULT false,
    recorded_at timestamptz NOT NULL DEFAULT gridmap.instant()
);
COMMENT ON TABLE gridmap.alert IS 'Heavy-pollution alerts of the city.';
COMMENT ON COLUMN gridmap.alert.alert_id IS 'Key.';
COMMENT ON COLUMN gridmap.alert.level IS 'blue, yellow, orange or red.';
COMMENT ON COLUMN gridmap.alert.in_force IS 'Days on which it held, [from, to).';
COMMENT ON COLUMN gridmap.alert.document IS 'Where the alert is known from.';
COMMENT ON COLUMN gridmap.alert.is_demo IS 'True when it was made up for the demo city.';
COMMENT ON COLUMN gridmap.alert.recorded_at IS 'When this row was written; judging never reads it.';
SELECT gridmap.watch('alert');

CREATE TABLE gridmap.permit (
    permit_id text PRIMARY KEY CHECK (permit_id ~ '^[A-Za-z0-9._-]+$'),
    site_id text REFERENCES gridmap.site (site_id) ON DELETE CASCADE,
    kind text NOT NULL CHECK (kind ~ '^[a-z_]+$'),
    issuer text NOT NULL,
    document text NOT NULL,
    covers text,
    in_force daterange NOT NULL CHECK (NOT isempty(in_force)),
    is_demo boolean NOT NULL DEFAULT false,
    recorded_at timestamptz NOT NULL DEFAULT gridmap.instant()
);
CREATE INDEX permit_site_idx ON gridmap.permit (site_id);
COMMENT ON TABLE gridmap.permit IS 'Permits, approvals and filed plans that lift or shape a duty.';
COMMENT ON COLUMN gridmap.permit.permit_id IS 'Key.';
COMMENT ON COLUMN gridmap.permit.site_id IS 'The site it is for.';
COMMENT ON COLUMN gridmap.permit.kind IS 'What it permits: earthwork, load_filing, casting_approval, mining …';
COMMENT ON COLUMN gridmap.permit.issuer IS 'Authority, as an office (city_government, provincial_government …).';
COMMENT ON COLUMN gridmap.permit.document IS 'The document.';
COMMENT ON COLUMN gridmap.permit.covers IS 'The works it names.';
COMMENT ON COLUMN gridmap.permit.in_force IS 'Days for which it holds, [from, to).';
COMMENT ON COLUMN gridmap.permit.is_demo IS 'True when it was made up for the demo city.';
COMMENT ON COLUMN gridmap.permit.recorded_at IS 'When this row was written; judging never reads it.';
SELECT gridmap.watch('permit');

CREATE TABLE gridmap.inspection (
    inspection_id text PRIMARY KEY CHECK (inspection_id ~ '^[A-Za-z0-9._-]+$'),
    site_id text NOT NULL REFERENCES gridmap.site (site_id) ON DELETE CASCADE,
    inspected_on date NOT NULL,
    kind text NOT NULL DEFAULT 'regular' CHECK (kind IN ('regular', 'random', 'off_hours', 'fuel_sample', 'emission_test')),
    post text NOT NULL,
    is_producing boolean,
    output_share_pct double precision CHECK (output_share_pct BETWEEN 0 AND 1000),
    does_earthwork boolean,
    does_demolition boolean,
    mixes_on_site boolean,
    note text,
    is_demo boolean NOT NULL DEFAULT false,
    recorded_at timestamptz NOT NULL DEFAULT gridmap.instant()
);
CREATE INDEX inspection_site_idx ON gridmap.inspection (site_id, inspected_on);
COMMENT ON TABLE gridmap.inspection IS 'What an inspector saw at a site on a day. NULL: not looked at.';
COMMENT ON COLUMN gridmap.inspection.inspection_id IS 'Key.';
COMMENT ON COLUMN gridmap.inspection.site_id IS 'The site.';
COMMENT ON COLUMN gridmap.inspection.inspected_on IS 'The day.';
COMMENT ON COLUMN gridmap.inspection.kind IS 'regular, random 双随机, off_hours, fuel_sample or emission_test.';
COMMENT ON COLUMN gridmap.inspection.post IS 'Post of the inspector, never a name.';
COMMENT ON COLUMN gridmap.inspection.is_producing IS 'Production was under way.';
COMMENT ON COLUMN gridmap.inspection.output_share_pct IS 'Share of capacity in use, per cent, in the measure of the trade.';
COMMENT ON COLUMN gridmap.inspection.does_earthwork IS 'Earthwork was under way.';
COMMENT ON COLUMN gridmap.inspection.does_demolition IS 'Demolition was under way.';
COMMENT ON COLUMN gridmap.inspection.mixes_on_site IS 'Concrete or mortar was mixed on the site.';
COMMENT ON COLUMN gridmap.inspection.note IS 'Anything else, in Chinese.';
COMMENT ON COLUMN gridmap.inspection.is_demo IS 'True when it was made up for the demo city.';
COMMENT ON COLUMN gridmap.inspection.recorded_at IS 'When this row was written; judging never reads it.';
SELECT gridmap.watch('inspection');

CREATE TABLE gridmap.observation (
    observation_id bigint GENERATED ALWAYS AS IDENTITY,
    subject_kind text NOT NULL CHECK (subject_kind IN ('site', 'station', 'road', 'county')),
    subject_id text NOT NULL,
    parameter text NOT NULL CHECK (parameter ~ '^[a-z0-9_]+$'),
    value double precision NOT NULL CHECK (value > '-Infinity' AND value < 'Infinity'),
    unit text NOT NULL,
    observed_on date NOT NULL,
    period text NOT NULL CHECK (period IN ('hour', 'day', 'month', 'year', 'instant')),
    is_demo boolean NOT NULL DEFAULT false,
    source text NOT NULL,
    recorded_at timestamptz NOT NULL DEFAULT gridmap.instant(),
    PRIMARY KEY (observation_id, observed_on)
) PARTITION BY RANGE (observed_on);
CREATE TABLE gridmap.observation_default PARTITION OF gridmap.observation DEFAULT;
CREATE INDEX observation_subject_idx ON gridmap.observation (subject_kind, subject_id, parameter, observed_on);
COMMENT ON TABLE gridmap.observation IS 'Measured values of sites, stations, roads and counties. Partitioned by day; months get a partition when they are loaded.';
COMMENT ON COLUMN gridmap.observation.observation_id IS 'Key.';
COMMENT ON COLUMN gridmap.observation.subject_kind IS 'What was measured.';
COMMENT ON COLUMN gridmap.observation.subject_id IS 'Its identifier.';
COMMENT ON COLUMN gridmap.observation.parameter IS 'What of it: so2, nox, dust, valid_transmission_pct, dustfall, wind_force …';
COMMENT ON COLUMN gridmap.observation.value IS 'The value, in its unit.';
COMMENT ON COLUMN gridmap.observation.unit IS 'Unit (mg/m3, t/km2, %, g/m2, force).';
COMMENT ON COLUMN gridmap.observation.observed_on IS 'The day, or the first day of the period.';
COMMENT ON COLUMN gridmap.observation.period IS 'hour, day, month, year or instant.';
COMMENT ON COLUMN gridmap.observation.is_demo IS 'True when it was made up for the demo city.';
COMMENT ON COLUMN gridmap.observation.source IS 'Where it comes from.';
COMMENT ON COLUMN gridmap.observation.recorded_at IS 'When this row was written; judging never reads it.';
COMMENT ON TABLE gridmap.observation_default IS 'Observations of months without a partition of their own.';
DO $$
DECLARE
    missing record;
BEGIN
    FOR missing IN
        SELECT a.attname, col_description('gridmap.observation'::regclass, a.attnum) AS wording
        FROM pg_attribute AS a
        WHERE a.attrelid = 'gridmap.observation_default'::regclass AND a.attnum > 0
    LOOP
        EXECUTE format('COMMENT ON COLUMN gridmap.observation_default.%I IS %L', missing.attname, missing.wording);
    END LOOP;
END
$$;
SELECT gridmap.watch('observation');

CREATE TABLE gridmap.patrol (
    patrol_id text PRIMARY KEY CHECK (patrol_id ~ '^[A-Za-z0-9._-]+$'),
    kind text NOT NULL CHECK (kind IN ('road', 'machine', 'cell')),
    county_code text NOT NULL CHECK (county_code ~ '^[0-9]{6}$'),
    cell_key bigint,
    patrolled_on date NOT NULL,
    post text NOT NULL,
    is_demo boolean NOT NULL DEFAULT false,
    recorded_at timestamptz NOT NULL DEFAULT gridmap.instant()
);
CREATE INDEX patrol_cell_idx ON gridmap.patrol (cell_key, patrolled_on);
COMMENT ON TABLE gridmap.patrol IS 'Patrols: of the roads of a square, of machines in a county, of a cell.';
COMMENT ON COLUMN gridmap.patrol.patrol_id IS 'Key.';
COMMENT ON COLUMN gridmap.patrol.kind IS 'road, machine or cell.';
COMMENT ON COLUMN gridmap.patrol.county_code IS 'County in which it went.';
COMMENT ON COLUMN gridmap.patrol.cell_key IS 'The 1 km square, for patrols of roads.';
COMMENT ON COLUMN gridmap.patrol.patrolled_on IS 'The day.';
COMMENT ON COLUMN gridmap.patrol.post IS 'Post of the patroller, never a name.';
COMMENT ON COLUMN gridmap.patrol.is_demo IS 'True when it was made up for the demo city.';
COMMENT ON COLUMN gridmap.patrol.recorded_at IS 'When this row was written; judging never reads it.';
SELECT gridmap.watch('patrol');

CREATE TABLE gridmap.case_file (
    case_id text PRIMARY KEY CHECK (case_id ~ '^[A-Za-z0-9._-]+$'),
    county_code text NOT NULL CHECK (county_code ~ '^[0-9]{6}$'),
    site_id text REFERENCES gridmap.site (site_id) ON DELETE SET NULL,
    source text NOT NULL CHECK (source IN ('finding', 'inspection', 'hand_over', 'citizen', 'rectification')),
    title text NOT NULL,
    document text,
    item text,
    filed_on date NOT NULL,
    due_on date,
    closed_on date,
    is_demo boolean NOT NULL DEFAULT false,
    recorded_at timestamptz NOT NULL DEFAULT gridmap.instant(),
    CONSTRAINT case_file_closes_after_filing CHECK (closed_on IS NULL OR closed_on >= filed_on)
);
CREATE INDEX case_file_site_idx ON gridmap.case_file (site_id);
COMMENT ON TABLE gridmap.case_file IS 'Cases (督办件), in the shape that judging needs; their steps come with the inspectors'' work.';
COMMENT ON COLUMN gridmap.case_file.case_id IS 'Key.';
COMMENT ON COLUMN gridmap.case_file.county_code IS 'County that answers for it.';
COMMENT ON COLUMN gridmap.case_file.site_id IS 'The site, where it is about one.';
COMMENT ON COLUMN gridmap.case_file.source IS 'What it started from.';
COMMENT ON COLUMN gridmap.case_file.title IS 'What it is about, in Chinese.';
COMMENT ON COLUMN gridmap.case_file.document IS 'Document, for items of a rectification plan.';
COMMENT ON COLUMN gridmap.case_file.item IS 'Item of that document.';
COMMENT ON COLUMN gridmap.case_file.filed_on IS 'Day it was filed.';
COMMENT ON COLUMN gridmap.case_file.due_on IS 'Last day to finish; NULL where the document sets none.';
COMMENT ON COLUMN gridmap.case_file.closed_on IS 'Day it was closed out (销号).';
COMMENT ON COLUMN gridmap.case_file.is_demo IS 'True when it was made up for the demo city.';
COMMENT ON COLUMN gridmap.case_file.recorded_at IS 'When this row was written; judging never reads it.';
SELECT gridmap.watch('case_file');

CREATE VIEW snapshot.season WITH (security_invoker = true) AS
SELECT s.season_id, s.kind, s.name, s.in_force, lower(s.in_force) AS begins_on, upper(s.in_force) - 1 AS ends_on, s.document, s.item
FROM gridmap.season AS s
WHERE lower(s.in_force) <= snapshot.as_of();
COMMENT ON VIEW snapshot.season IS 'Seasons that have begun; ends_on is the last day.';
COMMENT ON COLUMN snapshot.season.begins_on IS 'First day.';
COMMENT ON COLUMN snapshot.season.ends_on IS 'Last day.';

CREATE VIEW snapshot.alert WITH (security_invoker = true) AS
SELECT a.alert_id, a.level, a.in_force, lower(a.in_force) AS begins_on, upper(a.in_force) - 1 AS ends_on, a.document, a.is_demo
FROM gridmap.alert AS a
WHERE lower(a.in_force) <= snapshot.as_of();
COMMENT ON VIEW snapshot.alert IS 'Alerts that have begun; ends_on is the last day, NULL while nobody lifted it.';
COMMENT ON COLUMN snapshot.alert.begins_on IS 'First day.';
COMMENT ON COLUMN snapshot.alert.ends_on IS 'Last day.';

CREATE VIEW snapshot.permit WITH (security_invoker = true) AS
SELECT p.permit_id, p.site_id, p.kind, p.issuer, p.document, p.covers, lower(p.in_force) AS begins_on, upper(p.in_force) - 1 AS ends_on, p.is_demo
FROM gridmap.permit AS p
WHERE coalesce(lower(p.in_force), '-infinity'::date) <= snapshot.as_of();
COMMENT ON VIEW snapshot.permit IS 'Permits whose first day has come; ends_on is the last day, NULL when it sets none.';
COMMENT ON COLUMN snapshot.permit.begins_on IS 'First day.';
COMMENT ON COLUMN snapshot.permit.ends_on IS 'Last day.';

CREATE VIEW snapshot.inspection WITH (security_invoker = true) AS
SELECT
    i.inspection_id, s.county_code, i.site_id, i.inspected_on, i.kind, i.post, i.is_producing, i.output_share_pct,
    i.does_earthwork, i.does_demolition, i.mixes_on_site, i.note, i.is_demo
FROM gridmap.inspection AS i
INNER JOIN snapshot.site AS s ON s.site_id = i.site_id
WHERE i.inspected_on <= snapshot.as_of();
COMMENT ON VIEW snapshot.inspection IS 'Inspections up to that day, of sites being judged.';

CREATE VIEW snapshot.observation WITH (security_invoker = true) AS
SELECT o.observation_id, o.subject_kind, o.subject_id, o.parameter, o.value, o.unit, o.observed_on, o.period, o.is_demo, o.source
FROM gridmap.observation AS o
WHERE o.observed_on <= snapshot.as_of();
COMMENT ON VIEW snapshot.observation IS 'Observations up to that day.';

CREATE VIEW snapshot.patrol WITH (security_invoker = true) AS
SELECT p.patrol_id, p.kind, p.county_code, p.cell_key, p.patrolled_on, p.post, p.is_demo
FROM gridmap.patrol AS p
WHERE p.patrolled_on <= snapshot.as_of();
COMMENT ON VIEW snapshot.patrol IS 'Patrols up to that day.';

CREATE VIEW snapshot.case_file WITH (security_invoker = true) AS
SELECT
    c.case_id, c.county_code, c.site_id, c.source, c.title, c.document, c.item, c.filed_on, c.due_on,
    CASE WHEN c.closed_on <= snapshot.as_of() THEN c.closed_on END AS closed_on, c.is_demo
FROM gridmap.case_file AS c
WHERE c.filed_on <= snapshot.as_of()
    AND (snapshot.counties() IS NULL OR c.county_code = ANY(snapshot.counties()));
COMMENT ON VIEW snapshot.case_file IS 'Cases filed by that day; closed_on only when it was closed by then.';

CREATE FUNCTION gridmap.describe_views() RETURNS void
LANGUAGE plpgsql
AS $$
DECLARE
    missing record;
BEGIN
    FOR missing IN
        SELECT c.relname, a.attname, (
            SELECT d.description FROM pg_description AS d
            JOIN pg_class AS b ON b.oid = d.objoid AND b.relnamespace = 'gridmap'::regnamespace
            JOIN pg_attribute AS ba ON ba.attrelid = b.oid AND ba.attnum = d.objsubid AND ba.attname = a.attname
            WHERE d.classoid = 'pg_class'::regclass
            ORDER BY b.relname = replace(c.relname, '_all', '') DESC, b.relname = 'site' DESC, b.relname
            LIMIT 1) AS wording
        FROM pg_class AS c
        JOIN pg_attribute AS a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
        WHERE c.relnamespace = 'snapshot'::regnamespace AND c.relkind = 'v'
            AND col_description(c.oid, a.attnum) IS NULL
    LOOP
        EXECUTE format('COMMENT ON COLUMN snapshot.%I.%I IS %L', missing.relname, missing.attname, missing.wording);
    END LOOP;
END
$$;
COMMENT ON FUNCTION gridmap.describe_views() IS 'Gives each undescribed column of a snapshot view the words of the table column of its name; for migrations.';
SELECT gridmap.describe_views();
