-- What covers a village was united whole for each village near two zones of a kind: a comparison of two days of twelve
-- gas networks took 13 s of unions. Nothing needs them whole. A point lies in a union if it lies in a part; a territory's
-- share is that of the pieces that lie in it; and whether the boundary is near is decided by what lies near.

CREATE OR REPLACE VIEW snapshot.village_cover WITH (security_invoker = true) AS
WITH law AS MATERIALIZED (
    SELECT z.zone_id, z.kind, z.boundary IS NOT NULL AS is_bounded, z.geom_m, z.position_error_m
    FROM snapshot.zone AS z
)
SELECT
    v.county_code, v.village_id, k.kind,
    CASE
        WHEN named.is_in THEN 100.0
        WHEN bounded.areas IS NULL THEN 0.0
        WHEN v.territory_m IS NULL THEN CASE
            WHEN (SELECT bool_or(ST_Intersects(a.geom_m, v.geom_m)) FROM unnest(bounded.areas) AS a (geom_m)) THEN 100.0
            ELSE 0.0
        END
        ELSE (
            SELECT 100.0 * ST_Area(ST_Union(ST_CollectionExtract(ST_Intersection(a.geom_m, v.territory_m), 3)))
            FROM unnest(bounded.areas) AS a (geom_m)
        ) / ST_Area(v.territory_m)
    END::double precision AS covered_pct,
    named.zone_ids IS NOT NULL AND (named.is_in OR bounded.areas IS NULL) AS by_name,
    coalesce(
        NOT coalesce(named.is_in, false)
        -- the boundary may well cross an exact territory: its share is then known, not doubtful
        AND (v.territory_m IS NULL OR v.position_error_m + bounded.error_m > 0)
        AND CASE
            -- the boundary of a union is part of the boundaries of what it unites
            WHEN NOT (
                SELECT bool_or(ST_DWithin(
                    ST_Boundary(a.geom_m), coalesce(v.territory_m, v.geom_m), v.position_error_m + bounded.error_m
                ))
                FROM unnest(bounded.areas) AS a (geom_m)
            ) THEN false
            WHEN cardinality(bounded.areas) = 1 THEN true
            -- a near place on one boundary that no other area comes to a millimetre of is on the boundary of the whole
            WHEN EXISTS (
                SELECT 1 FROM unnest(bounded.areas) WITH ORDINALITY AS a (geom_m, number)
                CROSS JOIN LATERAL (
                    SELECT ST_ClosestPoint(ST_Boundary(a.geom_m), coalesce(v.territory_m, v.geom_m)) AS geom_m
                ) AS p
                WHERE ST_DWithin(p.geom_m, coalesce(v.territory_m, v.geom_m), v.position_error_m + bounded.error_m)
                    AND NOT EXISTS (
                        SELECT 1 FROM unnest(bounded.areas) WITH ORDINALITY AS o (geom_m, number)
                        WHERE o.number <> a.number AND ST_DWithin(o.geom_m, p.geom_m, 0.001)
                    )
            ) THEN true
            WHEN EXISTS (
                SELECT 1 FROM unnest(bounded.areas) WITH ORDINALITY AS a (geom_m, number)
                CROSS JOIN LATERAL ST_DumpPoints(a.geom_m) AS p
                WHERE ST_DWithin(p.geom, coalesce(v.territory_m, v.geom_m), v.position_error_m + bounded.error_m)
                    AND NOT EXISTS (
                        SELECT 1 FROM unnest(bounded.areas) WITH ORDINALITY AS o (geom_m, number)
                        WHERE o.number <> a.number AND ST_DWithin(o.geom_m, p.geom, 0.001)
                    )
            ) THEN true
            -- the frame lies ten metres farther than what counts as near, so that it is never taken for a boundary
            ELSE ST_DWithin(
                (
                    SELECT ST_Boundary(ST_Union(ST_CollectionExtract(ST_Intersection(a.geom_m, ST_Expand(
                        ST_Envelope(coalesce(v.territory_m, v.geom_m)), v.position_error_m + bounded.error_m + 10
                    )), 3)))
                    FROM unnest(bounded.areas) AS a (geom_m)
                ),
                coalesce(v.territory_m, v.geom_m), v.position_error_m + bounded.error_m
            )
        END,
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
    SELECT array_agg(law.geom_m) AS areas, max(law.position_error_m) AS error_m
    FROM law
    WHERE law.kind = k.kind AND law.is_bounded
        AND NOT coalesce(law.zone_id = ANY(named.zone_ids), false)
        AND ST_DWithin(law.geom_m, coalesce(v.territory_m, v.geom_m), v.position_error_m + law.position_error_m)
) AS bounded ON NOT coalesce(named.is_in, false);
