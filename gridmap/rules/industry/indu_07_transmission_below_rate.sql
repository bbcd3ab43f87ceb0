/*
id         = "INDU-07"
title      = "在线监测数据传输有效率不足或多家企业超标"
title_en   = "Valid transmission of monitoring data too low, or several enterprises over limit"
severity   = "medium"
message    = "{name}（{month}）：{duty}[；数据传输有效率（最低）{rate_pct}%]，不足的{low_count}家，超标的{over_count}家"
message_en = "{name} ({month}): {duty}[; lowest valid transmission rate {rate_pct}%], {low_count} too low, {over_count} over limit"
judges     = "site"
reads      = ["observation", "region"]
status     = "in_force"
since      = 2017-10-21
where      = []
reach_m    = 200000
clock      = "none"
material   = ["duty", "month"]
part       = "duty"

why = """
在线监测装了还要传得上来：数据传输有效率要达到90%。一个地区有传输率不够的，或者一个月内有几家企业超标的，挂牌督办。
"""
fix = """
由企业检修设备和网络并说明原因；县（市、区）达到挂牌督办条件的，由市里督办到销号。
"""
trap = """
看的是有效传输率，不是上传率。条文没有说按多长时间算：本平台按月，每家企业看最近有数据的一个月。\
县（市、区）一条：有一家不足90%就列；超标的按同一个月有超标小时的企业数，条文只说“多家”，本平台取2家。\
“一个月内”说的是超标企业，不是传输率。县（市、区）看本县最近有数据的一个月。
"""

[[legal]]
document = "郑州市2017—2018年秋冬季大气污染综合治理攻坚行动实施方案"
number   = "郑政文〔2017〕178号"
item     = "22"

[params]
rate_pct   = { type = "number", default = 90, note = "数据传输有效率，低于这个数的算不足，%" }
over_count = { type = "integer", default = 2, note = "一个月内超标企业达到这个数算多家（本平台取法）", ours = true }

[facts]
duty       = { zh = "问题", en = "what", words = { low_rate = { zh = "企业数据传输有效率不足", en = "rate of the enterprise too low" }, county_low_rate = { zh = "县（市、区）内有传输有效率不足的企业，挂牌督办", en = "an enterprise of the county too low: listed supervision" }, county_over_limit = { zh = "县（市、区）内一个月多家企业超标，挂牌督办", en = "several enterprises of the county over limit in a month: listed supervision" } } }
month      = { zh = "月份（首日）", en = "month (first day)" }
rate_pct   = { zh = "数据传输有效率（最低）", en = "lowest valid transmission rate", unit = "%" }
low_count  = { zh = "传输有效率不足的企业", en = "enterprises with too low a rate" }
over_count = { zh = "超标企业", en = "enterprises over limit" }
*/
WITH monthly AS (
    SELECT
        s.county_code,
        s.site_id,
        s.name,
        o.observed_on AS month,
        MIN(CASE WHEN o.parameter = 'valid_transmission_pct' THEN o.value END) AS rate_pct,
        MAX(CASE WHEN o.parameter = 'hours_over_limit' THEN o.value END) AS hours_over
    FROM observation AS o
    INNER JOIN site AS s ON s.site_id = o.subject_id
    WHERE o.subject_kind = 'site'
        AND o.period = 'month'
        AND o.parameter IN ('valid_transmission_pct', 'hours_over_limit')
    GROUP BY s.county_code, s.site_id, s.name, o.observed_on
),

latest_of_site AS (
    SELECT
        m.county_code,
        m.site_id,
        m.name,
        m.month,
        m.rate_pct,
        m.hours_over,
        ROW_NUMBER() OVER (PARTITION BY m.site_id ORDER BY m.month DESC) AS place
    FROM monthly AS m
    WHERE m.rate_pct IS NOT NULL
),

latest_of_county AS (
    SELECT
        m.county_code,
        MAX(m.month) AS month
    FROM monthly AS m
    GROUP BY m.county_code
),

county AS (
    SELECT
        m.county_code,
        m.month,
        MIN(m.rate_pct) AS rate_pct,
        SUM(CASE WHEN m.rate_pct < %(rate_pct)s THEN 1 ELSE 0 END) AS low_count,
        SUM(CASE WHEN m.hours_over > 0 THEN 1 ELSE 0 END) AS over_count
    FROM monthly AS m
    INNER JOIN latest_of_county AS l ON l.county_code = m.county_code AND l.month = m.month
    GROUP BY m.county_code, m.month
)

SELECT
    l.county_code,
    'site' AS feature_kind,
    l.site_id AS feature_id,
    'low_rate' AS part,
    l.name,
    'low_rate' AS duty,
    l.month,
    CAST(l.rate_pct AS DECIMAL(18, 1)) AS rate_pct,
    1 AS low_count,
    CASE WHEN l.hours_over > 0 THEN 1 ELSE 0 END AS over_count
FROM latest_of_site AS l
WHERE l.place = 1 AND l.rate_pct < %(rate_pct)s
UNION ALL
SELECT
    c.county_code,
    'county' AS feature_kind,
    c.county_code AS feature_id,
    'county_low_rate' AS part,
    r.name,
    'county_low_rate' AS duty,
    c.month,
    CAST(c.rate_pct AS DECIMAL(18, 1)) AS rate_pct,
    c.low_count,
    c.over_count
FROM county AS c
INNER JOIN region AS r ON r.level = 'county' AND r.code = c.county_code
WHERE c.low_count > 0
UNION ALL
SELECT
    c.county_code,
    'county' AS feature_kind,
    c.county_code AS feature_id,
    'county_over_limit' AS part,
    r.name,
    'county_over_limit' AS duty,
    c.month,
    CAST(c.rate_pct AS DECIMAL(18, 1)) AS rate_pct,
    c.low_count,
    c.over_count
FROM county AS c
INNER JOIN region AS r ON r.level = 'county' AND r.code = c.county_code
WHERE c.over_count >= %(over_count)s
