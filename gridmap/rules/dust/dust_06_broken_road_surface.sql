/*
id         = "DUST-06"
title      = "建成区破损路面逾期未修复"
title_en   = "Broken road surface in a built-up area not repaired in time"
severity   = "low"
message    = "{name}：{found_on}发现，已{days_since_found}天未修复（期限{limit_days}天）"
message_en = "{name}: found on {found_on}, not repaired for {days_since_found} days ({limit_days} allowed)"
judges     = "road_damage"
reads      = ["zone"]
status     = "in_force"
since      = 2017-02-13
where      = []
reach_m    = 0
clock      = "none"
material   = ["found_on"]

why = """
破损路面反复起尘。城市建成区内的破损路面从发现之日起15日内要修好。
"""
fix = """
由道路养护单位修复并登记修复日期；一时修不了的先硬化覆盖，落实洒水保洁。
"""
trap = """
正好第15天还不算逾期，第16天起算。只看建成区；建成区没有公布的界线，本平台按文字画成示意，\
离边界比误差更近的只报“临近边界”，在内在外都报。中原区的方案只说“及时修复”，没有天数，按省里的15日。\
修好以后不再列出，哪怕修得晚了。巡查有没有去过由 GRID-04 检查。起算日为文件日期（条文没有期限）。
"""

[[legal]]
document = "河南省2017年度大气污染防治攻坚战实施意见（附件）"
number   = "豫环攻坚办〔2017〕56号"
item     = "三(四)13"
[[legal]]
document = "关于科学编制“一市一策”实施方案的通知"
number   = "豫环攻坚办〔2017〕56号"
item     = "1(4)"
[[legal]]
document = "中原区2017年大气污染防治攻坚行动方案"
number   = "中原政〔2017〕2号"
item     = "28(3)"

[params]
limit_days = { type = "integer", default = 15, note = "从发现之日起的天数" }

[facts]
found_on               = { zh = "发现日期", en = "found on" }
days_since_found       = { zh = "已过天数", en = "days since found", unit = "d" }
limit_days             = { zh = "期限", en = "days allowed", unit = "d" }
zone_name              = { zh = "所在建成区", en = "built-up area" }
distance_to_boundary_m = { zh = "距边界", en = "distance to the boundary", unit = "m" }
position_error_m       = { zh = "点位误差", en = "position error", unit = "m" }
*/
WITH area AS (
    -- one row per place: inside any area without doubt wins over near the boundary of another
    SELECT
        z.damage_id,
        MIN(z.zone_name) AS zone_name,
        MIN(z.distance_to_boundary_m) AS distance_to_boundary_m,
        MIN(CASE WHEN z.inside AND NOT z.near_boundary THEN 0 ELSE 1 END) AS in_doubt
    FROM road_damage_in_zone AS z
    WHERE z.kind = 'built_up'
    GROUP BY z.damage_id
)

SELECT
    d.county_code,
    d.damage_id AS feature_id,
    d.name,
    d.found_on,
    d.days_since_found,
    %(limit_days)s AS limit_days,
    a.zone_name,
    CAST(a.distance_to_boundary_m AS DECIMAL(18, 1)) AS distance_to_boundary_m,
    d.position_error_m,
    a.in_doubt = 1 AS near_boundary
FROM road_damage AS d
INNER JOIN area AS a ON a.damage_id = d.damage_id
WHERE d.repaired_on IS NULL
    AND d.days_since_found > %(limit_days)s
