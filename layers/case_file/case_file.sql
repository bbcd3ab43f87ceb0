SELECT
    c.case_id AS feature_id, CAST(NULL AS geometry) AS geom, CAST(NULL AS geometry) AS geom_3857, c.title AS name,
    c.county_code, c.source AS case_source, c.document, c.item, c.filed_on, c.due_on, c.closed_on, c.is_demo
FROM case_file AS c
