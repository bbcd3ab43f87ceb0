/*
id         = "FUEL-01"
title      = "高速、国道、省道沿线加油站不售车用尿素"
title_en   = "Filling station along a main road sells no urea solution"
severity   = "medium"
message    = "{name}距{road_name}（{grade}）{distance_m}米，不售车用尿素"
message_en = "{name}, {distance_m} m from {road_name} ({grade}), sells no urea solution"
judges     = "site"
reads      = ["gas_station", "road"]
status     = "in_force"
since      = 2017-04-01
where      = []
reach_m    = 200
clock      = "day"
material   = ["sells_urea", "road_name"]

why = """
重型柴油车要加尿素溶液才能脱硝。沿线加不到，司机就不加，氮氧化物直接排出来。
"""
fix = """
加油站备货并挂牌销售合格的车用尿素；已在售的更正登记。
"""
trap = """
“沿线”按200米算（本平台取值），文件没有给出距离。到道路的距离与200米之差不超过点位误差和道路误差之和的，只报“临近边界”，在内在外都报。\
示意道路的误差在一千米以上，沿它们的加油站因此都只报“临近边界”。\
文件之间期限不同：省里的意见是2017年3月底（郑州等“7+3”城市），次日起算；巩义是省直管县，参照执行，\
按市里主要任务附件的2017年6月底，次日起算。市方案第30条没有期限。是否在售没有查过的只作提示。储油库不列。\
道路没有登记行政等级的不算高速、国道、省道。
"""

[[legal]]
document = "河南省2017年度大气污染防治攻坚战实施意见（附件）"
number   = "豫环攻坚办〔2017〕56号"
item     = "三(五)10"
[[legal]]
document = "郑州市2017—2018年秋冬季大气污染综合治理攻坚行动实施方案"
number   = "郑政文〔2017〕178号"
item     = "30、主要任务附件"
[[legal]]
document = "中原区2017年大气污染防治攻坚行动方案"
number   = "中原政〔2017〕2号"
item     = "21(2)"

[params]
along_m        = { type = "number", default = 200, ours = true, note = "距道路在此距离（米）以内算沿线（本平台取值）" }
later_counties = { type = "texts", default = ["410181"], note = "不属“7+3”城市、按市里期限的县（市）：巩义" }
later_since    = { type = "date", default = 2017-07-01, note = "市里期限2017年6月底，次日起算" }

[facts]
sells_urea       = { zh = "销售车用尿素", en = "sells urea solution" }
road_name        = { zh = "沿线道路", en = "road" }
grade            = { zh = "道路等级", en = "grade", words = { expressway = { zh = "高速公路", en = "expressway" }, national = { zh = "国道", en = "national road" }, provincial = { zh = "省道", en = "provincial road" } } }
distance_m       = { zh = "距道路", en = "distance to the road", unit = "m" }
road_error_m     = { zh = "道路误差", en = "error of the road", unit = "m" }
position_error_m = { zh = "点位误差", en = "position error", unit = "m" }
*/
WITH along AS (
    SELECT
        g.county_code,
        g.site_id,
        g.name,
        g.sells_urea,
        r.name AS road_name,
        r.grade,
        r.position_error_m AS road_error_m,
        s.position_error_m,
        ST_Distance(r.geom_m, s.geom_m) AS distance_m,
        ST_Distance(r.geom_m, s.geom_m) + s.position_error_m + r.position_error_m > %(along_m)s AS in_doubt,
        -- a road that is certainly near wins over a nearer one that is a sketch
        ROW_NUMBER() OVER (
            PARTITION BY g.site_id
            ORDER BY
                CASE
                    WHEN ST_Distance(r.geom_m, s.geom_m) + s.position_error_m + r.position_error_m <= %(along_m)s THEN 0
                    ELSE 1
                END,
                ST_Distance(r.geom_m, s.geom_m),
                r.road_id
        ) AS place
    FROM gas_station AS g
    INNER JOIN site AS s ON s.site_id = g.site_id
    INNER JOIN road_all AS r
        ON r.grade IN ('expressway', 'national', 'provincial')
        AND ST_DWithin(r.geom_m, s.geom_m, %(along_m)s + s.position_error_m + r.position_error_m)
    WHERE g.role = 'filling_station'
        AND g.sells_urea IS NOT TRUE
        AND (g.county_code NOT IN %(later_counties)s OR %(as_of)s >= %(later_since)s)
)

SELECT
    a.county_code,
    a.site_id AS feature_id,
    a.name,
    a.sells_urea,
    a.road_name,
    a.grade,
    CAST(a.distance_m AS DECIMAL(18, 0)) AS distance_m,
    a.road_error_m,
    a.position_error_m,
    a.in_doubt AS near_boundary,
    a.sells_urea IS NULL AS report
FROM along AS a
WHERE a.place = 1
