/*
id         = "INDU-06"
title      = "高架源或重点行业未装在线监测"
title_en   = "Tall stack or listed trade without online monitoring"
severity   = "medium"
message    = "{name}[（{trade}）]：{duty}[，排气口{stack_no}][，高{height_m}米]；在线监测：{has_online_monitoring}"
message_en = "{name}[ ({trade})]: {duty}[, stack {stack_no}][, {height_m} m high]; online monitoring: {has_online_monitoring}"
judges     = "site"
reads      = ["boiler", "enterprise", "stack"]
status     = "in_force"
since      = 2017-07-01
where      = []
reach_m    = 0
clock      = "day"
material   = ["duty", "has_online_monitoring"]
part       = { zh = "要求或排气口编号", en = "duty or number of the stack" , words = { trade = { zh = "重点行业企业", en = "listed trade" }, province = { zh = "省文件点名的行业", en = "trade named by the province" }, coal_boiler = { zh = "燃煤锅炉", en = "coal boiler" } } }

why = """
排气口高度超过45米的高架源，电力、钢铁、水泥、玻璃、有色、砖瓦企业和燃煤锅炉，都要装自动监控设施，做到全覆盖。
"""
fix = """
由企业安装并联网；已经安装的，登记并附联网证明；排气口高度有误的更正。
"""
trap = """
45米本数不在内（条文写“超过”）。两条各自判断：45米以上的看那根排气口，行业企业和燃煤锅炉不看高度。\
市方案10月20日前，次日起算。省文件早一步（2017年6月底前）要求14个行业341家企业安装，名单和14个行业的全称都没有随文，\
所以只作提示：10月21日以前对省文件点名的行业，以后只对市方案没有的行业。没有查看过的也只作提示。\
燃煤锅炉看有没有联网的在线监测，已经停用的、改为热网、燃气、电等而不再烧煤的不列；改烧型煤、石油焦一类仍算燃煤（见 BOIL-01）。
"""

[[legal]]
document = "郑州市2017—2018年秋冬季大气污染综合治理攻坚行动实施方案"
number   = "郑政文〔2017〕178号"
item     = "22"

[[legal]]
document = "河南省2017年度大气污染防治攻坚战实施意见（附件）"
number   = "豫环攻坚办〔2017〕56号"
item     = "附四(五)2"

[params]
height_m        = { type = "number", default = 45, note = "超过这个高度的排气口要装，米" }
city_since      = { type = "date", default = 2017-10-21, note = "市方案的起算日（10月20日前的次日）" }
city_trades     = { type = "texts", default = ["power", "steel", "cement", "glass", "flat_glass", "coal_glass", "nonferrous", "nonferrous_smelting", "secondary_nonferrous", "aluminium", "alumina", "brick"], note = "市方案的行业：电力、钢铁、水泥、玻璃、有色、砖瓦" }
province_trades = { type = "texts", default = ["power", "steel", "cement", "flat_glass", "aluminium", "alumina", "coking", "casting", "nonferrous_smelting", "ceramics", "brick", "refractories"], note = "省文件点名的行业" }
coal_fuels      = { type = "texts", default = ["raw_coal", "briquette", "coal_water_slurry", "anthracite", "semi_coke", "petroleum_coke", "pulverised_coal"], note = "算作燃煤的锅炉燃料" }
conversions     = { type = "texts", default = ["heat_network", "gas", "electricity", "geothermal", "solar", "wind"], note = "改为这些才算改造" }

[facts]
trade                 = { zh = "行业", en = "trade", words = "trade" }
duty                  = { zh = "依据", en = "basis", words = { tall_stack = { zh = "高架源", en = "tall stack" }, trade = { zh = "重点行业企业", en = "listed trade" }, province = { zh = "省文件点名的行业", en = "trade named by the province" }, coal_boiler = { zh = "燃煤锅炉", en = "coal boiler" } } }
stack_no              = { zh = "排气口编号", en = "stack" }
height_m              = { zh = "排气口高度", en = "height of the stack", unit = "m" }
has_online_monitoring = { zh = "在线监测", en = "online monitoring" }
*/
WITH duty AS (
    SELECT
        t.site_id,
        'tall_stack' AS duty,
        t.stack_no,
        t.height_m,
        t.has_online_monitoring,
        t.has_online_monitoring IS NULL AS report
    FROM stack AS t
    WHERE t.height_m > %(height_m)s AND %(as_of)s >= %(city_since)s
    UNION ALL
    SELECT
        e.site_id,
        'trade' AS duty,
        NULL AS stack_no,
        NULL AS height_m,
        e.has_online_monitoring,
        e.has_online_monitoring IS NULL AS report
    FROM enterprise AS e
    WHERE e.trade IN %(city_trades)s AND %(as_of)s >= %(city_since)s
    UNION ALL
    SELECT
        e.site_id,
        'province' AS duty,
        NULL AS stack_no,
        NULL AS height_m,
        e.has_online_monitoring,
        TRUE AS report
    FROM enterprise AS e
    WHERE e.trade IN %(province_trades)s
        AND (e.trade NOT IN %(city_trades)s OR %(as_of)s < %(city_since)s)
    UNION ALL
    SELECT
        b.site_id,
        'coal_boiler' AS duty,
        NULL AS stack_no,
        NULL AS height_m,
        b.has_networked_monitoring AS has_online_monitoring,
        b.has_networked_monitoring IS NULL AS report
    FROM boiler AS b
    WHERE b.device = 'boiler'
        AND b.fuel IN %(coal_fuels)s
        AND b.is_running IS NOT FALSE
        AND b.closed_how IS NULL
        AND (b.converted_to IS NULL OR b.converted_to NOT IN %(conversions)s OR b.is_running)
        AND %(as_of)s >= %(city_since)s
)

SELECT
    s.county_code,
    s.site_id AS feature_id,
    COALESCE(d.stack_no, d.duty) AS part,
    s.name,
    e.trade,
    d.duty,
    d.stack_no,
    d.height_m,
    d.has_online_monitoring,
    d.report
FROM duty AS d
INNER JOIN site AS s ON s.site_id = d.site_id
LEFT JOIN enterprise AS e ON e.site_id = d.site_id
WHERE d.has_online_monitoring IS NOT TRUE
