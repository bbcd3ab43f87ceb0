/*
id         = "COAL-05"
title      = "市区、建成区或镇区有部分未划入禁燃区、禁煤区"
title_en   = "Part of the city proper, a built-up area or a town seat in no zone"
severity   = "high"
message    = "{name}：{limb}[（未划入{area_km2} km²）]"
message_en = "{name}: {limb}[ ({area_km2} km² left out)]"
judges     = "zone"
reads      = ["region"]
status     = "in_force"
since      = 2017-02-27
where      = []
reach_m    = 0
clock      = "day"
material   = ["limb", "area_km2"]
part       = { zh = "地块左下角所在方格", en = "square of the land's lowest corner" }

why = """
市区全域和各县（市）、上街区的建成区应当划为高污染燃料禁燃区；巩义的市区和每个镇区还应当划为禁煤区。\
人住得最密的地方留在区外，区划就失去了意义。
"""
fix = """
由县（市、区）政府修订通告，把列出的地块和镇区补划进去；建成区范围有误的，先更正范围。
"""
trap = """
两种区域不能互相代替：（一）要禁燃区，（二）要禁煤区。建成区没有公布的坐标，以示意范围代替，\
宽度不超过界线误差的地块只报“临近边界”，小于0.01平方公里的不列（本平台取值）。\
三个开发区没有轮廓，它们的土地按所在的老城区计算。镇区没有范围，只按政府驻地的点位判断，\
点位误差按500米计（本平台取值），名单列入的镇或全县不看点位；镇区的要求只有巩义有，而且只要求禁煤区。\
中原区建成区从区方案日期2017-02-27起算，其余从市方案日期2017-09-22起算（条文没有期限），\
此后中原区按市区全域检查。178号要求市区全域，中原区方案只要求建成区，本条取严。
"""

[[legal]]
document = "中原区2017年大气污染防治攻坚行动方案"
number   = "中原政〔2017〕2号"
item     = "3"
[[legal]]
document = "郑州市2017—2018年秋冬季大气污染综合治理攻坚行动实施方案"
number   = "郑政文〔2017〕178号"
item     = "12(1)"
[[legal]]
document = "省委“三散”污染治理专项督察反馈意见整改任务清单（38项）"
number   = ""
item     = "14"

[params]
district           = { type = "text", default = "410102", note = "中原区：建成区从区方案日期（本条起算日）起算" }
city_since         = { type = "date", default = 2017-09-22, note = "市区全域和各建成区从市方案日期起算" }
built_up_counties  = { type = "texts", default = ["410106", "410122", "410181", "410182", "410183", "410184", "410185"], note = "按建成区要求的县（市）和上街区" }
coal_free_counties = { type = "texts", default = ["410181"], note = "市区和镇区都要划入禁煤区的县（市）：巩义" }
coal_free_since    = { type = "date", default = 2020-10-01, note = "巩义期限2020年9月底，次日起算" }
least_area_m2      = { type = "number", default = 10000, ours = true, note = "小于此面积（平方米）的地块不列（本平台取值）" }
seat_error_m       = { type = "number", default = 500, ours = true, note = "镇政府驻地点位误差（米，本平台取值）" }

[facts]
limb     = { zh = "问题", en = "what is left out", words = { city_proper = { zh = "市区有地块不在任何禁燃区内", en = "city proper in no no-burn zone" }, built_up = { zh = "建成区有地块不在任何禁燃区内", en = "built-up area in no no-burn zone" }, coal_free = { zh = "市区有地块不在任何禁煤区内", en = "the county's city proper in no coal-free zone" }, town_seat = { zh = "镇区（驻地）不在任何禁煤区内", en = "town seat in no coal-free zone" } } }
area_km2 = { zh = "未划入面积", en = "area left out", unit = "km²" }
*/
WITH piece AS (
    SELECT
        g.county_code,
        CASE WHEN g.kind = 'coal_free' THEN 'coal_free' ELSE g.area_kind END AS limb,
        g.part,
        g.area_m2,
        g.near_boundary,
        g.geom,
        ROW_NUMBER() OVER (PARTITION BY g.county_code, g.area_kind, g.kind, g.part ORDER BY g.area_m2 DESC) AS place
    FROM area_gap AS g
    WHERE g.area_m2 >= %(least_area_m2)s
        AND (
            (g.kind = 'no_burn' AND g.area_kind = 'city_proper' AND %(as_of)s >= %(city_since)s)
            OR (
                g.kind = 'no_burn'
                AND g.area_kind = 'built_up'
                AND (
                    (g.county_code IN %(built_up_counties)s AND %(as_of)s >= %(city_since)s)
                    OR (g.county_code = %(district)s AND %(as_of)s < %(city_since)s)
                )
            )
            OR (
                g.kind = 'coal_free'
                AND g.area_kind = 'built_up'
                AND g.county_code IN %(coal_free_counties)s
                AND %(as_of)s >= %(coal_free_since)s
            )
        )
)

SELECT
    p.county_code,
    'gap' AS feature_kind,
    'gap-' || p.limb || '-' || p.county_code AS feature_id,
    -- two pieces may begin in the same square: the smaller ones are numbered
    CASE WHEN p.place = 1 THEN p.part ELSE p.part || '-' || CAST(p.place AS VARCHAR) END AS part,
    r.name || p.part || '地块' AS name,
    p.limb,
    CAST(p.area_m2 / 1000000.0 AS DECIMAL(18, 2)) AS area_km2,
    p.near_boundary,
    p.geom
FROM piece AS p
INNER JOIN region AS r ON r.level = 'county' AND r.code = p.county_code
UNION ALL
SELECT
    s.county_code,
    'township' AS feature_kind,
    s.code AS feature_id,
    '' AS part,
    s.name,
    'town_seat' AS limb,
    CAST(NULL AS DECIMAL(18, 2)) AS area_km2,
    COALESCE(s.distance_to_boundary_m <= %(seat_error_m)s + s.zone_error_m, false) AS near_boundary,
    s.geom
FROM seat_cover AS s
WHERE s.kind = 'coal_free'
    AND s.county_code IN %(coal_free_counties)s
    AND %(as_of)s >= %(coal_free_since)s
    AND NOT s.by_name
    AND (NOT s.inside OR COALESCE(s.distance_to_boundary_m <= %(seat_error_m)s + s.zone_error_m, false))
