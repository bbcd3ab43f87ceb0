-- A finding may be accepted as an exception, for stated reasons and only as long as the facts stay what they were;
-- and a run that was killed midway must never pass for a whole one.

ALTER TABLE gridmap.finding
    ADD COLUMN accepted_reason text CHECK (accepted_reason <> ''),
    ADD COLUMN accepted_document text CHECK (accepted_document <> ''),
    ADD COLUMN accepted_by text CHECK (accepted_by <> ''),
    ADD COLUMN accepted_on date,
    ADD COLUMN accepted_until date,
    ADD COLUMN accepted_material text,
    ADD CONSTRAINT finding_exception_is_whole CHECK (
        num_nonnulls(
            accepted_reason, accepted_document, accepted_by, accepted_on, accepted_until, accepted_material
        ) IN (0, 6)
    ),
    ADD CONSTRAINT finding_accepted_says_why CHECK (status <> 'accepted' OR accepted_reason IS NOT NULL),
    ADD CONSTRAINT finding_exception_ends_after_it_begins CHECK (accepted_until >= accepted_on);
COMMENT ON COLUMN gridmap.finding.accepted_reason IS 'Why it is accepted as an exception. Kept while the finding is gone, so that it can resume.';
COMMENT ON COLUMN gridmap.finding.accepted_document IS 'Document that the exception rests on.';
COMMENT ON COLUMN gridmap.finding.accepted_by IS 'Post that accepted it, never a name.';
COMMENT ON COLUMN gridmap.finding.accepted_on IS 'Day it was accepted.';
COMMENT ON COLUMN gridmap.finding.accepted_until IS 'Last day of the exception.';
COMMENT ON COLUMN gridmap.finding.accepted_material IS 'The facts that matter as they were then: when they change, the exception lapses.';

-- only cured -> open is resurgence (死灰复燃); the other ways back are told apart in finding_event.reason
ALTER TABLE gridmap.finding ADD COLUMN resurgence_count integer NOT NULL DEFAULT 0;
COMMENT ON COLUMN gridmap.finding.resurgence_count IS 'How often it came back after it had been cured.';

ALTER TABLE gridmap.run DROP CONSTRAINT run_status_check;
ALTER TABLE gridmap.run ADD CONSTRAINT run_status_check
    CHECK (status IN ('running', 'complete', 'incomplete', 'interrupted'));
COMMENT ON COLUMN gridmap.run.status IS 'running, complete, incomplete when a rule failed, interrupted when it never ended.';

CREATE OR REPLACE VIEW snapshot.finding WITH (security_invoker = true) AS
SELECT
    f.key, f.rule_id, f.county_code, f.feature_kind, f.feature_id, f.part, f.name, f.certainty, f.severity,
    f.status, f.facts, f.geom, f.geom_3857, f.opened_on, f.last_run_id AS run_id
FROM gridmap.finding AS f
WHERE snapshot.as_of() = gridmap.today() AND snapshot.draft() IS NULL AND f.status <> 'gone'
UNION ALL
SELECT
    r.key, r.rule_id, r.county_code, r.feature_kind, r.feature_id, r.part, r.name, r.certainty, r.severity,
    'open' AS status, r.facts, r.geom, r.geom_3857, NULL AS opened_on, r.run_id
FROM gridmap.run_finding AS r
WHERE r.run_id = (
    SELECT max(u.run_id) FROM gridmap.run AS u
    WHERE u.kind = 'report' AND u.as_of = snapshot.as_of() AND u.status IN ('complete', 'incomplete')
        AND u.counties IS NULL AND u.rules IS NULL AND u.draft_zone_id IS NOT DISTINCT FROM snapshot.draft()
) AND NOT (snapshot.as_of() = gridmap.today() AND snapshot.draft() IS NULL);
