/*
id         = "DUST-07"
title      = "采石场修复治理率低于损毁面积的75%"
title_en   = "Quarries restored to less than three quarters of what they damaged"
severity   = "medium"
message    = "{name}（{area}）{quarries}处采石场合计损毁{damaged_m2}平方米，已修复{restored_m2}平方米，治理率{restored_pct}%，另有{unmeasured}处没有测量；含演示数据：{is_demo}"
message_en = "{name} ({area}): {quarries} quarries damaged {damaged_m2} m², restored {restored_m2} m², {restored_pct} %; {unmeasured} not measured; demo data: {is_demo}"
judges     = "county"
reads      = ["quarry", "region", "site"]
status     = "in_force"
since      = 2021-01-01
where      = ["410182", "410183", "410185"]
reach_m    = 0
clock      = "none"
material   = ["restored_pct", "quarries"]

why = """
西部山区的采石场长年没有修复。荥阳南部山区和新密的采石场，2020年底前修复治理面积合计要达到损毁面积的75%。
"""
fix = """
由县（市）政府按修复方案逐处推进，验收后登记修复面积；没有测量的先测量。
"""
trap = """
75%是一片区域合计的比率，不是每处采石场的；一处一处的情况看图层。正好75%算完成。期限2020年底，次日起算。\
荥阳只算登记在南部山区名下的采石场，新密全部都算。登封只要求“基本完成”，没有比率，只作提示。\
没有测量的不计入比率，另写处数。新密岳村镇驼腰村那一片（约8平方公里）完成时限是2021年底，不另作判断。
"""

[[legal]]
document = "省委“三散”污染治理专项督察反馈意见整改任务清单（38项）"
number   = ""
item     = "26、27"

[params]
restored_pct    = { type = "number", default = 75, note = "修复面积占损毁面积的百分比，达到即可" }
by_area_county  = { type = "text", default = "410182", note = "荥阳：只算下面这片区域的采石场" }
restoration_area = { type = "text", default = "荥阳市南部山区", note = "荥阳的考核区域" }
no_figure_county = { type = "text", default = "410185", note = "登封：没有比率，只作提示" }

[facts]
area         = { zh = "范围", en = "area" }
quarries     = { zh = "采石场数", en = "quarries measured" }
unmeasured   = { zh = "未测量的采石场数", en = "quarries not measured" }
damaged_m2   = { zh = "损毁面积", en = "damaged", unit = "m²" }
restored_m2  = { zh = "修复面积", en = "restored", unit = "m²" }
restored_pct = { zh = "修复治理率", en = "restored", unit = "%" }
is_demo      = { zh = "含演示数据", en = "demo data" }
*/
WITH together AS (
    SELECT
        q.county_code,
        COUNT(q.damaged_m2) AS quarries,
        COUNT(*) - COUNT(q.damaged_m2) AS unmeasured,
        SUM(q.damaged_m2) AS damaged_m2,
        SUM(COALESCE(q.restored_m2, 0)) AS restored_m2,
        MAX(CASE WHEN s.is_demo THEN 1 ELSE 0 END) AS demo
    FROM quarry AS q
    INNER JOIN site AS s ON s.site_id = q.site_id
    WHERE q.county_code <> %(by_area_county)s OR q.restoration_area = %(restoration_area)s
    GROUP BY q.county_code
)

SELECT
    r.code AS county_code,
    r.code AS feature_id,
    r.name,
    CASE WHEN r.code = %(by_area_county)s THEN %(restoration_area)s ELSE '全境' END AS area,
    t.quarries,
    t.unmeasured,
    CAST(t.damaged_m2 AS DECIMAL(18, 0)) AS damaged_m2,
    CAST(t.restored_m2 AS DECIMAL(18, 0)) AS restored_m2,
    CAST(CAST(100.0 * t.restored_m2 AS DOUBLE PRECISION) / t.damaged_m2 AS DECIMAL(18, 1)) AS restored_pct,
    t.demo = 1 AS is_demo,
    r.code = %(no_figure_county)s AS report
FROM together AS t
INNER JOIN region AS r ON r.level = 'county' AND r.code = t.county_code
WHERE t.damaged_m2 > 0
    AND 100.0 * t.restored_m2 < %(restored_pct)s * t.damaged_m2
