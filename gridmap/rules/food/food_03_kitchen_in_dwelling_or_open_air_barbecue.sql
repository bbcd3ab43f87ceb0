/*
id         = "FOOD-03"
title      = "居民楼内新建餐饮或露天烧烤"
title_en   = "New kitchen in a residential building, or an open-air barbecue"
severity   = "medium"
message    = "{name}：{duty}；启用日期{opened_on}，油烟净化设施：{has_purifier}"
message_en = "{name}: {duty}; first day {opened_on}, purifier installed: {has_purifier}"
judges     = "site"
reads      = ["region", "restaurant", "zone"]
status     = "in_force"
since      = 2017-02-13
where      = []
reach_m    = 0
clock      = "day"
material   = ["duty", "has_purifier"]
part       = "duty"

why = """
居民住宅楼里不准再新建产生油烟的餐饮场所（中原区）。露天烧烤没有净化设施的要取缔（中原区）；\
各建成区内流动的露天烧烤一律取缔。
"""
fix = """
由城管部门取缔流动烧烤；居民楼内新建的，由区政府依法责令改行或搬迁。
"""
trap = """
中原区只禁没有净化设施的露天烧烤，全区都算，不限建成区；省方案取缔建成区内的流动烧烤，有没有净化设施都一样。\
同一烧烤摊两条都够得上的，分两条列出。居民楼一条只管方案日期（含当日）以后启用的，启用日期不明的不列；\
有没有净化设施、在不在居民楼里没有查看过的，不判。\
流动摊点的位置只说明最近一次看到的地方。离建成区边界或邻县（区）比误差更近的只报“临近边界”。
"""

[[legal]]
document = "河南省2017年度大气污染防治攻坚战实施意见（附件）"
number   = "豫环攻坚办〔2017〕56号"
item     = "附三(七)3"

[[legal]]
document = "中原区2017年大气污染防治攻坚行动方案"
number   = "中原政〔2017〕2号"
item     = "34"

[params]
district       = { type = "text", default = "410102", note = "方案约束的区（中原区）" }
district_since = { type = "date", default = 2017-02-27, note = "中原区方案的日期；这一天起新建的算新建" }

[facts]
duty                   = { zh = "问题", en = "what", words = { new_in_dwelling = { zh = "在居民住宅楼内新建", en = "new in a residential building" }, mobile_barbecue = { zh = "建成区内流动露天烧烤", en = "mobile open-air barbecue in a built-up area" }, barbecue_without_purifier = { zh = "露天烧烤没有油烟净化设施", en = "open-air barbecue without a purifier" } } }
opened_on              = { zh = "启用日期", en = "first day" }
has_purifier           = { zh = "已装油烟净化设施", en = "purifier installed" }
zone_name              = { zh = "所在建成区", en = "built-up area" }
distance_to_boundary_m = { zh = "距边界", en = "distance to the boundary", unit = "m" }
position_error_m       = { zh = "点位误差", en = "position error", unit = "m" }
*/
WITH area AS (
    -- one row per site: inside any area without doubt wins over near the boundary of another
    SELECT
        z.site_id,
        MIN(z.zone_name) AS zone_name,
        MIN(z.distance_to_boundary_m) AS distance_to_boundary_m,
        MIN(CASE WHEN z.inside AND NOT z.near_boundary THEN 0 ELSE 1 END) AS in_doubt
    FROM site_in_zone AS z
    WHERE z.kind = 'built_up'
    GROUP BY z.site_id
),

-- two limbs are the district's own: who may as well stand in the next one is not judged by them
by_the_border AS (
    SELECT s.site_id
    FROM site AS s
    INNER JOIN region AS r
        ON r.level = 'county'
        AND r.code <> s.county_code
        AND ST_DWithin(r.geom_m, s.geom_m, s.position_error_m + r.position_error_m)
),

duty AS (
    SELECT
        a.site_id,
        'mobile_barbecue' AS duty,
        a.in_doubt = 1 AS near_boundary
    FROM restaurant AS r
    INNER JOIN area AS a ON a.site_id = r.site_id
    WHERE r.type = 'barbecue' AND r.is_open_air AND r.is_mobile
    UNION ALL
    SELECT
        r.site_id,
        'barbecue_without_purifier' AS duty,
        EXISTS (SELECT 1 FROM by_the_border AS b WHERE b.site_id = r.site_id) AS near_boundary
    FROM restaurant AS r
    WHERE r.type = 'barbecue'
        AND r.is_open_air
        AND r.has_purifier IS FALSE
        AND r.county_code = %(district)s
        AND %(as_of)s >= %(district_since)s
    UNION ALL
    SELECT
        r.site_id,
        'new_in_dwelling' AS duty,
        EXISTS (SELECT 1 FROM by_the_border AS b WHERE b.site_id = r.site_id) AS near_boundary
    FROM restaurant AS r
    WHERE r.makes_fumes
        AND r.in_residential_building IS TRUE
        AND r.opened_on >= %(district_since)s
        AND r.county_code = %(district)s
)

SELECT
    s.county_code,
    s.site_id AS feature_id,
    d.duty AS part,
    s.name,
    d.duty,
    r.opened_on,
    r.has_purifier,
    a.zone_name,
    CAST(a.distance_to_boundary_m AS DECIMAL(18, 1)) AS distance_to_boundary_m,
    s.position_error_m,
    d.near_boundary
FROM duty AS d
INNER JOIN site AS s ON s.site_id = d.site_id
INNER JOIN restaurant AS r ON r.site_id = d.site_id
LEFT JOIN area AS a ON a.site_id = d.site_id
