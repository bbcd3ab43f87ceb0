/*
id         = "INDU-12"
title      = "建成区内高污染企业新建或未完成搬改关"
title_en   = "Heavy polluter in a built-up area: newly sited, or not refitted, moved or closed"
severity   = "high"
message    = "{name}（{trade}，{set_up_on}设立）在{zone_name}：{duty}"
message_en = "{name} ({trade}, set up {set_up_on}) in {zone_name}: {duty}"
judges     = "site"
reads      = ["enterprise", "zone"]
status     = "in_force"
since      = 2017-02-13
where      = []
reach_m    = 0
clock      = "day"
material   = ["duty", "trade"]
part       = "duty"

why = """
城市建成区不再布局新的高污染项目；原有的重污染企业列入各县（市、区）名单，到2022年底就地改造、搬迁或关闭。
"""
fix = """
新建的由县（市、区）政府停建、另选址；名单内的完成改造、搬迁或关闭并登记日期；行业归类有误的更正。
"""
trap = """
新建一条没有期限，取文件日期（含当日）以后设立的；设立日期不明的不列。原煤散烧锅炉由锅炉规则判断。\
原有企业一条要有县（市、区）的名单，不在名单上的不判。两条的行业名录不同，各自列为参数。\
离建成区边界比误差更近的只报“临近边界”；建成区边界是示意。
"""

[[legal]]
document = "河南省2017年度大气污染防治攻坚战实施意见（附件）"
number   = "豫环攻坚办〔2017〕56号"
item     = "附三(一)1"

[[legal]]
document = "郑州市贯彻落实省委省政府第三环境保护督察组反馈意见整改方案（47项）"
number   = ""
item     = "17(3)"

[params]
new_trades   = { type = "texts", default = ["steel", "petrochemical", "chemical", "nonferrous_smelting", "cement", "flat_glass", "casting"], note = "不再布局的行业" }
settle_since = { type = "date", default = 2023-01-01, note = "名单内企业的起算日（2022年底的次日）" }
old_trades   = { type = "texts", default = ["steel", "aluminium", "cement", "glass", "flat_glass", "coal_glass", "coking", "casting", "carbon", "chemical", "paper", "dyeing"], note = "列入名单的行业" }

[facts]
trade                  = { zh = "行业", en = "trade", words = "trade" }
duty                   = { zh = "问题", en = "what", words = { newly_sited = { zh = "新建高污染项目", en = "newly sited" }, not_settled = { zh = "名单内企业未完成改造、搬迁或关闭", en = "listed, and not refitted, moved or closed" } } }
set_up_on              = { zh = "设立日期", en = "set up on" }
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
),

duty AS (
    SELECT
        e.site_id,
        'newly_sited' AS duty
    FROM enterprise AS e
    WHERE e.trade IN %(new_trades)s AND e.set_up_on BETWEEN %(since)s AND %(as_of)s
    UNION ALL
    SELECT
        e.site_id,
        'not_settled' AS duty
    FROM enterprise AS e
    WHERE e.trade IN %(old_trades)s
        AND e.on_heavy_polluter_list IS TRUE
        AND %(as_of)s >= %(settle_since)s
        AND (e.heavy_polluter_settled_on IS NULL OR e.heavy_polluter_settled_on > %(as_of)s)
)

SELECT
    s.county_code,
    s.site_id AS feature_id,
    d.duty AS part,
    s.name,
    e.trade,
    d.duty,
    e.set_up_on,
    a.zone_name,
    CAST(a.distance_to_boundary_m AS DECIMAL(18, 1)) AS distance_to_boundary_m,
    s.position_error_m,
    a.in_doubt = 1 AS near_boundary
FROM duty AS d
INNER JOIN enterprise AS e ON e.site_id = d.site_id
INNER JOIN site AS s ON s.site_id = d.site_id
INNER JOIN area AS a ON a.site_id = d.site_id
