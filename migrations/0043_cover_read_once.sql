-- While a zone of ten thousand vertices is drawn, its outline was fetched from its storage for every village it may
-- reach, and united with every other zone of its kind for each look at township seats and given-up land. Outlines are
-- now fetched once per statement, and nothing is united where a part decides.

-- What covers a village is said as before: only `law` carries the outlines and boundaries out of their storage, and
-- rows name zones instead of carrying outlines about.
CREATE OR REPLACE VIEW snapshot.village_cover WITH (security_invoker = true) AS
WITH law AS MATERIALIZED (
    SELECT
        z.zone_id, z.kind, z.boundary IS NOT NULL AS is_bounded,
        -- a copy in memory: what is stored out of line is else fetched and unpacked at every call
        ST_SetSRID(z.geom_m, 4547) AS geom_m, ST_Boundary(z.geom_m) AS line_m, z.position_error_m
    FROM snapshot.zone AS z
)
SELECT
    v.county_code, v.village_id, k.kind,
    CASE
        WHEN named.is_in THEN 100.0
        WHEN bounded.zone_ids IS NULL THEN 0.0
        WHEN v.territory_m IS NULL THEN CASE
            WHEN EXISTS (
                SELECT 1 FROM law AS a WHERE a.zone_id = ANY(bounded.zone_ids) AND ST_Intersects(a.geom_m, v.geom_m)
            ) THEN 100.0
            ELSE 0.0
        END
        ELSE (
            SELECT 100.0 * ST_Area(ST_Union(ST_CollectionExtract(ST_Intersection(a.geom_m, v.territory_m), 3)))
            FROM law AS a WHERE a.zone_id = ANY(bounded.zone_ids)
        ) / ST_Area(v.territory_m)
    END::double precision AS covered_pct,
    named.zone_ids IS NOT NULL AND (named.is_in OR bounded.zone_ids IS NULL) AS by_name,
    coalesce(
        NOT coalesce(named.is_in, false)
        -- the boundary may well cross an exact territory: its share is then known, not doubtful
        AND (v.territory_m IS NULL OR v.position_error_m + bounded.error_m > 0)
        AND CASE
            -- the boundary of a union is part of the boundaries of what it unites
            WHEN NOT EXISTS (
                SELECT 1 FROM law AS a
                WHERE a.zone_id = ANY(bounded.zone_ids)
                    AND ST_DWithin(a.line_m, place.geom_m, v.position_error_m + bounded.error_m)
            ) THEN false
            WHEN cardinality(bounded.zone_ids) = 1 THEN true
            -- a near place on one boundary that no other area comes to a millimetre of is on the boundary of the whole
            WHEN EXISTS (
                SELECT 1 FROM law AS a
                CROSS JOIN LATERAL (SELECT ST_ClosestPoint(a.line_m, place.geom_m) AS geom_m) AS p
                WHERE a.zone_id = ANY(bounded.zone_ids)
                    AND ST_DWithin(p.geom_m, place.geom_m, v.position_error_m + bounded.error_m)
                    AND NOT EXISTS (
                        SELECT 1 FROM law AS o
                        WHERE o.zone_id = ANY(bounded.zone_ids) AND o.zone_id <> a.zone_id
                            AND ST_DWithin(o.geom_m, p.geom_m, 0.001)
                    )
            ) THEN true
            WHEN EXISTS (
                SELECT 1 FROM law AS a
                CROSS JOIN LATERAL ST_DumpPoints(a.geom_m) AS p
                WHERE a.zone_id = ANY(bounded.zone_ids)
                    AND ST_DWithin(p.geom, place.geom_m, v.position_error_m + bounded.error_m)
                    AND NOT EXISTS (
                        SELECT 1 FROM law AS o
                        WHERE o.zone_id = ANY(bounded.zone_ids) AND o.zone_id <> a.zone_id
                            AND ST_DWithin(o.geom_m, p.geom, 0.001)
                    )
            ) THEN true
            -- the frame lies ten metres farther than what counts as near, so that it is never taken for a boundary
            ELSE ST_DWithin(
                (
                    SELECT ST_Boundary(ST_Union(ST_CollectionExtract(ST_Intersection(a.geom_m, ST_Expand(
                        ST_Envelope(place.geom_m), v.position_error_m + bounded.error_m + 10
                    )), 3)))
                    FROM law AS a WHERE a.zone_id = ANY(bounded.zone_ids)
                ),
                place.geom_m, v.position_error_m + bounded.error_m
            )
        END,
        false
    ) AS near_boundary
FROM snapshot.village AS v
CROSS JOIN gridmap.zone_kind AS k
CROSS JOIN LATERAL (SELECT coalesce(v.territory_m, v.geom_m) AS geom_m) AS place
CROSS JOIN LATERAL (
    SELECT bool_or(verdict.side = 'in') AS is_in, array_agg(verdict.zone_id) AS zone_ids
    FROM (
        SELECT DISTINCT ON (u.zone_id) u.zone_id, u.side
        FROM (
            -- OFFSET 0 has the units looked up by the village's three codes, not by all zones of the kind
            SELECT u.zone_id, u.side, u.unit_code FROM gridmap.zone_unit AS u
            WHERE u.unit_code IN (v.village_id, v.township_code, v.county_code) OFFSET 0 -- noqa: AM09
        ) AS u
        INNER JOIN law ON law.zone_id = u.zone_id AND law.kind = k.kind
        ORDER BY u.zone_id, length(u.unit_code) DESC
    ) AS verdict
) AS named
LEFT JOIN LATERAL (
    SELECT array_agg(law.zone_id) AS zone_ids, max(law.position_error_m) AS error_m
    FROM law
    WHERE law.kind = k.kind AND law.is_bounded
        AND NOT coalesce(law.zone_id = ANY(named.zone_ids), false)
        AND law.geom_m && ST_Expand(place.geom_m, v.position_error_m + law.position_error_m)
        AND ST_DWithin(law.geom_m, place.geom_m, v.position_error_m + law.position_error_m)
) AS bounded ON NOT coalesce(named.is_in, false);

-- A seat's distance is that to the nearest boundary, unless another zone covers that place: then to that of the union.
CREATE OR REPLACE VIEW snapshot.seat_cover WITH (security_invoker = true) AS
WITH cover AS MATERIALIZED (
    SELECT
        z.zone_id, z.kind, ST_SetSRID(z.geom_m, 4547) AS geom_m, ST_Boundary(z.geom_m) AS line_m, z.position_error_m
    FROM snapshot.zone AS z
    WHERE z.kind IN ('coal_free', 'no_burn') AND z.geom_m IS NOT NULL
),

united AS MATERIALIZED (
    SELECT c.kind, ST_Boundary(ST_Union(c.geom_m)) AS line_m FROM cover AS c GROUP BY c.kind
)

SELECT
    r.county_code, r.code, r.name, k.kind, r.seat AS geom,
    coalesce(named.is_in, false) OR coalesce(place.inside, false) AS inside,
    coalesce(named.is_in, false) AS by_name,
    CASE
        WHEN coalesce(named.is_in, false) THEN NULL
        WHEN EXISTS (
            SELECT 1 FROM cover AS o
            WHERE o.kind = k.kind AND o.zone_id <> nearest.zone_id AND ST_DWithin(o.geom_m, nearest.geom_m, 0.001)
        ) THEN (SELECT ST_Distance(u.line_m, seat.geom_m) FROM united AS u WHERE u.kind = k.kind)
        ELSE nearest.distance_m
    END AS distance_to_boundary_m,
    coalesce(place.position_error_m, 0) AS zone_error_m
FROM snapshot.region AS r
CROSS JOIN (VALUES ('coal_free'), ('no_burn')) AS k (kind)
CROSS JOIN LATERAL (SELECT ST_Transform(r.seat, 4547) AS geom_m) AS seat
CROSS JOIN LATERAL (
    SELECT bool_or(verdict.side = 'in') AS is_in
    FROM (
        SELECT DISTINCT ON (u.zone_id) u.side
        FROM snapshot.zone_unit AS u
        WHERE u.kind = k.kind AND u.unit_code IN (r.code, r.county_code)
        ORDER BY u.zone_id, length(u.unit_code) DESC
    ) AS verdict
) AS named
CROSS JOIN LATERAL (
    SELECT bool_or(ST_Intersects(c.geom_m, seat.geom_m)) AS inside, max(c.position_error_m) AS position_error_m
    FROM cover AS c
    WHERE c.kind = k.kind
) AS place
LEFT JOIN LATERAL (
    SELECT c.zone_id, ST_ClosestPoint(c.line_m, seat.geom_m) AS geom_m, ST_Distance(c.line_m, seat.geom_m) AS distance_m
    FROM cover AS c
    WHERE c.kind = k.kind
    ORDER BY distance_m, c.zone_id LIMIT 1
) AS nearest ON true
WHERE r.level = 'township' AND r.seat IS NOT NULL
    AND (snapshot.counties() IS NULL OR r.county_code = ANY(snapshot.counties()));

-- Taken away one after the other, each zone meets only what the ones before it left. The one with most vertices comes
-- last: what it leaves may be many threads.
CREATE FUNCTION gridmap.take_away_one(remains geometry, base geometry, taken geometry) RETURNS geometry
LANGUAGE sql IMMUTABLE PARALLEL SAFE SET search_path = public AS $$
    SELECT CASE
        WHEN taken IS NULL THEN coalesce(remains, base)
        ELSE ST_Difference(coalesce(remains, base), taken)
    END
$$;
COMMENT ON FUNCTION gridmap.take_away_one(geometry, geometry, geometry) IS 'What remains, the base at first, less one area more.';
-- in a text, for the linter knows no aggregates
DO $$
BEGIN
    EXECUTE 'CREATE AGGREGATE gridmap.take_away(base public.geometry, taken public.geometry) '
        '(SFUNC = gridmap.take_away_one, STYPE = public.geometry, PARALLEL = SAFE)';
    EXECUTE 'COMMENT ON AGGREGATE gridmap.take_away(public.geometry, public.geometry) '
        'IS ''The base less every area taken; NULL when there is no row.''';
END
$$;

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
    SELECT gridmap.take_away(z.previous_geom_m, o.geom_m ORDER BY ST_NPoints(o.geom_m), o.zone_id) AS geom_m
    FROM snapshot.zone AS o
    WHERE o.kind = z.kind AND o.geom_m && z.previous_geom_m
) AS taken
CROSS JOIN LATERAL (SELECT coalesce(taken.geom_m, z.previous_geom_m) AS geom_m) AS bare
CROSS JOIN LATERAL ST_Dump(ST_Buffer(ST_Buffer(bare.geom_m, -1, 'join=mitre'), 1, 'join=mitre')) AS piece
WHERE ST_Dimension(piece.geom) = 2 AND ST_Area(piece.geom) >= 1
    AND (snapshot.counties() IS NULL OR z.county_code = ANY(snapshot.counties()));

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
    SELECT ST_Intersection(r.geom_m, ST_Union(z.geom_m)) AS geom_m
    FROM snapshot.zone AS z
    WHERE z.kind = a.kind AND ST_Intersects(z.geom_m, r.geom_m)
    OFFSET 0 -- noqa: AM09
) AS area
CROSS JOIN LATERAL (
    SELECT gridmap.take_away(area.geom_m, z.geom_m ORDER BY ST_NPoints(z.geom_m), z.zone_id) AS geom_m
    FROM snapshot.zone AS z
    WHERE z.kind = k.kind AND z.geom_m && area.geom_m
) AS taken
CROSS JOIN LATERAL (SELECT coalesce(taken.geom_m, area.geom_m) AS geom_m) AS bare
-- as in kind_gap: threads narrower than 2 m between outlines that should meet are no gap
CROSS JOIN LATERAL ST_Dump(ST_Buffer(ST_Buffer(bare.geom_m, -1, 'join=mitre'), 1, 'join=mitre')) AS piece
WHERE r.level = 'county' AND r.geom_m IS NOT NULL AND area.geom_m IS NOT NULL
    AND (snapshot.counties() IS NULL OR r.county_code = ANY(snapshot.counties()))
    AND ST_Dimension(piece.geom) = 2 AND ST_Area(piece.geom) >= 1;

-- A village that the version in force still holds whole has lost nothing: only of the others is the cover asked for.
CREATE OR REPLACE VIEW snapshot.zone_lost_village WITH (security_invoker = true) AS
SELECT
    held.county_code, held.village_id, held.lineage, held.kind, held.previous_version, cover.covered_pct,
    held.previous_pct, cover.near_boundary, held.was_named
FROM (
    SELECT
        v.county_code, v.village_id, z.lineage, z.kind, z.previous_version, before.previous_pct, before.was_named
    FROM snapshot.zone_previous AS z
    INNER JOIN gridmap.zone AS n ON n.zone_id = z.zone_id
    CROSS JOIN snapshot.village AS v
    LEFT JOIN LATERAL (
        SELECT u.side FROM gridmap.zone_unit AS u
        WHERE u.zone_id = z.previous_zone_id AND u.unit_code IN (v.village_id, v.township_code, v.county_code)
        ORDER BY length(u.unit_code) DESC LIMIT 1
    ) AS named ON true
    LEFT JOIN LATERAL (
        SELECT u.side FROM gridmap.zone_unit AS u
        WHERE u.zone_id = z.zone_id AND u.unit_code IN (v.village_id, v.township_code, v.county_code)
        ORDER BY length(u.unit_code) DESC LIMIT 1
    ) AS named_now ON true
    CROSS JOIN LATERAL (
        SELECT
            coalesce(named.side = 'in', false) AS was_named,
            CASE
                WHEN named.side = 'in' THEN 100.0
                WHEN named.side = 'out' OR NOT z.previous_is_bounded THEN 0.0
                WHEN NOT ST_Intersects(z.previous_geom_m, coalesce(v.territory_m, v.geom_m)) THEN 0.0
                WHEN v.territory_m IS NULL THEN 100.0
                ELSE 100.0 * ST_Area(ST_Intersection(z.previous_geom_m, v.territory_m)) / ST_Area(v.territory_m)
            END::double precision AS previous_pct
    ) AS before
    WHERE before.previous_pct > 0
        AND NOT CASE
            WHEN named_now.side = 'in' THEN true
            WHEN named_now.side = 'out' OR n.boundary IS NULL THEN false
            ELSE ST_Covers(n.geom_m, coalesce(v.territory_m, v.geom_m))
        END
    OFFSET 0 -- noqa: AM09
) AS held
CROSS JOIN LATERAL (
    SELECT c.covered_pct, c.near_boundary FROM snapshot.village_cover AS c
    WHERE c.village_id = held.village_id AND c.kind = held.kind
    ORDER BY c.kind LIMIT 1
) AS cover
-- a hundredth of a per cent is what rounding moves
WHERE cover.covered_pct < held.previous_pct - 0.01;

SELECT gridmap.describe_views();

-- Squares follow a draft: whoever brings them up to date with a new outline says so, and keeps those that stay.
CREATE OR REPLACE FUNCTION gridmap.forget_zone_cells() RETURNS trigger
LANGUAGE plpgsql
SET search_path = ''
AS $$
BEGIN
    IF NEW.position_error_m = OLD.position_error_m
        AND current_setting('gridmap.keeps_squares', true) = NEW.zone_id::text
    THEN
        RETURN NULL;
    END IF;
    DELETE FROM gridmap.zone_grid WHERE zone_id = NEW.zone_id;
    DELETE FROM gridmap.zone_cell WHERE zone_id = NEW.zone_id;
    RETURN NULL;
END
$$;
