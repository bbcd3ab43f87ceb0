SELECT
    h.hotspot_id AS feature_id, h.geom, h.geom_3857, h.cell_key, h.name, h.kind, h.seen_by, h.county_code, h.seen_on, h.handled_on,
    h.is_confirmed, h.position_error_m, h.is_demo, h.source
FROM hotspot AS h
