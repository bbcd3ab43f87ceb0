/*
id         = "INDU-01"
title      = "围合区域内应外迁工业企业逾期未迁"
title_en   = "Enterprise on the relocation list still in the enclosed area"
severity   = "high"
message    = "{name}（{industry}）列入{relocation_year}年外迁计划，仍在{zone_name}内"
message_en = "{name} was to leave in {relocation_year} and still stands in {zone_name}"
judges     = "site"
reads      = ["enterprise", "zone"]
status     = "in_force"
since      = 2017-02-27
where      = []
reach_m    = 0
clock      = "day"
material   = ["relocation_year"]

why = """
绕城高速和沿黄快速路围合区域内的工业企业，按2016—2018年外迁计划分年迁出。
"""
fix = """
由区政府（管委会）督促外迁；已经迁出的，登记迁出日期；计划年度有调整的，更正年度并附文件。
"""
trap = """
条文只说“完成2017年外迁任务”，没有日子：本平台按计划年度的最后一天到期、次年1月1日起算。\
中原区自本区方案日期起，其他区自市方案日期起（两个文件都没有期限，取文件日期）；计划年度以外的年份不列。\
围合区域没有公布的坐标，按文字画成示意，离边界比误差更近的只报“临近边界”。
"""

[[legal]]
document = "郑州市2017—2018年秋冬季大气污染综合治理攻坚行动实施方案"
number   = "郑政文〔2017〕178号"
item     = "20"

[[legal]]
document = "中原区2017年大气污染防治攻坚行动方案"
number   = "中原政〔2017〕2号"
item     = "9"

[params]
first_year = { type = "integer", default = 2016, note = "外迁计划的第一年" }
last_year  = { type = "integer", default = 2018, note = "外迁计划的最后一年" }
district   = { type = "text", default = "410102", note = "本区方案在先的区（中原区）" }
city_since = { type = "date", default = 2017-09-22, note = "市方案的日期，其他区从这一天起算" }

[facts]
industry               = { zh = "行业", en = "industry" }
relocation_year        = { zh = "计划外迁年度", en = "year of relocation" }
zone_name              = { zh = "所在区域", en = "area" }
distance_to_boundary_m = { zh = "距边界", en = "distance to the boundary", unit = "m" }
position_error_m       = { zh = "点位误差", en = "position error", unit = "m" }
*/
WITH area AS (
    -- one row per site: inside any area without doubt wins over near the boundary of another
    SELECT
        z.site_id,
        MIN(z.zone_name) AS zone_name,
        MIN(z.distance_to_boundary_m) AS distance_to_boundary_m,
        MIN(CASE WHEN z.inside AND NOT z.near_boundary THEN 0 ELSE 1 END) AS in_doubt
    FROM site_in_zone AS z
    WHERE z.kind = 'enclosed_area'
    GROUP BY z.site_id
)

SELECT
    s.county_code,
    s.site_id AS feature_id,
    s.name,
    e.industry,
    e.relocation_year,
    a.zone_name,
    CAST(a.distance_to_boundary_m AS DECIMAL(18, 1)) AS distance_to_boundary_m,
    s.position_error_m,
    a.in_doubt = 1 AS near_boundary
FROM enterprise AS e
INNER JOIN site AS s ON s.site_id = e.site_id
INNER JOIN area AS a ON a.site_id = e.site_id
WHERE e.is_industrial
    AND e.relocation_year BETWEEN %(first_year)s AND %(last_year)s
    AND e.relocation_year < DATE_PART('year', %(as_of)s)
    AND (s.county_code = %(district)s OR %(as_of)s >= %(city_since)s)
