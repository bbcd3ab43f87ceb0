/*
id         = "GRID-07"
title      = "同一对象反复交办不见效"
title_en   = "Handed over again and again without effect"
severity   = "high"
message    = "{name}在{days}天内被交办{times}次，最近一次{last_handed_on}，至今没有销号"
message_en = "{name} was handed over {times} times within {days} days, last on {last_handed_on}, and is still open"
judges     = "case_file"
reads      = ["case_handover", "site"]
status     = "in_force"
since      = 2019-06-10
where      = []
reach_m    = 0
clock      = "day"
material   = ["times"]

why = """
督察举的例子里，有的工地半年被交办8次，有的多达11次，现场没有变化。只交办、不见效，等于没有交办。
"""
fix = """
由上一级直接督办：到现场核实，停工整改或依法处罚，实行信用惩戒；确已整改的办理销号。
"""
trap = """
半年内交办3次及以上即列出，次数和天数都是本平台取值，文件只给了8次和11次的例子。\
一个点位的几件督办件合并计算，没有点位的督办件单独计算。已经销号的督办件不算，其交办次数也不计。\
同一天的几次交办各算一次。起算日为文件日期（条文没有期限）。
"""

[[legal]]
document = "郑州市贯彻落实省委省政府第三环境保护督察组反馈意见整改方案（47项）"
number   = ""
item     = "15、16"

[params]
least_times = { type = "integer", default = 3, ours = true, note = "达到此次数即列出（本平台取值）" }
window_days = { type = "integer", default = 183, ours = true, note = "半年，按天数计（本平台取值）" }

[facts]
times           = { zh = "交办次数", en = "times handed over" }
days            = { zh = "统计天数", en = "days counted" }
cases           = { zh = "督办件数", en = "number of cases" }
first_handed_on = { zh = "最早一次", en = "first of them" }
last_handed_on  = { zh = "最近一次", en = "last of them" }
offices         = { zh = "承办单位", en = "handed to" }
*/
WITH recent AS (
    SELECT
        h.county_code,
        h.handover_id,
        h.case_id,
        h.site_id,
        h.handed_on,
        h.to_office,
        c.title
    FROM case_handover AS h
    INNER JOIN case_file AS c ON c.case_id = h.case_id
    WHERE c.closed_on IS NULL
        AND EXTRACT(EPOCH FROM %(as_of)s) - EXTRACT(EPOCH FROM h.handed_on) < 86400 * %(window_days)s
)

SELECT
    r.county_code,
    CASE WHEN r.site_id IS NULL THEN 'case_file' ELSE 'site' END AS feature_kind,
    COALESCE(r.site_id, r.case_id) AS feature_id,
    COALESCE(s.name, MIN(r.title)) AS name,
    COUNT(*) AS times,
    CAST(%(window_days)s AS INT) AS days,
    COUNT(DISTINCT r.case_id) AS cases,
    MIN(r.handed_on) AS first_handed_on,
    MAX(r.handed_on) AS last_handed_on,
    STRING_AGG(DISTINCT r.to_office, '、') AS offices
FROM recent AS r
LEFT JOIN site_all AS s ON s.site_id = r.site_id
GROUP BY r.county_code, r.site_id, COALESCE(r.site_id, r.case_id), s.name
HAVING COUNT(*) >= %(least_times)s
