/*
id         = "DUST-04"
title      = "县（市、区）上月平均降尘量达到或超过控制指标"
title_en   = "Mean dustfall of a county at or above the control figure"
severity   = "medium"
message    = "{name}：{month}平均降尘量{dustfall_t_km2}吨/平方公里（{points}个数据），控制指标为低于{limit_t_km2}；含演示数据：{is_demo}"
message_en = "{name}: mean dustfall of {month} {dustfall_t_km2} t/km² ({points} values), to stay below {limit_t_km2}; demo data: {is_demo}"
judges     = "county"
reads      = ["observation", "region"]
status     = "in_force"
since      = 2017-04-01
where      = []
reach_m    = 0
clock      = "day"
material   = ["month", "dustfall_t_km2"]

why = """
平均降尘量是考核县（市、区）党政领导的扬尘控制指标，每月每平方公里要低于9吨。
"""
fix = """
由县（市、区）查明降尘高的点位周边的工地、道路和堆场，逐处治理；数据有误的先更正数据。
"""
trap = """
只看刚过去的一个完整自然月，同一个月有几个点位的取平均；正好9吨也算超过，因为要求是“小于”。\
考核从2017年3月开始，3月过完才有数，所以从4月1日起算。上月没有数据的这里不说，没有布点的由 GRID-09 检查。\
点位或网格单独超过9吨只在图上看，不算违反。条文一处说市县，一处说区县，指标相同，这里按县（市、区）。
"""

[[legal]]
document = "郑州市2017—2018年秋冬季大气污染综合治理攻坚行动实施方案"
number   = "郑政文〔2017〕178号"
item     = "36"
[[legal]]
document = "关于科学编制“一市一策”实施方案的通知"
number   = "豫环攻坚办〔2017〕56号"
item     = "1(5)"
[[legal]]
document = "河南省2017年度大气污染防治攻坚战实施意见（附件）"
number   = "豫环攻坚办〔2017〕56号"
item     = "三(四)"

[params]
limit_t_km2 = { type = "number", default = 9, note = "每月每平方公里吨数，达到即超过" }

[facts]
month          = { zh = "月份", en = "month" }
dustfall_t_km2 = { zh = "平均降尘量", en = "mean dustfall", unit = "t/km²" }
limit_t_km2    = { zh = "控制指标", en = "control figure", unit = "t/km²" }
points         = { zh = "数据个数", en = "values" }
is_demo        = { zh = "含演示数据", en = "demo data" }
*/
WITH monthly AS (
    SELECT
        o.subject_id,
        CAST(date_part('year', o.observed_on) AS INT) AS year_number,
        CAST(date_part('month', o.observed_on) AS INT) AS month_number,
        AVG(o.value) AS dustfall,
        COUNT(*) AS points,
        MAX(CASE WHEN o.is_demo THEN 1 ELSE 0 END) AS demo
    FROM observation AS o
    WHERE o.subject_kind = 'county' AND o.parameter = 'dustfall' AND o.period = 'month'
    GROUP BY o.subject_id, date_part('year', o.observed_on), date_part('month', o.observed_on)
)

SELECT
    r.county_code,
    r.county_code AS feature_id,
    r.name,
    CAST(m.year_number AS VARCHAR) || CASE WHEN m.month_number < 10 THEN '-0' ELSE '-' END
    || CAST(m.month_number AS VARCHAR) AS month,
    CAST(m.dustfall AS DECIMAL(18, 1)) AS dustfall_t_km2,
    CAST(%(limit_t_km2)s AS DECIMAL(18, 1)) AS limit_t_km2,
    m.points,
    m.demo = 1 AS is_demo
FROM monthly AS m
INNER JOIN judged_area AS r ON r.level = 'county' AND r.county_code = m.subject_id
WHERE m.dustfall >= %(limit_t_km2)s
    AND m.year_number * 12 + m.month_number
    = date_part('year', %(as_of)s) * 12 + date_part('month', %(as_of)s) - 1
