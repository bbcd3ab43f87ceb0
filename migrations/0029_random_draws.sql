-- Random draws of sites and inspectors (双随机): what may be drawn is fixed and its sum shown before there is a seed; what
-- was drawn can be drawn again by anybody from the record, and is never changed: a mistaken draw is annulled and stays.

CREATE TABLE gridmap.conflict_of_interest (
    conflict_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    post text NOT NULL CHECK (post <> '' AND length(post) <= 100),
    site_id text CHECK (site_id ~ '^[A-Za-z0-9._-]+$'),
    credit_code text CHECK (credit_code ~ '^[0-9A-HJ-NPQRTUWXY]{18}$'),
    reason text NOT NULL CHECK (reason <> '' AND length(reason) <= 200),
    in_force daterange NOT NULL CHECK (NOT isempty(in_force) AND lower(in_force) IS NOT NULL),
    declared_by text NOT NULL,
    recorded_at timestamptz NOT NULL DEFAULT gridmap.instant(),
    CONSTRAINT conflict_is_with_a_site_or_an_enterprise CHECK ((site_id IS NULL) <> (credit_code IS NULL)),
    CONSTRAINT conflict_once_a_day EXCLUDE USING gist (
        post WITH =, coalesce(site_id, credit_code) WITH =, in_force WITH &&
    )
);
CREATE INDEX conflict_of_interest_site_idx ON gridmap.conflict_of_interest (site_id);
CREATE INDEX conflict_of_interest_credit_idx ON gridmap.conflict_of_interest (credit_code);
CREATE INDEX site_credit_code_idx ON gridmap.site (credit_code) WHERE credit_code IS NOT NULL;
COMMENT ON TABLE gridmap.conflict_of_interest IS 'Declared conflicts: a post that must not check a site, or any site of an enterprise. Ended, never deleted.';
COMMENT ON COLUMN gridmap.conflict_of_interest.conflict_id IS 'Key.';
COMMENT ON COLUMN gridmap.conflict_of_interest.post IS 'The post (检查岗-410181-01), never a person''s name.';
COMMENT ON COLUMN gridmap.conflict_of_interest.site_id IS 'The site, when it is about one site. No reference: the declaration outlives the site.';
COMMENT ON COLUMN gridmap.conflict_of_interest.credit_code IS 'Unified social credit code, when it is about all sites of an enterprise.';
COMMENT ON COLUMN gridmap.conflict_of_interest.reason IS 'Why, in words without anybody''s name.';
COMMENT ON COLUMN gridmap.conflict_of_interest.in_force IS 'Days on which it holds, [from, to).';
COMMENT ON COLUMN gridmap.conflict_of_interest.declared_by IS 'Login name of the account that declared it.';
COMMENT ON COLUMN gridmap.conflict_of_interest.recorded_at IS 'When it was written.';

CREATE TABLE gridmap.random_draw (
    draw_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    request_key uuid NOT NULL UNIQUE,
    title text NOT NULL CHECK (title <> '' AND length(title) <= 200),
    state text NOT NULL DEFAULT 'fixed' CHECK (state IN ('fixed', 'drawn', 'annulled')),
    on_day date NOT NULL,
    county_codes text [] NOT NULL CHECK (county_codes <> '{}'),
    only_open boolean NOT NULL DEFAULT true,
    list_sha256 text NOT NULL CHECK (list_sha256 ~ '^[0-9a-f]{64}$'),
    seed_kind text NOT NULL CHECK (seed_kind IN ('public', 'machine')),
    seed_source text NOT NULL CHECK (length(seed_source) <= 200 AND (seed_source <> '' OR seed_kind = 'machine')),
    replaces bigint REFERENCES gridmap.random_draw,
    fixed_by text NOT NULL,
    fixed_post text NOT NULL,
    fixed_at timestamptz NOT NULL DEFAULT gridmap.instant(),
    fixed_software text NOT NULL,
    seed text CHECK (seed <> '' AND length(seed) <= 200),
    record_sha256 text CHECK (record_sha256 ~ '^[0-9a-f]{64}$'),
    drawn_by text,
    drawn_post text,
    drawn_at timestamptz,
    drawn_software text,
    annulled_by text,
    annulled_post text,
    annulled_at timestamptz,
    annulled_reason text CHECK (annulled_reason <> '' AND length(annulled_reason) <= 500),
    CONSTRAINT random_draw_is_drawn_whole CHECK (
        num_nulls(seed, record_sha256, drawn_by, drawn_post, drawn_at, drawn_software) = CASE WHEN drawn_at IS NULL THEN 6 ELSE 0 END
    ),
    CONSTRAINT random_draw_is_annulled_whole CHECK (
        num_nulls(annulled_by, annulled_post, annulled_at, annulled_reason) = CASE WHEN state = 'annulled' THEN 0 ELSE 4 END
    ),
    CONSTRAINT random_draw_state_fits CHECK (state = 'annulled' OR (state = 'drawn') = (drawn_at IS NOT NULL))
);
CREATE INDEX random_draw_replaces_idx ON gridmap.random_draw (replaces);
COMMENT ON TABLE gridmap.random_draw IS 'Random draws: fixed, then drawn, or annulled. What was fixed and drawn stands in random_draw_list.';
COMMENT ON COLUMN gridmap.random_draw.draw_id IS 'Key, the number on the certificate.';
COMMENT ON COLUMN gridmap.random_draw.request_key IS 'Key given by the form: what is sent twice is made once.';
COMMENT ON COLUMN gridmap.random_draw.title IS 'What it is for.';
COMMENT ON COLUMN gridmap.random_draw.state IS 'fixed (no seed yet), drawn or annulled.';
COMMENT ON COLUMN gridmap.random_draw.on_day IS 'The day for which sites, inspectors and conflicts count.';
COMMENT ON COLUMN gridmap.random_draw.county_codes IS 'Counties of the sites that may be drawn, sorted.';
COMMENT ON COLUMN gridmap.random_draw.only_open IS 'Sites that closed are left out.';
COMMENT ON COLUMN gridmap.random_draw.list_sha256 IS 'SHA-256 of the list, the commitment: shown before there is a seed.';
COMMENT ON COLUMN gridmap.random_draw.seed_kind IS 'public: a number that everybody will know; machine: made by the server''s generator for secrets.';
COMMENT ON COLUMN gridmap.random_draw.seed_source IS 'Of a public seed which number it will be, told before it is known.';
COMMENT ON COLUMN gridmap.random_draw.replaces IS 'The annulled draw that this one replaces.';
COMMENT ON COLUMN gridmap.random_draw.fixed_by IS 'Login name of the account that fixed the list.';
COMMENT ON COLUMN gridmap.random_draw.fixed_post IS 'Its post on that day.';
COMMENT ON COLUMN gridmap.random_draw.fixed_at IS 'When the list was fixed.';
COMMENT ON COLUMN gridmap.random_draw.fixed_software IS 'Software and version that wrote the list.';
COMMENT ON COLUMN gridmap.random_draw.seed IS 'The seed, as it was entered or made.';
COMMENT ON COLUMN gridmap.random_draw.record_sha256 IS 'SHA-256 of commitment, seed, changes and result: the sum on the certificate.';
COMMENT ON COLUMN gridmap.random_draw.drawn_by IS 'Login name of the account that drew.';
COMMENT ON COLUMN gridmap.random_draw.drawn_post IS 'Its post on that day.';
COMMENT ON COLUMN gridmap.random_draw.drawn_at IS 'When it was drawn.';
COMMENT ON COLUMN gridmap.random_draw.drawn_software IS 'Software and version that drew.';
COMMENT ON COLUMN gridmap.random_draw.annulled_by IS 'Login name of the account that annulled it.';
COMMENT ON COLUMN gridmap.random_draw.annulled_post IS 'Its post on that day.';
COMMENT ON COLUMN gridmap.random_draw.annulled_at IS 'When it was annulled.';
COMMENT ON COLUMN gridmap.random_draw.annulled_reason IS 'Why, in words.';

CREATE TABLE gridmap.random_draw_list (
    draw_id bigint NOT NULL REFERENCES gridmap.random_draw,
    part text NOT NULL CHECK (part IN ('list', 'late', 'result')),
    content text NOT NULL,
    PRIMARY KEY (draw_id, part)
);
COMMENT ON TABLE gridmap.random_draw_list IS 'The texts of a draw, to the letter as their sums were taken.';
COMMENT ON COLUMN gridmap.random_draw_list.draw_id IS 'The draw.';
COMMENT ON COLUMN gridmap.random_draw_list.part IS 'list: what was fixed; late: what changed until the draw; result: what was drawn.';
COMMENT ON COLUMN gridmap.random_draw_list.content IS 'Tab-separated lines (domain/draw_record.py).';

CREATE TABLE gridmap.random_draw_site (
    draw_id bigint NOT NULL REFERENCES gridmap.random_draw,
    number integer NOT NULL CHECK (number > 0),
    site_id text NOT NULL,
    county_code text NOT NULL CHECK (county_code ~ '^[0-9]{6}$'),
    kind text NOT NULL,
    name text NOT NULL,
    stratum text NOT NULL,
    is_off_hours boolean NOT NULL,
    inspectors text [] NOT NULL CHECK (inspectors <> '{}'),
    posts text [] NOT NULL CHECK (cardinality(posts) = cardinality(inspectors)),
    PRIMARY KEY (draw_id, number),
    UNIQUE (draw_id, site_id)
);
CREATE INDEX random_draw_site_site_idx ON gridmap.random_draw_site (site_id);
CREATE INDEX random_draw_site_inspectors_idx ON gridmap.random_draw_site USING gin (inspectors);
COMMENT ON TABLE gridmap.random_draw_site IS 'What was drawn, a row for each site: the result once more, for whoever looks for a site or an inspector.';
COMMENT ON COLUMN gridmap.random_draw_site.draw_id IS 'The draw.';
COMMENT ON COLUMN gridmap.random_draw_site.number IS 'In the order drawn, from 1.';
COMMENT ON COLUMN gridmap.random_draw_site.site_id IS 'The site. No reference: the record outlives it.';
COMMENT ON COLUMN gridmap.random_draw_site.county_code IS 'Its county when the list was fixed.';
COMMENT ON COLUMN gridmap.random_draw_site.kind IS 'Its kind when the list was fixed.';
COMMENT ON COLUMN gridmap.random_draw_site.name IS 'Its name when the list was fixed.';
COMMENT ON COLUMN gridmap.random_draw_site.stratum IS 'The stratum it was drawn from.';
COMMENT ON COLUMN gridmap.random_draw_site.is_off_hours IS 'The check is to be made off-hours.';
COMMENT ON COLUMN gridmap.random_draw_site.inspectors IS 'Login names of the inspectors drawn for it, sorted.';
COMMENT ON COLUMN gridmap.random_draw_site.posts IS 'Their posts when the list was fixed, in the same order.';

-- What was fixed and drawn stays as it is. A draw goes one way only, each step once, and fills in its own columns.
CREATE FUNCTION gridmap.keep_draw() RETURNS trigger
LANGUAGE plpgsql
SET search_path = ''
AS $$
DECLARE
    steps text[] := CASE new.state
        WHEN 'drawn' THEN ARRAY['state', 'seed', 'record_sha256', 'drawn_by', 'drawn_post', 'drawn_at', 'drawn_software']
        ELSE ARRAY['state', 'annulled_by', 'annulled_post', 'annulled_at', 'annulled_reason'] END;
BEGIN
    IF (old.state, new.state) NOT IN (('fixed', 'drawn'), ('fixed', 'annulled'), ('drawn', 'annulled'))
        OR to_jsonb(old) - steps IS DISTINCT FROM to_jsonb(new) - steps THEN
        RAISE EXCEPTION 'draw % is %: it can be annulled, not changed', old.draw_id, old.state
            USING ERRCODE = 'object_not_in_prerequisite_state';
    END IF;
    RETURN new;
END
$$;
COMMENT ON FUNCTION gridmap.keep_draw() IS 'Row trigger: a draw is drawn once and annulled once, and nothing else of it changes.';
CREATE TRIGGER random_draw_goes_one_way BEFORE UPDATE ON gridmap.random_draw
FOR EACH ROW EXECUTE FUNCTION gridmap.keep_draw();
CREATE TRIGGER random_draw_stays BEFORE DELETE OR TRUNCATE ON gridmap.random_draw
FOR EACH STATEMENT EXECUTE FUNCTION gridmap.refuse_change();

CREATE FUNCTION gridmap.keep_drawn() RETURNS trigger
LANGUAGE plpgsql
SET search_path = ''
AS $$
BEGIN
    IF NOT EXISTS (SELECT FROM gridmap.random_draw AS d WHERE d.draw_id = new.draw_id AND d.state = 'fixed') THEN
        RAISE EXCEPTION 'draw % has its result: nothing can be added to it', new.draw_id
            USING ERRCODE = 'object_not_in_prerequisite_state';
    END IF;
    RETURN new;
END
$$;
COMMENT ON FUNCTION gridmap.keep_drawn() IS 'Row trigger: the parts of a draw are written before it is drawn, none afterwards.';
CREATE TRIGGER random_draw_list_is_written_before BEFORE INSERT ON gridmap.random_draw_list
FOR EACH ROW EXECUTE FUNCTION gridmap.keep_drawn();
CREATE TRIGGER random_draw_list_stays BEFORE UPDATE OR DELETE OR TRUNCATE ON gridmap.random_draw_list
FOR EACH STATEMENT EXECUTE FUNCTION gridmap.refuse_change();
CREATE TRIGGER random_draw_site_is_written_before BEFORE INSERT ON gridmap.random_draw_site
FOR EACH ROW EXECUTE FUNCTION gridmap.keep_drawn();
CREATE TRIGGER random_draw_site_stays BEFORE UPDATE OR DELETE OR TRUNCATE ON gridmap.random_draw_site
FOR EACH STATEMENT EXECUTE FUNCTION gridmap.refuse_change();
CREATE TRIGGER conflict_of_interest_stays BEFORE DELETE OR TRUNCATE ON gridmap.conflict_of_interest
FOR EACH STATEMENT EXECUTE FUNCTION gridmap.refuse_change();

-- The texts name every site of the list: they are read by whoever may see all of its counties, the drawn sites by theirs.
SELECT gridmap.keep_to_area(t.name, t.condition) FROM (VALUES
    ('random_draw', 'county_codes && (SELECT gridmap.area_counties())::text[]'),
    ('random_draw_list', 'EXISTS (SELECT FROM gridmap.random_draw AS d WHERE d.draw_id = random_draw_list.draw_id'
        ' AND d.county_codes <@ (SELECT gridmap.area_counties())::text[])'),
    ('random_draw_site', 'county_code = ANY((SELECT gridmap.area_counties())::text[])'),
    ('conflict_of_interest', 'EXISTS (SELECT FROM gridmap.site AS s WHERE s.site_id = conflict_of_interest.site_id)'
        ' OR EXISTS (SELECT FROM gridmap.site AS s WHERE s.credit_code = conflict_of_interest.credit_code)')
) AS t (name, condition);
SELECT gridmap.keep_log(t.name, t.key)
FROM (VALUES ('random_draw', 'draw_id'), ('conflict_of_interest', 'conflict_id')) AS t (name, key);
