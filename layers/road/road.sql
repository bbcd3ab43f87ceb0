SELECT
    r.road_id AS feature_id, r.geom, r.geom_3857, r.name, r.name_en, r.class, r.county_code, r.is_sketch,
    r.position_error_m, r.source, r.note
FROM road AS r
