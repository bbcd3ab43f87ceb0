SELECT c.cell_code AS feature_id, c.geom, c.geom_3857, c.county_code, c.cell_key, c.source
FROM grid_cell AS c
WHERE c.kind = 'square'
