/*
id         = "FUEL-02"
title      = "油气回收没有在线监测或回收效率不足"
title_en   = "Vapour recovery not monitored or too low"
severity   = "medium"
message    = "{name}（{role}）：{duty}[；年销汽油{petrol_t_year}吨][；各种油品{fuel_t_year}吨][；回收效率{vapour_recovery_pct}%]"
message_en = "{name} ({role}): {duty}[; {petrol_t_year} t of petrol a year][; {fuel_t_year} t of fuel a year][; recovery {vapour_recovery_pct}%]"
judges     = "site"
reads      = ["gas_station", "region"]
status     = "in_force"
since      = 2017-02-27
where      = []
reach_m    = 0
clock      = "day"
material   = ["duty", "has_monitoring", "vapour_recovery_pct"]
part       = "duty"

why = """
卸油和加油时逸出的油气是臭氧的前体物。销量大的站逸出多，要在线看着；回收效率不够，装了等于没装。
"""
fix = """
安装在线监测并联网；回收效率不足的检修回收系统后复测。
"""
trap = """
全市按汽油年销量“大于”5000吨要求装在线监测，没有期限，从文件日期起算；中原区按各种油品“5000吨以上”，\
含5000吨，储油库不论销量，从区方案日期起算。回收效率85%以上不分销量，对所有有测定结果的加油站适用，85%本身合格；\
储油库的回收效率只在全市条文的“油气回收设施”范围内一并看。没有查过有无监测的只作提示，没有测过效率的不列。\
中原区自己的要求（加油站油品总量、储油库）对离邻县（区）比误差更近的只报“临近边界”。监测与效率分两条列出。
"""

[[legal]]
document = "郑州市2017—2018年秋冬季大气污染综合治理攻坚行动实施方案"
number   = "郑政文〔2017〕178号"
item     = "29"
[[legal]]
document = "中原区2017年大气污染防治攻坚行动方案"
number   = "中原政〔2017〕2号"
item     = "21(4)"

[params]
more_than_petrol_t = { type = "number", default = 5000, note = "全市：汽油年销量大于此数（吨）" }
city_since         = { type = "date", default = 2017-09-22, note = "全市条文没有期限，从文件日期起算" }
district           = { type = "text", default = "410102", note = "中原区：从区方案日期（本条起算日）起" }
least_fuel_t       = { type = "number", default = 5000, note = "中原区：各种油品年销量达到此数（吨），含此数" }
least_recovery_pct = { type = "number", default = 85, note = "油气综合回收效率（%），达到此数合格" }

[facts]
duty                = { zh = "违反的要求", en = "duty", words = { monitoring = { zh = "未装油气回收在线监测", en = "vapour recovery is not monitored online" }, recovery = { zh = "回收效率不足", en = "vapour recovery is too low" } } }
role                = { zh = "类别", en = "role", words = { filling_station = { zh = "加油站", en = "filling station" }, oil_depot = { zh = "储油库", en = "oil depot" } } }
by_district         = { zh = "按中原区的要求", en = "by the district's own duty" }
petrol_t_year       = { zh = "汽油年销量", en = "petrol a year", unit = "t" }
fuel_t_year         = { zh = "油品年销量", en = "fuel a year", unit = "t" }
has_monitoring      = { zh = "有在线监测", en = "monitored online" }
vapour_recovery_pct = { zh = "回收效率", en = "recovery", unit = "%" }
*/
WITH by_the_border AS (
    SELECT s.site_id
    FROM site AS s
    INNER JOIN region AS r
        ON r.level = 'county'
        AND r.code <> s.county_code
        AND ST_DWithin(r.geom_m, s.geom_m, s.position_error_m + r.position_error_m)
    WHERE s.county_code = %(district)s
),

bound AS (
    SELECT
        g.*,
        COALESCE(g.petrol_t_year > %(more_than_petrol_t)s, false)
        AND g.role = 'filling_station'
        AND %(as_of)s >= %(city_since)s AS by_city,
        g.county_code = %(district)s
        AND (g.role = 'oil_depot' OR COALESCE(g.fuel_t_year >= %(least_fuel_t)s, false)) AS by_district
    FROM gas_station AS g
),

duty AS (
    SELECT
        b.site_id,
        'monitoring' AS duty,
        NOT b.by_city AS by_district,
        NOT b.by_city AND EXISTS (SELECT 1 FROM by_the_border AS n WHERE n.site_id = b.site_id) AS near_boundary,
        b.has_vapour_monitoring IS NULL AS report
    FROM bound AS b
    WHERE (b.by_city OR b.by_district) AND b.has_vapour_monitoring IS NOT TRUE
    UNION ALL
    SELECT b.site_id, 'recovery' AS duty, false AS by_district, false AS near_boundary, false AS report
    FROM bound AS b
    WHERE b.vapour_recovery_pct < %(least_recovery_pct)s AND %(as_of)s >= %(city_since)s
)

SELECT
    g.county_code,
    g.site_id AS feature_id,
    d.duty AS part,
    g.name,
    d.duty,
    g.role,
    d.by_district,
    g.petrol_t_year,
    g.fuel_t_year,
    g.has_vapour_monitoring AS has_monitoring,
    g.vapour_recovery_pct,
    d.near_boundary,
    d.report
FROM duty AS d
INNER JOIN gas_station AS g ON g.site_id = d.site_id
