SELECT
    v.village_id AS feature_id, v.geom, v.geom_3857, v.name, v.official_name, v.county_code,
    (SELECT r.name FROM region AS r WHERE r.code = v.county_code) AS county_name,
    v.township_code,
    (SELECT r.name FROM region AS r WHERE r.code = v.township_code) AS township_name,
    v.is_community, v.households,
    CASE
        WHEN c.covered_pct >= 95 THEN 'covered'
        WHEN v.terrain = 'remote_mountain' THEN 'remote_mountain'
        WHEN c.near_boundary THEN 'near_boundary'
        WHEN c.covered_pct > 0 THEN 'partly'
        ELSE 'not_covered'
    END AS cover_class,
    c.covered_pct, c.by_name, c.near_boundary, v.terrain, v.terrain_declared, v.terrain_declared_by,
    v.terrain_derived, v.terrain_resolution_m, v.programme, v.programme_source, v.wholly_substituted,
    v.on_task_list, v.households_substituted, v.households_back_to_coal, v.counted_on,
    v.position_error_m, v.placed_by, v.is_demo, v.source, v.note
FROM village AS v
-- LIMIT keeps the planner from joining two whole lists: cover is asked village by village, and only for those shown
CROSS JOIN LATERAL (
    SELECT k.covered_pct, k.by_name, k.near_boundary
    FROM village_cover AS k
    WHERE k.village_id = v.village_id AND k.kind = 'coal_free'
    ORDER BY k.kind
    LIMIT 1
) AS c
