/*
id         = "FUEL-03"
title      = "加油站地下油罐未改造"
title_en   = "Filling station with single-walled tanks outside a lined pit"
severity   = "medium"
message    = "{name}的地下油罐既不是双层罐，也没有防渗池；与2018年底“全部完成”的说法不符：{contradicts}"
message_en = "{name}: its tanks are neither double-walled nor in a lined pit; contradicts the close-out of 2018: {contradicts}"
judges     = "site"
reads      = ["gas_station"]
status     = "in_force"
since      = 2018-01-01
where      = []
reach_m    = 0
clock      = "day"
material   = ["double_walled", "lined_pit"]

why = """
单层油罐渗漏会污染地下水。按水污染防治的部署，加油站的地下油罐应当全部换成双层罐，或者建好防渗池。
"""
fix = """
换双层罐或建防渗池，两样有一样即可；已改造的补录改造情况。
"""
trap = """
期限2017年底，次日起算。方案称2018-12-31已全部完成，此后仍有未改造的，说明销号不实，结果中注明。\
这是水污染防治的任务。有一项是“有”就不列；没有“有”、也没有查清的只作提示。储油库不在本条之内。
"""

[[legal]]
document = "郑州市贯彻落实省委省政府第三环境保护督察组反馈意见整改方案（47项）"
number   = ""
item     = "42"

[params]
said_done_on = { type = "date", default = 2018-12-31, note = "方案所称全部完成之日" }

[facts]
double_walled = { zh = "双层罐", en = "double-walled tanks" }
lined_pit     = { zh = "防渗池", en = "lined pit" }
contradicts   = { zh = "与完成的说法不符", en = "contradicts the close-out" }
*/
SELECT
    g.county_code,
    g.site_id AS feature_id,
    g.name,
    g.has_double_walled_tanks AS double_walled,
    g.has_lined_pit AS lined_pit,
    %(as_of)s > %(said_done_on)s AS contradicts,
    g.has_double_walled_tanks IS NULL OR g.has_lined_pit IS NULL AS report
FROM gas_station AS g
WHERE g.role = 'filling_station'
    AND g.has_double_walled_tanks IS NOT TRUE
    AND g.has_lined_pit IS NOT TRUE
