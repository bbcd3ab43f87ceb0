/*
id         = "VISIT-01"
title      = "检查发现不合格，而登记资料没有反映"
title_en   = "Failed in a visit, and not told by any record"
severity   = "medium"
message    = "{name}：{inspected_on}检查不合格：{wording}"
message_en = "{name}: failed on {inspected_on}: {item}"
judges     = "site"
reads      = ["inspection", "inspection_item"]
status     = "in_force"
since      = 2017-02-13
where      = []
reach_m    = 0
clock      = "none"
material   = ["inspected_on", "item"]
part       = "item"

why = """
现场看到的问题不能因为登记资料里没有、或者没有哪条规则管就不见了。
"""
fix = """
责令整改，复查合格后自动消失；登记资料有误的按检查结果更正，更正后由对应的规则判定。
"""
trap = """
只列检查表里本条以外的规则没有据此列出的项目：规则自己读检查结果的（百分之百、两个禁止、在不在生产），\
或者当时已有同一问题的，由那条规则列出。以最近一次看过这一项的检查为准，“不适用”“没看”不算看过。\
依据各项不同，写在“依据”里；现场所见没有对照法定区域和期限，所以只作提示，不计入违规。
"""

[[legal]]
document = "河南省2017年度大气污染防治攻坚战实施意见"
number   = "豫环攻坚办〔2017〕56号"
item     = "11"

[facts]
item         = { zh = "检查项", en = "item", words = "checklist_item" }
wording      = { zh = "检查内容", en = "what was asked" }
source       = { zh = "依据", en = "asked by" }
rule_id      = { zh = "相关规则", en = "rule about it" }
inspected_on = { zh = "检查日期", en = "seen on" }
post         = { zh = "检查岗位", en = "post" }
value        = { zh = "实测值", en = "measured" }
unit         = { zh = "单位", en = "unit" }
*/
WITH looked AS (
    SELECT
        t.site_id,
        t.item,
        t.wording,
        t.source,
        t.rule_id,
        t.answer,
        t.value,
        t.unit,
        t.told_by_rule,
        t.inspected_on,
        t.post,
        ROW_NUMBER() OVER (
            PARTITION BY t.site_id, t.item
            ORDER BY t.inspected_on DESC, t.inspection_id DESC
        ) AS place
    FROM inspection_item AS t
    WHERE t.answer IN ('ok', 'failed')
)

SELECT
    s.county_code,
    s.site_id AS feature_id,
    l.item AS part,
    s.name,
    l.item,
    l.wording,
    l.source,
    l.rule_id,
    l.inspected_on,
    l.post,
    l.value,
    l.unit,
    true AS report
FROM looked AS l
INNER JOIN site AS s ON s.site_id = l.site_id
WHERE l.place = 1 AND l.answer = 'failed' AND NOT l.told_by_rule
