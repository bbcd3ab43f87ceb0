/*
id         = "COAL-07"
title      = "禁煤区内使用燃煤设施或商铺烧煤"
title_en   = "Coal burnt inside a coal-free zone"
severity   = "high"
message    = "{name}（{facility}，{fuel}）在禁煤区{zone_name}内"
message_en = "{name} ({facility}, {fuel}) stands inside the coal-free zone {zone_name}"
judges     = "site"
reads      = ["burning_facility", "zone"]
status     = "in_force"
since      = 2019-11-14
where      = []
reach_m    = 0
clock      = "none"
material   = ["facility", "fuel", "purpose", "zone_name"]

why = """
划了禁煤区，区内就不能再有散煤。督察在鲁庄镇、西村镇的禁煤区里仍看到商铺烧煤取暖，\
全市的茶浴锅炉、大灶和经营性小煤炉也要求发现一处取缔一处。
"""
fix = """
拆除设施，收走存煤，改用电或气；属于豁免用途的，把用途补录清楚。
"""
trap = """
巩义的禁煤区对一切单位和个人有效，只豁免煤矿、火电厂、洁净煤仓储供应、集中供热和原料用煤；\
其他县（市、区）只查点了名的三类炉灶：茶浴锅炉、大灶、经营性小煤炉。\
条文禁的是散煤，烧洁净型煤的只作提示；有没有在用没有查过的也只作提示。锅炉由 BOIL-01 和 COAL-12 检查，不在本条内。\
区域自施行之日起有效，起算日取巩义通告日期2019-11-14（整改清单没有日期，本平台取法）。\
离边界比误差更近的只报“临近边界”，在内在外都报。
"""

[[legal]]
document = "省委“三散”污染治理专项督察反馈意见整改任务清单（38项）"
number   = ""
item     = "11(2)"
[[legal]]
document = "省委“三散”污染治理专项督察反馈意见整改任务清单（38项）"
number   = ""
item     = "12"
[[legal]]
document = "省委“三散”污染治理专项督察反馈意见整改任务清单（38项）"
number   = ""
item     = "14(1)"

[params]
loose_fuels  = { type = "texts", default = ["raw_coal", "anthracite", "semi_coke", "petroleum_coke", "coal_water_slurry", "pulverised_coal"], note = "按散煤对待的燃料" }
clean_fuels  = { type = "texts", default = ["briquette"], note = "洁净型煤：只作提示" }
full_duty    = { type = "texts", default = ["410181"], note = "对一切设施有效的县（市）：巩义" }
named_stoves = { type = "texts", default = ["tea_stove", "big_stove", "small_stove"], note = "全市点名取缔的炉灶" }
exempt       = { type = "texts", default = ["coal_mine", "thermal_power", "clean_coal_depot", "central_heating", "feedstock"], note = "豁免用途" }

[facts]
facility               = { zh = "设施", en = "facility", words = { tea_stove = { zh = "茶浴锅炉", en = "tea or bath stove" }, big_stove = { zh = "大灶", en = "big stove" }, small_stove = { zh = "经营性小煤炉", en = "small business stove" }, shop_heater = { zh = "商铺取暖炉", en = "shop heater" }, kiln = { zh = "炉窑", en = "kiln" }, other = { zh = "其他", en = "other" } } }
fuel                   = { zh = "燃料", en = "fuel", words = "heat_fuel" }
purpose                = { zh = "用途", en = "purpose", words = { business = { zh = "经营", en = "business" }, heating = { zh = "取暖", en = "heating" }, production = { zh = "生产", en = "production" }, coal_mine = { zh = "煤矿", en = "coal mine" }, thermal_power = { zh = "火电厂", en = "thermal power" }, clean_coal_depot = { zh = "洁净煤仓储供应", en = "clean-coal depot" }, central_heating = { zh = "集中供热", en = "central heating" }, feedstock = { zh = "原料用煤", en = "feedstock" } } }
seen_on                = { zh = "查看日期", en = "seen on" }
zone_name              = { zh = "所在禁煤区", en = "coal-free zone" }
distance_to_boundary_m = { zh = "距边界", en = "distance to the boundary", unit = "m" }
position_error_m       = { zh = "点位误差", en = "position error", unit = "m" }
*/
WITH area AS (
    -- one row per site: inside any zone without doubt wins over near the boundary of another
    SELECT
        z.site_id,
        MIN(z.zone_name) AS zone_name,
        MIN(z.distance_to_boundary_m) AS distance_to_boundary_m,
        MIN(CASE WHEN z.inside AND NOT z.near_boundary THEN 0 ELSE 1 END) AS in_doubt
    FROM site_in_zone AS z
    WHERE z.kind = 'coal_free'
    GROUP BY z.site_id
)

SELECT
    s.county_code,
    s.site_id AS feature_id,
    s.name,
    f.facility,
    f.fuel,
    f.purpose,
    f.seen_on,
    a.zone_name,
    CAST(a.distance_to_boundary_m AS DECIMAL(18, 1)) AS distance_to_boundary_m,
    s.position_error_m,
    a.in_doubt = 1 AS near_boundary,
    f.is_in_use IS NULL OR f.fuel IN %(clean_fuels)s AS report
FROM burning_facility AS f
INNER JOIN site AS s ON s.site_id = f.site_id
INNER JOIN area AS a ON a.site_id = f.site_id
WHERE f.is_in_use IS NOT FALSE
    AND (f.fuel IN %(loose_fuels)s OR f.fuel IN %(clean_fuels)s)
    AND f.purpose NOT IN %(exempt)s
    AND (f.county_code IN %(full_duty)s OR f.facility IN %(named_stoves)s)
