/*
id         = "DUST-10"
title      = "闲置地块逾期未绿化或裸土未覆盖"
title_en   = "Idle land not greened, or bare earth not covered"
severity   = "low"
message    = "{name}：{duty}[；{idle_since}起闲置][；{cleared_on}拆除完毕]"
message_en = "{name}: {duty}[; idle since {idle_since}][; cleared on {cleared_on}]"
judges     = "site"
reads      = ["construction_site", "region"]
status     = "in_force"
since      = 2017-02-13
where      = []
reach_m    = 0
clock      = "day"
material   = ["duty", "idle_since", "cleared_on"]
part       = "duty"

why = """
暂时不开工的地块裸着就起尘：要覆盖，超过三个月的要绿化；中原区拆完六个月还不能施工的也要种草或简易绿化。
"""
fix = """
由建设单位覆盖裸土，闲置超过期限的绿化；不宜绿化的采取其他防尘措施，并写明原因。
"""
trap = """
三个月、六个月按日历月数，满月的第二天才算超过。六个月只约束中原区、拆除完毕而没有再开工的地块，\
离邻县（区）比误差更近的只报“临近边界”。条文讲的是建设用地和城镇裸露地面，不限于建成区，这里也不限。\
已绿化的不要求覆盖。是否绿化不明的只作提示，是否覆盖不明的不列。裸地影像还没有接入。\
中原区不宜绿化可以采取其他防尘措施，条文没有列举，要由人判断。一个地块可能同时违反几项，分条列出。
"""

[[legal]]
document = "河南省2017年度大气污染防治攻坚战实施意见（附件）"
number   = "豫环攻坚办〔2017〕56号"
item     = "三(四)8、13"
[[legal]]
document = "中原区2017年大气污染防治攻坚行动方案"
number   = "中原政〔2017〕2号"
item     = "24(2)、29"

[params]
idle_months    = { type = "integer", default = 3, note = "闲置超过的月数（全市）" }
cleared_months = { type = "integer", default = 6, note = "拆除完毕超过的月数（中原区）" }
district       = { type = "text", default = "410102", note = "中原区：拆除完毕的地块" }
district_since = { type = "date", default = 2017-02-27, note = "中原区方案日期" }

[facts]
duty             = { zh = "违反的要求", en = "duty", words = { idle = { zh = "闲置超过三个月未绿化", en = "idle for more than three months and not greened" }, cleared = { zh = "拆除完毕超过六个月未绿化", en = "cleared more than six months ago and not greened" }, uncovered = { zh = "裸土未覆盖", en = "bare earth not covered" } } }
idle_since       = { zh = "闲置起", en = "idle since" }
idle_months      = { zh = "闲置超过的月数", en = "months idle" }
cleared_on       = { zh = "拆除完毕", en = "cleared on" }
cleared_months   = { zh = "拆除超过的月数", en = "months since cleared" }
position_error_m = { zh = "点位误差", en = "position error", unit = "m" }
*/
WITH land AS (
    SELECT c.*
    FROM construction_site AS c
    WHERE c.is_greened IS NOT TRUE
),

duty AS (
    SELECT c.site_id, 'idle' AS duty, c.is_greened IS NULL AS unknown
    FROM land AS c
    WHERE c.idle_months >= %(idle_months)s
    UNION ALL
    SELECT c.site_id, 'cleared' AS duty, c.is_greened IS NULL AS unknown
    FROM land AS c
    WHERE c.county_code = %(district)s
        AND %(as_of)s >= %(district_since)s
        AND c.cleared_months >= %(cleared_months)s
        AND (c.started_on IS NULL OR c.started_on <= c.cleared_on OR c.started_on > %(as_of)s)
    UNION ALL
    SELECT c.site_id, 'uncovered' AS duty, false AS unknown
    FROM land AS c
    WHERE c.is_covered IS FALSE
)

SELECT
    s.county_code,
    s.site_id AS feature_id,
    d.duty AS part,
    s.name,
    d.duty,
    c.idle_since,
    c.idle_months,
    c.cleared_on,
    c.cleared_months,
    s.position_error_m,
    d.duty = 'cleared' AND EXISTS (
        SELECT 1
        FROM region AS r
        WHERE r.level = 'county'
            AND r.code <> s.county_code
            AND ST_DWithin(r.geom_m, s.geom_m, s.position_error_m + r.position_error_m)
    ) AS near_boundary,
    d.unknown AS report
FROM duty AS d
INNER JOIN site AS s ON s.site_id = d.site_id
INNER JOIN land AS c ON c.site_id = d.site_id
