/*
id         = "BOIL-05"
title      = "禁批之后新批的热源，或产业集聚区内的分散燃煤供热锅炉"
title_en   = "Heat source approved after the ban, or a coal heating boiler in an industrial cluster"
severity   = "high"
message    = "{name}（{fuel}[，{approved_on}批建]）：{limb}"
message_en = "{name} ({fuel}[, approved {approved_on}]): {limb}"
judges     = "site"
reads      = ["boiler", "zone"]
status     = "in_force"
since      = 2017-02-13
where      = []
reach_m    = 0
clock      = "day"
material   = ["limb", "fuel", "approved_on"]
part       = { zh = "所查事项", en = "what is judged", words = { approval = { zh = "批建", en = "approval" }, cluster = { zh = "产业集聚区集中供热", en = "heating of the industrial cluster" } } }

why = """
热电联产热网、天然气管网各有自己的覆盖范围：热网到的建成区内不再批其他热源，只有气的地方不再批煤、油和生物质，\
两样都没有的地方用电。产业集聚区集中供热后，园区企业的分散燃煤供热锅炉应当取缔。
"""
fix = """
撤销或变更批复，改接热网或改用允许的能源；批复日期有误的更正日期。园区内的分散燃煤供热锅炉拆除，接入集中热源。
"""
trap = """
只看2017-02-13（文件日期，含当日）以后批准的；没有批复的按建成日期。批复日期不明的不列。\
三种情形：建成区内热网覆盖处，煤、气、油、生物质和壁挂炉都不再批；热网之外、燃气管网之内，煤、油、生物质不再批；\
两者之外，只许用电等清洁能源，或配齐除尘、脱硫、脱硝并联网监测的高效煤粉。热网通到建成区以外的地方，条文没有说，不判。\
两者之外烧气（液化气等）是否算“电等清洁能源”，条文不明，只作提示。所在县（市、区）没有任何燃气覆盖资料的，也只作提示。\
供热、燃气和建成区都是示意范围，可能的几种情形结论不一致时报“临近边界”。\
产业集聚区的期限为2017年10月底，次日起算，与批准日期无关；这一条写的是“基本实现”。
"""

[[legal]]
document = "河南省2017年度大气污染防治攻坚战实施意见（附件）"
number   = "豫环攻坚办〔2017〕56号"
item     = "三(三)6"

[params]
coal_fuels    = { type = "texts", default = ["raw_coal", "briquette", "coal_water_slurry", "anthracite", "semi_coke", "petroleum_coke", "pulverised_coal"], note = "煤及煤制品" }
dirty_fuels   = { type = "texts", default = ["raw_coal", "briquette", "coal_water_slurry", "anthracite", "semi_coke", "petroleum_coke", "pulverised_coal", "crude_oil", "heavy_oil", "engine_oil", "tar", "thinner", "diesel", "raw_biomass", "formed_biomass", "waste"], note = "煤、油、生物质" }
gas_fuels     = { type = "texts", default = ["gas"], note = "燃气" }
quasi_clean   = { type = "texts", default = ["pulverised_coal"], note = "准清洁能源：高效煤粉" }
city_code     = { type = "text", default = "410100", note = "全市性的覆盖范围所用的代码" }
cluster_since = { type = "date", default = 2017-11-01, note = "产业集聚区期限2017年10月底，次日起算" }

[facts]
limb             = { zh = "问题", en = "fault", words = { heating = { zh = "在建成区热网覆盖范围内新批热源", en = "approved inside heat coverage of a built-up area" }, gas = { zh = "热网之外、燃气覆盖范围内新批煤、油或生物质热源", en = "coal, oil or biomass approved inside gas coverage" }, outside = { zh = "热网和燃气都不到的地方新批非电热源", en = "approved outside both networks and not electric" }, cluster = { zh = "产业集聚区内的分散燃煤供热锅炉", en = "coal heating boiler in an industrial cluster" } } }
device           = { zh = "设备", en = "device", words = { boiler = { zh = "锅炉", en = "boiler" }, wall_hung = { zh = "壁挂炉", en = "wall-hung heater" }, gas_producer = { zh = "煤气发生炉", en = "coal-gas producer" } } }
fuel             = { zh = "燃料", en = "fuel", words = "heat_fuel" }
approved_on      = { zh = "批准（建成）日期", en = "approved or built on" }
capacity_t_h     = { zh = "容量", en = "capacity", unit = "t/h" }
position_error_m = { zh = "点位误差", en = "position error", unit = "m" }
*/
WITH place AS (
    -- surely: inside a zone without doubt; maybe: inside or nearer than the errors; nominal: by the drawn line
    SELECT
        z.site_id,
        MAX(CASE WHEN z.kind = 'heating_coverage' AND z.inside AND NOT z.near_boundary THEN 1 ELSE 0 END) AS heat_surely,
        MAX(CASE WHEN z.kind = 'heating_coverage' THEN 1 ELSE 0 END) AS heat_maybe,
        MAX(CASE WHEN z.kind = 'heating_coverage' AND z.inside THEN 1 ELSE 0 END) AS heat,
        MAX(CASE WHEN z.kind = 'built_up' AND z.inside AND NOT z.near_boundary THEN 1 ELSE 0 END) AS town_surely,
        MAX(CASE WHEN z.kind = 'built_up' THEN 1 ELSE 0 END) AS town_maybe,
        MAX(CASE WHEN z.kind = 'built_up' AND z.inside THEN 1 ELSE 0 END) AS town,
        MAX(CASE WHEN z.kind = 'gas_coverage' AND z.inside AND NOT z.near_boundary THEN 1 ELSE 0 END) AS gas_surely,
        MAX(CASE WHEN z.kind = 'gas_coverage' THEN 1 ELSE 0 END) AS gas_maybe,
        MAX(CASE WHEN z.kind = 'gas_coverage' AND z.inside THEN 1 ELSE 0 END) AS gas
    FROM site_in_zone AS z
    WHERE z.kind IN ('heating_coverage', 'gas_coverage', 'built_up')
    GROUP BY z.site_id
),

later AS (
    SELECT
        b.*,
        b.fuel IN %(dirty_fuels)s AS is_dirty,
        b.fuel IN %(gas_fuels)s AS is_gas,
        b.fuel IN %(quasi_clean)s
        AND b.dust_removal IN ('bag', 'electrostatic')
        AND b.has_desulphurisation IS TRUE
        AND b.has_denitrification IS TRUE
        AND b.has_networked_monitoring IS TRUE AS is_quasi_clean,
        COALESCE(p.heat_surely, 0) = 1 AS heat_surely,
        COALESCE(p.heat_maybe, 0) = 1 AS heat_maybe,
        COALESCE(p.heat, 0) = 1 AS heat,
        COALESCE(p.town_surely, 0) = 1 AS town_surely,
        COALESCE(p.town_maybe, 0) = 1 AS town_maybe,
        COALESCE(p.town, 0) = 1 AS town,
        COALESCE(p.gas_surely, 0) = 1 AS gas_surely,
        COALESCE(p.gas_maybe, 0) = 1 AS gas_maybe,
        COALESCE(p.gas, 0) = 1 AS gas
    FROM boiler AS b
    LEFT JOIN place AS p ON p.site_id = b.site_id
    WHERE b.approved_on BETWEEN %(since)s AND %(as_of)s AND b.is_running IS NOT FALSE
),

-- the four cases a place may be in, errors granted, and whether each would flag what burns there
cases AS (
    SELECT
        l.*,
        l.heat_maybe AND l.town_maybe AS may_heating,
        l.heat_maybe AND NOT l.town_surely AS may_free,
        NOT l.heat_surely AND l.gas_maybe AS may_gas,
        NOT l.heat_surely AND NOT l.gas_surely AS may_outside,
        l.is_dirty OR l.is_gas AS flag_heating,
        l.is_dirty AS flag_gas,
        (l.is_dirty OR l.is_gas) AND NOT l.is_quasi_clean AS flag_outside,
        CASE
            WHEN l.heat AND l.town THEN 'heating'
            WHEN l.heat THEN 'free'
            WHEN l.gas THEN 'gas'
            ELSE 'outside'
        END AS nominal
    FROM later AS l
),

told AS (
    SELECT
        c.*,
        NOT c.may_free
        AND (c.flag_heating OR NOT c.may_heating)
        AND (c.flag_gas OR NOT c.may_gas)
        AND (c.flag_outside OR NOT c.may_outside) AS is_certain,
        CASE
            WHEN c.nominal = 'heating' AND c.flag_heating THEN 'heating'
            WHEN c.nominal = 'gas' AND c.flag_gas THEN 'gas'
            WHEN c.nominal = 'outside' AND c.flag_outside THEN 'outside'
            WHEN c.may_heating AND c.flag_heating THEN 'heating'
            WHEN c.may_gas AND c.flag_gas THEN 'gas'
            WHEN c.may_outside AND c.flag_outside THEN 'outside'
        END AS limb
    FROM cases AS c
),

fault AS (
    SELECT
        t.site_id,
        t.limb,
        NOT t.is_certain AS near_boundary,
        t.limb = 'outside'
        AND (
            t.is_gas
            OR NOT EXISTS (
                SELECT 1 FROM zone AS z
                WHERE z.kind = 'gas_coverage' AND z.county_code IN (t.county_code, %(city_code)s)
            )
        ) AS report
    FROM told AS t
    WHERE t.limb IS NOT NULL
    UNION ALL
    SELECT
        b.site_id,
        'cluster' AS limb,
        false AS near_boundary,
        b.is_running IS NULL AS report
    FROM boiler AS b
    WHERE b.in_industrial_cluster
        AND b.purpose = 'heating'
        AND b.fuel IN %(coal_fuels)s
        AND b.is_running IS NOT FALSE
        AND %(as_of)s >= %(cluster_since)s
)

SELECT
    s.county_code,
    s.site_id AS feature_id,
    CASE WHEN f.limb = 'cluster' THEN 'cluster' ELSE 'approval' END AS part,
    s.name,
    f.limb,
    b.device,
    b.fuel,
    b.approved_on,
    CAST(b.capacity_t_h AS DECIMAL(18, 1)) AS capacity_t_h,
    s.position_error_m,
    f.near_boundary,
    f.report
FROM fault AS f
INNER JOIN site AS s ON s.site_id = f.site_id
INNER JOIN boiler AS b ON b.site_id = f.site_id
