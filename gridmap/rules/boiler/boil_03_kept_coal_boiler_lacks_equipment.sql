/*
id         = "BOIL-03"
title      = "保留的燃煤锅炉治污设施不全或超标"
title_en   = "Kept coal boiler without its equipment, or above its limits"
severity   = "high"
message    = "{name}（{capacity_t_h}蒸吨）：{duty}[（实测{measured}，限值{limit_value} mg/m³）]"
message_en = "{name} ({capacity_t_h} t/h): {duty}[ (measured {measured}, limit {limit_value} mg/m³)]"
judges     = "site"
reads      = ["boiler", "observation"]
status     = "in_force"
since      = 2017-10-01
where      = []
reach_m    = 0
clock      = "day"
material   = ["duty", "measured", "limit_value"]
part       = "duty"

why = """
10蒸吨以上的燃煤锅炉可以保留，条件是除尘、脱硫、脱硝齐全，在线监测联网，装有分布式控制系统，排放达到特别限值；\
缺一项或者超标，都应当停产改造。
"""
fix = """
停用，按所缺项目补装并验收；在线监测已装而未联网的，与环保部门联网后再启用。超标的查明原因，复测达标后恢复。
"""
trap = """
除尘用布袋或静电都可以。在线监测要求联网，只装不联网仍算缺。所缺项目逐项列出，没有查过的项目只作提示。\
排放取最近一天的日均值，恰等于限值算达标；没有监测数据的不评排放。\
特别限值见省文件，只点名传输通道7市和3个重点市，178号第17项把它用于全市保留的锅炉，所以巩义也按此评。\
65蒸吨及以上的自2017年11月起要求超低排放，文件没有给出数值，这里用的35、50、10为国内通行的超低排放限值（本平台取值）。
"""

[[legal]]
document = "郑州市2017—2018年秋冬季大气污染综合治理攻坚行动实施方案"
number   = "郑政文〔2017〕178号"
item     = "17(1)"
[[legal]]
document = "关于科学编制“一市一策”实施方案的通知"
number   = "豫环攻坚办〔2017〕56号"
item     = "4(1)"
[[legal]]
document = "河南省2017年度大气污染防治攻坚战实施意见（附件）"
number   = "豫环攻坚办〔2017〕56号"
item     = "三(一)5"

[params]
above_capacity_t_h = { type = "number", default = 10, note = "保留的锅炉大于此容量（蒸吨/小时）" }
coal_fuels         = { type = "texts", default = ["raw_coal", "briquette", "coal_water_slurry", "anthracite", "semi_coke", "petroleum_coke", "pulverised_coal"], note = "按燃煤对待的燃料" }
so2_limit          = { type = "number", default = 200, note = "二氧化硫特别排放限值，mg/m³" }
nox_limit          = { type = "number", default = 200, note = "氮氧化物特别排放限值，mg/m³" }
dust_limit         = { type = "number", default = 30, note = "颗粒物特别排放限值，mg/m³" }
big_capacity_t_h   = { type = "number", default = 65, note = "此容量（蒸吨/小时）及以上执行超低排放" }
ultra_low_since    = { type = "date", default = 2017-11-01, note = "超低排放期限2017年10月底，次日起算" }
ultra_low_so2      = { type = "number", default = 35, ours = true, note = "超低排放二氧化硫，mg/m³（本平台取值，文件未给数值）" }
ultra_low_nox      = { type = "number", default = 50, ours = true, note = "超低排放氮氧化物，mg/m³（本平台取值，文件未给数值）" }
ultra_low_dust     = { type = "number", default = 10, ours = true, note = "超低排放颗粒物，mg/m³（本平台取值，文件未给数值）" }

[facts]
duty         = { zh = "问题", en = "fault", words = { dust_removal = { zh = "没有布袋或静电除尘", en = "no bag filter or electrostatic precipitator" }, desulphurisation = { zh = "没有脱硫设施", en = "no desulphurisation" }, denitrification = { zh = "没有脱硝设施", en = "no denitrification" }, monitoring = { zh = "没有联网的在线监测", en = "no networked online monitoring" }, dcs = { zh = "没有分布式控制系统", en = "no distributed control system" }, so2 = { zh = "二氧化硫超标", en = "sulphur dioxide above the limit" }, nox = { zh = "氮氧化物超标", en = "nitrogen oxides above the limit" }, dust = { zh = "颗粒物超标", en = "dust above the limit" } } }
capacity_t_h = { zh = "容量", en = "capacity", unit = "t/h" }
fuel         = { zh = "燃料", en = "fuel", words = "heat_fuel" }
dust_removal = { zh = "除尘方式", en = "dust removal", words = { bag = { zh = "布袋", en = "bag filter" }, electrostatic = { zh = "静电", en = "electrostatic" }, other = { zh = "其他", en = "other" }, none = { zh = "无", en = "none" } } }
measured     = { zh = "实测日均值", en = "daily mean measured", unit = "mg/m³" }
limit_value  = { zh = "限值", en = "limit", unit = "mg/m³" }
measured_on  = { zh = "监测日期", en = "measured on" }
*/
WITH kept AS (
    SELECT
        b.*,
        b.capacity_t_h >= %(big_capacity_t_h)s AND %(as_of)s >= %(ultra_low_since)s AS is_ultra_low
    FROM boiler AS b
    WHERE b.device = 'boiler'
        AND b.fuel IN %(coal_fuels)s
        AND b.capacity_t_h > %(above_capacity_t_h)s
        AND b.is_running IS NOT FALSE
),

latest AS (
    SELECT
        o.subject_id,
        o.parameter,
        o.value,
        o.observed_on,
        ROW_NUMBER() OVER (PARTITION BY o.subject_id, o.parameter ORDER BY o.observed_on DESC, o.value DESC) AS place
    FROM observation AS o
    WHERE o.subject_kind = 'site' AND o.period = 'day' AND o.parameter IN ('so2', 'nox', 'dust')
),

measured AS (
    SELECT
        k.site_id,
        l.parameter,
        l.value,
        l.observed_on,
        CASE l.parameter
            WHEN 'so2' THEN CASE WHEN k.is_ultra_low THEN %(ultra_low_so2)s ELSE %(so2_limit)s END
            WHEN 'nox' THEN CASE WHEN k.is_ultra_low THEN %(ultra_low_nox)s ELSE %(nox_limit)s END
            ELSE CASE WHEN k.is_ultra_low THEN %(ultra_low_dust)s ELSE %(dust_limit)s END
        END AS limit_value
    FROM kept AS k
    INNER JOIN latest AS l ON l.subject_id = k.site_id AND l.place = 1
),

fault AS (
    SELECT k.site_id, 'dust_removal' AS duty, k.dust_removal IS NULL AS report
    FROM kept AS k
    WHERE k.dust_removal IS NULL OR k.dust_removal IN ('other', 'none')
    UNION ALL
    SELECT k.site_id, 'desulphurisation' AS duty, k.has_desulphurisation IS NULL AS report
    FROM kept AS k
    WHERE k.has_desulphurisation IS NOT TRUE
    UNION ALL
    SELECT k.site_id, 'denitrification' AS duty, k.has_denitrification IS NULL AS report
    FROM kept AS k
    WHERE k.has_denitrification IS NOT TRUE
    UNION ALL
    SELECT k.site_id, 'monitoring' AS duty, k.has_networked_monitoring IS NULL AS report
    FROM kept AS k
    WHERE k.has_networked_monitoring IS NOT TRUE
    UNION ALL
    SELECT k.site_id, 'dcs' AS duty, k.has_dcs IS NULL AS report
    FROM kept AS k
    WHERE k.has_dcs IS NOT TRUE
    UNION ALL
    SELECT m.site_id, m.parameter AS duty, false AS report
    FROM measured AS m
    WHERE m.value > m.limit_value
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
    CAST(m.value AS DECIMAL(18, 1)) AS measured,
    CAST(m.limit_value AS DECIMAL(18, 1)) AS limit_value,
    m.observed_on AS measured_on,
    f.report
FROM fault AS f
INNER JOIN kept AS k ON k.site_id = f.site_id
LEFT JOIN measured AS m ON m.site_id = f.site_id AND m.parameter = f.duty
