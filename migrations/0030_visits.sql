-- A visit is an inspection as an inspector tells it from the spot: when, where, item by item, with photos and a
-- signature. It comes from a phone that may send it twice, and the site may be gone when it comes: the record stays.

ALTER TABLE gridmap.inspection
DROP CONSTRAINT inspection_site_id_fkey,
ALTER COLUMN site_id DROP NOT NULL,
ADD CONSTRAINT inspection_site_id_fkey FOREIGN KEY (site_id) REFERENCES gridmap.site (site_id) ON DELETE SET NULL,
ADD COLUMN entry_key uuid UNIQUE,
ADD COLUMN visited_site_id text,
ADD COLUMN site_name text CHECK (site_name <> ''),
ADD COLUMN county_code text CHECK (county_code ~ '^[0-9]{6}$'),
ADD COLUMN account_id bigint,
ADD COLUMN checklist text CHECK (checklist ~ '^[a-z_]+$'),
ADD COLUMN site_state text CHECK (site_state IN ('there', 'closed', 'removed')),
ADD COLUMN began_at timestamptz,
ADD COLUMN ended_at timestamptz,
ADD COLUMN received_at timestamptz,
ADD COLUMN clock_skew_s double precision,
ADD COLUMN geom geometry(Point, 4490) CHECK (gridmap.is_sound(geom)),
ADD COLUMN accuracy_m double precision CHECK (accuracy_m >= 0 AND accuracy_m < 200000),
ADD COLUMN distance_m double precision CHECK (distance_m >= 0 AND distance_m < 3e7),
ADD COLUMN place_state text CHECK (place_state IN ('near', 'far', 'vague', 'outside_city', 'unknown')),
ADD COLUMN outcome text CHECK (outcome IN ('nothing_to_object', 'objections', 'nothing_seen')),
ADD COLUMN signed_how text CHECK (signed_how IN ('drawn', 'typed')),
ADD COLUMN signed_as text CHECK (signed_as <> '' AND length(signed_as) <= 60),
ADD COLUMN is_settled boolean NOT NULL DEFAULT true,
ADD CONSTRAINT inspection_ends_after_it_began CHECK (ended_at >= began_at),
ADD CONSTRAINT inspection_told_from_the_spot_is_whole CHECK (
    entry_key IS NULL OR (
        visited_site_id IS NOT NULL AND site_name IS NOT NULL AND county_code IS NOT NULL AND account_id IS NOT NULL
        AND checklist IS NOT NULL AND site_state IS NOT NULL AND began_at IS NOT NULL AND ended_at IS NOT NULL
        AND received_at IS NOT NULL AND place_state IS NOT NULL AND outcome IS NOT NULL AND signed_how IS NOT NULL
        AND signed_as IS NOT NULL
    )
),
ADD CONSTRAINT inspection_near_or_far_has_a_place CHECK (
    place_state NOT IN ('near', 'far', 'vague') OR (geom IS NOT NULL AND accuracy_m IS NOT NULL)
);
UPDATE gridmap.inspection AS i SET visited_site_id = s.site_id, site_name = s.name, county_code = s.county_code
FROM gridmap.site AS s WHERE s.site_id = i.site_id;
CREATE INDEX inspection_day_idx ON gridmap.inspection (inspected_on DESC, inspection_id DESC);
CREATE INDEX inspection_unsettled_idx ON gridmap.inspection (inspection_id) WHERE NOT is_settled;
COMMENT ON COLUMN gridmap.inspection.inspection_id IS 'Key. Of a visit: its end and the phone''s key, so that of two on one day the later is the greater.';
COMMENT ON COLUMN gridmap.inspection.site_id IS 'The site; NULL once it is removed.';
COMMENT ON COLUMN gridmap.inspection.entry_key IS 'Key given by the phone: what is sent twice is kept once. NULL: not told as a visit.';
COMMENT ON COLUMN gridmap.inspection.visited_site_id IS 'Identifier of the site as it was visited; it stays when the site is removed.';
COMMENT ON COLUMN gridmap.inspection.site_name IS 'Name of the site as it was visited.';
COMMENT ON COLUMN gridmap.inspection.county_code IS 'County of the site as it was visited.';
COMMENT ON COLUMN gridmap.inspection.account_id IS 'Account that told of it. No reference: the record outlives the account.';
COMMENT ON COLUMN gridmap.inspection.checklist IS 'Kind of site whose list of items was asked.';
COMMENT ON COLUMN gridmap.inspection.site_state IS 'The site when the visit arrived: there, closed by then, or removed.';
COMMENT ON COLUMN gridmap.inspection.began_at IS 'When the visit began, by the phone''s clock, put right by clock_skew_s.';
COMMENT ON COLUMN gridmap.inspection.ended_at IS 'When it ended, likewise.';
COMMENT ON COLUMN gridmap.inspection.received_at IS 'When it arrived.';
COMMENT ON COLUMN gridmap.inspection.clock_skew_s IS 'How far the phone''s clock was ahead when it sent, seconds; small differences count as none.';
COMMENT ON COLUMN gridmap.inspection.geom IS 'Where the phone was, EPSG:4490; NULL without a position or outside the city.';
COMMENT ON COLUMN gridmap.inspection.accuracy_m IS 'How far off that may be by the phone''s own word, metres.';
COMMENT ON COLUMN gridmap.inspection.distance_m IS 'From there to the site, metres on the spheroid; NULL when either is unknown.';
COMMENT ON COLUMN gridmap.inspection.place_state IS 'near the site, far from it, vague (an error of kilometres), outside_city, or unknown without a position.';
COMMENT ON COLUMN gridmap.inspection.outcome IS 'nothing_to_object, objections, or nothing_seen when no item could be looked at.';
COMMENT ON COLUMN gridmap.inspection.signed_how IS 'drawn with a finger, or typed.';
COMMENT ON COLUMN gridmap.inspection.signed_as IS 'Post that signed, never a person''s name.';
COMMENT ON COLUMN gridmap.inspection.is_settled IS 'The findings were judged again after it, and it is written beside those that it made, confirmed or disputed.';

CREATE FUNCTION gridmap.name_visited_site() RETURNS trigger
LANGUAGE plpgsql
SET search_path = ''
AS $$
BEGIN
    IF new.site_id IS NOT NULL AND new.visited_site_id IS NULL THEN
        SELECT s.site_id, s.name, s.county_code INTO new.visited_site_id, new.site_name, new.county_code
        FROM gridmap.site AS s WHERE s.site_id = new.site_id;
    END IF;
    RETURN new;
END
$$;
COMMENT ON FUNCTION gridmap.name_visited_site() IS 'Row trigger: an inspection keeps what its site was called, should the site be removed.';
CREATE TRIGGER inspection_names_its_site BEFORE INSERT ON gridmap.inspection
FOR EACH ROW EXECUTE FUNCTION gridmap.name_visited_site();

CREATE TABLE gridmap.inspection_item (
    inspection_id text NOT NULL REFERENCES gridmap.inspection (inspection_id) ON DELETE CASCADE,
    item text NOT NULL CHECK (item ~ '^[a-z][a-z0-9_]*$'),
    site_id text REFERENCES gridmap.site (site_id) ON DELETE SET NULL,
    number smallint NOT NULL CHECK (number >= 1),
    wording text NOT NULL CHECK (wording <> ''),
    wording_en text NOT NULL CHECK (wording_en <> ''),
    source text NOT NULL CHECK (source <> ''),
    rule_id text,
    part text,
    answer text NOT NULL CHECK (answer IN ('ok', 'failed', 'not_applicable', 'not_seen', 'measured')),
    value double precision CHECK (value > '-Infinity' AND value < 'Infinity'),
    unit text,
    field text CHECK (field ~ '^[a-z_]+\.[a-z0-9_]+$'),
    recorded text,
    seen text,
    told_by_rule boolean NOT NULL DEFAULT false,
    recorded_at timestamptz NOT NULL DEFAULT gridmap.instant(),
    PRIMARY KEY (inspection_id, item)
);
CREATE INDEX inspection_item_site_idx ON gridmap.inspection_item (site_id, item);
COMMENT ON TABLE gridmap.inspection_item IS 'What a visit said of each item of its checklist.';
COMMENT ON COLUMN gridmap.inspection_item.inspection_id IS 'The visit.';
COMMENT ON COLUMN gridmap.inspection_item.item IS 'The item, as gridmap/domain/checklists names it.';
COMMENT ON COLUMN gridmap.inspection_item.site_id IS 'The site of the visit; NULL once it is removed.';
COMMENT ON COLUMN gridmap.inspection_item.number IS 'Its place in the list, from 1.';
COMMENT ON COLUMN gridmap.inspection_item.wording IS 'What was asked, in Chinese: lists change, the record does not.';
COMMENT ON COLUMN gridmap.inspection_item.wording_en IS 'What was asked, in English.';
COMMENT ON COLUMN gridmap.inspection_item.source IS 'Document and item that ask it.';
COMMENT ON COLUMN gridmap.inspection_item.rule_id IS 'Rule whose finding a failed item makes or confirms.';
COMMENT ON COLUMN gridmap.inspection_item.part IS 'Part of that rule''s finding that the item is about; NULL: all.';
COMMENT ON COLUMN gridmap.inspection_item.answer IS 'ok, failed, not_applicable, not_seen, or measured: a number without a limit.';
COMMENT ON COLUMN gridmap.inspection_item.value IS 'The number that was measured or read, in its unit.';
COMMENT ON COLUMN gridmap.inspection_item.unit IS 'Unit of value.';
COMMENT ON COLUMN gridmap.inspection_item.field IS 'Table and column of the record that tell the same, if any.';
COMMENT ON COLUMN gridmap.inspection_item.recorded IS 'What the record said when the visit arrived; NULL: nothing.';
COMMENT ON COLUMN gridmap.inspection_item.seen IS 'What the answer means for that column: where it differs from recorded, a correction is proposed.';
COMMENT ON COLUMN gridmap.inspection_item.told_by_rule IS 'The item''s own rule has a finding of it or judges it: VISIT-01 need not.';
COMMENT ON COLUMN gridmap.inspection_item.recorded_at IS 'When this row was written; judging never reads it.';
SELECT gridmap.watch('inspection_item');
SELECT gridmap.follow_changes('inspection_item');

CREATE TABLE gridmap.inspection_photo (
    inspection_id text NOT NULL REFERENCES gridmap.inspection (inspection_id) ON DELETE CASCADE,
    number integer NOT NULL CHECK (number BETWEEN 1 AND 6),
    content bytea NOT NULL CHECK (octet_length(content) BETWEEN 1 AND 4194304),
    sha256 text NOT NULL CHECK (sha256 ~ '^[0-9a-f]{64}$'),
    width integer NOT NULL CHECK (width BETWEEN 1 AND 2048),
    height integer NOT NULL CHECK (height BETWEEN 1 AND 2048),
    taken_at timestamptz,
    taken geometry(Point, 4490) CHECK (gridmap.is_sound(taken)),
    PRIMARY KEY (inspection_id, number)
);
ALTER TABLE gridmap.inspection_photo ALTER COLUMN content SET STORAGE EXTERNAL; -- a JPEG cannot be compressed again
COMMENT ON TABLE gridmap.inspection_photo IS 'Photos of visits, drawn anew: nothing of the file that was sent is left but the picture.';
COMMENT ON COLUMN gridmap.inspection_photo.inspection_id IS 'The visit.';
COMMENT ON COLUMN gridmap.inspection_photo.number IS 'Its place among the visit''s photos, from 1.';
COMMENT ON COLUMN gridmap.inspection_photo.content IS 'JPEG without any note inside it, at most 2048 pixels a side.';
COMMENT ON COLUMN gridmap.inspection_photo.sha256 IS 'SHA-256 of content.';
COMMENT ON COLUMN gridmap.inspection_photo.width IS 'Pixels across.';
COMMENT ON COLUMN gridmap.inspection_photo.height IS 'Pixels down.';
COMMENT ON COLUMN gridmap.inspection_photo.taken_at IS 'When it was taken, as the camera noted; NULL where it did not.';
COMMENT ON COLUMN gridmap.inspection_photo.taken IS 'Where it was taken, as the camera noted, EPSG:4490; NULL where it did not or far from the city.';

CREATE TABLE gridmap.inspection_signature (
    inspection_id text PRIMARY KEY REFERENCES gridmap.inspection (inspection_id) ON DELETE CASCADE,
    content bytea NOT NULL CHECK (octet_length(content) BETWEEN 1 AND 262144),
    sha256 text NOT NULL CHECK (sha256 ~ '^[0-9a-f]{64}$'),
    width integer NOT NULL CHECK (width BETWEEN 1 AND 1200),
    height integer NOT NULL CHECK (height BETWEEN 1 AND 600)
);
COMMENT ON TABLE gridmap.inspection_signature IS 'Signatures drawn with a finger, drawn anew.';
COMMENT ON COLUMN gridmap.inspection_signature.inspection_id IS 'The visit.';
COMMENT ON COLUMN gridmap.inspection_signature.content IS 'PNG in shades of grey without any note inside it.';
COMMENT ON COLUMN gridmap.inspection_signature.sha256 IS 'SHA-256 of content.';
COMMENT ON COLUMN gridmap.inspection_signature.width IS 'Pixels across.';
COMMENT ON COLUMN gridmap.inspection_signature.height IS 'Pixels down.';

CREATE TABLE gridmap.stop_work (
    inspection_id text PRIMARY KEY REFERENCES gridmap.inspection (inspection_id) ON DELETE CASCADE,
    times integer NOT NULL CHECK (times >= 1),
    found_on date [] NOT NULL CHECK (cardinality(found_on) = times),
    step text NOT NULL CHECK (step IN ('one_week', 'one_month', 'three_months')),
    begins_on date NOT NULL,
    ends_on date NOT NULL,
    decision text CHECK (decision IN ('taken', 'declined')),
    decided_on date,
    decided_by text CHECK (decided_by <> ''),
    reason text CHECK (reason <> '' AND length(reason) <= 500),
    CONSTRAINT stop_work_ends_after_it_begins CHECK (ends_on > begins_on),
    CONSTRAINT stop_work_decision_says_who CHECK (
        (decision IS NULL) = (decided_on IS NULL) AND (decision IS NULL) = (decided_by IS NULL)
    ),
    CONSTRAINT stop_work_declined_says_why CHECK (decision IS DISTINCT FROM 'declined' OR reason IS NOT NULL)
);
COMMENT ON TABLE gridmap.stop_work IS 'Stops of work that a visit proposes by the ladder of 豫环攻坚办〔2017〕56号附件 三(四)6、7, and what became of the proposal.';
COMMENT ON COLUMN gridmap.stop_work.inspection_id IS 'The visit that proposes it.';
COMMENT ON COLUMN gridmap.stop_work.times IS 'For the how many-th time the site was found without its hundred percents.';
COMMENT ON COLUMN gridmap.stop_work.found_on IS 'The days on which it was, that of the visit last.';
COMMENT ON COLUMN gridmap.stop_work.step IS 'one_week, one_month or three_months, by the calendar.';
COMMENT ON COLUMN gridmap.stop_work.begins_on IS 'First day of the stop.';
COMMENT ON COLUMN gridmap.stop_work.ends_on IS 'Day on which it is over.';
COMMENT ON COLUMN gridmap.stop_work.decision IS 'taken or declined; NULL while nobody decided.';
COMMENT ON COLUMN gridmap.stop_work.decided_on IS 'Day of the decision.';
COMMENT ON COLUMN gridmap.stop_work.decided_by IS 'Post that decided, never a name.';
COMMENT ON COLUMN gridmap.stop_work.reason IS 'Why, in its words; must be given when it is declined.';

ALTER TABLE gridmap.finding_event
ADD COLUMN inspection_id text REFERENCES gridmap.inspection (inspection_id) ON DELETE SET NULL,
DROP CONSTRAINT finding_event_event_check,
ADD CONSTRAINT finding_event_event_check CHECK (
    event IN ('opened', 'changed', 'gone', 'reopened', 'accepted', 'revoked', 'confirmed', 'disputed')
);
CREATE INDEX finding_event_inspection_idx ON gridmap.finding_event (inspection_id) WHERE inspection_id IS NOT NULL;
COMMENT ON COLUMN gridmap.finding_event.inspection_id IS 'The visit that confirmed or disputed it; reason then holds the visit''s post.';

ALTER POLICY area ON gridmap.inspection USING (
    EXISTS (SELECT FROM gridmap.site AS s WHERE s.site_id = inspection.site_id)
    OR (site_id IS NULL AND county_code = ANY((SELECT gridmap.area_counties())::text []))
);
SELECT gridmap.keep_to_area(t.name, format(
    'EXISTS (SELECT FROM gridmap.inspection AS i WHERE i.inspection_id = %I.inspection_id)', t.name))
FROM (VALUES ('inspection_item'), ('inspection_photo'), ('inspection_signature'), ('stop_work')) AS t (name);
SELECT gridmap.keep_log('stop_work', 'inspection_id');

CREATE VIEW snapshot.inspection_item WITH (security_invoker = true) AS
SELECT
    i.county_code, i.site_id, i.inspection_id, i.inspected_on, i.post, t.item, t.wording, t.wording_en, t.source, t.rule_id,
    t.answer, t.value, t.unit, t.told_by_rule
FROM snapshot.inspection AS i
INNER JOIN gridmap.inspection_item AS t ON t.inspection_id = i.inspection_id;
COMMENT ON VIEW snapshot.inspection_item IS 'Items of visits up to that day, of sites being judged.';
SELECT gridmap.describe_views();
