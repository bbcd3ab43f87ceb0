/*
id         = "DUST-09"
title      = "大风预报或重污染天气时仍在土方、拆除作业"
title_en   = "Earthwork or demolition in forecast wind or heavy pollution"
severity   = "medium"
message    = "{name}：{inspected_on}仍在作业（土方{earthwork}，拆除{demolition}）：预报风力{wind_force}级，预警{alert_level}"
message_en = "{name} was at work on {inspected_on} (earthwork {earthwork}, demolition {demolition}): wind force {wind_force} forecast, alert {alert_level}"
judges     = "site"
reads      = ["alert", "construction_site", "inspection", "observation", "region"]
status     = "in_force"
since      = 2017-02-27
where      = ["410102"]
reach_m    = 0
clock      = "none"
material   = ["inspected_on", "wind_force", "alert_level"]

why = """
预报四级以上大风或出现重污染天气时，土方、拆除等起尘作业要停，并覆盖、洒水。
"""
fix = """
责令停工覆盖，天气过后再复工；复查停工的登记检查结果。
"""
trap = """
以最近一次看过土方或拆除作业的检查为准，看检查当日的天气，不看今天的。四级本身也算。\
当天在预警期内（任何级别）就算重污染天气，这是本平台取法，条文没有说级别。风力按该区当日预报的最大值。\
条文也包括其他起尘施工，检查记录里只有土方和拆除两项。城市保洁三级大风不人工清扫、低于4℃不洒水另有要求，\
没有可判断的记录，不在这里判。只约束中原区，离邻县（区）比误差更近的只报“临近边界”。
"""

[[legal]]
document = "中原区2017年大气污染防治攻坚行动方案"
number   = "中原政〔2017〕2号"
item     = "32"
[[legal]]
document = "河南省2017年度大气污染防治攻坚战实施意见（附件）"
number   = "豫环攻坚办〔2017〕56号"
item     = "三(四)12"

[params]
wind_force = { type = "integer", default = 4, note = "预报风力达到这一级即须停工" }

[facts]
inspected_on     = { zh = "检查日期", en = "seen on" }
post             = { zh = "检查岗位", en = "post" }
earthwork        = { zh = "土方作业", en = "earthwork" }
demolition       = { zh = "拆除作业", en = "demolition" }
wind_force       = { zh = "预报风力", en = "wind force forecast" }
alert_level      = { zh = "当日预警", en = "alert that day", words = { none = { zh = "无", en = "none" }, blue = { zh = "蓝色", en = "blue" }, yellow = { zh = "黄色", en = "yellow" }, orange = { zh = "橙色", en = "orange" }, red = { zh = "红色", en = "red" } } }
position_error_m = { zh = "点位误差", en = "position error", unit = "m" }
*/
WITH looked AS (
    SELECT
        i.site_id,
        i.inspected_on,
        i.post,
        COALESCE(i.does_earthwork, false) AS earthwork,
        COALESCE(i.does_demolition, false) AS demolition,
        ROW_NUMBER() OVER (PARTITION BY i.site_id ORDER BY i.inspected_on DESC, i.inspection_id DESC) AS place
    FROM inspection AS i
    WHERE i.does_earthwork IS NOT NULL OR i.does_demolition IS NOT NULL
),

working AS (
    SELECT c.county_code, l.site_id, l.inspected_on, l.post, l.earthwork, l.demolition
    FROM looked AS l
    INNER JOIN construction_site AS c ON c.site_id = l.site_id
    WHERE l.place = 1 AND (l.earthwork OR l.demolition)
),

windy AS (
    SELECT w.site_id, MAX(o.value) AS wind_force
    FROM working AS w
    INNER JOIN observation AS o
        ON o.subject_kind = 'county'
        AND o.subject_id = w.county_code
        AND o.parameter = 'wind_force_forecast'
        AND o.observed_on = w.inspected_on
    GROUP BY w.site_id
),

warned AS (
    SELECT
        w.site_id,
        MAX(CASE a.level WHEN 'blue' THEN 1 WHEN 'yellow' THEN 2 WHEN 'orange' THEN 3 ELSE 4 END) AS height
    FROM working AS w
    INNER JOIN alert AS a ON w.inspected_on >= a.begins_on AND (a.ends_on IS NULL OR w.inspected_on <= a.ends_on)
    GROUP BY w.site_id
)

SELECT
    s.county_code,
    s.site_id AS feature_id,
    s.name,
    w.inspected_on,
    w.post,
    w.earthwork,
    w.demolition,
    CAST(f.wind_force AS DECIMAL(18, 0)) AS wind_force,
    CASE h.height WHEN 1 THEN 'blue' WHEN 2 THEN 'yellow' WHEN 3 THEN 'orange' WHEN 4 THEN 'red' ELSE 'none' END
    AS alert_level,
    s.position_error_m,
    EXISTS (
        SELECT 1
        FROM region AS r
        WHERE r.level = 'county'
            AND r.code <> s.county_code
            AND ST_DWithin(r.geom_m, s.geom_m, s.position_error_m + r.position_error_m)
    ) AS near_boundary
FROM working AS w
INNER JOIN site AS s ON s.site_id = w.site_id
LEFT JOIN windy AS f ON f.site_id = w.site_id
LEFT JOIN warned AS h ON h.site_id = w.site_id
WHERE f.wind_force >= %(wind_force)s OR h.height IS NOT NULL
