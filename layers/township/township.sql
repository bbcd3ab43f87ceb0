SELECT
    r.code AS feature_id, r.geom, r.geom_3857, r.name, r.name_en, r.county_code, r.parent_code, r.is_sketch,
    r.position_error_m, r.source, r.note
FROM region AS r
WHERE r.level = 'township'
