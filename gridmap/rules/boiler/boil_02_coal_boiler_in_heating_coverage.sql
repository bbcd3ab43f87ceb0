/*
id         = "BOIL-02"
title      = "集中供热范围内的20蒸吨及以下燃煤锅炉，以及燃煤茶炉大灶未取缔"
title_en   = "Coal boiler inside central-heating coverage, or a coal stove still there"
severity   = "high"
message    = "{name}（燃料：{fuel}）：{limb}"
message_en = "{name} (fuel {fuel}): {limb}"
judges     = "site"
reads      = ["boiler", "burning_facility", "zone"]
status     = "in_force"
since      = 2017-09-01
where      = []
reach_m    = 0
clock      = "none"
material   = ["limb", "fuel", "capacity_t_h"]
part       = "limb"

why = """
热网已经通到的地方没有理由再烧煤，20蒸吨及以下的燃煤锅炉都应当淘汰；\
燃煤的茶炉、大灶和经营性小煤炉不论在哪里，同一天前全部取缔。
"""
fix = """
锅炉：接入热网，拆除烟囱或割断烟道并注销登记。炉灶：改用气、电或拆除。热网实际未通到的，由供热单位出具说明后更正供热范围。
"""
trap = """
供热范围没有公布的坐标，本平台以示意范围代替，离边界比误差更近的锅炉只报“临近边界”，在内在外都报。\
10蒸吨及以下的锅炉同时违反 BOIL-01，两条都会列出。关闭要拆烟囱或割断烟道并注销登记；已改为热网、燃气、电等而不再烧煤的不列（改造只认哪几种，见 BOIL-01）；是否在用没有查过的只作提示。\
茶炉大灶和小煤炉不分供热范围，全市域都在内。期限为2017年8月底，次日起算；主要任务附件写10月底，本条取严。
"""

[[legal]]
document = "郑州市2017—2018年秋冬季大气污染综合治理攻坚行动实施方案"
number   = "郑政文〔2017〕178号"
item     = "15、16"

[params]
highest_capacity_t_h = { type = "number", default = 20, note = "供热范围内淘汰此容量（蒸吨/小时）及以下" }
coal_fuels           = { type = "texts", default = ["raw_coal", "briquette", "coal_water_slurry", "anthracite", "semi_coke", "petroleum_coke", "pulverised_coal"], note = "按燃煤对待的燃料" }
conversions          = { type = "texts", default = ["heat_network", "gas", "electricity", "geothermal", "solar", "wind"], note = "改为这些才算改造" }
stoves               = { type = "texts", default = ["tea_stove", "big_stove", "small_stove"], note = "同日取缔的炉灶：茶浴锅炉、大灶、经营性小煤炉" }

[facts]
limb                   = { zh = "问题", en = "fault", words = { boiler = { zh = "集中供热范围内的燃煤锅炉未淘汰", en = "coal boiler inside central-heating coverage" }, stove = { zh = "燃煤茶炉、大灶或经营性小煤炉未取缔", en = "coal stove still there" } } }
fuel                   = { zh = "燃料", en = "fuel", words = "heat_fuel" }
capacity_t_h           = { zh = "容量", en = "capacity", unit = "t/h" }
facility               = { zh = "炉灶类型", en = "facility", words = { tea_stove = { zh = "茶浴锅炉", en = "tea or bath stove" }, big_stove = { zh = "大灶", en = "big stove" }, small_stove = { zh = "经营性小煤炉", en = "small business stove" } } }
zone_name              = { zh = "所在供热范围", en = "heating coverage" }
distance_to_boundary_m = { zh = "距边界", en = "distance to the boundary", unit = "m" }
position_error_m       = { zh = "点位误差", en = "position error", unit = "m" }
*/
WITH covered AS (
    -- one row per site: inside any coverage without doubt wins over near the boundary of another
    SELECT
        z.site_id,
        MIN(z.zone_name) AS zone_name,
        MIN(z.distance_to_boundary_m) AS distance_to_boundary_m,
        MIN(CASE WHEN z.inside AND NOT z.near_boundary THEN 0 ELSE 1 END) AS in_doubt
    FROM site_in_zone AS z
    WHERE z.kind = 'heating_coverage'
    GROUP BY z.site_id
),

fault AS (
    SELECT
        b.site_id,
        'boiler' AS limb,
        b.fuel,
        b.capacity_t_h,
        CAST(NULL AS VARCHAR) AS facility,
        c.zone_name,
        c.distance_to_boundary_m,
        c.in_doubt = 1 AS near_boundary,
        b.is_running IS NULL AND b.is_registered IS NOT TRUE AS report
    FROM boiler AS b
    INNER JOIN covered AS c ON c.site_id = b.site_id
    WHERE b.device = 'boiler'
        AND b.fuel IN %(coal_fuels)s
        AND b.capacity_t_h <= %(highest_capacity_t_h)s
        AND (b.converted_to IS NULL OR b.converted_to NOT IN %(conversions)s OR b.is_running)
        AND (
            b.is_running IS NOT FALSE
            OR b.is_registered IS TRUE
            OR b.closed_how IS NULL
            OR b.closed_how = 'sealed'
        )
    UNION ALL
    SELECT
        f.site_id,
        'stove' AS limb,
        f.fuel,
        CAST(NULL AS DOUBLE PRECISION) AS capacity_t_h,
        f.facility,
        CAST(NULL AS VARCHAR) AS zone_name,
        CAST(NULL AS DOUBLE PRECISION) AS distance_to_boundary_m,
        false AS near_boundary,
        f.is_in_use IS NULL AS report
    FROM burning_facility AS f
    WHERE f.facility IN %(stoves)s
        AND f.fuel IN %(coal_fuels)s
        AND f.is_in_use IS NOT FALSE
)

SELECT
    s.county_code,
    s.site_id AS feature_id,
    f.limb AS part,
    s.name,
    f.limb,
    f.fuel,
    CAST(f.capacity_t_h AS DECIMAL(18, 1)) AS capacity_t_h,
    f.facility,
    f.zone_name,
    CAST(f.distance_to_boundary_m AS DECIMAL(18, 1)) AS distance_to_boundary_m,
    s.position_error_m,
    f.near_boundary,
    f.report
FROM fault AS f
INNER JOIN site AS s ON s.site_id = f.site_id
