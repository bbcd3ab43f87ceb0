/*
id         = "COAL-13"
title      = "缺洁净型煤供应中心，或用煤村不在配送范围内"
title_en   = "No clean-coal centre, or a village still on coal out of reach of supply"
severity   = "low"
message    = "{name}：{limb}（供应中心{centres}座，全市{centres_in_city}座，应有{centres_wanted}座）"
message_en = "{name}: {limb} ({centres} centres, {centres_in_city} in the city, {centres_wanted} wanted)"
judges     = "village"
reads      = ["coal_outlet", "region", "site", "zone"]
status     = "in_force"
since      = 2017-11-01
where      = ["410122", "410181", "410182", "410183", "410184", "410185"]
reach_m    = 15000
clock      = "none"
material   = ["limb", "centres", "households_on_coal"]

why = """
暂时还烧煤的农户如果买不到洁净型煤，就只能烧散煤。每个县（市）至少要有一座洁净型煤生产仓储供应中心，\
全市9座中心、55个配送网点，做到全覆盖。
"""
fix = """
县（市）补建供应中心；在配送空白处增设网点或安排送货上门，并把网点补录入库。
"""
trap = """
条文说的是县和县级市，市区各区和上街区不在内。全市9座和55个是全市合计，在事实里列出，不落到某一个县头上。\
仍在用煤的村指清点过户数、尚有未替代或复烧住户的村，没有清点的不列。\
配送距离没有规定，10公里是本平台取值，跨县也算，因为各企业之间要求互保互配。\
点位误差之内说不清够不够得着的报“临近边界”。已经划入禁煤区（95%及以上，本平台取值）的村不应再用煤，不列；\
禁煤区内只许有仓储供应，不许有其他销售点（见 COAL-06）。期限为2017年10月底，次日起算。
"""

[[legal]]
document = "郑州市2017—2018年秋冬季大气污染综合治理攻坚行动实施方案"
number   = "郑政文〔2017〕178号"
item     = "11；主要任务附件"
[[legal]]
document = "河南省2017年度大气污染防治攻坚战实施意见（附件）"
number   = "豫环攻坚办〔2017〕56号"
item     = "三(三)7"
[[legal]]
document = "郑州市贯彻落实省委省政府第三环境保护督察组反馈意见整改方案（47项）"
number   = ""
item     = "7(2)"

[params]
centres_per_county = { type = "integer", default = 1, note = "每个县（市）至少的供应中心数" }
centres_wanted     = { type = "integer", default = 9, note = "全市应有的供应中心" }
points_wanted      = { type = "integer", default = 55, note = "全市应有的配送网点" }
supply_reach_m     = { type = "number", default = 10000, ours = true, note = "一个网点能供应到的距离（米，本平台取值）" }
full_cover_pct     = { type = "number", default = 95, ours = true, note = "覆盖率达到此值（%）即视为已划入禁煤区（本平台取值）" }

[facts]
limb               = { zh = "问题", en = "fault", words = { centre = { zh = "没有足够的洁净型煤供应中心", en = "too few clean-coal centres" }, reach = { zh = "仍在用煤，但够不到任何洁净型煤网点", en = "still on coal and out of reach of every clean-coal point" } } }
centres            = { zh = "本县（市）供应中心", en = "centres of the county" }
centres_in_city    = { zh = "全市供应中心", en = "centres in the city" }
centres_wanted     = { zh = "全市应有供应中心", en = "centres wanted in the city" }
points_in_city     = { zh = "全市配送网点", en = "distribution points in the city" }
points_wanted      = { zh = "全市应有配送网点", en = "distribution points wanted in the city" }
households_on_coal = { zh = "仍在用煤的住户", en = "households on coal" }
nearest_m          = { zh = "最近网点距离", en = "distance to the nearest point", unit = "m" }
township_code      = { zh = "乡镇代码", en = "township code" }
position_error_m   = { zh = "点位误差", en = "position error", unit = "m" }
*/
WITH supply AS (
    SELECT o.county_code, o.site_id, o.role, o.geom_m, o.position_error_m
    FROM coal_outlet_all AS o
    WHERE o.sells = 'clean_coal' AND o.role IN ('centre', 'distribution_point')
),

city AS (
    SELECT
        COALESCE(SUM(CASE WHEN p.role = 'centre' THEN 1 ELSE 0 END), 0) AS centres,
        COALESCE(SUM(CASE WHEN p.role = 'distribution_point' THEN 1 ELSE 0 END), 0) AS points
    FROM supply AS p
),

county AS (
    SELECT
        r.county_code AS code,
        r.name,
        COUNT(p.site_id) AS centres
    FROM judged_area AS r
    LEFT JOIN supply AS p ON p.county_code = r.county_code AND p.role = 'centre'
    WHERE r.level = 'county'
    GROUP BY r.county_code, r.name
),

on_coal AS (
    SELECT
        v.county_code,
        v.village_id,
        v.name,
        v.township_code,
        v.geom_m,
        v.position_error_m,
        v.households - v.households_substituted + COALESCE(v.households_back_to_coal, 0) AS households_on_coal
    FROM village AS v
    INNER JOIN village_cover AS c ON c.village_id = v.village_id AND c.kind = 'coal_free'
    WHERE v.households_substituted IS NOT NULL
        AND v.households - v.households_substituted + COALESCE(v.households_back_to_coal, 0) > 0
        AND c.covered_pct < %(full_cover_pct)s
),

-- how far the nearest point is, and how far it may be at most, by the errors of both positions
nearest AS (
    SELECT
        v.village_id,
        MIN(ST_Distance(p.geom_m, v.geom_m)) AS nearest_m,
        MIN(ST_Distance(p.geom_m, v.geom_m) + p.position_error_m + v.position_error_m) AS at_most_m,
        MIN(ST_Distance(p.geom_m, v.geom_m) - p.position_error_m - v.position_error_m) AS at_least_m
    FROM on_coal AS v
    INNER JOIN supply AS p ON ST_DWithin(p.geom_m, v.geom_m, 200000)
    GROUP BY v.village_id
)

SELECT
    c.code AS county_code,
    'county' AS feature_kind,
    c.code AS feature_id,
    c.name,
    'centre' AS limb,
    c.centres,
    t.centres AS centres_in_city,
    %(centres_wanted)s AS centres_wanted,
    t.points AS points_in_city,
    %(points_wanted)s AS points_wanted,
    CAST(NULL AS BIGINT) AS households_on_coal,
    CAST(NULL AS DECIMAL(18, 0)) AS nearest_m,
    CAST(NULL AS VARCHAR) AS township_code,
    CAST(NULL AS DOUBLE PRECISION) AS position_error_m,
    false AS near_boundary
FROM county AS c
CROSS JOIN city AS t
WHERE c.centres < %(centres_per_county)s
UNION ALL
SELECT
    v.county_code,
    'village' AS feature_kind,
    v.village_id AS feature_id,
    v.name,
    'reach' AS limb,
    c.centres,
    t.centres AS centres_in_city,
    %(centres_wanted)s AS centres_wanted,
    t.points AS points_in_city,
    %(points_wanted)s AS points_wanted,
    v.households_on_coal,
    CAST(n.nearest_m AS DECIMAL(18, 0)) AS nearest_m,
    v.township_code,
    v.position_error_m,
    COALESCE(n.at_least_m <= %(supply_reach_m)s, false) AS near_boundary
FROM on_coal AS v
CROSS JOIN city AS t
LEFT JOIN county AS c ON c.code = v.county_code
LEFT JOIN nearest AS n ON n.village_id = v.village_id
WHERE n.at_most_m IS NULL OR n.at_most_m > %(supply_reach_m)s
