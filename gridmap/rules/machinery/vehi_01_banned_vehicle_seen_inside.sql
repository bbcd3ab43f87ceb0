/*
id         = "VEHI-01"
title      = "禁行车辆在四环内或建成区出现"
title_en   = "Banned vehicle seen inside the fourth ring or a built-up area"
severity   = "medium"
message    = "{name}（{vehicle_type}，{seen_on}所见）：{duty}，区域：{zone_name}"
message_en = "{name} (type {vehicle_type}, seen {seen_on}): {duty}; area {zone_name}"
judges     = "site"
reads      = ["vehicle", "zone"]
status     = "in_force"
since      = 2017-02-13
where      = []
reach_m    = 0
clock      = "day"
material   = ["duty", "seen_on"]
part       = "duty"

why = """
超标和冒黑烟的车一律劝返，不得进四环；没有换成新能源的燃油公交车要调到四环以外的线路；黄标车和环保不达标车不得在建成区行驶。
"""
fix = """
按车辆线索追查：超标的治理复检，黄标车淘汰，公交线路调整；点位不准的先核实。
"""
trap = """
四环和各建成区没有公布的坐标，本平台按文字画成示意，误差随区域给出，离边界比误差更近的只报“临近边界”，在内在外都报。\
只看最近60天（本平台取值）的所见，过期的不再列。不记车牌，只记所见的点和日子。\
公交车的条文只写了替换期限2017年10月底，次日起算为本平台推定；在四环内见到在营运，就算线路在四环内。\
四环的要求2017年10月起；建成区禁黄标车和不达标车从省里文件日期起算，冒黑烟不在那一条之内，起算日以前所见的当时并不违规，只作提示。\
一辆车可能同时违反两项，分条列出。
"""

[[legal]]
document = "郑州市2017—2018年秋冬季大气污染综合治理攻坚行动实施方案"
number   = "郑政文〔2017〕178号"
item     = "24、26(2)"
[[legal]]
document = "河南省2017年度大气污染防治攻坚战实施意见（附件）"
number   = "豫环攻坚办〔2017〕56号"
item     = "三(五)3"

[params]
window_days    = { type = "integer", default = 60, ours = true, note = "只看最近这些天的所见（本平台取值）" }
built_up_since = { type = "date", default = 2017-02-13, note = "建成区禁行：省里文件日期，此前所见只作提示" }
ring_since     = { type = "date", default = 2017-10-01, note = "超标和冒黑烟车辆禁入四环：2017年10月起" }
bus_since      = { type = "date", default = 2017-11-01, ours = true, note = "燃油公交车：替换期限2017年10月底，次日起算（本平台推定）" }

[facts]
duty                   = { zh = "违反的要求", en = "duty", words = { fourth_ring = { zh = "超标或冒黑烟车辆在四环内", en = "over the limit or smoking inside the fourth ring" }, fuel_bus = { zh = "未替换的燃油公交车在四环内营运", en = "a fuel bus not replaced, in service inside the fourth ring" }, built_up = { zh = "黄标车或不达标车在建成区内", en = "yellow-label or failed vehicle in a built-up area" } } }
vehicle_type           = { zh = "车型", en = "type" }
seen_on                = { zh = "所见日期", en = "seen on" }
is_over_limit          = { zh = "超标", en = "over the limit" }
is_smoking             = { zh = "冒黑烟", en = "smoking" }
is_yellow_label        = { zh = "黄标车", en = "yellow label" }
bus_route              = { zh = "公交线路", en = "bus route" }
zone_name              = { zh = "所在区域", en = "area" }
distance_to_boundary_m = { zh = "距边界", en = "distance to the boundary", unit = "m" }
position_error_m       = { zh = "点位误差", en = "position error", unit = "m" }
*/
WITH area AS (
    -- one row per vehicle and kind: inside any area without doubt wins over near the boundary of another
    SELECT
        z.site_id,
        z.kind,
        MIN(z.zone_name) AS zone_name,
        MIN(z.distance_to_boundary_m) AS distance_to_boundary_m,
        MIN(CASE WHEN z.inside AND NOT z.near_boundary THEN 0 ELSE 1 END) AS in_doubt
    FROM site_in_zone AS z
    WHERE z.kind IN ('fourth_ring', 'built_up')
    GROUP BY z.site_id, z.kind
),

seen AS (
    SELECT v.*
    FROM vehicle AS v
    WHERE EXTRACT(EPOCH FROM %(as_of)s) - EXTRACT(EPOCH FROM v.seen_on) < 86400 * %(window_days)s
),

duty AS (
    SELECT v.site_id, 'fourth_ring' AS duty, 'fourth_ring' AS kind
    FROM seen AS v
    WHERE (v.is_over_limit OR v.is_smoking) AND v.seen_on >= %(ring_since)s
    UNION ALL
    SELECT v.site_id, 'fuel_bus' AS duty, 'fourth_ring' AS kind
    FROM seen AS v
    WHERE v.is_fuel_bus AND v.seen_on >= %(bus_since)s
    UNION ALL
    SELECT v.site_id, 'built_up' AS duty, 'built_up' AS kind
    FROM seen AS v
    WHERE v.is_yellow_label OR v.is_over_limit
)

SELECT
    s.county_code,
    s.site_id AS feature_id,
    d.duty AS part,
    s.name,
    d.duty,
    v.vehicle_type,
    v.seen_on,
    v.is_over_limit,
    v.is_smoking,
    v.is_yellow_label,
    v.bus_route,
    a.zone_name,
    CAST(a.distance_to_boundary_m AS DECIMAL(18, 1)) AS distance_to_boundary_m,
    s.position_error_m,
    a.in_doubt = 1 AS near_boundary,
    d.duty = 'built_up' AND v.seen_on < %(built_up_since)s AS report
FROM duty AS d
INNER JOIN area AS a ON a.site_id = d.site_id AND a.kind = d.kind
INNER JOIN site AS s ON s.site_id = d.site_id
INNER JOIN vehicle AS v ON v.site_id = d.site_id
