-- Measured values come in by file: each is known by its subject, parameter, day, period, hour and measuring point, so that
-- the same file brings nothing twice. A month is given its partition when it is loaded, as 0009 promised.

ALTER TABLE gridmap.observation
ADD COLUMN hour smallint NOT NULL DEFAULT 0 CHECK (hour BETWEEN 0 AND 24),
ADD COLUMN measuring_point text NOT NULL DEFAULT '',
ADD COLUMN is_below_limit boolean NOT NULL DEFAULT false,
ADD CONSTRAINT observation_hour_of_hours CHECK (hour = 0 OR period IN ('hour', 'instant'));
COMMENT ON COLUMN gridmap.observation.hour IS 'The hour of the day that ends then, 1 to 24, as HJ 663 counts: 0:00 is the 24th of the day before. 0: of no hour.';
COMMENT ON COLUMN gridmap.observation.measuring_point IS 'Which of several measuring points of the subject; empty where there is one.';
COMMENT ON COLUMN gridmap.observation.is_below_limit IS 'True: less than `value` was there, the limit of detection.';
COMMENT ON COLUMN gridmap.observation_default.hour IS 'The hour of the day that ends then, 1 to 24; 0: of no hour.';
COMMENT ON COLUMN gridmap.observation_default.measuring_point IS 'Which of several measuring points of the subject; empty where there is one.';
COMMENT ON COLUMN gridmap.observation_default.is_below_limit IS 'True: less than `value` was there, the limit of detection.';

-- several points of a county were told apart by nothing so far
UPDATE gridmap.observation AS o
SET measuring_point = '测点' || n.place
FROM (
    SELECT
        a.observation_id,
        row_number() OVER w AS place,
        count(*) OVER (PARTITION BY a.subject_kind, a.subject_id, a.parameter, a.observed_on, a.period) AS points
    FROM gridmap.observation AS a
    WINDOW w AS (
        PARTITION BY a.subject_kind, a.subject_id, a.parameter, a.observed_on, a.period ORDER BY a.observation_id
    )
) AS n
WHERE n.observation_id = o.observation_id AND n.points > 1;

DROP INDEX gridmap.observation_subject_idx;
CREATE UNIQUE INDEX observation_once_idx ON gridmap.observation (
    subject_kind, subject_id, parameter, observed_on, period, hour, measuring_point
);
-- pages of the table are in this order
CREATE INDEX observation_text_idx ON gridmap.observation ((observation_id::text));

CREATE OR REPLACE VIEW snapshot.observation WITH (security_invoker = true) AS
SELECT
    o.observation_id, o.subject_kind, o.subject_id, o.parameter, o.value, o.unit, o.observed_on, o.period, o.is_demo, o.source,
    o.hour, o.measuring_point, o.is_below_limit
FROM gridmap.observation AS o
WHERE o.observed_on <= snapshot.as_of();
COMMENT ON VIEW snapshot.observation IS 'Observations up to that day.';

-- a closed site's values stay its own
CREATE VIEW snapshot.measured_value WITH (security_invoker = true) AS
SELECT
    o.observation_id, coalesce(s.name, t.name, r.name, c.name, o.subject_id) AS name,
    coalesce(s.county_code, t.county_code, r.county_code, c.code) AS county_code,
    o.subject_kind, o.subject_id, o.parameter, o.value, o.unit, o.is_below_limit, o.observed_on,
    o.period, nullif(o.hour, 0)::integer AS hour, nullif(o.measuring_point, '') AS measuring_point, o.is_demo, o.source
FROM gridmap.observation AS o
LEFT JOIN gridmap.site AS s ON o.subject_kind = 'site' AND s.site_id = o.subject_id
LEFT JOIN gridmap.station AS t ON o.subject_kind = 'station' AND t.station_code = o.subject_id
LEFT JOIN gridmap.road AS r ON o.subject_kind = 'road' AND r.road_id = o.subject_id
LEFT JOIN gridmap.region AS c
    ON o.subject_kind = 'county' AND c.code = o.subject_id AND c.level = 'county' AND c.in_force @> snapshot.as_of()
WHERE o.observed_on <= snapshot.as_of();
COMMENT ON VIEW snapshot.measured_value IS 'Observations up to that day with name and county of what was measured.';
COMMENT ON COLUMN snapshot.measured_value.name IS 'Name of what was measured, else its identifier.';
COMMENT ON COLUMN snapshot.measured_value.county_code IS 'County of what was measured.';
SELECT gridmap.describe_views();

CREATE FUNCTION gridmap.make_month(table_name text, a_day date) RETURNS boolean
LANGUAGE plpgsql
SET search_path = ''
AS $$
DECLARE
    first_day date := date_trunc('month', a_day::timestamp)::date;
    next_first date := (date_trunc('month', a_day::timestamp) + interval '1 month')::date;
    part text := table_name || '_' || to_char(first_day, 'YYYYMM');
    key text := (SELECT a.attname FROM pg_catalog.pg_partitioned_table AS p
        INNER JOIN pg_catalog.pg_attribute AS a ON a.attrelid = p.partrelid AND a.attnum = p.partattrs[0]
        WHERE p.partrelid = format('gridmap.%I', table_name)::regclass);
BEGIN
    IF to_regclass(format('gridmap.%I', part)) IS NOT NULL THEN
        RETURN false;
    END IF;
    EXECUTE format('CREATE TABLE gridmap.%I (LIKE gridmap.%I INCLUDING DEFAULTS INCLUDING CONSTRAINTS INCLUDING COMMENTS)', part, table_name);
    EXECUTE format('COMMENT ON TABLE gridmap.%I IS %L', part, 'Rows of ' || table_name || ' of the month from ' || first_day || '.');
    -- what came before the month had its own place: nothing changes but where it lies
    EXECUTE format(
        'WITH moved AS (DELETE FROM gridmap.%I WHERE %I >= %L AND %I < %L RETURNING *) INSERT INTO gridmap.%I SELECT * FROM moved',
        table_name || '_default', key, first_day, key, next_first, part);
    EXECUTE format('ALTER TABLE gridmap.%I ATTACH PARTITION gridmap.%I FOR VALUES FROM (%L) TO (%L)', table_name, part, first_day, next_first);
    -- read through the table alone, whose policy counts
    PERFORM gridmap.keep_to_area(part, 'false');
    RETURN true;
END
$$;
COMMENT ON FUNCTION gridmap.make_month(text, date) IS 'Gives the month of a day a partition of its own, with what the default partition holds of it; false when it has one.';
