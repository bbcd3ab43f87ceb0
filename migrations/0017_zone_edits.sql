-- One zone redrawn must cost little: what was law before a change is noted with it (a draft is none), findings know
-- their square, a rule's run knows which zones it asked, and land that no zone covers is computed from the zones about it.

ALTER TABLE gridmap.change ADD COLUMN was_in_force daterange;
COMMENT ON COLUMN gridmap.change.was_in_force IS 'Of a zone: the days it was law before the change; NULL when it was none.';

CREATE OR REPLACE FUNCTION gridmap.log_change() RETURNS trigger
LANGUAGE plpgsql
SET search_path = 'public'
AS $$
DECLARE
    how text := TG_ARGV[0];
    -- an INSERT has no old rows and a DELETE no new ones: only the tables that are there may be named
    source text := CASE TG_OP
        WHEN 'INSERT' THEN 'SELECT * FROM new_rows'
        WHEN 'DELETE' THEN 'SELECT * FROM old_rows'
        ELSE 'SELECT * FROM old_rows UNION ALL SELECT * FROM new_rows' END;
BEGIN
    IF TG_OP = 'TRUNCATE' THEN  -- tells of no rows
        INSERT INTO gridmap.change (relation) VALUES (TG_TABLE_NAME);
    ELSIF how = 'cell' THEN
        EXECUTE format('INSERT INTO gridmap.change (relation, cell_key) '
            'SELECT DISTINCT %L, r.cell_key FROM (%s) AS r', TG_TABLE_NAME, source);
    ELSIF how = 'site' THEN
        EXECUTE format('INSERT INTO gridmap.change (relation, cell_key) SELECT DISTINCT %L, s.cell_key '
            'FROM (%s) AS r LEFT JOIN gridmap.site AS s ON s.site_id = r.site_id '
            -- details of a site that is gone: the site itself told where it was
            'WHERE s.site_id IS NOT NULL OR r.site_id IS NULL', TG_TABLE_NAME, source);
    ELSIF how = 'zone' THEN
        -- drafts too: an audit must know that it was only a draft that changed
        EXECUTE format('INSERT INTO gridmap.change (relation, feature_id, was_in_force) %s', CASE TG_OP
            WHEN 'UPDATE' THEN format('SELECT %L, n.zone_id::text, CASE WHEN o.status = ''published'' THEN o.in_force END '
                'FROM new_rows AS n INNER JOIN old_rows AS o ON o.zone_id = n.zone_id', TG_TABLE_NAME)
            ELSE format('SELECT %L, r.zone_id::text, NULL FROM (%s) AS r', TG_TABLE_NAME, source) END);
    ELSE
        EXECUTE format('INSERT INTO gridmap.change (relation) SELECT %L WHERE EXISTS (%s)', TG_TABLE_NAME, source);
    END IF;
    RETURN NULL;
END
$$;
COMMENT ON FUNCTION gridmap.log_change() IS 'Statement trigger: notes where its table changed (by cell, by the cell of the site, by zone, or everywhere).';
COMMENT ON COLUMN gridmap.change.feature_id IS 'zone_id of a zone that changed, a draft or law.';

ALTER TABLE gridmap.finding ADD COLUMN cell_key bigint GENERATED ALWAYS AS (
    CASE WHEN GeometryType(geom) = 'POINT'
        THEN gridmap.cell_key_m(ST_X(ST_Transform(geom, 4547)), ST_Y(ST_Transform(geom, 4547))) END
) STORED;
COMMENT ON COLUMN gridmap.finding.cell_key IS 'Key of the 1 km square that holds it; NULL for what is no point.';
CREATE INDEX finding_rule_cell_idx ON gridmap.finding (rule_id, cell_key);
-- to count the living findings of a rule from the index alone
CREATE INDEX finding_living_idx ON gridmap.finding (rule_id, certainty) WHERE status <> 'gone';

ALTER TABLE gridmap.run_rule ADD COLUMN zones_digest text;
COMMENT ON COLUMN gridmap.run_rule.zones_digest IS 'Digest of the zones in force of the kinds that the rule names: tells a finding that is gone because a zone changed. NULL when it reads none.';
ALTER TABLE gridmap.run_rule DROP COLUMN zone_data_version;

-- The same answers from the zones that meet the county (or the version before) instead of all zones of the city: a
-- judgement of one county then dissolves no other county's zones. How far the outlines of a kind may be off is still
-- asked of the whole city.
CREATE OR REPLACE VIEW snapshot.kind_gap WITH (security_invoker = true) AS
WITH exempt AS (
    SELECT v.county_code, v.territory_m AS geom_m
    FROM snapshot.village_all AS v
    WHERE v.terrain = 'remote_mountain' AND v.territory_m IS NOT NULL
    UNION ALL
    SELECT r.county_code, r.geom_m
    FROM snapshot.region AS r
    WHERE r.level = 'township' AND r.geom_m IS NOT NULL
        AND EXISTS (SELECT 1 FROM snapshot.village_all AS v WHERE v.township_code = r.code)
        AND NOT EXISTS (
            SELECT 1 FROM snapshot.village_all AS v
            WHERE v.township_code = r.code AND v.terrain <> 'remote_mountain'
        )
), exempt_county AS (
    SELECT exempt.county_code, ST_Union(exempt.geom_m) AS geom_m FROM exempt GROUP BY exempt.county_code
), doubt AS (
    SELECT z.kind, max(z.position_error_m) AS error_m FROM snapshot.zone AS z WHERE z.geom_m IS NOT NULL GROUP BY z.kind
)
SELECT
    r.county_code, k.kind, piece.geom AS geom_m,
    -- a valid piece may touch itself once its metres are rounded into degrees
    ST_CollectionExtract(ST_MakeValid(ST_Transform(piece.geom, 4490)), 3) AS geom,
    ST_Area(piece.geom) AS area_m2,
    'E' || floor(ST_XMin(piece.geom) / 1000)::bigint || 'N' || floor(ST_YMin(piece.geom) / 1000)::bigint AS part,
    2 * (ST_MaximumInscribedCircle(piece.geom)).radius
        <= greatest(coalesce(doubt.error_m, 0), coalesce(r.position_error_m, 0)) AS near_boundary
FROM snapshot.region AS r
CROSS JOIN gridmap.zone_kind AS k
LEFT JOIN doubt ON doubt.kind = k.kind
LEFT JOIN exempt_county AS x ON x.county_code = r.county_code
CROSS JOIN LATERAL (
    SELECT ST_Union(z.geom_m) AS geom_m FROM snapshot.zone AS z WHERE z.kind = k.kind AND z.geom_m && r.geom_m
) AS c
CROSS JOIN LATERAL (
    SELECT gridmap.lay_on(gridmap.lay_on(r.geom_m, NULL, c.geom_m), NULL, x.geom_m) AS geom_m
) AS bare
-- outlines that should meet leave threads between them: what is narrower than 2 m is no gap and joins none
CROSS JOIN LATERAL ST_Dump(ST_Buffer(ST_Buffer(bare.geom_m, -1, 'join=mitre'), 1, 'join=mitre')) AS piece
WHERE r.level = 'county' AND r.geom_m IS NOT NULL
    AND (snapshot.counties() IS NULL OR r.county_code = ANY(snapshot.counties()))
    AND ST_Dimension(piece.geom) = 2 AND ST_Area(piece.geom) >= 1;

CREATE OR REPLACE VIEW snapshot.area_gap WITH (security_invoker = true) AS
WITH doubt AS (
    SELECT z.kind, max(z.position_error_m) AS error_m FROM snapshot.zone AS z WHERE z.geom_m IS NOT NULL GROUP BY z.kind
)
SELECT
    r.county_code, a.kind AS area_kind, k.kind, piece.geom AS geom_m,
    ST_CollectionExtract(ST_MakeValid(ST_Transform(piece.geom, 4490)), 3) AS geom,
    ST_Area(piece.geom) AS area_m2,
    'E' || floor(ST_XMin(piece.geom) / 1000)::bigint || 'N' || floor(ST_YMin(piece.geom) / 1000)::bigint AS part,
    2 * (ST_MaximumInscribedCircle(piece.geom)).radius
        <= greatest(coalesce(cd.error_m, 0), coalesce(ad.error_m, 0), coalesce(r.position_error_m, 0))
        AS near_boundary
FROM snapshot.region AS r
CROSS JOIN (VALUES ('city_proper'), ('built_up')) AS a (kind)
CROSS JOIN (VALUES ('no_burn'), ('coal_free')) AS k (kind)
LEFT JOIN doubt AS ad ON ad.kind = a.kind
LEFT JOIN doubt AS cd ON cd.kind = k.kind
CROSS JOIN LATERAL (
    SELECT ST_Union(z.geom_m) AS geom_m FROM snapshot.zone AS z WHERE z.kind = a.kind AND ST_Intersects(z.geom_m, r.geom_m)
) AS area
CROSS JOIN LATERAL (
    SELECT ST_Union(z.geom_m) AS geom_m FROM snapshot.zone AS z
    WHERE z.kind = k.kind AND z.geom_m && r.geom_m AND z.geom_m && area.geom_m
) AS c
CROSS JOIN LATERAL (
    SELECT gridmap.lay_on(ST_Intersection(r.geom_m, area.geom_m), NULL, c.geom_m) AS geom_m
) AS bare
-- as in kind_gap: threads narrower than 2 m between outlines that should meet are no gap
CROSS JOIN LATERAL ST_Dump(ST_Buffer(ST_Buffer(bare.geom_m, -1, 'join=mitre'), 1, 'join=mitre')) AS piece
WHERE r.level = 'county' AND r.geom_m IS NOT NULL AND area.geom_m IS NOT NULL
    AND (snapshot.counties() IS NULL OR r.county_code = ANY(snapshot.counties()))
    AND ST_Dimension(piece.geom) = 2 AND ST_Area(piece.geom) >= 1;

CREATE OR REPLACE VIEW snapshot.zone_lost_land WITH (security_invoker = true) AS
WITH doubt AS (
    SELECT z.kind, max(z.position_error_m) AS error_m FROM snapshot.zone AS z WHERE z.geom_m IS NOT NULL GROUP BY z.kind
)
SELECT
    z.county_code, z.lineage, z.kind, z.previous_version, piece.geom AS geom_m,
    ST_CollectionExtract(ST_MakeValid(ST_Transform(piece.geom, 4490)), 3) AS geom,
    ST_Area(piece.geom) AS area_m2,
    'E' || floor(ST_XMin(piece.geom) / 1000)::bigint || 'N' || floor(ST_YMin(piece.geom) / 1000)::bigint AS part,
    2 * (ST_MaximumInscribedCircle(piece.geom)).radius
        <= greatest(z.position_error_m, z.previous_error_m, coalesce(doubt.error_m, 0)) AS near_boundary
FROM snapshot.zone_previous AS z
LEFT JOIN doubt ON doubt.kind = z.kind
CROSS JOIN LATERAL (
    SELECT ST_Union(o.geom_m) AS geom_m FROM snapshot.zone AS o
    WHERE o.kind = z.kind AND o.geom_m && z.previous_geom_m
) AS c
CROSS JOIN LATERAL (SELECT gridmap.lay_on(z.previous_geom_m, NULL, c.geom_m) AS geom_m) AS bare
CROSS JOIN LATERAL ST_Dump(ST_Buffer(ST_Buffer(bare.geom_m, -1, 'join=mitre'), 1, 'join=mitre')) AS piece
WHERE ST_Dimension(piece.geom) = 2 AND ST_Area(piece.geom) >= 1
    AND (snapshot.counties() IS NULL OR z.county_code = ANY(snapshot.counties()));

-- One zone alone is dissolved already.
CREATE OR REPLACE VIEW snapshot.village_cover WITH (security_invoker = true) AS
WITH law AS MATERIALIZED (
    SELECT z.zone_id, z.kind, z.boundary IS NOT NULL AS is_bounded, z.geom_m, z.position_error_m
    FROM snapshot.zone AS z
)
SELECT
    v.county_code, v.village_id, k.kind,
    CASE
        WHEN named.is_in THEN 100.0
        WHEN bounded.cover IS NULL THEN 0.0
        WHEN v.territory_m IS NULL THEN CASE WHEN ST_Intersects(bounded.cover, v.geom_m) THEN 100.0 ELSE 0.0 END
        ELSE 100.0 * ST_Area(ST_Intersection(bounded.cover, v.territory_m)) / ST_Area(v.territory_m)
    END::double precision AS covered_pct,
    named.zone_ids IS NOT NULL AND (named.is_in OR bounded.cover IS NULL) AS by_name,
    coalesce(
        NOT coalesce(named.is_in, false)
        -- the boundary may well cross an exact territory: its share is then known, not doubtful
        AND (v.territory_m IS NULL OR v.position_error_m + bounded.error_m > 0)
        AND ST_DWithin(
            ST_Boundary(bounded.cover), coalesce(v.territory_m, v.geom_m), v.position_error_m + bounded.error_m
        ),
        false
    ) AS near_boundary
FROM snapshot.village AS v
CROSS JOIN gridmap.zone_kind AS k
CROSS JOIN LATERAL (
    SELECT bool_or(verdict.side = 'in') AS is_in, array_agg(verdict.zone_id) AS zone_ids
    FROM (
        SELECT DISTINCT ON (u.zone_id) u.zone_id, u.side
        -- OFFSET 0 keeps the three codes a list of their own, so that each is looked up in the index of the units
        FROM (
            SELECT c.code FROM unnest(ARRAY[v.village_id, v.township_code, v.county_code]) AS c (code) OFFSET 0 -- noqa: AM09
        ) AS chain
        INNER JOIN gridmap.zone_unit AS u ON u.unit_code = chain.code
        INNER JOIN law ON law.zone_id = u.zone_id AND law.kind = k.kind
        ORDER BY u.zone_id, length(u.unit_code) DESC
    ) AS verdict
) AS named
LEFT JOIN LATERAL (
    SELECT
        CASE WHEN count(*) = 1 THEN (array_agg(law.geom_m))[1] ELSE ST_Union(law.geom_m) END AS cover,
        max(law.position_error_m) AS error_m
    FROM law
    WHERE law.kind = k.kind AND law.is_bounded
        AND NOT coalesce(law.zone_id = ANY(named.zone_ids), false)
        AND ST_DWithin(law.geom_m, coalesce(v.territory_m, v.geom_m), v.position_error_m + law.position_error_m)
) AS bounded ON NOT coalesce(named.is_in, false);

-- Lists are asked as hashed subplans: said as an array they were read anew for every village.
CREATE OR REPLACE VIEW snapshot.village WITH (security_invoker = true) AS
SELECT v.*
FROM snapshot.village_all AS v
WHERE ((SELECT nullif(snapshot.counties() IS NULL, false)) IS NOT NULL
        OR v.county_code IN (SELECT unnest(snapshot.counties())))
    AND v.cell_key >= snapshot.cell_low() AND v.cell_key <= snapshot.cell_high()
    AND ((SELECT nullif(snapshot.cells() IS NULL, false)) IS NOT NULL
        OR v.cell_key IN (SELECT unnest(snapshot.cells())));
SELECT gridmap.describe_views();
