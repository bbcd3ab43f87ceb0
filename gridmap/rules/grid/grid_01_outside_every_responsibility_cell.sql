/*
id         = "GRID-01"
title      = "监管对象不在任何责任网格内"
title_en   = "Site or road in no responsibility cell"
severity   = "medium"
message    = "{name}（{kind}）不在任何责任网格内，最近的网格是{nearest_cell}，相距{distance_m}米"
message_en = "{name} ({kind}) lies in no responsibility cell; the nearest, {nearest_cell}, is {distance_m} m away"
judges     = "site"
reads      = ["grid_cell", "region", "road"]
status     = "in_force"
since      = 2017-03-01
where      = []
reach_m    = 5000
clock      = "day"
material   = ["kind"]

why = """
网格化监管要求全覆盖：企业、工地、主次干道、背街小巷、公共场所、居民小区都要有人负责。不在网格里的对象没有人巡查。
"""
fix = """
由乡镇（街道）把该处划入相邻网格或新设网格，并落实网格长、网格员、巡查员、监督员；点位有误的先更正点位。
"""
trap = """
任何一级的责任网格都算，只有一平方公里的统计方格不算。网格界线也算在网格内。\
网格离得比点位和网格界线的误差之和更近时只报“临近边界”。道路只要有一段在网格内就不列，断档由 GRID-02 检查。\
全市期限2017年3月底，次日起算；中原区期限2017年2月底，次日起算。位置在本市以外的对象不归本市网格管，不列。\
5千米以外的网格不再量距离（本平台取值）。
"""

[[legal]]
document = "关于科学编制“一市一策”实施方案的通知"
number   = "豫环攻坚办〔2017〕56号"
item     = "11"
[[legal]]
document = "河南省2017年度大气污染防治攻坚战实施意见（附件）"
number   = "豫环攻坚办〔2017〕56号"
item     = "三(八)3"
[[legal]]
document = "中原区2017年大气污染防治攻坚行动方案"
number   = "中原政〔2017〕2号"
item     = "16(1)"

[params]
city_since     = { type = "date", default = 2017-04-01, note = "全市期限2017年3月底，次日起算" }
early_counties = { type = "texts", default = ["410102"], note = "期限较早的区：中原区，2017年2月底" }
look_within_m  = { type = "number", default = 5000, ours = true, note = "在此距离（米）内找最近的网格（本平台取值）" }

[facts]
kind             = { zh = "对象类别", en = "kind", words = { enterprise = { zh = "企业", en = "enterprise" }, power_plant = { zh = "电厂", en = "power plant" }, machine = { zh = "非道路移动机械", en = "machine" }, coal_outlet = { zh = "售煤点", en = "coal outlet" }, construction_site = { zh = "施工工地", en = "construction site" }, restaurant = { zh = "餐饮单位", en = "restaurant" }, boiler = { zh = "锅炉", en = "boiler" }, burning_facility = { zh = "燃煤燃料设施", en = "burning facility" }, quarry = { zh = "露天矿山", en = "quarry" }, storage_yard = { zh = "露天堆场", en = "storage yard" }, vehicle = { zh = "机动车", en = "road vehicle" }, market = { zh = "批发物流市场", en = "wholesale or logistics market" }, gas_station = { zh = "加油站和储油库", en = "filling station or oil depot" }, test_station = { zh = "机动车排放检验机构", en = "emission-test station" }, remote_sensor = { zh = "机动车遥感监测设备", en = "remote sensor" }, road = { zh = "道路", en = "road" } } }
nearest_cell     = { zh = "最近的网格", en = "nearest cell" }
distance_m       = { zh = "与最近网格的距离", en = "distance to the nearest cell", unit = "m" }
position_error_m = { zh = "点位误差", en = "position error", unit = "m" }
*/
WITH cell AS (
    SELECT c.cell_code, c.name, c.geom_m, c.position_error_m
    FROM grid_cell AS c
    WHERE c.kind = 'responsibility'
),

supervised AS (
    SELECT 'site' AS feature_kind, s.site_id AS feature_id, s.kind, s.name, s.county_code, s.geom_m, s.position_error_m
    FROM site AS s
    UNION ALL
    SELECT 'road' AS feature_kind, r.road_id AS feature_id, 'road' AS kind, r.name, r.county_code, r.geom_m, r.position_error_m
    FROM road AS r
),

outside AS (
    SELECT o.feature_kind, o.feature_id, o.kind, o.name, o.county_code, o.geom_m, o.position_error_m
    FROM supervised AS o
    INNER JOIN region AS r ON r.code = o.county_code AND r.level IN ('city', 'county')
    WHERE (o.county_code IN %(early_counties)s OR %(as_of)s >= %(city_since)s)
        AND NOT EXISTS (SELECT 1 FROM cell AS c WHERE ST_Intersects(c.geom_m, o.geom_m))
),

nearest AS (
    SELECT
        o.feature_kind,
        o.feature_id,
        c.name AS cell_name,
        ST_Distance(c.geom_m, o.geom_m) AS distance_m,
        ROW_NUMBER() OVER (
            PARTITION BY o.feature_kind, o.feature_id ORDER BY ST_Distance(c.geom_m, o.geom_m), c.cell_code
        ) AS place
    FROM outside AS o
    INNER JOIN cell AS c ON ST_DWithin(c.geom_m, o.geom_m, %(look_within_m)s)
)

SELECT
    o.county_code,
    o.feature_kind,
    o.feature_id,
    o.name,
    o.kind,
    n.cell_name AS nearest_cell,
    CAST(n.distance_m AS DECIMAL(18, 1)) AS distance_m,
    o.position_error_m,
    EXISTS (
        SELECT 1
        FROM cell AS c
        WHERE ST_DWithin(c.geom_m, o.geom_m, o.position_error_m + c.position_error_m)
    ) AS near_boundary
FROM outside AS o
LEFT JOIN nearest AS n ON n.feature_kind = o.feature_kind AND n.feature_id = o.feature_id AND n.place = 1
