-- What names a village was found by reading all units once for every zone of a kind: ten times for every village and
-- kind, three quarters of what a rule of villages took. The units of a village are looked up first, then their zones.
-- A rule for few villages can say which beside their cover: a condition on another relation joined to it comes too late,
-- and the cover of all villages was told once for each of the few.
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
    ) AS near_boundary,
    v.programme, v.wholly_substituted, v.terrain_declared, v.terrain_derived
FROM snapshot.village AS v
CROSS JOIN gridmap.zone_kind AS k
CROSS JOIN LATERAL (SELECT coalesce(v.territory_m, v.geom_m) AS geom_m) AS place
CROSS JOIN LATERAL (
    SELECT bool_or(verdict.side = 'in') AS is_in, array_agg(verdict.zone_id) AS zone_ids
    FROM (
        SELECT DISTINCT ON (u.zone_id) u.zone_id, u.side
        FROM (
            -- OFFSET 0 has the units looked up by the village's three codes, and then the zones of those few: joined,
            -- all units are read again for every zone of the kind
            SELECT
                u.zone_id, u.side, u.unit_code, (SELECT law.kind FROM law WHERE law.zone_id = u.zone_id) AS kind
            FROM gridmap.zone_unit AS u
            WHERE u.unit_code IN (v.village_id, v.township_code, v.county_code) OFFSET 0 -- noqa: AM09
        ) AS u
        WHERE u.kind = k.kind
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
COMMENT ON COLUMN snapshot.village_cover.programme IS 'Stage in the dual-substitution programme, as of the village: a rule for few villages names them here.';
COMMENT ON COLUMN snapshot.village_cover.wholly_substituted IS 'All households of the village have gone over to electricity or gas, as of the village.';
COMMENT ON COLUMN snapshot.village_cover.terrain_declared IS 'Terrain as the county declares it, as of the village.';
COMMENT ON COLUMN snapshot.village_cover.terrain_derived IS 'Terrain by the height grid, as of the village.';
