-- Of each version that followed another, every village of the city was asked whether the version before held it: two
-- lookups for each of 3,328 villages, half of what COAL-08 cost while a zone was drawn. Now only those are asked that
-- the version before may have held: named by it, or lying where it lay. What is said of them is said as before.

CREATE OR REPLACE VIEW snapshot.zone_lost_village WITH (security_invoker = true) AS
SELECT
    held.county_code, held.village_id, held.lineage, held.kind, held.previous_version, cover.covered_pct,
    held.previous_pct, cover.near_boundary, held.was_named
FROM (
    SELECT
        v.county_code, v.village_id, z.lineage, z.kind, z.previous_version, before.previous_pct, before.was_named
    FROM snapshot.zone_previous AS z
    INNER JOIN gridmap.zone AS n ON n.zone_id = z.zone_id
    CROSS JOIN LATERAL (
        SELECT coalesce(array_agg(u.unit_code), '{}') AS codes FROM gridmap.zone_unit AS u
        WHERE u.zone_id = z.previous_zone_id AND u.side = 'in'
    ) AS listed
    INNER JOIN snapshot.village AS v
        ON v.village_id = ANY(listed.codes) OR v.township_code = ANY(listed.codes) OR v.county_code = ANY(listed.codes)
            OR (z.previous_is_bounded AND coalesce(v.territory_m, v.geom_m) && z.previous_geom_m)
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
