/*
id         = "FOOD-02"
title      = "大型餐饮单位未装油烟在线监控或未联网"
title_en   = "Large restaurant without networked online fume monitoring"
severity   = "medium"
message    = "{name}（{area_m2}平方米）在建成区，油烟在线监控：{has_online_monitoring}，与环保部门联网：{is_networked}"
message_en = "{name} ({area_m2} m²) lies in a built-up area; online fume monitoring: {has_online_monitoring}, networked: {is_networked}"
judges     = "site"
reads      = ["restaurant", "zone"]
status     = "in_force"
since      = 2017-11-01
where      = []
reach_m    = 0
clock      = "none"
material   = ["has_online_monitoring", "is_networked"]

why = """
建成区内500平方米以上的餐饮企业要装油烟在线监控，并与环保部门联网，随时看得到排放浓度和净化设施的运行。
"""
fix = """
由区政府督促安装并联网；面积、安装情况有误的，更正数据。
"""
trap = """
500平方米本数在内。面积不明的无法判断，不列。监控和联网缺一不可；没有查看过的只作提示。\
条文写“餐饮企业”，本规则把食堂一并列入（整改方案第27项把食堂算作餐饮单位）。\
离建成区边界比误差更近的只报“临近边界”。期限是2017年10月底前，次日起算。
"""

[[legal]]
document = "河南省2017年度大气污染防治攻坚战实施意见（附件）"
number   = "豫环攻坚办〔2017〕56号"
item     = "附三(三)11"

[params]
area_m2 = { type = "number", default = 500, note = "面积达到这个数（含）的要装在线监控，平方米" }

[facts]
area_m2                = { zh = "面积", en = "area", unit = "m²" }
has_online_monitoring  = { zh = "油烟在线监控", en = "online fume monitoring" }
is_networked           = { zh = "已联网", en = "networked" }
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
)

SELECT
    s.county_code,
    s.site_id AS feature_id,
    s.name,
    r.area_m2,
    r.has_online_monitoring,
    r.is_networked,
    a.zone_name,
    CAST(a.distance_to_boundary_m AS DECIMAL(18, 1)) AS distance_to_boundary_m,
    s.position_error_m,
    a.in_doubt = 1 AS near_boundary,
    r.has_online_monitoring IS NOT FALSE AND r.is_networked IS NOT FALSE AS report
FROM restaurant AS r
INNER JOIN site AS s ON s.site_id = r.site_id
INNER JOIN area AS a ON a.site_id = r.site_id
WHERE r.makes_fumes
    AND r.area_m2 >= %(area_m2)s
    AND (r.has_online_monitoring IS NOT TRUE OR r.is_networked IS NOT TRUE)
