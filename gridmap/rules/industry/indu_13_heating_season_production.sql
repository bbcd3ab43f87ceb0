/*
id         = "INDU-13"
title      = "耗煤项目未替代仍生产或未完成治理未列入错峰方案"
title_en   = "Coal project without replacement running in the season, or unfinished works outside the off-peak plan"
severity   = "medium"
message    = "{name}（{industry}）：{duty}[；耗煤项目{uses_coal_since}]，VOCs治理完成：{voc_works_done}，无组织治理完成：{fugitive_works_done}"
message_en = "{name}: {duty}[; coal project of {uses_coal_since}], VOC works done: {voc_works_done}, fugitive works done: {fugitive_works_done}"
judges     = "site"
reads      = ["enterprise", "inspection", "season"]
status     = "in_force"
since      = 2017-11-01
where      = []
reach_m    = 0
clock      = "day"
material   = ["duty", "seen_on"]
part       = "duty"

why = """
没有落实煤炭等量或减量替代的新建扩建耗煤项目，采暖季要停产；VOCs、无组织排放治理到10月底没有完成的，\
要列入冬季错峰生产方案。
"""
fix = """
由县（市、区）政府落实停产，补办煤炭替代手续；未完成治理的列入错峰方案，或完成治理并验收。
"""
trap = """
采暖季只有2017-11-15至2018-03-15这一个（市方案），以后的年份没有文件再列，季节按日期表判断；季外本规则不说话。\
治理10月底前完成，11月1日起未完成的应在方案里；方案管的是采暖季，所以进入采暖季才列。\
“大气十条”以来的项目才算，起点取其发布日2013-09-10（本平台取法，市方案没有写日子）。\
生产要有采暖季里的检查记录，看季内最近一次；是否替代、是否在方案里不明的只作提示。
"""

[[legal]]
document = "郑州市2017—2018年秋冬季大气污染综合治理攻坚行动实施方案"
number   = "郑政文〔2017〕178号"
item     = "7、19、21"

[params]
projects_from = { type = "date", default = 2013-09-10, note = "这一天起批准的耗煤项目（本平台取“大气十条”发布日）", ours = true }

[facts]
industry            = { zh = "行业", en = "industry" }
duty                = { zh = "问题", en = "what", words = { coal_not_replaced = { zh = "耗煤项目未落实替代，采暖季仍在生产", en = "coal not replaced, producing in the season" }, not_in_plan = { zh = "治理未完成，没有列入错峰方案", en = "works unfinished, not in the off-peak plan" } } }
uses_coal_since     = { zh = "耗煤项目批准日期", en = "coal project approved on" }
voc_works_done      = { zh = "VOCs治理完成", en = "VOC works done" }
fugitive_works_done = { zh = "无组织治理完成", en = "fugitive works done" }
in_off_peak_plan    = { zh = "在错峰方案里", en = "in the off-peak plan" }
seen_on             = { zh = "检查日期", en = "inspected on" }
season_name         = { zh = "采暖季", en = "season" }
*/
WITH today AS (
    SELECT
        n.name,
        n.begins_on
    FROM season AS n
    WHERE n.kind = 'heating' AND n.ends_on >= %(as_of)s
),

seen AS (
    SELECT
        i.site_id,
        i.inspected_on,
        i.is_producing,
        t.name AS season_name,
        ROW_NUMBER() OVER (PARTITION BY i.site_id ORDER BY i.inspected_on DESC, i.inspection_id DESC) AS place
    FROM inspection AS i
    INNER JOIN today AS t ON i.inspected_on >= t.begins_on
    WHERE i.is_producing IS NOT NULL
),

duty AS (
    SELECT
        e.site_id,
        'coal_not_replaced' AS duty,
        v.inspected_on AS seen_on,
        v.season_name,
        e.coal_replaced IS NULL AS report
    FROM enterprise AS e
    INNER JOIN seen AS v ON v.site_id = e.site_id AND v.place = 1 AND v.is_producing
    WHERE e.uses_coal_since >= %(projects_from)s AND e.coal_replaced IS NOT TRUE
    UNION ALL
    SELECT
        e.site_id,
        'not_in_plan' AS duty,
        CAST(NULL AS DATE) AS seen_on,
        t.name AS season_name,
        e.in_off_peak_plan IS NULL AS report
    FROM enterprise AS e
    CROSS JOIN today AS t
    WHERE (e.voc_works_done IS FALSE OR e.fugitive_works_done IS FALSE) AND e.in_off_peak_plan IS NOT TRUE
)

SELECT
    s.county_code,
    s.site_id AS feature_id,
    d.duty AS part,
    s.name,
    e.industry,
    d.duty,
    e.uses_coal_since,
    e.voc_works_done,
    e.fugitive_works_done,
    e.in_off_peak_plan,
    d.seen_on,
    d.season_name,
    d.report
FROM duty AS d
INNER JOIN site AS s ON s.site_id = d.site_id
INNER JOIN enterprise AS e ON e.site_id = d.site_id
