/*
id         = "MARK-01"
title      = "四环内仍有重型柴油车运输的批发物流市场"
title_en   = "Market served by heavy diesel inside the fourth ring"
severity   = "medium"
message    = "{name}（{trade}）仍在四环内，由重型柴油车运输；与2019年6月“已经完成”的说法不符：{contradicts}"
message_en = "{name} (trade {trade}) is still inside the fourth ring and served by heavy diesel; contradicts the close-out of June 2019: {contradicts}"
judges     = "site"
reads      = ["market", "zone"]
status     = "in_force"
since      = 2019-01-01
where      = []
reach_m    = 0
clock      = "day"
material   = ["serves_heavy_diesel", "contradicts"]

why = """
批发和物流市场把成批的重型柴油货车引进城。2018年的任务是把四环内的31家全部迁出。
"""
fix = """
迁出四环，或者不再由重型柴油车运输；已经迁走的注销原址。
"""
trap = """
四环没有公布的坐标，本平台按文字画成示意，离边界比误差更近的只报“临近边界”，在内在外都报。\
2018年的任务，2019-01-01起算为本平台推定。2018-11-22只完成13家，2019-06-10的方案却写已经完成：\
那一天及以后还在的，说明销号不实，结果中注明。是否由重型柴油车运输没有查过的只作提示。
"""

[[legal]]
document = "郑州市贯彻落实省委省政府第三环境保护督察组反馈意见整改方案（47项）"
number   = ""
item     = "43"

[params]
said_done_on = { type = "date", default = 2019-06-10, note = "方案称已经完成的日期" }

[facts]
trade                  = { zh = "经营内容", en = "trade" }
serves_heavy_diesel    = { zh = "重型柴油车运输", en = "served by heavy diesel" }
contradicts            = { zh = "与完成的说法不符", en = "contradicts the close-out" }
zone_name              = { zh = "所在区域", en = "area" }
distance_to_boundary_m = { zh = "距边界", en = "distance to the boundary", unit = "m" }
position_error_m       = { zh = "点位误差", en = "position error", unit = "m" }
*/
WITH area AS (
    SELECT
        z.site_id,
        MIN(z.zone_name) AS zone_name,
        MIN(z.distance_to_boundary_m) AS distance_to_boundary_m,
        MIN(CASE WHEN z.inside AND NOT z.near_boundary THEN 0 ELSE 1 END) AS in_doubt
    FROM site_in_zone AS z
    WHERE z.kind = 'fourth_ring'
    GROUP BY z.site_id
)

SELECT
    s.county_code,
    s.site_id AS feature_id,
    s.name,
    m.trade,
    m.serves_heavy_diesel,
    %(as_of)s >= %(said_done_on)s AS contradicts,
    a.zone_name,
    CAST(a.distance_to_boundary_m AS DECIMAL(18, 1)) AS distance_to_boundary_m,
    s.position_error_m,
    a.in_doubt = 1 AS near_boundary,
    m.serves_heavy_diesel IS NULL AS report
FROM market AS m
INNER JOIN site AS s ON s.site_id = m.site_id
INNER JOIN area AS a ON a.site_id = m.site_id
WHERE m.serves_heavy_diesel IS NOT FALSE
