SELECT
    c.cell_code AS feature_id, c.geom, c.geom_3857, c.name, c.level, c.county_code, c.parent_code,
    (SELECT string_agg(d.post, '、' ORDER BY d.role, d.post) FROM duty AS d WHERE d.cell_code = c.cell_code) AS posts,
    c.position_error_m, c.source
FROM grid_cell AS c
WHERE c.kind = 'responsibility'
