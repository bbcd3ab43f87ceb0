/*
id         = "COAL-12"
title      = "禁燃区内燃用高污染燃料"
title_en   = "High-pollution fuel burnt inside a no-burn zone"
severity   = "high"
message    = "{name}燃用{fuel}：{limb}（{zone_name}）"
message_en = "{name} burns {fuel}: {limb} ({zone_name})"
judges     = "site"
reads      = ["boiler", "burning_facility", "region", "zone"]
status     = "in_force"
since      = 2017-05-01
where      = []
reach_m    = 0
clock      = "day"
material   = ["limb", "fuel", "zone_name"]
part       = "limb"

why = """
禁燃区里不准烧的不只是散煤，煤的各种制品、未成型的生物质、可燃废物和几种重质油都在内，烧这些的设施应当拆除。\
中原区还要求建成区在2017年10月底前做到散煤清零。
"""
fix = """
拆除或改用电、气等清洁能源；已经停用的，拆除设施后更正记录。
"""
trap = """
禁燃区的燃料范围比禁煤区宽，条文也没有豁免：洁净型煤同样不准烧，集中供热和火电没有例外。成型生物质不在所列燃料内（见 BOIL-04）。\
省文件期限为2017年4月底，次日起算；之后划定的区域自施行之日起算。没有查过是否在用的只作提示。\
中原区建成区散煤清零是另一项要求，期限2017年10月底，次日起算，同一处可能两项都违反，分两条列出；\
离邻县（区）比误差更近、不能确定在中原区的报“临近边界”。离区域边界比误差更近的也是，在内在外都报。
"""

[[legal]]
document = "中原区2017年大气污染防治攻坚行动方案"
number   = "中原政〔2017〕2号"
item     = "3、4"
[[legal]]
document = "河南省2017年度大气污染防治攻坚战实施意见（附件）"
number   = "豫环攻坚办〔2017〕56号"
item     = "三(三)4"
[[legal]]
document = "郑州市2017—2018年秋冬季大气污染综合治理攻坚行动实施方案"
number   = "郑政文〔2017〕178号"
item     = "12(2)"

[params]
high_pollution = { type = "texts", default = ["raw_coal", "briquette", "coal_water_slurry", "anthracite", "semi_coke", "petroleum_coke", "pulverised_coal", "crude_oil", "heavy_oil", "engine_oil", "tar", "thinner", "raw_biomass", "waste"], note = "高污染燃料" }
loose_coal     = { type = "texts", default = ["raw_coal", "anthracite"], note = "散煤" }
district       = { type = "text", default = "410102", note = "中原区：建成区散煤清零" }
district_since = { type = "date", default = 2017-11-01, note = "中原区期限2017年10月底，次日起算" }

[facts]
limb                   = { zh = "违反的要求", en = "duty", words = { no_burn = { zh = "在禁燃区内", en = "inside a no-burn zone" }, loose_coal = { zh = "在中原区建成区内燃用散煤", en = "loose coal in the built-up area of Zhongyuan district" } } }
fuel                   = { zh = "燃料", en = "fuel", words = "heat_fuel" }
kind                   = { zh = "对象类别", en = "kind of site", words = "site_kind" }
zone_name              = { zh = "所在区域", en = "area" }
distance_to_boundary_m = { zh = "距边界", en = "distance to the boundary", unit = "m" }
position_error_m       = { zh = "点位误差", en = "position error", unit = "m" }
*/
WITH burning AS (
    SELECT b.site_id, b.fuel, b.is_running AS in_use
    FROM boiler AS b
    WHERE b.is_running IS NOT FALSE
    UNION ALL
    SELECT f.site_id, f.fuel, f.is_in_use AS in_use
    FROM burning_facility AS f
    WHERE f.is_in_use IS NOT FALSE
),

-- one row per site and kind: inside any zone without doubt wins over near the boundary of another
area AS (
    SELECT
        z.site_id,
        z.kind,
        MIN(z.zone_name) AS zone_name,
        MIN(z.distance_to_boundary_m) AS distance_to_boundary_m,
        MIN(CASE WHEN z.inside AND NOT z.near_boundary THEN 0 ELSE 1 END) AS in_doubt
    FROM site_in_zone AS z
    WHERE z.kind IN ('no_burn', 'built_up')
    GROUP BY z.site_id, z.kind
),

by_the_border AS (
    SELECT s.site_id
    FROM site AS s
    INNER JOIN region AS r
        ON r.level = 'county'
        AND r.code <> s.county_code
        AND ST_DWithin(r.geom_m, s.geom_m, s.position_error_m + r.position_error_m)
    WHERE s.county_code = %(district)s
)

SELECT
    s.county_code,
    s.site_id AS feature_id,
    CASE WHEN a.kind = 'no_burn' THEN 'no_burn' ELSE 'loose_coal' END AS part,
    s.name,
    CASE WHEN a.kind = 'no_burn' THEN 'no_burn' ELSE 'loose_coal' END AS limb,
    b.fuel,
    s.kind,
    a.zone_name,
    CAST(a.distance_to_boundary_m AS DECIMAL(18, 1)) AS distance_to_boundary_m,
    s.position_error_m,
    a.in_doubt = 1
    OR (a.kind = 'built_up' AND EXISTS (SELECT 1 FROM by_the_border AS t WHERE t.site_id = s.site_id))
    AS near_boundary,
    b.in_use IS NULL AS report
FROM burning AS b
INNER JOIN site AS s ON s.site_id = b.site_id
INNER JOIN area AS a ON a.site_id = b.site_id
WHERE (a.kind = 'no_burn' AND b.fuel IN %(high_pollution)s)
    OR (
        a.kind = 'built_up'
        AND s.county_code = %(district)s
        AND b.fuel IN %(loose_coal)s
        AND %(as_of)s >= %(district_since)s
    )
