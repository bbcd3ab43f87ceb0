-- Inspectors drive: a tour is one post's sites of one day in order, with when each is reached and what came of the plan.
-- Two posts at one gate on one day is what tours are there to prevent, so the database itself refuses it.

CREATE TABLE gridmap.tour (
    tour_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    day date NOT NULL,
    county_code text NOT NULL CHECK (county_code ~ '^[0-9]{6}$'),
    title text NOT NULL CHECK (title <> '' AND length(title) <= 100),
    account_id bigint,
    post text NOT NULL CHECK (post <> ''),
    start geometry(Point, 4490) NOT NULL CHECK (gridmap.is_sound(start)),
    finish geometry(Point, 4490) NOT NULL CHECK (gridmap.is_sound(finish)),
    begins_s integer NOT NULL CHECK (begins_s BETWEEN 0 AND 86400),
    ends_s integer NOT NULL CHECK (ends_s BETWEEN 0 AND 86400),
    speed_kmh double precision NOT NULL CHECK (speed_kmh BETWEEN 1 AND 120),
    detour_factor double precision NOT NULL CHECK (detour_factor BETWEEN 1 AND 3),
    ways_from text NOT NULL CHECK (ways_from IN ('crow_fly', 'table_service', 'fallback')),
    is_hand_made boolean NOT NULL,
    resumed geometry(Point, 4490) CHECK (gridmap.is_sound(resumed)),
    resumed_s integer CHECK (resumed_s BETWEEN 0 AND 172800),
    home_m double precision NOT NULL CHECK (home_m >= 0 AND home_m < 1e8),
    home_s integer NOT NULL CHECK (home_s >= 0),
    version integer NOT NULL DEFAULT 1 CHECK (version > 0),
    changed_at timestamptz NOT NULL DEFAULT gridmap.instant(),
    UNIQUE (tour_id, day),
    CONSTRAINT tour_ends_after_it_begins CHECK (ends_s > begins_s),
    CONSTRAINT tour_resumes_somewhere_at_a_time CHECK ((resumed IS NULL) = (resumed_s IS NULL))
);
CREATE INDEX tour_day_idx ON gridmap.tour (day, county_code);
COMMENT ON TABLE gridmap.tour IS 'Tours: what one post visits on one day, from where to where, and by what the times were reckoned.';
COMMENT ON COLUMN gridmap.tour.tour_id IS 'Key.';
COMMENT ON COLUMN gridmap.tour.day IS 'The day, as the platform counts days.';
COMMENT ON COLUMN gridmap.tour.county_code IS 'County whose post drives it; the city''s code for the city''s own.';
COMMENT ON COLUMN gridmap.tour.title IS 'What it is called.';
COMMENT ON COLUMN gridmap.tour.account_id IS 'Account that made it; NULL for the command line. No reference: the record outlives the account.';
COMMENT ON COLUMN gridmap.tour.post IS 'Post that made it, never a person''s name.';
COMMENT ON COLUMN gridmap.tour.start IS 'Where it begins, EPSG:4490.';
COMMENT ON COLUMN gridmap.tour.finish IS 'Where it ends, EPSG:4490.';
COMMENT ON COLUMN gridmap.tour.begins_s IS 'When it leaves the start, seconds since midnight.';
COMMENT ON COLUMN gridmap.tour.ends_s IS 'When it must be at the end, seconds since midnight.';
COMMENT ON COLUMN gridmap.tour.speed_kmh IS 'Mean speed between stops; a service of ways over the roads knows its own.';
COMMENT ON COLUMN gridmap.tour.detour_factor IS 'Way by road over the straight line, where ways are taken from that.';
COMMENT ON COLUMN gridmap.tour.ways_from IS 'What its ways were last taken from: crow_fly (straight lines), table_service (roads), or fallback (straight lines, because the service failed).';
COMMENT ON COLUMN gridmap.tour.is_hand_made IS 'The order is somebody''s own, not the solver''s.';
COMMENT ON COLUMN gridmap.tour.resumed IS 'Where the rest was last ordered anew from, EPSG:4490; NULL: from the last stop that is done, or the start.';
COMMENT ON COLUMN gridmap.tour.resumed_s IS 'When, seconds since midnight.';
COMMENT ON COLUMN gridmap.tour.home_m IS 'The way from the last stop to the end, metres.';
COMMENT ON COLUMN gridmap.tour.home_s IS 'When the end is reached, seconds since midnight.';
COMMENT ON COLUMN gridmap.tour.version IS 'Grows with every save: a save names the version it is about, and is refused on another.';
COMMENT ON COLUMN gridmap.tour.changed_at IS 'When it was saved last.';
SELECT gridmap.keep_log('tour', 'tour_id');

CREATE TABLE gridmap.tour_stop (
    stop_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    tour_id bigint NOT NULL,
    day date NOT NULL,
    place integer CHECK (place >= 1),
    site_id text REFERENCES gridmap.site (site_id) ON DELETE SET NULL,
    name text NOT NULL,
    kind text NOT NULL,
    address text,
    geom geometry(Point, 4490) NOT NULL CHECK (gridmap.is_sound(geom)),
    service_s integer NOT NULL CHECK (service_s BETWEEN 0 AND 28800),
    hours text NOT NULL DEFAULT '',
    urgency double precision NOT NULL CHECK (urgency > 0 AND urgency < 1e6),
    must boolean NOT NULL DEFAULT false,
    is_locked boolean NOT NULL DEFAULT false,
    state text NOT NULL CHECK (state IN ('planned', 'done', 'skipped', 'left_out')),
    reason text NOT NULL DEFAULT '' CHECK (length(reason) <= 500),
    arrives_s integer CHECK (arrives_s >= 0),
    begins_s integer CHECK (begins_s >= arrives_s),
    leg_m double precision CHECK (leg_m >= 0 AND leg_m < 1e8),
    FOREIGN KEY (tour_id, day) REFERENCES gridmap.tour (tour_id, day) ON DELETE CASCADE,
    CONSTRAINT tour_stop_place_once UNIQUE (tour_id, place) DEFERRABLE INITIALLY DEFERRED,
    CONSTRAINT tour_stop_site_once_a_day EXCLUDE USING btree (day WITH =, site_id WITH =)
    WHERE (state IN ('planned', 'done')),
    CONSTRAINT tour_stop_in_order_has_times CHECK (
        (state IN ('planned', 'done')) = (place IS NOT NULL) AND (place IS NULL) = (arrives_s IS NULL)
        AND (place IS NULL) = (begins_s IS NULL) AND (place IS NULL) = (leg_m IS NULL)
    ),
    CONSTRAINT tour_stop_tells_why CHECK (state NOT IN ('skipped', 'left_out') OR reason <> '')
);
CREATE INDEX tour_stop_tour_idx ON gridmap.tour_stop (tour_id);
CREATE INDEX tour_stop_site_idx ON gridmap.tour_stop (site_id, day);
COMMENT ON TABLE gridmap.tour_stop IS 'Stops of tours. A site stands on no two tours of one day, unless it was skipped or left out there.';
COMMENT ON COLUMN gridmap.tour_stop.stop_id IS 'Key.';
COMMENT ON COLUMN gridmap.tour_stop.tour_id IS 'The tour.';
COMMENT ON COLUMN gridmap.tour_stop.day IS 'The tour''s day.';
COMMENT ON COLUMN gridmap.tour_stop.place IS 'Its place in the order, from 1; NULL when it was skipped or left out.';
COMMENT ON COLUMN gridmap.tour_stop.site_id IS 'The site; NULL once it was struck from the list of sites.';
COMMENT ON COLUMN gridmap.tour_stop.name IS 'The site''s name when the tour was made.';
COMMENT ON COLUMN gridmap.tour_stop.kind IS 'Its kind then.';
COMMENT ON COLUMN gridmap.tour_stop.address IS 'Its address then.';
COMMENT ON COLUMN gridmap.tour_stop.geom IS 'Its position then, EPSG:4490.';
COMMENT ON COLUMN gridmap.tour_stop.service_s IS 'How long the check takes, seconds.';
COMMENT ON COLUMN gridmap.tour_stop.hours IS 'When it is open: 08:30-12:00, 14:00-17:30; empty is always.';
COMMENT ON COLUMN gridmap.tour_stop.urgency IS 'How urgent the visit was when the tour was made (domain/urgency.py); of a day too short the least urgent is left out.';
COMMENT ON COLUMN gridmap.tour_stop.must IS 'It may not be left out.';
COMMENT ON COLUMN gridmap.tour_stop.is_locked IS 'It keeps its place when the rest is ordered anew.';
COMMENT ON COLUMN gridmap.tour_stop.state IS 'planned, done, skipped (by somebody), or left_out (by the plan: shut, far or full).';
COMMENT ON COLUMN gridmap.tour_stop.reason IS 'Why it was skipped, in somebody''s words; of what was left out: shut, far or full.';
COMMENT ON COLUMN gridmap.tour_stop.arrives_s IS 'When it is reached by plan, seconds since midnight.';
COMMENT ON COLUMN gridmap.tour_stop.begins_s IS 'When work there begins, after waiting until it opens.';
COMMENT ON COLUMN gridmap.tour_stop.leg_m IS 'The way there from the stop before, metres.';
SELECT gridmap.keep_log('tour_stop', 'stop_id');

SELECT gridmap.keep_to_area(t.name, t.condition) FROM (VALUES
    ('tour', 'county_code = ANY((SELECT gridmap.area_counties())::text[])'),
    ('tour_stop', 'EXISTS (SELECT FROM gridmap.tour AS t WHERE t.tour_id = tour_stop.tour_id)')
) AS t (name, condition);
