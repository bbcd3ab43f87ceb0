/*
id         = "DUST-12"
title      = "露天矿山应关未关、应停未停或无证开采"
title_en   = "Open-pit mine working though closed, stopped, or without papers"
severity   = "high"
message    = "{name}（{mineral}）{inspected_on}检查仍在开采：{duty}"
message_en = "{name} ({mineral}) seen at work on {inspected_on}: {duty}"
judges     = "site"
reads      = ["inspection", "permit", "quarry"]
status     = "in_force"
since      = 2017-07-01
where      = []
reach_m    = 0
clock      = "day"
material   = ["duty", "ordered", "inspected_on"]
part       = "duty"

why = """
违法的露天矿山限期关闭，不达标的停产整治、验收合格才能恢复；没有采矿许可、没有防尘设施、没有生态恢复的不能开采。
"""
fix = """
由资源规划部门和属地政府责令停采，该关闭的依法关闭，该整治的按“一矿一策”整治验收；有证的补录许可证和有效期。
"""
trap = """
以最近一次看过生产情况的检查为准，当时没有开采的不列。关闭期限2017年9月底，次日起算；停产整治没有期限，从方案日期起算；\
手续、防尘、恢复三项是省里对非煤矿山的要求，期限2017年6月底，次日起算。防尘、恢复情况不明的不列，查明没有的才列。\
采矿许可要在检查当日有效，开采超出许可的矿区范围由影像另行核对，这里没有范围数据。一座矿可能同时违反几项，分条列出。
"""

[[legal]]
document = "郑州市2017—2018年秋冬季大气污染综合治理攻坚行动实施方案"
number   = "郑政文〔2017〕178号"
item     = "38(3)、38(4)"
[[legal]]
document = "河南省2017年度大气污染防治攻坚战实施意见（附件）"
number   = "豫环攻坚办〔2017〕56号"
item     = "三(四)24"
[[legal]]
document = "省委“三散”污染治理专项督察反馈意见整改任务清单（38项）"
number   = ""
item     = "27、37(6)"

[params]
close_since = { type = "date", default = 2017-10-01, note = "关闭期限2017年9月底，次日起算" }
stop_since  = { type = "date", default = 2017-09-22, note = "停产整治没有期限，从方案日期起算" }

[facts]
duty         = { zh = "违反的要求", en = "duty", words = { ordered_closed = { zh = "已责令关闭", en = "ordered to close" }, not_accepted = { zh = "停产整治未验收", en = "stopped and not accepted" }, no_licence = { zh = "检查当日没有有效的采矿许可", en = "no mining licence valid that day" }, no_dust_control = { zh = "没有防尘设施", en = "no dust control" }, no_restoration = { zh = "没有开展生态恢复", en = "no restoration" } } }
mineral      = { zh = "矿种", en = "mineral" }
inspected_on = { zh = "检查日期", en = "seen on" }
post         = { zh = "检查岗位", en = "post" }
ordered      = { zh = "处理决定", en = "order", words = { none = { zh = "无", en = "none" }, close = { zh = "责令关闭", en = "close" }, stop = { zh = "责令停产整治", en = "stop" } } }
ordered_on   = { zh = "决定日期", en = "ordered on" }
accepted_on  = { zh = "验收日期", en = "accepted on" }
*/
WITH looked AS (
    SELECT
        i.site_id,
        i.inspected_on,
        i.post,
        i.is_producing,
        ROW_NUMBER() OVER (PARTITION BY i.site_id ORDER BY i.inspected_on DESC, i.inspection_id DESC) AS place
    FROM inspection AS i
    WHERE i.is_producing IS NOT NULL
),

working AS (
    SELECT q.*, l.inspected_on, l.post
    FROM quarry AS q
    INNER JOIN looked AS l ON l.site_id = q.site_id AND l.place = 1 AND l.is_producing
),

duty AS (
    SELECT w.site_id, 'ordered_closed' AS duty
    FROM working AS w
    WHERE w.ordered = 'close' AND %(as_of)s >= %(close_since)s
    UNION ALL
    SELECT w.site_id, 'not_accepted' AS duty
    FROM working AS w
    WHERE w.ordered = 'stop'
        AND (w.accepted_on IS NULL OR w.accepted_on > w.inspected_on)
        AND %(as_of)s >= %(stop_since)s
    UNION ALL
    SELECT w.site_id, 'no_licence' AS duty
    FROM working AS w
    WHERE NOT EXISTS (
        SELECT 1
        FROM permit AS p
        WHERE p.site_id = w.site_id
            AND p.kind = 'mining'
            AND (p.begins_on IS NULL OR p.begins_on <= w.inspected_on)
            AND (p.ends_on IS NULL OR p.ends_on >= w.inspected_on)
    )
    UNION ALL
    SELECT w.site_id, 'no_dust_control' AS duty
    FROM working AS w
    WHERE w.has_dust_control IS FALSE
    UNION ALL
    SELECT w.site_id, 'no_restoration' AS duty
    FROM working AS w
    WHERE w.has_restoration IS FALSE
)

SELECT
    w.county_code,
    w.site_id AS feature_id,
    d.duty AS part,
    w.name,
    d.duty,
    w.mineral,
    w.inspected_on,
    w.post,
    w.ordered,
    w.ordered_on,
    w.accepted_on
FROM duty AS d
INNER JOIN working AS w ON w.site_id = d.site_id
