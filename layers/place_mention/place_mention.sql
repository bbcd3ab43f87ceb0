SELECT
    m.mention_id AS feature_id, CAST(NULL AS geometry) AS geom, CAST(NULL AS geometry) AS geom_3857, m.name,
    m.county_code, m.document, m.item, m.township_code, m.township_name, m.mentioned_on, m.note
FROM place_mention AS m
