/*
id         = "DUST-03"
title      = "工地没有做到“百分之百”"
title_en   = "Building site that does not keep every hundred percent"
severity   = "medium"
message    = "{name}（{works_kind}）{inspected_on}检查，{unmet}项没有做到：{measures}；第{times}次发现，{stop_work}（从{stop_from}起）"
message_en = "{name} ({works_kind}), looked at on {inspected_on}: {unmet} measures not kept ({measures}); found for the {times}. time, {stop_work} from {stop_from}"
judges     = "site"
reads      = ["construction_site", "hundred_percent", "inspection", "inspection_measure"]
status     = "in_force"
since      = 2017-02-13
where      = []
reach_m    = 0
clock      = "day"
material   = ["measures", "times", "inspected_on"]

why = """
围挡、覆盖、冲洗、硬化、湿法、密闭这些防尘措施要百分之百做到，做不到就停工；第二次、第三次发现停得更久。
"""
fix = """
责令停工整治，逐项整改，验收合格再复工；复查后登记每一项的结果。
"""
trap = """
以最近一次看过这些措施的检查为准，只算那天约束它的清单里的措施，没有看过的不算。各文件的清单不一样，照原样分别保存：\
市里的六项有土方湿法，省里和中原区的六项有拆迁湿法，省里还有土方堆存清运；市政工程另有五项，也要守各自的六项。\
2019-06-10起要求“八个百分之百”，但没有文件列出是哪八项，同一份文件检查时仍按六项，这里也按已有的清单判，要求几项写在“要求”里。\
停工阶梯是省里对没有达到六项就擅自施工的处罚：第一次一周，第二次一个月，第三次起三个月，月按日历月；\
这里按查出问题的检查次数推算，只是事实，停不停工由主管部门决定。
"""

[[legal]]
document = "郑州市2017—2018年秋冬季大气污染综合治理攻坚行动实施方案"
number   = "郑政文〔2017〕178号"
item     = "31"
[[legal]]
document = "河南省2017年度大气污染防治攻坚战实施意见（附件）"
number   = "豫环攻坚办〔2017〕56号"
item     = "三(四)3、6、7、9"
[[legal]]
document = "中原区2017年大气污染防治攻坚行动方案"
number   = "中原政〔2017〕2号"
item     = "23"
[[legal]]
document = "郑州市贯彻落实省委省政府第三环境保护督察组反馈意见整改方案（47项）"
number   = ""
item     = "15、20、21、22、24"
[[legal]]
document = "省委“三散”污染治理专项督察反馈意见整改任务清单（38项）"
number   = ""
item     = "20、31(4)、37(1)"

[params]
eight_from = { type = "date", default = 2019-06-10, note = "这一天起要求八项（没有清单）" }

[facts]
inspected_on = { zh = "检查日期", en = "looked at on" }
post         = { zh = "检查岗位", en = "post" }
works_kind   = { zh = "工程类别", en = "kind of works", words = { building = { zh = "房建", en = "building" }, demolition = { zh = "拆除", en = "demolition" }, municipal = { zh = "市政", en = "municipal" }, road = { zh = "道路", en = "road" }, water = { zh = "水利", en = "water" }, land = { zh = "土地整治", en = "land" }, other = { zh = "其他", en = "other" } } }
unmet        = { zh = "没有做到的项数", en = "measures not kept" }
measures     = { zh = "没有做到的措施", en = "which" }
lists        = { zh = "依据的清单", en = "lists" }
asked        = { zh = "要求", en = "asked for", words = { listed = { zh = "各清单的六项（市政五项）", en = "the lists' six (municipal works five)" }, eight = { zh = "八项（没有清单，按已有清单判）", en = "eight (never listed; judged by the lists there are)" } } }
times        = { zh = "第几次发现", en = "times found" }
stop_work    = { zh = "停工", en = "stop of work", words = { one_week = { zh = "停工一周", en = "stop for a week" }, one_month = { zh = "停工一个月", en = "stop for a month" }, three_months = { zh = "停工三个月", en = "stop for three months" } } }
stop_from    = { zh = "停工起算日", en = "stop counted from" }
*/
WITH asked AS (
    SELECT m.site_id, m.inspection_id, m.inspected_on, h.measure, MIN(h.name) AS name, MIN(h.document) AS document
    FROM inspection_measure AS m
    INNER JOIN construction_site AS c ON c.site_id = m.site_id
    INNER JOIN hundred_percent AS h
        ON h.measure = m.measure
        AND h.begins_on <= m.inspected_on
        AND (h.ends_on IS NULL OR h.ends_on >= m.inspected_on)
        AND (h.county_code IS NULL OR h.county_code = c.county_code)
        AND (h.works = 'every' OR h.works = c.works_kind)
    WHERE NOT m.is_met
    GROUP BY m.site_id, m.inspection_id, m.inspected_on, h.measure
),

by_list AS (
    SELECT DISTINCT m.inspection_id, h.document || h.item AS list_name
    FROM inspection_measure AS m
    INNER JOIN construction_site AS c ON c.site_id = m.site_id
    INNER JOIN hundred_percent AS h
        ON h.measure = m.measure
        AND h.begins_on <= m.inspected_on
        AND (h.ends_on IS NULL OR h.ends_on >= m.inspected_on)
        AND (h.county_code IS NULL OR h.county_code = c.county_code)
        AND (h.works = 'every' OR h.works = c.works_kind)
    WHERE NOT m.is_met
),

lists AS (
    SELECT b.inspection_id, STRING_AGG(b.list_name, '；' ORDER BY b.list_name) AS lists
    FROM by_list AS b
    GROUP BY b.inspection_id
),

failed AS (
    SELECT
        a.site_id,
        a.inspection_id,
        a.inspected_on,
        COUNT(*) AS unmet,
        STRING_AGG(a.name, '、' ORDER BY a.measure) AS measures
    FROM asked AS a
    GROUP BY a.site_id, a.inspection_id, a.inspected_on
),

looked AS (
    SELECT
        m.site_id,
        m.inspection_id,
        ROW_NUMBER() OVER (PARTITION BY m.site_id ORDER BY m.inspected_on DESC, m.inspection_id DESC) AS place
    FROM inspection_measure AS m
    GROUP BY m.site_id, m.inspection_id, m.inspected_on
),

-- days, not inspections: two visits on one day find the same thing
counted AS (
    SELECT f.site_id, COUNT(DISTINCT f.inspected_on) AS times
    FROM failed AS f
    GROUP BY f.site_id
)

SELECT
    c.county_code,
    c.site_id AS feature_id,
    c.name,
    f.inspected_on,
    i.post,
    c.works_kind,
    f.unmet,
    f.measures,
    t.lists,
    CASE WHEN %(as_of)s >= %(eight_from)s THEN 'eight' ELSE 'listed' END AS asked,
    n.times,
    CASE WHEN n.times >= 3 THEN 'three_months' WHEN n.times = 2 THEN 'one_month' ELSE 'one_week' END AS stop_work,
    f.inspected_on AS stop_from
FROM looked AS l
INNER JOIN failed AS f ON f.inspection_id = l.inspection_id
INNER JOIN counted AS n ON n.site_id = l.site_id
INNER JOIN lists AS t ON t.inspection_id = l.inspection_id
INNER JOIN inspection AS i ON i.inspection_id = l.inspection_id
INNER JOIN construction_site AS c ON c.site_id = l.site_id
WHERE l.place = 1
