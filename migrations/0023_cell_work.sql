-- What those who answer for a cell do there and tell from there: rounds of patrol with their check points, reports of
-- findings with photos. Each comes from a phone that may send it twice: the phone gives the key.

CREATE TABLE gridmap.patrol_round (
    round_id uuid PRIMARY KEY,
    cell_code text NOT NULL,
    county_code text NOT NULL CHECK (county_code ~ '^[0-9]{6}$'),
    account_id bigint,
    post text NOT NULL CHECK (post <> ''),
    site_id text REFERENCES gridmap.site (site_id) ON DELETE SET NULL,
    patrolled_on date NOT NULL,
    with_roads boolean NOT NULL DEFAULT false,
    note text CHECK (note <> '' AND length(note) <= 1000),
    made_at timestamptz NOT NULL,
    received_at timestamptz NOT NULL DEFAULT gridmap.instant(),
    clock_skew_s double precision NOT NULL DEFAULT 0,
    is_demo boolean NOT NULL DEFAULT false
);
CREATE INDEX patrol_round_cell_idx ON gridmap.patrol_round (cell_code, patrolled_on);
CREATE INDEX patrol_round_site_idx ON gridmap.patrol_round (site_id, patrolled_on) WHERE site_id IS NOT NULL;
COMMENT ON TABLE gridmap.patrol_round IS 'Rounds of patrol in a responsibility cell; the squares that a round passed are rows of patrol.';
COMMENT ON COLUMN gridmap.patrol_round.round_id IS 'Key, given by the phone: what is sent twice is kept once.';
COMMENT ON COLUMN gridmap.patrol_round.cell_code IS 'The responsibility cell that was patrolled.';
COMMENT ON COLUMN gridmap.patrol_round.county_code IS 'County of the cell.';
COMMENT ON COLUMN gridmap.patrol_round.account_id IS 'Account that told of it; NULL for the demo. No reference: the record outlives the account.';
COMMENT ON COLUMN gridmap.patrol_round.post IS 'Post of the patroller, never a person''s name.';
COMMENT ON COLUMN gridmap.patrol_round.site_id IS 'The site that was looked at, when the round was to one site.';
COMMENT ON COLUMN gridmap.patrol_round.patrolled_on IS 'The day, as the platform counts days.';
COMMENT ON COLUMN gridmap.patrol_round.with_roads IS 'The roads of the squares were patrolled too (GRID-04 asks for that).';
COMMENT ON COLUMN gridmap.patrol_round.note IS 'What the patroller wrote.';
COMMENT ON COLUMN gridmap.patrol_round.made_at IS 'When it ended, by the phone''s clock, put right by clock_skew_s.';
COMMENT ON COLUMN gridmap.patrol_round.received_at IS 'When it arrived.';
COMMENT ON COLUMN gridmap.patrol_round.clock_skew_s IS 'How far the phone''s clock was ahead when it sent, seconds; small differences count as none.';
COMMENT ON COLUMN gridmap.patrol_round.is_demo IS 'True when it was made up for the demo city.';

CREATE TABLE gridmap.patrol_point (
    round_id uuid NOT NULL REFERENCES gridmap.patrol_round ON DELETE CASCADE,
    number integer NOT NULL CHECK (number >= 1),
    at timestamptz NOT NULL,
    geom geometry(Point, 4490) NOT NULL CHECK (gridmap.is_sound(geom)),
    accuracy_m double precision NOT NULL CHECK (accuracy_m >= 0 AND accuracy_m < 200000),
    cell_key bigint GENERATED ALWAYS AS (
        gridmap.cell_key_m(ST_X(ST_Transform(geom, 4547)), ST_Y(ST_Transform(geom, 4547)))
    ) STORED,
    PRIMARY KEY (round_id, number)
);
COMMENT ON TABLE gridmap.patrol_point IS 'Check points of a round, in order: where the phone was.';
COMMENT ON COLUMN gridmap.patrol_point.round_id IS 'The round.';
COMMENT ON COLUMN gridmap.patrol_point.number IS 'Its place in the round, from 1.';
COMMENT ON COLUMN gridmap.patrol_point.at IS 'When the phone was there.';
COMMENT ON COLUMN gridmap.patrol_point.geom IS 'Where, EPSG:4490.';
COMMENT ON COLUMN gridmap.patrol_point.accuracy_m IS 'How far off it may be by the phone''s own word, metres.';
COMMENT ON COLUMN gridmap.patrol_point.cell_key IS 'Key of the 1 km square that holds it.';

ALTER TABLE gridmap.patrol ADD COLUMN round_id uuid REFERENCES gridmap.patrol_round ON DELETE CASCADE;
CREATE INDEX patrol_cell_code_idx ON gridmap.patrol (cell_code, patrolled_on);
CREATE INDEX patrol_round_id_idx ON gridmap.patrol (round_id);
COMMENT ON COLUMN gridmap.patrol.round_id IS 'The round that passed the square; NULL where the patrol was told of otherwise.';

CREATE FUNCTION gridmap.place_patrol() RETURNS trigger
LANGUAGE plpgsql
SET search_path = 'public'
AS $$
BEGIN
    IF new.cell_code IS NULL AND new.cell_key IS NOT NULL THEN
        new.cell_code := gridmap.cell_at(ST_Transform(ST_SetSRID(ST_MakePoint(
            floor(new.cell_key / 100000) * 1000 + 500, new.cell_key % 100000 * 1000 + 500), 4547), 4490));
    END IF;
    RETURN new;
END
$$;
COMMENT ON FUNCTION gridmap.place_patrol() IS 'Row trigger: a patrol of a square alone is seen by the cell that holds the square''s middle.';
CREATE TRIGGER patrol_is_placed BEFORE INSERT ON gridmap.patrol FOR EACH ROW EXECUTE FUNCTION gridmap.place_patrol();
UPDATE gridmap.patrol SET cell_code = gridmap.cell_at(ST_Transform(ST_SetSRID(ST_MakePoint(
    floor(cell_key / 100000) * 1000 + 500, cell_key % 100000 * 1000 + 500), 4547), 4490))
WHERE cell_code IS NULL AND cell_key IS NOT NULL;

CREATE TABLE gridmap.report (
    report_id uuid PRIMARY KEY,
    account_id bigint NOT NULL,
    post text NOT NULL CHECK (post <> ''),
    reporter_cell_code text,
    cell_code text,
    county_code text NOT NULL CHECK (county_code ~ '^[0-9]{6}$'),
    site_id text REFERENCES gridmap.site (site_id) ON DELETE SET NULL,
    theme text CHECK (theme ~ '^[a-z_]+$'),
    words text NOT NULL CHECK (words <> '' AND length(words) <= 1000),
    geom geometry(Point, 4490) NOT NULL CHECK (gridmap.is_sound(geom)),
    accuracy_m double precision NOT NULL CHECK (accuracy_m >= 0 AND accuracy_m < 200000),
    placed_by text NOT NULL CHECK (placed_by IN ('phone', 'map', 'site')),
    standing text NOT NULL CHECK (standing IN ('inside', 'near_boundary', 'outside', 'no_cell')),
    distance_m double precision NOT NULL CHECK (distance_m >= 0),
    reported_on date NOT NULL,
    made_at timestamptz NOT NULL,
    received_at timestamptz NOT NULL DEFAULT gridmap.instant(),
    clock_skew_s double precision NOT NULL DEFAULT 0,
    is_demo boolean NOT NULL DEFAULT false,
    CONSTRAINT report_without_cell_stands_nowhere CHECK ((standing = 'no_cell') = (reporter_cell_code IS NULL))
);
CREATE INDEX report_cell_idx ON gridmap.report (cell_code, reported_on);
CREATE INDEX report_site_idx ON gridmap.report (site_id, reported_on) WHERE site_id IS NOT NULL;
CREATE INDEX report_account_idx ON gridmap.report (account_id);
COMMENT ON TABLE gridmap.report IS 'What somebody saw and reported, before anybody judged it: cases may start from it as from a citizen''s word.';
COMMENT ON COLUMN gridmap.report.report_id IS 'Key, given by the phone: what is sent twice is kept once.';
COMMENT ON COLUMN gridmap.report.account_id IS 'Account that reported. No reference: the record outlives the account.';
COMMENT ON COLUMN gridmap.report.post IS 'Its post, never a person''s name.';
COMMENT ON COLUMN gridmap.report.reporter_cell_code IS 'The responsibility cell the reporter answers for; NULL for posts of a county or the city.';
COMMENT ON COLUMN gridmap.report.cell_code IS 'The one responsibility cell that holds the place: it is handed to that one. NULL outside all.';
COMMENT ON COLUMN gridmap.report.county_code IS 'County of the place.';
COMMENT ON COLUMN gridmap.report.site_id IS 'The site it is about, if it is about one.';
COMMENT ON COLUMN gridmap.report.theme IS 'What the reporter takes it for: a theme of the rules.';
COMMENT ON COLUMN gridmap.report.words IS 'What was seen, in the reporter''s words.';
COMMENT ON COLUMN gridmap.report.geom IS 'Where, EPSG:4490.';
COMMENT ON COLUMN gridmap.report.accuracy_m IS 'How far off the place may be, metres.';
COMMENT ON COLUMN gridmap.report.placed_by IS 'phone: its own position; map: a finger on the map; site: the place of the site.';
COMMENT ON COLUMN gridmap.report.standing IS 'Against the reporter''s cell: inside, near_boundary (nearer than accuracy_m), outside, or no_cell.';
COMMENT ON COLUMN gridmap.report.distance_m IS 'Metres outside the reporter''s cell; 0 inside it.';
COMMENT ON COLUMN gridmap.report.reported_on IS 'The day, as the platform counts days.';
COMMENT ON COLUMN gridmap.report.made_at IS 'When it was written, by the phone''s clock, put right by clock_skew_s.';
COMMENT ON COLUMN gridmap.report.received_at IS 'When it arrived.';
COMMENT ON COLUMN gridmap.report.clock_skew_s IS 'How far the phone''s clock was ahead when it sent, seconds; small differences count as none.';
COMMENT ON COLUMN gridmap.report.is_demo IS 'True when it was made up for the demo city.';
CREATE TRIGGER report_is_placed BEFORE INSERT OR UPDATE OF geom ON gridmap.report
FOR EACH ROW EXECUTE FUNCTION gridmap.place_in_cell();

CREATE TABLE gridmap.report_photo (
    report_id uuid NOT NULL REFERENCES gridmap.report ON DELETE CASCADE,
    number integer NOT NULL CHECK (number BETWEEN 1 AND 4),
    content bytea NOT NULL CHECK (octet_length(content) BETWEEN 1 AND 4194304),
    sha256 text NOT NULL CHECK (sha256 ~ '^[0-9a-f]{64}$'),
    width integer NOT NULL CHECK (width BETWEEN 1 AND 2048),
    height integer NOT NULL CHECK (height BETWEEN 1 AND 2048),
    taken_at timestamptz,
    taken geometry(Point, 4490) CHECK (gridmap.is_sound(taken)),
    PRIMARY KEY (report_id, number)
);
ALTER TABLE gridmap.report_photo ALTER COLUMN content SET STORAGE EXTERNAL; -- a JPEG cannot be compressed again
COMMENT ON TABLE gridmap.report_photo IS 'Photos of reports, drawn anew: nothing of the file that was sent is left but the picture.';
COMMENT ON COLUMN gridmap.report_photo.report_id IS 'The report.';
COMMENT ON COLUMN gridmap.report_photo.number IS 'Its place among the report''s photos, from 1.';
COMMENT ON COLUMN gridmap.report_photo.content IS 'JPEG without any note inside it, at most 2048 pixels a side.';
COMMENT ON COLUMN gridmap.report_photo.sha256 IS 'SHA-256 of content.';
COMMENT ON COLUMN gridmap.report_photo.width IS 'Pixels across.';
COMMENT ON COLUMN gridmap.report_photo.height IS 'Pixels down.';
COMMENT ON COLUMN gridmap.report_photo.taken_at IS 'When it was taken, as the camera noted; NULL where it did not.';
COMMENT ON COLUMN gridmap.report_photo.taken IS 'Where it was taken, as the camera noted, EPSG:4490; NULL where it did not or far from the city.';

-- Own area. Reading follows the place; whoever reported keeps sight of his own report wherever it lies.
CREATE FUNCTION gridmap.reader_account() RETURNS bigint
LANGUAGE sql STABLE PARALLEL SAFE
AS $$
    SELECT nullif(current_setting('gridmap.account_id', true), '')::bigint
$$;
COMMENT ON FUNCTION gridmap.reader_account() IS 'Account of the reader on this connection; NULL for nobody.';
SELECT gridmap.keep_to_area(t.name, t.condition) FROM (VALUES
    ('patrol_round', 'county_code = ANY((SELECT gridmap.area_counties())::text[]) OR cell_code = ANY((SELECT gridmap.area_cells())::text[])'),
    ('patrol_point', 'EXISTS (SELECT FROM gridmap.patrol_round AS r WHERE r.round_id = patrol_point.round_id)'),
    ('report', 'county_code = ANY((SELECT gridmap.area_counties())::text[]) OR cell_code = ANY((SELECT gridmap.area_cells())::text[])'
        ' OR account_id = (SELECT gridmap.reader_account())'),
    ('report_photo', 'EXISTS (SELECT FROM gridmap.report AS r WHERE r.report_id = report_photo.report_id)')
) AS t (name, condition);

-- Writing is narrower than reading: a round only in a cell of one's own, a report and its photos only as oneself.
CREATE POLICY own_cell ON gridmap.patrol AS RESTRICTIVE FOR INSERT TO gridmap_area
WITH CHECK (cell_code = ANY((SELECT gridmap.area_cells())::text[]) AND round_id IS NOT NULL);
CREATE POLICY own_cell ON gridmap.patrol_round AS RESTRICTIVE FOR INSERT TO gridmap_area
WITH CHECK (cell_code = ANY((SELECT gridmap.area_cells())::text[]) AND account_id = (SELECT gridmap.reader_account()));
CREATE POLICY own_account ON gridmap.report AS RESTRICTIVE FOR INSERT TO gridmap_area, gridmap_city
WITH CHECK (account_id = (SELECT gridmap.reader_account()));
CREATE POLICY own_cell ON gridmap.report AS RESTRICTIVE FOR INSERT TO gridmap_area
WITH CHECK (reporter_cell_code IS NULL OR reporter_cell_code = ANY((SELECT gridmap.area_cells())::text[]));
CREATE POLICY own_report ON gridmap.report_photo AS RESTRICTIVE FOR INSERT TO gridmap_area, gridmap_city
WITH CHECK (EXISTS (
    SELECT FROM gridmap.report AS r
    WHERE r.report_id = report_photo.report_id AND r.account_id = (SELECT gridmap.reader_account())
));
GRANT INSERT ON gridmap.patrol, gridmap.patrol_round, gridmap.patrol_point, gridmap.report, gridmap.report_photo
TO gridmap_city, gridmap_area;
SELECT gridmap.keep_log(t.name, t.key) FROM (VALUES ('patrol_round', 'round_id'), ('report', 'report_id')) AS t (name, key);

-- Two things of a cell that its people may know although the rows are others': who stands above them, and when a square
-- that they share with a neighbour was last patrolled, by whomever. Posts and days, nothing else.
CREATE FUNCTION gridmap.duty_chain(code text)
RETURNS TABLE (cell_code text, cell_name text, steps integer, role text, post text)
LANGUAGE sql STABLE SECURITY DEFINER
SET search_path = ''
AS $$
    WITH RECURSIVE above AS (
        SELECT c.cell_code, c.name, c.parent_code, 0 AS steps FROM gridmap.grid_cell AS c
        WHERE c.cell_code = code AND c.kind = 'responsibility' AND c.in_force @> gridmap.today()
        UNION
        SELECT c.cell_code, c.name, c.parent_code, a.steps + 1 FROM gridmap.grid_cell AS c
        INNER JOIN above AS a ON a.parent_code = c.cell_code
        WHERE c.kind = 'responsibility' AND c.in_force @> gridmap.today() AND a.steps < 6
    )
    SELECT a.cell_code, a.name, a.steps, d.role, d.post
    FROM above AS a
    LEFT JOIN gridmap.duty AS d ON d.cell_code = a.cell_code AND d.in_force @> gridmap.today()
    ORDER BY a.steps, array_position(ARRAY['chief', 'officer', 'patroller', 'supervisor'], d.role), d.post
$$;
COMMENT ON FUNCTION gridmap.duty_chain(text) IS 'Posts that answer today for a cell (steps 0) and for those above it; a cell without posts has one row without.';

CREATE FUNCTION gridmap.last_patrols(keys bigint[])
RETURNS TABLE (cell_key bigint, last_on date, road_on date)
LANGUAGE sql STABLE SECURITY DEFINER
SET search_path = ''
AS $$
    SELECT p.cell_key, max(p.patrolled_on), max(p.patrolled_on) FILTER (WHERE p.kind = 'road')
    FROM gridmap.patrol AS p
    WHERE p.cell_key = ANY(keys) AND p.patrolled_on <= gridmap.today()
    GROUP BY p.cell_key
$$;
COMMENT ON FUNCTION gridmap.last_patrols(bigint[]) IS 'Last day on which squares were patrolled by anybody, of any kind and of roads.';
REVOKE ALL ON FUNCTION gridmap.duty_chain(text), gridmap.last_patrols(bigint[]) FROM public;
GRANT EXECUTE ON FUNCTION gridmap.duty_chain(text), gridmap.last_patrols(bigint[]) TO gridmap_city, gridmap_area;
