SELECT
    d.damage_id AS feature_id, d.geom, d.geom_3857, d.cell_key, d.name,
    CASE WHEN d.repaired_on IS NULL THEN 'open' ELSE 'repaired' END AS state,
    d.county_code, d.found_on, d.repaired_on, d.days_since_found, d.position_error_m, d.is_demo, d.source
FROM road_damage AS d
