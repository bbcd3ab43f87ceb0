-- Zones as decrees write them: by a boundary, by lists of units in and out, or both; versions follow each other,
-- a published version never changes, and what it covers on the ground is computed once and stored.

CREATE TABLE gridmap.zone_kind (
    kind text PRIMARY KEY CHECK (kind ~ '^[a-z_]+$'),
    name_zh text NOT NULL,
    name_en text NOT NULL,
    sort_order smallint NOT NULL
);
COMMENT ON TABLE gridmap.zone_kind IS 'The kinds of zone the law knows. A new kind is a row.';
COMMENT ON COLUMN gridmap.zone_kind.kind IS 'Identifier, the same in tables, URLs and classes.';
COMMENT ON COLUMN gridmap.zone_kind.name_zh IS 'Term in Chinese.';
COMMENT ON COLUMN gridmap.zone_kind.name_en IS 'Term in English.';
COMMENT ON COLUMN gridmap.zone_kind.sort_order IS 'Order in legends.';
INSERT INTO gridmap.zone_kind (kind, name_zh, name_en, sort_order) VALUES
    ('coal_free', '禁煤区', 'coal-free zone', 1),
    ('no_burn', '高污染燃料禁燃区', 'no-burn zone', 2),
    ('machinery_restricted', '非道路移动机械禁用区', 'machinery restricted area', 3),
    ('enclosed_area', '绕城高速与沿黄快速路围合区域', 'enclosed area', 4),
    ('third_ring', '三环内', 'inside the third ring', 5),
    ('fourth_ring', '四环内', 'inside the fourth ring', 6),
    ('ring_expressway', '绕城高速内', 'inside the ring expressway', 7),
    ('city_proper', '市区', 'city proper', 8),
    ('built_up', '建成区', 'built-up area', 9),
    ('heating_coverage', '集中供热覆盖区', 'heating coverage', 10),
    ('gas_coverage', '燃气覆盖区', 'gas coverage', 11);

CREATE TABLE gridmap.zone (
    zone_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    lineage text NOT NULL CHECK (lineage ~ '^[a-z0-9_]+$'),
    version integer NOT NULL CHECK (version > 0),
    kind text NOT NULL REFERENCES gridmap.zone_kind,
    class text CHECK (class IN ('Ⅰ', 'Ⅱ', 'Ⅲ')),
    name text NOT NULL CHECK (name <> ''),
    county_code text NOT NULL CHECK (county_code ~ '^[0-9]{6}$'),
    issuer text NOT NULL,
    document text NOT NULL,
    document_number text,
    signed_on date,
    in_force daterange NOT NULL CHECK (NOT isempty(in_force) AND NOT lower_inf(in_force)),
    status text NOT NULL DEFAULT 'draft' CHECK (status IN ('draft', 'published')),
    phase text,
    boundary_wording text,
    road_included boolean,
    exemptions text,
    deadline_on date,
    reason text,
    boundary geometry(MultiPolygon, 4490) CHECK (gridmap.is_sound(boundary)),
    geom geometry(MultiPolygon, 4490) CHECK (gridmap.is_sound(geom)),
    geom_m geometry(MultiPolygon, 4547) GENERATED ALWAYS AS (ST_Transform(geom, 4547)) STORED,
    geom_3857 geometry(MultiPolygon, 3857) GENERATED ALWAYS AS (ST_Transform(geom, 3857)) STORED,
    is_sketch boolean NOT NULL DEFAULT false,
    position_error_m double precision NOT NULL DEFAULT 0
        CHECK (position_error_m >= 0 AND position_error_m < 200000),
    source text NOT NULL,
    note text,
    recorded_at timestamptz NOT NULL DEFAULT gridmap.instant(),
    CONSTRAINT zone_version_once UNIQUE (lineage, version),
    CONSTRAINT zone_versions_do_not_overlap EXCLUDE USING gist (lineage WITH =, in_force WITH &&)
        WHERE (status = 'published')
);
CREATE INDEX zone_geom_m_idx ON gridmap.zone USING gist (geom_m);
CREATE INDEX zone_geom_3857_idx ON gridmap.zone USING gist (geom_3857);
CREATE INDEX zone_kind_idx ON gridmap.zone (kind);
COMMENT ON TABLE gridmap.zone IS 'Zones in the sense of the law, one row per version of a lineage.';
COMMENT ON COLUMN gridmap.zone.zone_id IS 'Key of this version.';
COMMENT ON COLUMN gridmap.zone.lineage IS 'What stays the same through all versions (coal_free_410181).';
COMMENT ON COLUMN gridmap.zone.version IS 'Number of the version within its lineage, from 1.';
COMMENT ON COLUMN gridmap.zone.kind IS 'Kind of zone.';
COMMENT ON COLUMN gridmap.zone.class IS 'Class Ⅰ, Ⅱ or Ⅲ of a no-burn zone.';
COMMENT ON COLUMN gridmap.zone.name IS 'Name in Chinese.';
COMMENT ON COLUMN gridmap.zone.county_code IS 'County that drew it; the city''s code for the city''s own.';
COMMENT ON COLUMN gridmap.zone.issuer IS 'Authority that issued it.';
COMMENT ON COLUMN gridmap.zone.document IS 'Document it rests on.';
COMMENT ON COLUMN gridmap.zone.document_number IS 'Number of the document, where it has one.';
COMMENT ON COLUMN gridmap.zone.signed_on IS 'Day of signing.';
COMMENT ON COLUMN gridmap.zone.in_force IS 'Days in force, [from, to).';
COMMENT ON COLUMN gridmap.zone.status IS 'draft or published; a published version is immutable but for the day it ends.';
COMMENT ON COLUMN gridmap.zone.phase IS 'Phase of a zone drawn in steps.';
COMMENT ON COLUMN gridmap.zone.boundary_wording IS 'The boundary in words, ours or the decree''s.';
COMMENT ON COLUMN gridmap.zone.road_included IS 'Whether the bounding roads belong to the zone.';
COMMENT ON COLUMN gridmap.zone.exemptions IS 'Who is exempt, in words.';
COMMENT ON COLUMN gridmap.zone.deadline_on IS 'Last day to comply, where the document sets one.';
COMMENT ON COLUMN gridmap.zone.reason IS 'Why this version was made.';
COMMENT ON COLUMN gridmap.zone.boundary IS 'Boundary as drawn by the decree, EPSG:4490; NULL when it only lists units.';
COMMENT ON COLUMN gridmap.zone.geom IS 'Effective geometry, EPSG:4490: boundary and territories of units in, less those of units out. Computed at save and publish.';
COMMENT ON COLUMN gridmap.zone.geom_m IS 'Effective geometry in metres, EPSG:4547.';
COMMENT ON COLUMN gridmap.zone.geom_3857 IS 'Effective geometry for tiles, EPSG:3857.';
COMMENT ON COLUMN gridmap.zone.is_sketch IS 'True when it was reconstructed from words: the map says so.';
COMMENT ON COLUMN gridmap.zone.position_error_m IS 'How far the effective boundary may be off, metres.';
COMMENT ON COLUMN gridmap.zone.source IS 'Where the row comes from.';
COMMENT ON COLUMN gridmap.zone.note IS 'What a reader must know of it, in Chinese.';
COMMENT ON COLUMN gridmap.zone.recorded_at IS 'When this row was written; judging never reads it.';
SELECT gridmap.watch('zone');

CREATE TABLE gridmap.zone_unit (
    zone_id bigint NOT NULL REFERENCES gridmap.zone ON DELETE CASCADE,
    unit_code text NOT NULL CHECK (unit_code ~ '^([0-9]{6}|[0-9]{9}|[0-9]{12})$'),
    side text NOT NULL CHECK (side IN ('in', 'out')),
    by_name_only boolean NOT NULL DEFAULT false,
    note text,
    -- the same unit on both lists is refused by this key
    PRIMARY KEY (zone_id, unit_code)
);
CREATE INDEX zone_unit_code_idx ON gridmap.zone_unit (unit_code);
COMMENT ON TABLE gridmap.zone_unit IS 'Units that a zone lists as in or out: counties, townships, villages.';
COMMENT ON COLUMN gridmap.zone_unit.zone_id IS 'The version of the zone.';
COMMENT ON COLUMN gridmap.zone_unit.unit_code IS 'Code of the county (6), township (9) or village (12 digits).';
COMMENT ON COLUMN gridmap.zone_unit.side IS 'in or out. The most specific listed unit on a village''s chain decides.';
COMMENT ON COLUMN gridmap.zone_unit.by_name_only IS 'True when the unit has no known territory and so adds or takes no area.';
COMMENT ON COLUMN gridmap.zone_unit.note IS 'Why it is listed, in Chinese.';
SELECT gridmap.watch('zone_unit');

CREATE TABLE gridmap.zone_edge (
    zone_id bigint NOT NULL REFERENCES gridmap.zone ON DELETE CASCADE,
    geom_m geometry(LineString, 4547) NOT NULL
);
CREATE INDEX zone_edge_geom_m_idx ON gridmap.zone_edge USING gist (geom_m);
CREATE INDEX zone_edge_zone_idx ON gridmap.zone_edge (zone_id);
COMMENT ON TABLE gridmap.zone_edge IS 'Boundaries of effective geometries in lines of at most 32 vertices, for nearness. Derived: rebuilt with the zone.';
COMMENT ON COLUMN gridmap.zone_edge.zone_id IS 'The version of the zone.';
COMMENT ON COLUMN gridmap.zone_edge.geom_m IS 'Piece of the boundary in metres, EPSG:4547.';

CREATE FUNCTION gridmap.lay_on(base geometry, added geometry, taken geometry) RETURNS geometry
LANGUAGE sql IMMUTABLE PARALLEL SAFE
SET search_path = 'public'
AS $$
    SELECT CASE
        WHEN taken IS NULL THEN grown.geom
        WHEN grown.geom IS NULL THEN NULL
        ELSE ST_Difference(grown.geom, taken)
    END
    FROM (SELECT CASE WHEN base IS NULL THEN added WHEN added IS NULL THEN base ELSE ST_Union(base, added) END AS geom) AS grown
$$;

CREATE FUNCTION gridmap.zone_effective_geometry(wanted bigint) RETURNS geometry
LANGUAGE sql STABLE
SET search_path = 'public'
AS $$
    WITH territory AS (
        SELECT u.side, length(u.unit_code) AS depth, coalesce(r.geom, v.territory) AS geom
        FROM gridmap.zone AS z
        JOIN gridmap.zone_unit AS u USING (zone_id)
        LEFT JOIN gridmap.region AS r ON r.code = u.unit_code AND r.in_force @> lower(z.in_force)
        LEFT JOIN gridmap.village AS v ON v.village_id = u.unit_code AND v.in_force @> lower(z.in_force)
        WHERE z.zone_id = wanted
    ), -- most specific wins, so sides are laid on from county to village
    base AS (SELECT z.boundary AS geom FROM gridmap.zone AS z WHERE z.zone_id = wanted),
    county AS (
        SELECT gridmap.lay_on(
            (SELECT base.geom FROM base),
            (SELECT ST_Union(t.geom) FROM territory AS t WHERE t.side = 'in' AND t.depth = 6),
            (SELECT ST_Union(t.geom) FROM territory AS t WHERE t.side = 'out' AND t.depth = 6)) AS geom
    ), township AS (
        SELECT gridmap.lay_on(
            (SELECT county.geom FROM county),
            (SELECT ST_Union(t.geom) FROM territory AS t WHERE t.side = 'in' AND t.depth = 9),
            (SELECT ST_Union(t.geom) FROM territory AS t WHERE t.side = 'out' AND t.depth = 9)) AS geom
    ), village AS (
        SELECT gridmap.lay_on(
            (SELECT township.geom FROM township),
            (SELECT ST_Union(t.geom) FROM territory AS t WHERE t.side = 'in' AND t.depth = 12),
            (SELECT ST_Union(t.geom) FROM territory AS t WHERE t.side = 'out' AND t.depth = 12)) AS geom
    )
    SELECT CASE WHEN ST_IsEmpty(village.geom) THEN NULL
                ELSE ST_Multi(ST_CollectionExtract(ST_MakeValid(village.geom), 3)) END
    FROM village
$$;
COMMENT ON FUNCTION gridmap.zone_effective_geometry(bigint) IS 'Effective geometry of a version (MultiPolygon, EPSG:4490, or NULL): boundary and units in, less units out, the more specific unit winning.';
COMMENT ON FUNCTION gridmap.lay_on(geometry, geometry, geometry) IS '(base or added) less taken, each of which may be NULL.';

CREATE FUNCTION gridmap.settle_zone(wanted bigint) RETURNS void
LANGUAGE plpgsql
SET search_path = 'public'
AS $$
BEGIN
    UPDATE gridmap.zone_unit AS u
    SET by_name_only = NOT EXISTS (
        SELECT FROM gridmap.zone AS z
        LEFT JOIN gridmap.region AS r ON r.code = u.unit_code AND r.in_force @> lower(z.in_force)
        LEFT JOIN gridmap.village AS v ON v.village_id = u.unit_code AND v.in_force @> lower(z.in_force)
        WHERE z.zone_id = u.zone_id AND coalesce(r.geom, v.territory) IS NOT NULL)
    WHERE u.zone_id = wanted;
    UPDATE gridmap.zone SET geom = gridmap.zone_effective_geometry(wanted) WHERE zone_id = wanted;
    DELETE FROM gridmap.zone_edge WHERE zone_id = wanted;
    INSERT INTO gridmap.zone_edge (zone_id, geom_m)
    SELECT wanted, piece.geom
    FROM gridmap.zone AS z
    CROSS JOIN LATERAL ST_Subdivide(ST_Boundary(z.geom_m), 32) AS part(geom)
    CROSS JOIN LATERAL ST_Dump(part.geom) AS piece
    WHERE z.zone_id = wanted AND z.geom IS NOT NULL;
END
$$;
COMMENT ON FUNCTION gridmap.settle_zone(bigint) IS 'Computes and stores what a draft covers: effective geometry, boundary pieces, units known by name only. Called at save and publish.';

CREATE FUNCTION gridmap.publish_zone(wanted bigint) RETURNS void
LANGUAGE plpgsql
SET search_path = 'public'
AS $$
DECLARE
    mine gridmap.zone;
BEGIN
    SELECT * INTO mine FROM gridmap.zone WHERE zone_id = wanted FOR UPDATE;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'zone % does not exist', wanted USING ERRCODE = 'no_data_found';
    END IF;
    IF mine.status = 'published' THEN
        RAISE EXCEPTION 'zone % (%) is published already', wanted, mine.lineage USING ERRCODE = 'object_in_use';
    END IF;
    IF mine.boundary IS NULL AND NOT EXISTS (SELECT FROM gridmap.zone_unit WHERE zone_id = wanted AND side = 'in') THEN
        RAISE EXCEPTION 'zone % (%) has neither a boundary nor a unit inside', wanted, mine.lineage
            USING ERRCODE = 'check_violation';
    END IF;
    PERFORM gridmap.settle_zone(wanted);
    -- the predecessor ends the day this one begins; a predecessor that begins later is left to the exclusion constraint
    UPDATE gridmap.zone AS z
    SET in_force = daterange(lower(z.in_force), lower(mine.in_force), '[)')
    WHERE z.lineage = mine.lineage AND z.status = 'published'
      AND z.in_force @> lower(mine.in_force) AND lower(z.in_force) < lower(mine.in_force);
    UPDATE gridmap.zone SET status = 'published' WHERE zone_id = wanted;
END
$$;
COMMENT ON FUNCTION gridmap.publish_zone(bigint) IS 'Makes a draft law: settles it, ends its predecessor the day it begins, and freezes it.';

CREATE FUNCTION gridmap.keep_published_zone() RETURNS trigger
LANGUAGE plpgsql
SET search_path = 'public'
AS $$
DECLARE
    was jsonb;
    becomes jsonb;
BEGIN
    IF OLD.status <> 'published' THEN
        RETURN coalesce(NEW, OLD);
    END IF;
    IF TG_OP = 'DELETE' THEN
        RAISE EXCEPTION 'zone % (% version %) is published and cannot be deleted; publish a successor', OLD.zone_id, OLD.lineage, OLD.version
            USING ERRCODE = 'object_in_use';
    END IF;
    -- geometries are compared as such; generated columns are not filled yet in a BEFORE trigger
    was := to_jsonb(OLD) - ARRAY['in_force', 'recorded_at', 'boundary', 'geom', 'geom_m', 'geom_3857'];
    becomes := to_jsonb(NEW) - ARRAY['in_force', 'recorded_at', 'boundary', 'geom', 'geom_m', 'geom_3857'];
    IF was <> becomes
        OR OLD.boundary IS DISTINCT FROM NEW.boundary OR OLD.geom IS DISTINCT FROM NEW.geom
        OR lower(OLD.in_force) <> lower(NEW.in_force)
        OR NOT coalesce(upper(NEW.in_force) <= upper(OLD.in_force), upper_inf(OLD.in_force)) THEN
        RAISE EXCEPTION 'zone % (% version %) is published: only the day it ends may be brought forward', OLD.zone_id, OLD.lineage, OLD.version
            USING ERRCODE = 'object_in_use';
    END IF;
    RETURN NEW;
END
$$;
COMMENT ON FUNCTION gridmap.keep_published_zone() IS 'Row trigger: a published version of a zone is immutable but for an earlier end.';
CREATE TRIGGER zone_published_is_kept BEFORE UPDATE OR DELETE ON gridmap.zone
FOR EACH ROW EXECUTE FUNCTION gridmap.keep_published_zone();

CREATE FUNCTION gridmap.keep_published_zone_part() RETURNS trigger
LANGUAGE plpgsql
SET search_path = 'public'
AS $$
DECLARE
    changed bigint;
BEGIN
    FOREACH changed IN ARRAY CASE TG_OP
        WHEN 'INSERT' THEN ARRAY[NEW.zone_id]
        WHEN 'DELETE' THEN ARRAY[OLD.zone_id]
        ELSE ARRAY[OLD.zone_id, NEW.zone_id] END
    LOOP
        IF EXISTS (SELECT FROM gridmap.zone WHERE zone_id = changed AND status = 'published') THEN
            RAISE EXCEPTION 'zone % is published: its units and boundary are fixed', changed USING ERRCODE = 'object_in_use';
        END IF;
    END LOOP;
    RETURN coalesce(NEW, OLD);
END
$$;
COMMENT ON FUNCTION gridmap.keep_published_zone_part() IS 'Row trigger on units and boundary pieces: those of a published version are fixed.';
CREATE TRIGGER zone_unit_published_is_kept BEFORE INSERT OR UPDATE OR DELETE ON gridmap.zone_unit
FOR EACH ROW EXECUTE FUNCTION gridmap.keep_published_zone_part();
CREATE TRIGGER zone_edge_published_is_kept BEFORE INSERT OR UPDATE OR DELETE ON gridmap.zone_edge
FOR EACH ROW EXECUTE FUNCTION gridmap.keep_published_zone_part();
