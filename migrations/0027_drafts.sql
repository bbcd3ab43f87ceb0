-- Planners redraw zones: a draft stands beside the law with its author, its purpose and its way to publication. What a
-- draft draws is a row of gridmap.zone, as before, so that every rule judges it as it judges the law.

-- A kind is data: who draws it and whether it has classes is told here, and no program knows kinds by name.
ALTER TABLE gridmap.zone_kind
    ADD COLUMN drawn_by text NOT NULL DEFAULT 'county' CHECK (drawn_by IN ('county', 'city')),
    ADD COLUMN has_class boolean NOT NULL DEFAULT false;
COMMENT ON COLUMN gridmap.zone_kind.drawn_by IS 'Whose authority draws zones of this kind: county, or city (then a draft carries the city''s code).';
COMMENT ON COLUMN gridmap.zone_kind.has_class IS 'Whether zones of this kind have class Ⅰ, Ⅱ or Ⅲ.';
UPDATE gridmap.zone_kind SET drawn_by = 'city'
WHERE kind IN ('machinery_restricted', 'enclosed_area', 'third_ring', 'fourth_ring', 'ring_expressway', 'city_proper');
UPDATE gridmap.zone_kind SET has_class = true WHERE kind = 'no_burn';

CREATE TABLE gridmap.zone_draft (
    zone_id bigint PRIMARY KEY REFERENCES gridmap.zone ON DELETE CASCADE,
    county_code text NOT NULL CHECK (county_code ~ '^[0-9]{6}$'),
    base_zone_id bigint REFERENCES gridmap.zone,
    title text NOT NULL CHECK (title <> '' AND length(title) <= 200),
    purpose text NOT NULL DEFAULT '' CHECK (length(purpose) <= 4000),
    author text NOT NULL,
    state text NOT NULL DEFAULT 'drafting'
        CHECK (state IN ('drafting', 'submitted', 'returned', 'approved', 'published', 'withdrawn')),
    revision integer NOT NULL DEFAULT 1 CHECK (revision > 0),
    submitted_by text,
    decided_by text,
    published_by text,
    locked geometry(MultiPolygon, 4490) CHECK (gridmap.is_sound(locked)),
    changed_at timestamptz NOT NULL DEFAULT gridmap.instant()
);
CREATE INDEX zone_draft_county_idx ON gridmap.zone_draft (county_code, state);
CREATE INDEX zone_draft_base_idx ON gridmap.zone_draft (base_zone_id);
COMMENT ON TABLE gridmap.zone_draft IS 'Drafts of zones: who redraws which version and why, and how far it has come. What it draws is the row of gridmap.zone.';
COMMENT ON COLUMN gridmap.zone_draft.zone_id IS 'The version of the zone that is drafted; it stays the key once it is law.';
COMMENT ON COLUMN gridmap.zone_draft.county_code IS 'County that drafts; the city''s code for the city''s own. The same as the zone''s.';
COMMENT ON COLUMN gridmap.zone_draft.base_zone_id IS 'Published version it was drawn from and is compared with; NULL for a new zone.';
COMMENT ON COLUMN gridmap.zone_draft.title IS 'Title of the draft, in its author''s words.';
COMMENT ON COLUMN gridmap.zone_draft.purpose IS 'What it is for, in its author''s words.';
COMMENT ON COLUMN gridmap.zone_draft.author IS 'Login name of the post that made it.';
COMMENT ON COLUMN gridmap.zone_draft.state IS 'drafting, submitted, returned, approved, published or withdrawn.';
COMMENT ON COLUMN gridmap.zone_draft.revision IS 'Grows with every save: a save names the revision it was drawn on, and is refused on another.';
COMMENT ON COLUMN gridmap.zone_draft.submitted_by IS 'Login name of the post that submitted it last.';
COMMENT ON COLUMN gridmap.zone_draft.decided_by IS 'Login name of the post that approved or returned it last.';
COMMENT ON COLUMN gridmap.zone_draft.published_by IS 'Login name of the post that published it.';
COMMENT ON COLUMN gridmap.zone_draft.locked IS 'Land whose side must not change, EPSG:4490: a save that changes it is refused.';
COMMENT ON COLUMN gridmap.zone_draft.changed_at IS 'When it was saved last.';
SELECT gridmap.watch('zone_draft');
SELECT gridmap.keep_log('zone_draft', 'zone_id');

CREATE TABLE gridmap.draft_event (
    event_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    zone_id bigint NOT NULL REFERENCES gridmap.zone_draft ON DELETE CASCADE,
    event text NOT NULL CHECK (event IN (
        'created', 'copied', 'rebased', 'repaired', 'submitted', 'commented', 'returned', 'approved', 'published', 'withdrawn'
    )),
    actor text NOT NULL,
    text text NOT NULL DEFAULT '' CHECK (length(text) <= 4000),
    place geometry(Point, 4490) CHECK (gridmap.is_sound(place)),
    revision integer NOT NULL,
    on_day date NOT NULL DEFAULT gridmap.today(),
    recorded_at timestamptz NOT NULL DEFAULT gridmap.instant()
);
CREATE INDEX draft_event_zone_idx ON gridmap.draft_event (zone_id, event_id);
COMMENT ON TABLE gridmap.draft_event IS 'What happened to a draft, and what was said of it, at a place or in general.';
COMMENT ON COLUMN gridmap.draft_event.event_id IS 'Key, in order of time.';
COMMENT ON COLUMN gridmap.draft_event.zone_id IS 'The draft.';
COMMENT ON COLUMN gridmap.draft_event.event IS 'What happened.';
COMMENT ON COLUMN gridmap.draft_event.actor IS 'Login name of the post that did it.';
COMMENT ON COLUMN gridmap.draft_event.text IS 'Comment, or reason of a return.';
COMMENT ON COLUMN gridmap.draft_event.place IS 'Where a comment points, EPSG:4490; NULL when it is about the whole.';
COMMENT ON COLUMN gridmap.draft_event.revision IS 'Revision of the draft it is about.';
COMMENT ON COLUMN gridmap.draft_event.on_day IS 'The platform''s day.';
COMMENT ON COLUMN gridmap.draft_event.recorded_at IS 'When it was written.';

-- A county's draft is its own until it is submitted; then the city sees it too, and what became of it afterwards.
ALTER TABLE gridmap.zone_draft ENABLE ROW LEVEL SECURITY;
CREATE POLICY city ON gridmap.zone_draft TO gridmap_city USING (
    state NOT IN ('drafting', 'returned') OR county_code = (SELECT s.city_code FROM gridmap.setting AS s)
);
CREATE POLICY area ON gridmap.zone_draft TO gridmap_area USING (county_code = ANY((SELECT gridmap.area_counties())::text []));
ALTER TABLE gridmap.draft_event ENABLE ROW LEVEL SECURITY;
CREATE POLICY city ON gridmap.draft_event TO gridmap_city USING (
    EXISTS (SELECT FROM gridmap.zone_draft AS d WHERE d.zone_id = draft_event.zone_id)
);
CREATE POLICY area ON gridmap.draft_event TO gridmap_area USING (
    EXISTS (SELECT FROM gridmap.zone_draft AS d WHERE d.zone_id = draft_event.zone_id)
);
ALTER POLICY city ON gridmap.zone USING (
    status <> 'draft' OR EXISTS (SELECT FROM gridmap.zone_draft AS d WHERE d.zone_id = zone.zone_id)
);
