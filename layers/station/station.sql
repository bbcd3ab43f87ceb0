SELECT
    s.station_code AS feature_id, s.geom, s.geom_3857, s.name, s.is_control_point, s.county_code, s.position_error_m,
    s.source
FROM station AS s
