/*
id         = "NRMM-01"
title      = "高排放非道路移动机械在禁用区域内作业"
title_en   = "High-emission machine where it may not work"
severity   = "medium"
message    = "{name}（{machine_type}，排放阶段{emission_stage}，生产日期{made_on}）：{duty}"
message_en = "{name} (type {machine_type}, stage {emission_stage}, made {made_on}): {duty}"
judges     = "site"
reads      = ["machine", "region", "zone"]
status     = "in_force"
since      = 2017-02-27
where      = []
reach_m    = 0
clock      = "day"
material   = ["duty", "emission_stage", "made_on", "has_particulate_filter"]
part       = "duty"

why = """
国Ⅰ及以下的机械排放高、冒黑烟，2017年起不得在城区划定的区域内作业；中原区的要求更严，全区禁用，\
国Ⅱ以上的还要加装颗粒物捕集器。
"""
fix = """
让机械退场，换成合格机械；中原区国Ⅱ以上的加装捕集器并登记。按点位误差可能在区域外的，先到现场核实位置。
"""
trap = """
2017年的条文用四条路围出区域，本平台按文字画成示意，误差随区域给出，离边界比误差更近的只报“临近边界”，在内在外都报。\
没有排放阶段的机械按生产日期判断：2009-10-01以前生产的算国Ⅰ及以下，当天生产的不算。\
中原区没有围合区域之说，全区适用；离邻县（区）比误差更近的机械只报“临近边界”。捕集器情况不明的只作提示。\
中原区的捕集器条文写的是“配合上级开展”，期限2017年6月底，次日起算。\
2019年的整改方案说区域和标准后来又扩大，但没有给出范围，所以2017年的区域只是下限。\
一台机械可能同时违反几项，分条列出；当天还没有生产出来的不列。
"""

[[legal]]
document = "郑州市2017—2018年秋冬季大气污染综合治理攻坚行动实施方案"
number   = "郑政文〔2017〕178号"
item     = "27(1)"
[[legal]]
document = "中原区2017年大气污染防治攻坚行动方案"
number   = "中原政〔2017〕2号"
item     = "18"

[params]
highest_banned_stage = { type = "integer", default = 1, note = "国Ⅰ及以下" }
made_before          = { type = "date", default = 2009-10-01, note = "这一天以前生产的算国Ⅰ及以下" }
area_since           = { type = "date", default = 2017-06-01, note = "划定区域的起始日" }
district             = { type = "text", default = "410102", note = "中原区：从方案日期（本条起算日）起全区禁用国Ⅰ及以下" }
filter_since         = { type = "date", default = 2017-07-01, note = "中原区加装捕集器期限2017年6月底，次日起算" }

[facts]
duty                   = { zh = "违反的要求", en = "duty", words = { restricted_area = { zh = "国Ⅰ及以下机械在划定的禁用区域内", en = "stage I or below inside the restricted area" }, district_stage = { zh = "国Ⅰ及以下机械在中原区内", en = "stage I or below in Zhongyuan district" }, district_filter = { zh = "中原区国Ⅱ以上机械未装颗粒物捕集器", en = "stage II or above in Zhongyuan district without a particulate filter" } } }
machine_type           = { zh = "机械类型", en = "type" }
emission_stage         = { zh = "排放阶段", en = "emission stage", words = { 0 = { zh = "国Ⅰ前", en = "before I" }, 1 = { zh = "国Ⅰ", en = "I" }, 2 = { zh = "国Ⅱ", en = "II" }, 3 = { zh = "国Ⅲ", en = "III" }, 4 = { zh = "国Ⅳ", en = "IV" }, 5 = { zh = "第五阶段", en = "V" }, 6 = { zh = "第六阶段", en = "VI" } } }
made_on                = { zh = "生产日期", en = "made on" }
has_particulate_filter = { zh = "装有颗粒物捕集器", en = "particulate filter" }
seen_on                = { zh = "最近所见", en = "last seen" }
zone_name              = { zh = "所在区域", en = "area" }
distance_to_boundary_m = { zh = "距边界", en = "distance to the boundary", unit = "m" }
position_error_m       = { zh = "点位误差", en = "position error", unit = "m" }
*/
WITH old AS (
    SELECT m.site_id
    FROM machine AS m
    WHERE m.emission_stage <= %(highest_banned_stage)s
        OR (m.emission_stage IS NULL AND m.made_on < %(made_before)s)
),

-- one row per machine: inside any area without doubt wins over near the boundary of another
area AS (
    SELECT
        z.site_id,
        MIN(z.zone_name) AS zone_name,
        MIN(z.distance_to_boundary_m) AS distance_to_boundary_m,
        MIN(CASE WHEN z.inside AND NOT z.near_boundary THEN 0 ELSE 1 END) AS in_doubt
    FROM site_in_zone AS z
    WHERE z.kind = 'machinery_restricted'
    GROUP BY z.site_id
),

-- a machine that may as well stand in the next county is not judged by the district's own duties
by_the_border AS (
    SELECT s.site_id
    FROM site AS s
    INNER JOIN region AS r
        ON r.level = 'county'
        AND r.code <> s.county_code
        AND ST_DWithin(r.geom_m, s.geom_m, s.position_error_m + r.position_error_m)
    WHERE s.county_code = %(district)s
),

duty AS (
    SELECT
        o.site_id, 'restricted_area' AS duty, a.zone_name, a.distance_to_boundary_m, a.in_doubt = 1 AS near_boundary
    FROM old AS o
    INNER JOIN area AS a ON a.site_id = o.site_id
    WHERE %(as_of)s >= %(area_since)s
    UNION ALL
    SELECT
        m.site_id,
        CASE WHEN o.site_id IS NULL THEN 'district_filter' ELSE 'district_stage' END AS duty,
        CAST(NULL AS VARCHAR) AS zone_name,
        CAST(NULL AS DOUBLE PRECISION) AS distance_to_boundary_m,
        EXISTS (SELECT 1 FROM by_the_border AS b WHERE b.site_id = m.site_id) AS near_boundary
    FROM machine AS m
    LEFT JOIN old AS o ON o.site_id = m.site_id
    WHERE m.county_code = %(district)s
        AND (
            o.site_id IS NOT NULL
            OR (o.site_id IS NULL AND m.has_particulate_filter IS NOT TRUE AND %(as_of)s >= %(filter_since)s)
        )
)

SELECT
    s.county_code,
    s.site_id AS feature_id,
    d.duty AS part,
    s.name,
    d.duty,
    m.machine_type,
    m.emission_stage,
    m.made_on,
    m.has_particulate_filter,
    m.seen_on,
    d.zone_name,
    CAST(d.distance_to_boundary_m AS DECIMAL(18, 1)) AS distance_to_boundary_m,
    s.position_error_m,
    d.near_boundary,
    d.duty = 'district_filter' AND m.has_particulate_filter IS NULL AS report
FROM duty AS d
INNER JOIN site AS s ON s.site_id = d.site_id
INNER JOIN machine AS m ON m.site_id = d.site_id
WHERE m.made_on IS NULL OR m.made_on <= %(as_of)s
