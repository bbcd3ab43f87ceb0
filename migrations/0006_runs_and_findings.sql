-- What was judged, when, and what came of it: living findings follow today, reports on other days stand beside them.

CREATE TABLE gridmap.run (
    run_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    kind text NOT NULL CHECK (kind IN ('living', 'report')),
    as_of date NOT NULL,
    today date NOT NULL,
    draft_zone_id bigint,
    counties text[],
    rules text[],
    engine text NOT NULL,
    software text NOT NULL,
    data_version bigint NOT NULL,
    status text NOT NULL DEFAULT 'running' CHECK (status IN ('running', 'complete', 'incomplete')),
    started_at timestamptz NOT NULL DEFAULT gridmap.instant(),
    finished_at timestamptz
);
CREATE INDEX run_report_idx ON gridmap.run (as_of, run_id DESC) WHERE kind = 'report';
COMMENT ON TABLE gridmap.run IS 'One audit.';
COMMENT ON COLUMN gridmap.run.run_id IS 'Key.';
COMMENT ON COLUMN gridmap.run.kind IS 'living: moved the living findings; report: another day or a draft, moving nothing.';
COMMENT ON COLUMN gridmap.run.as_of IS 'The day that was judged.';
COMMENT ON COLUMN gridmap.run.today IS 'The day the platform stood on.';
COMMENT ON COLUMN gridmap.run.draft_zone_id IS 'The draft that was judged as law.';
COMMENT ON COLUMN gridmap.run.counties IS 'Counties judged; NULL for all.';
COMMENT ON COLUMN gridmap.run.rules IS 'Rules judged; NULL for all.';
COMMENT ON COLUMN gridmap.run.engine IS 'Engine that evaluated the rules.';
COMMENT ON COLUMN gridmap.run.software IS 'Version of gridmap and digest of the rule texts.';
COMMENT ON COLUMN gridmap.run.data_version IS 'Sum of the data versions it was judged on.';
COMMENT ON COLUMN gridmap.run.status IS 'running, complete, or incomplete when a rule failed.';
COMMENT ON COLUMN gridmap.run.started_at IS 'Instant it began.';
COMMENT ON COLUMN gridmap.run.finished_at IS 'Instant it ended.';

CREATE TABLE gridmap.run_rule (
    run_id bigint NOT NULL REFERENCES gridmap.run ON DELETE CASCADE,
    rule_id text NOT NULL,
    status text NOT NULL CHECK (status IN ('complete', 'failed', 'not_yet')),
    error text,
    rule_digest text NOT NULL,
    zone_data_version bigint NOT NULL,
    duration_ms double precision NOT NULL,
    breach integer NOT NULL DEFAULT 0,
    near_boundary integer NOT NULL DEFAULT 0,
    report integer NOT NULL DEFAULT 0,
    opened integer NOT NULL DEFAULT 0,
    still_there integer NOT NULL DEFAULT 0,
    changed integer NOT NULL DEFAULT 0,
    gone integer NOT NULL DEFAULT 0,
    reopened integer NOT NULL DEFAULT 0,
    PRIMARY KEY (run_id, rule_id)
);
COMMENT ON TABLE gridmap.run_rule IS 'What one audit found by one rule.';
COMMENT ON COLUMN gridmap.run_rule.run_id IS 'The audit.';
COMMENT ON COLUMN gridmap.run_rule.rule_id IS 'The rule.';
COMMENT ON COLUMN gridmap.run_rule.status IS 'complete; failed: the last complete result stands; not_yet: the rule binds later than the day judged.';
COMMENT ON COLUMN gridmap.run_rule.error IS 'Why it failed.';
COMMENT ON COLUMN gridmap.run_rule.rule_digest IS 'Digest of the rule''s text: tells a finding that is gone because the rule changed.';
COMMENT ON COLUMN gridmap.run_rule.zone_data_version IS 'Data version of the zones: tells a finding that is gone because a zone changed.';
COMMENT ON COLUMN gridmap.run_rule.duration_ms IS 'Time of the evaluation, milliseconds.';
COMMENT ON COLUMN gridmap.run_rule.breach IS 'Findings that are breaches.';
COMMENT ON COLUMN gridmap.run_rule.near_boundary IS 'Findings too near a boundary to be called a breach.';
COMMENT ON COLUMN gridmap.run_rule.report IS 'Findings that only report.';
COMMENT ON COLUMN gridmap.run_rule.opened IS 'New findings.';
COMMENT ON COLUMN gridmap.run_rule.still_there IS 'Findings that were there already, unchanged.';
COMMENT ON COLUMN gridmap.run_rule.changed IS 'Findings whose facts changed.';
COMMENT ON COLUMN gridmap.run_rule.gone IS 'Findings that are gone.';
COMMENT ON COLUMN gridmap.run_rule.reopened IS 'Findings that came back.';

CREATE TABLE gridmap.finding (
    key text PRIMARY KEY CHECK (key ~ '^[0-9a-f]{32}$'),
    rule_id text NOT NULL,
    county_code text NOT NULL,
    feature_kind text NOT NULL,
    feature_id text NOT NULL,
    part text NOT NULL DEFAULT '',
    name text NOT NULL,
    certainty text NOT NULL CHECK (certainty IN ('breach', 'near_boundary', 'report')),
    severity text NOT NULL CHECK (severity IN ('high', 'medium', 'low')),
    status text NOT NULL CHECK (status IN ('open', 'accepted', 'gone')),
    gone_reason text CHECK (gone_reason IN ('cured', 'feature_removed', 'data_corrected', 'rule_changed', 'rule_retired', 'zone_changed')),
    facts jsonb NOT NULL,
    geom geometry(Geometry, 4490) CHECK (gridmap.is_sound(geom)),
    geom_3857 geometry(Geometry, 3857) GENERATED ALWAYS AS (ST_Transform(geom, 3857)) STORED,
    opened_on date NOT NULL,
    last_seen_on date NOT NULL,
    gone_on date,
    reopened_count integer NOT NULL DEFAULT 0,
    first_run_id bigint NOT NULL REFERENCES gridmap.run,
    last_run_id bigint NOT NULL REFERENCES gridmap.run,
    CONSTRAINT finding_gone_says_when CHECK ((status = 'gone') = (gone_on IS NOT NULL AND gone_reason IS NOT NULL))
);
CREATE INDEX finding_rule_idx ON gridmap.finding (rule_id, county_code);
CREATE INDEX finding_feature_idx ON gridmap.finding (feature_kind, feature_id);
CREATE INDEX finding_geom_3857_idx ON gridmap.finding USING gist (geom_3857);
COMMENT ON TABLE gridmap.finding IS 'Living findings: they follow today and keep their history.';
COMMENT ON COLUMN gridmap.finding.key IS 'Hash of rule, feature and part: the same finding keeps it for ever.';
COMMENT ON COLUMN gridmap.finding.rule_id IS 'Rule that found it.';
COMMENT ON COLUMN gridmap.finding.county_code IS 'County that answers for it.';
COMMENT ON COLUMN gridmap.finding.feature_kind IS 'What was judged: village, site, road, place_mention, gap.';
COMMENT ON COLUMN gridmap.finding.feature_id IS 'Identifier of what was judged.';
COMMENT ON COLUMN gridmap.finding.part IS 'Which part of it, where one feature may have several findings of a rule.';
COMMENT ON COLUMN gridmap.finding.name IS 'Name of what was judged.';
COMMENT ON COLUMN gridmap.finding.certainty IS 'breach, near_boundary or report: only a breach counts.';
COMMENT ON COLUMN gridmap.finding.severity IS 'high, medium or low, by the rule.';
COMMENT ON COLUMN gridmap.finding.status IS 'open, accepted or gone.';
COMMENT ON COLUMN gridmap.finding.gone_reason IS 'Why it is gone.';
COMMENT ON COLUMN gridmap.finding.facts IS 'The facts that the rule returned, by name.';
COMMENT ON COLUMN gridmap.finding.geom IS 'Where, EPSG:4490: the feature''s place, or the piece of land itself.';
COMMENT ON COLUMN gridmap.finding.geom_3857 IS 'Where, for tiles, EPSG:3857.';
COMMENT ON COLUMN gridmap.finding.opened_on IS 'Day it was first found.';
COMMENT ON COLUMN gridmap.finding.last_seen_on IS 'Last day a run found it.';
COMMENT ON COLUMN gridmap.finding.gone_on IS 'Day it was gone.';
COMMENT ON COLUMN gridmap.finding.reopened_count IS 'How often it came back.';
COMMENT ON COLUMN gridmap.finding.first_run_id IS 'Run that opened it.';
COMMENT ON COLUMN gridmap.finding.last_run_id IS 'Run that last changed it.';
SELECT gridmap.watch('finding');

CREATE TABLE gridmap.finding_event (
    event_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    key text NOT NULL REFERENCES gridmap.finding,
    run_id bigint REFERENCES gridmap.run,
    event text NOT NULL CHECK (event IN ('opened', 'changed', 'gone', 'reopened', 'accepted', 'revoked')),
    reason text,
    on_day date NOT NULL,
    facts jsonb,
    recorded_at timestamptz NOT NULL DEFAULT gridmap.instant()
);
CREATE INDEX finding_event_key_idx ON gridmap.finding_event (key, event_id);
COMMENT ON TABLE gridmap.finding_event IS 'History of the living findings.';
COMMENT ON COLUMN gridmap.finding_event.event_id IS 'Key, in the order of events.';
COMMENT ON COLUMN gridmap.finding_event.key IS 'The finding.';
COMMENT ON COLUMN gridmap.finding_event.run_id IS 'The run that caused it, if one did.';
COMMENT ON COLUMN gridmap.finding_event.event IS 'What happened.';
COMMENT ON COLUMN gridmap.finding_event.reason IS 'Why.';
COMMENT ON COLUMN gridmap.finding_event.on_day IS 'Day it happened.';
COMMENT ON COLUMN gridmap.finding_event.facts IS 'The facts at that moment.';
COMMENT ON COLUMN gridmap.finding_event.recorded_at IS 'When this row was written.';

CREATE TABLE gridmap.run_finding (
    run_id bigint NOT NULL REFERENCES gridmap.run ON DELETE CASCADE,
    key text NOT NULL CHECK (key ~ '^[0-9a-f]{32}$'),
    rule_id text NOT NULL,
    county_code text NOT NULL,
    feature_kind text NOT NULL,
    feature_id text NOT NULL,
    part text NOT NULL DEFAULT '',
    name text NOT NULL,
    certainty text NOT NULL CHECK (certainty IN ('breach', 'near_boundary', 'report')),
    severity text NOT NULL CHECK (severity IN ('high', 'medium', 'low')),
    facts jsonb NOT NULL,
    geom geometry(Geometry, 4490) CHECK (gridmap.is_sound(geom)),
    geom_3857 geometry(Geometry, 3857) GENERATED ALWAYS AS (ST_Transform(geom, 3857)) STORED,
    PRIMARY KEY (run_id, key)
);
CREATE INDEX run_finding_geom_3857_idx ON gridmap.run_finding USING gist (geom_3857);
COMMENT ON TABLE gridmap.run_finding IS 'Findings of a report: another day, or a draft. They open, close and reopen nothing.';
COMMENT ON COLUMN gridmap.run_finding.run_id IS 'The report.';
COMMENT ON COLUMN gridmap.run_finding.key IS 'The same key that a living finding of the same rule, feature and part has.';
COMMENT ON COLUMN gridmap.run_finding.rule_id IS 'Rule that found it.';
COMMENT ON COLUMN gridmap.run_finding.county_code IS 'County that answers for it.';
COMMENT ON COLUMN gridmap.run_finding.feature_kind IS 'What was judged.';
COMMENT ON COLUMN gridmap.run_finding.feature_id IS 'Identifier of what was judged.';
COMMENT ON COLUMN gridmap.run_finding.part IS 'Which part of it.';
COMMENT ON COLUMN gridmap.run_finding.name IS 'Name of what was judged.';
COMMENT ON COLUMN gridmap.run_finding.certainty IS 'breach, near_boundary or report.';
COMMENT ON COLUMN gridmap.run_finding.severity IS 'high, medium or low, by the rule.';
COMMENT ON COLUMN gridmap.run_finding.facts IS 'The facts that the rule returned.';
COMMENT ON COLUMN gridmap.run_finding.geom IS 'Where, EPSG:4490.';
COMMENT ON COLUMN gridmap.run_finding.geom_3857 IS 'Where, for tiles, EPSG:3857.';
