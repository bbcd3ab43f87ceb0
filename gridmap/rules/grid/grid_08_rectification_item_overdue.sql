/*
id         = "GRID-08"
title      = "整改任务超过时限没有销号"
title_en   = "Rectification item past its deadline"
severity   = "medium"
message    = "{document}第{item}项（{name}）期限{due_on}，已过{days_late}天，没有销号记录"
message_en = "{document}, item {item} ({name}), was due {due_on}, {days_late} days ago; no close-out on record"
judges     = "case_file"
reads      = []
status     = "in_force"
since      = 2019-06-10
where      = []
reach_m    = 0
clock      = "day"
material   = ["due_on"]

why = """
整改任务逐项定了责任单位和时限，办结要销号。过了时限没有销号的，不是没有做完，就是没有人来核实。
"""
fix = """
由责任单位报送完成情况和证据，核实后销号；确需延期的，由下达任务的一方另定时限并写明依据。
"""
trap = """
只说本平台的台账里没有销号记录，不等于现场没有完成；只从文件录入、没有人登记销号的任务，只作提示。“×月底前”以当月最后一天为期限，当天完成算按期。\
写“立即整改、长期坚持”或“持续推进”的没有日子，不列；写“已经完成”的录入时即已销号，之后再查出问题要另立督办件。\
一项里有几个日子的，按日子分成几件，如市方案第6、18、36、39项；只列写明了日子的措施，开工、招标一类的节点同样算。\
省“三散”清单没有文件日期，按它自己最早的期限推定为2020-07-31（本平台取法）。责任单位是几个县（市、区）的，各算一件；\
只写市直部门或全市的，记在市一级。
"""

[[legal]]
document = "郑州市贯彻落实省委省政府第三环境保护督察组反馈意见整改方案（47项）"
number   = ""
item     = "整改任务清单"
[[legal]]
document = "省委“三散”污染治理专项督察反馈意见整改任务清单（38项）"
number   = ""
item     = "整改时限"

[facts]
document  = { zh = "文件", en = "document" }
item      = { zh = "条目", en = "item" }
filed_on  = { zh = "立件日期", en = "filed on" }
due_on    = { zh = "期限", en = "due on" }
days_late = { zh = "已过天数", en = "days late" }
*/
SELECT
    c.county_code,
    c.case_id AS feature_id,
    c.title AS name,
    c.document,
    c.item,
    c.filed_on,
    c.due_on,
    CAST((EXTRACT(EPOCH FROM %(as_of)s) - EXTRACT(EPOCH FROM c.due_on)) / 86400.0 AS INT) AS days_late,
    NOT c.is_tracked AS report
FROM case_file AS c
WHERE c.source = 'rectification'
    AND c.closed_on IS NULL
    AND c.due_on < %(as_of)s
