/*
id         = "INDU-09"
title      = "重污染预警期间未执行减排清单"
title_en   = "Work against the emergency list during an alert"
severity   = "high"
message    = "{name}在{alert_level}预警（{alert_from}起）期间应{measure}，{seen_on}检查[；在生产：{is_producing}][；负荷{output_share_pct}%][；土方：{does_earthwork}][；拆迁：{does_demolition}]"
message_en = "{name} in the {alert_level} alert from {alert_from}: {measure}; seen on {seen_on}[; producing: {is_producing}][; load {output_share_pct}%][; earthwork: {does_earthwork}][; demolition: {does_demolition}]"
judges     = "site"
reads      = ["alert", "emergency_measure", "enterprise", "inspection"]
status     = "in_force"
since      = 2017-02-27
where      = []
reach_m    = 0
clock      = "day"
material   = ["measure", "alert_level", "seen_on"]
part       = "measure"

why = """
重污染天气预警一启动，减排清单上的企业要停产限产，工地要停土方和拆迁；督察中多处工地在黄色、橙色预警期间照样开挖。
"""
fix = """
由属地当场制止并查处；清单有误的报市攻坚办更正；确属应急抢险、民生保障的，补录批准文件。
"""
trap = """
各级别停什么由应急减排清单定，哪份文件都没有附清单，本规则按数据表emergency_measure判断，没有清单就没有结论。\
级别越高，低级别的措施都要执行。整改方案举的例子：黄色不准土方作业，橙色不准开挖和室外切割、电焊。\
看最近一次预警期间的检查，同一措施列最近的一次；预警解除后仍列着，直到下一次预警。\
中原区不靠清单：重污染天气（有任何级别的预警）期间一律不准土方和拆迁；四级以上大风一条由扬尘规则判断。\
限产而没有测负荷的不列。清单的一条自市方案日期起算。
"""

[[legal]]
document = "郑州市2017—2018年秋冬季大气污染综合治理攻坚行动实施方案"
number   = "郑政文〔2017〕178号"
item     = "40、41、45"

[[legal]]
document = "中原区2017年大气污染防治攻坚行动方案"
number   = "中原政〔2017〕2号"
item     = "32"

[[legal]]
document = "郑州市贯彻落实省委省政府第三环境保护督察组反馈意见整改方案（47项）"
number   = ""
item     = "37"

[[legal]]
document = "省委“三散”污染治理专项督察反馈意见整改任务清单（38项）"
number   = ""
item     = "24"

[params]
district   = { type = "text", default = "410102", note = "不靠清单就停土方、拆迁的区（中原区）" }
list_since = { type = "date", default = 2017-09-22, note = "清单起算日（市方案日期）" }

[facts]
measure          = { zh = "应执行的措施", en = "measure", words = { stop_production = { zh = "停产", en = "production stops" }, limit_production = { zh = "限产", en = "production is limited" }, stop_earthwork = { zh = "停止土方作业", en = "earthwork stops" }, stop_demolition = { zh = "停止拆迁作业", en = "demolition stops" } } }
allowed_pct      = { zh = "允许负荷", en = "share allowed", unit = "%" }
alert_level      = { zh = "预警级别", en = "level of the alert", words = "alert_level" }
alert_from       = { zh = "预警首日", en = "first day of the alert" }
document         = { zh = "依据", en = "list" }
is_producing     = { zh = "在生产", en = "producing" }
output_share_pct = { zh = "检查时负荷", en = "load seen", unit = "%" }
does_earthwork   = { zh = "在做土方", en = "earthwork under way" }
does_demolition  = { zh = "在做拆迁", en = "demolition under way" }
seen_on          = { zh = "检查日期", en = "inspected on" }
*/
WITH ordered AS (
    SELECT
        a.level,
        a.begins_on,
        COALESCE(a.ends_on, %(as_of)s) AS ends_on,
        CASE a.level WHEN 'blue' THEN 1 WHEN 'yellow' THEN 2 WHEN 'orange' THEN 3 ELSE 4 END AS level_rank
    FROM alert AS a
),

latest AS (
    SELECT
        o.*,
        ROW_NUMBER() OVER (ORDER BY o.begins_on DESC, o.level_rank DESC) AS place
    FROM ordered AS o
),

seen AS (
    SELECT
        i.*,
        l.level,
        l.level_rank,
        l.begins_on AS alert_from
    FROM inspection AS i
    INNER JOIN latest AS l ON l.place = 1 AND i.inspected_on BETWEEN l.begins_on AND l.ends_on
),

listed AS (
    SELECT
        v.inspection_id,
        m.measure,
        m.allowed_pct,
        m.document
    FROM seen AS v
    INNER JOIN site AS s ON s.site_id = v.site_id
    LEFT JOIN enterprise AS e ON e.site_id = v.site_id
    INNER JOIN emergency_measure AS m
        ON m.level_rank <= v.level_rank
        AND (m.site_id = v.site_id OR m.trade = e.trade OR m.site_kind = s.kind)
    WHERE %(as_of)s >= %(list_since)s
        AND (
            (m.measure = 'stop_production' AND v.is_producing)
            OR (m.measure = 'limit_production' AND v.output_share_pct > m.allowed_pct)
            OR (m.measure = 'stop_earthwork' AND v.does_earthwork)
            OR (m.measure = 'stop_demolition' AND v.does_demolition)
        )
    UNION ALL
    SELECT
        v.inspection_id,
        'stop_earthwork' AS measure,
        CAST(NULL AS DOUBLE PRECISION) AS allowed_pct,
        CAST(NULL AS TEXT) AS document
    FROM seen AS v
    WHERE v.county_code = %(district)s AND v.does_earthwork
    UNION ALL
    SELECT
        v.inspection_id,
        'stop_demolition' AS measure,
        CAST(NULL AS DOUBLE PRECISION) AS allowed_pct,
        CAST(NULL AS TEXT) AS document
    FROM seen AS v
    WHERE v.county_code = %(district)s AND v.does_demolition
),

ranked AS (
    SELECT
        v.*,
        b.measure,
        b.allowed_pct,
        b.document,
        ROW_NUMBER() OVER (
            PARTITION BY v.site_id, b.measure
            ORDER BY v.inspected_on DESC, v.inspection_id DESC, b.allowed_pct ASC, b.document ASC
        ) AS place
    FROM listed AS b
    INNER JOIN seen AS v ON v.inspection_id = b.inspection_id
)

SELECT
    s.county_code,
    s.site_id AS feature_id,
    r.measure AS part,
    s.name,
    r.measure,
    r.allowed_pct,
    r.level AS alert_level,
    r.alert_from,
    r.document,
    r.is_producing,
    r.output_share_pct,
    r.does_earthwork,
    r.does_demolition,
    r.inspected_on AS seen_on
FROM ranked AS r
INNER JOIN site AS s ON s.site_id = r.site_id
WHERE r.place = 1
