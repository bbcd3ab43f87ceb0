SELECT
    s.station_code AS feature_id, s.geom, s.geom_3857, s.name, s.is_control_point, s.level, s.is_six_parameter,
    s.is_dustfall_point, s.joint_control_lead, s.is_demo, s.county_code, s.position_error_m, s.source
FROM station AS s
