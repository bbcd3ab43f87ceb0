/*
id         = "BOIL-04"
title      = "生物质锅炉不是专用锅炉或设施不全"
title_en   = "Biomass boiler that is not dedicated or lacks its equipment"
severity   = "medium"
message    = "{name}（{capacity_t_h}蒸吨，{fuel}）：{duty}"
message_en = "{name} ({capacity_t_h} t/h, {fuel}): {duty}"
judges     = "site"
reads      = ["boiler", "region"]
status     = "in_force"
since      = 2017-02-27
where      = []
reach_m    = 0
clock      = "day"
material   = ["duty", "fuel"]
part       = "duty"

why = """
普通锅炉改烧生物质，燃烧不充分，还容易掺烧煤；所以要求专用锅炉、布袋除尘、在线监测联网，缺一项停用改造。
"""
fix = """
更换专用锅炉或改用清洁能源；补装布袋除尘器，在线监测与环保部门联网。中原区有天然气锅炉的单位，生物质锅炉只作备用，启动前报备。
"""
trap = """
除尘只认布袋，静电不算。在线监测要求联网。没有查过的项目只作提示，所缺项目逐项列出。\
中原区从区方案日期2017-02-27起算，其他地方从市方案日期2017-09-22起算（条文没有期限）；\
离邻县（区）比误差更近、不能确定在中原区的，只涉及中原区要求的部分报“临近边界”。\
备用和报备的要求只有中原区有；没有在运行的备用锅炉不要求报备。未成型生物质还可能违反 COAL-12。
"""

[[legal]]
document = "郑州市2017—2018年秋冬季大气污染综合治理攻坚行动实施方案"
number   = "郑政文〔2017〕178号"
item     = "17(2)"
[[legal]]
document = "中原区2017年大气污染防治攻坚行动方案"
number   = "中原政〔2017〕2号"
item     = "6"

[params]
biomass    = { type = "texts", default = ["formed_biomass", "raw_biomass"], note = "生物质燃料" }
city_since = { type = "date", default = 2017-09-22, note = "全市从此日起算（市方案日期）" }
district   = { type = "text", default = "410102", note = "中原区：从区方案日期（本条起算日）起" }

[facts]
duty             = { zh = "问题", en = "fault", words = { dedicated = { zh = "不是生物质专用锅炉", en = "not a dedicated biomass boiler" }, bag_filter = { zh = "没有布袋除尘", en = "no bag filter" }, monitoring = { zh = "没有联网的在线监测", en = "no networked online monitoring" }, standby = { zh = "有天然气锅炉，生物质锅炉未作备用", en = "beside a gas boiler but no standby" }, start_filed = { zh = "备用锅炉启动未报备", en = "standby started without filing" } } }
capacity_t_h     = { zh = "容量", en = "capacity", unit = "t/h" }
fuel             = { zh = "燃料", en = "fuel", words = "heat_fuel" }
dust_removal     = { zh = "除尘方式", en = "dust removal", words = { bag = { zh = "布袋", en = "bag filter" }, electrostatic = { zh = "静电", en = "electrostatic" }, other = { zh = "其他", en = "other" }, none = { zh = "无", en = "none" } } }
position_error_m = { zh = "点位误差", en = "position error", unit = "m" }
*/
WITH kept AS (
    SELECT b.*
    FROM boiler AS b
    WHERE b.fuel IN %(biomass)s AND b.is_running IS NOT FALSE
        AND (b.county_code = %(district)s OR %(as_of)s >= %(city_since)s)
),

-- a boiler that may as well stand in the next county is not judged by the district's own duties
by_the_border AS (
    SELECT s.site_id
    FROM site AS s
    INNER JOIN region AS r
        ON r.level = 'county'
        AND r.code <> s.county_code
        AND ST_DWithin(r.geom_m, s.geom_m, s.position_error_m + r.position_error_m)
    WHERE s.county_code = %(district)s
),

fault AS (
    SELECT k.site_id, 'dedicated' AS duty, k.is_dedicated_biomass IS NULL AS report
    FROM kept AS k
    WHERE k.is_dedicated_biomass IS NOT TRUE
    UNION ALL
    SELECT k.site_id, 'bag_filter' AS duty, k.dust_removal IS NULL AS report
    FROM kept AS k
    WHERE k.dust_removal IS NULL OR k.dust_removal <> 'bag'
    UNION ALL
    SELECT k.site_id, 'monitoring' AS duty, k.has_networked_monitoring IS NULL AS report
    FROM kept AS k
    WHERE k.has_networked_monitoring IS NOT TRUE
    UNION ALL
    SELECT
        k.site_id,
        CASE WHEN k.is_standby THEN 'start_filed' ELSE 'standby' END AS duty,
        k.is_standby IS NULL OR (k.is_standby AND k.start_filed IS NULL) AS report
    FROM kept AS k
    WHERE k.county_code = %(district)s AND k.has_gas_boiler AND k.is_running
        AND (k.is_standby IS NOT TRUE OR k.start_filed IS NOT TRUE)
)

SELECT
    k.county_code,
    k.site_id AS feature_id,
    f.duty AS part,
    k.name,
    f.duty,
    CAST(k.capacity_t_h AS DECIMAL(18, 1)) AS capacity_t_h,
    k.fuel,
    k.dust_removal,
    s.position_error_m,
    (f.duty IN ('standby', 'start_filed') OR %(as_of)s < %(city_since)s)
    AND EXISTS (SELECT 1 FROM by_the_border AS b WHERE b.site_id = k.site_id) AS near_boundary,
    f.report
FROM fault AS f
INNER JOIN kept AS k ON k.site_id = f.site_id
INNER JOIN site AS s ON s.site_id = f.site_id
