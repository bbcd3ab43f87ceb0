/*
id         = "GRID-04"
title      = "一周没有巡查"
title_en   = "No patrol in a week"
severity   = "medium"
message    = "{name}：{limb}[；最近一次：{last_on}]"
message_en = "{name}: {limb}[; the last on {last_on}]"
judges     = "grid_cell"
reads      = ["patrol", "region", "road"]
status     = "in_force"
since      = 2017-02-13
where      = []
reach_m    = 0
clock      = "day"
material   = ["limb"]

why = """
破损道路要按一平方公里的方格每周巡查，才能及时修补；非道路移动机械要每周到工地、工厂、物流场所巡查，冒黑烟的才藏不住。
"""
fix = """
当周补巡并登记；方格里没有道路的更正道路数据。
"""
trap = """
两项义务：（一）有道路的一平方公里方格，7天内没有道路巡查；文件只要求巡查破损道路，方格里有没有破损要巡了才知道，\
所以有道路的方格都列，已知有破损的注明。（二）县（市、区）7天内没有机械巡查；条文不分方格，只按县（市、区）算，\
开发区有没有单独登记的按登记算。两项都按当天在内的最近7天计，“每周”怎样起算为本平台取法。\
示意道路的误差大，可能不经过这个方格，只报“临近边界”。县（市、区）没有已知界线的只作提示。
"""

[[legal]]
document = "关于科学编制“一市一策”实施方案的通知"
number   = "豫环攻坚办〔2017〕56号"
item     = "1(4)"
[[legal]]
document = "郑州市2017—2018年秋冬季大气污染综合治理攻坚行动实施方案"
number   = "郑政文〔2017〕178号"
item     = "27(1)"

[params]
window_days   = { type = "integer", default = 7, note = "每周至少一次" }
machine_since = { type = "date", default = 2017-09-22, note = "机械巡查：条文没有期限，从文件日期起算" }

[facts]
limb     = { zh = "情形", en = "what is missing", words = { road = { zh = "方格内道路一周没有巡查", en = "no road patrol of the square in a week" }, machine = { zh = "一周没有非道路移动机械巡查", en = "no patrol of machines in a week" } } }
last_on  = { zh = "最近一次", en = "last patrol" }
roads    = { zh = "方格内的道路", en = "roads in the square" }
length_m = { zh = "方格内道路长度", en = "length of road in the square", unit = "m" }
broken   = { zh = "已知有破损", en = "known to be broken" }
*/
WITH recent AS (
    SELECT p.kind, p.county_code, p.cell_key
    FROM patrol AS p
    WHERE EXTRACT(EPOCH FROM %(as_of)s) - EXTRACT(EPOCH FROM p.patrolled_on) < 86400 * %(window_days)s
),

square AS (
    SELECT
        r.county_code,
        r.cell_code,
        r.cell_key,
        STRING_AGG(DISTINCT r.road_name, '、') AS roads,
        SUM(r.length_m) AS length_m,
        MAX(CASE WHEN r.is_broken THEN 1 ELSE 0 END) AS broken,
        MIN(CASE WHEN r.near_boundary THEN 1 ELSE 0 END) AS in_doubt
    FROM road_cell AS r
    GROUP BY r.county_code, r.cell_code, r.cell_key
),

last_patrol AS (
    SELECT p.kind, p.county_code, p.cell_key, MAX(p.patrolled_on) AS last_on
    FROM patrol AS p
    GROUP BY p.kind, p.county_code, p.cell_key
)

SELECT
    q.county_code,
    'grid_cell' AS feature_kind,
    q.cell_code AS feature_id,
    '方格' || q.cell_code AS name,
    'road' AS limb,
    (SELECT MAX(l.last_on) FROM last_patrol AS l WHERE l.kind = 'road' AND l.cell_key = q.cell_key) AS last_on,
    q.roads,
    CAST(q.length_m AS DECIMAL(18, 0)) AS length_m,
    q.broken = 1 AS broken,
    q.in_doubt = 1 AS near_boundary,
    false AS report
FROM square AS q
WHERE NOT EXISTS (SELECT 1 FROM recent AS p WHERE p.kind = 'road' AND p.cell_key = q.cell_key)
UNION ALL
SELECT
    a.county_code,
    'county' AS feature_kind,
    a.county_code AS feature_id,
    a.name,
    'machine' AS limb,
    (SELECT MAX(l.last_on) FROM last_patrol AS l WHERE l.kind = 'machine' AND l.county_code = a.county_code) AS last_on,
    CAST(NULL AS VARCHAR) AS roads,
    CAST(NULL AS DECIMAL(18, 0)) AS length_m,
    CAST(NULL AS BOOLEAN) AS broken,
    false AS near_boundary,
    a.geom_m IS NULL AS report
FROM judged_area AS a
WHERE a.level = 'county'
    AND %(as_of)s >= %(machine_since)s
    AND NOT EXISTS (SELECT 1 FROM recent AS p WHERE p.kind = 'machine' AND p.county_code = a.county_code)
