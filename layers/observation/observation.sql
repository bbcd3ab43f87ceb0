SELECT
    CAST(m.observation_id AS text) AS feature_id, CAST(NULL AS geometry) AS geom, CAST(NULL AS geometry) AS geom_3857, m.name,
    m.county_code, m.subject_kind, m.subject_id, m.parameter, m.value, m.unit, m.is_below_limit, m.observed_on, m.period,
    m.hour, m.measuring_point, m.is_demo, m.source
FROM measured_value AS m
