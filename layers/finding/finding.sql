SELECT
    f.key AS feature_id, f.geom, f.geom_3857, f.cell_key, f.rule_id, f.county_code,
    f.cell_code, f.square_code, f.feature_kind, f.feature_id AS judged_id, f.part,
    f.name, f.certainty, f.severity, f.status, f.opened_on
FROM finding AS f
