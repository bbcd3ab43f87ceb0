/*
id         = "DUST-05"
title      = "道路积尘超过限值"
title_en   = "Dust load of a road above its limit"
severity   = "low"
message    = "{name}（{rank}，{setting}）{observed_on}积尘{load_g_m2}克/平方米，限值{limit_g_m2}"
message_en = "{name} ({rank}, {setting}): {load_g_m2} g/m² of dust on {observed_on}, limit {limit_g_m2}"
judges     = "road"
reads      = ["observation", "road_setting"]
status     = "in_force"
since      = 2017-02-13
where      = []
reach_m    = 0
clock      = "none"
material   = ["limit_g_m2", "observed_on"]

why = """
道路保洁“以克论净”：路面积尘超过限值，过车就扬尘。
"""
fix = """
由保洁单位加密机械清扫和冲洗，清理两侧积土，复测合格后登记。
"""
trap = """
同一份文件正文和附件的限值不一样，取较严的：主城区各级道路10克，主干道不论在哪里10克，郊区12克（正文15克），\
城乡结合部和其他次干道15克；一条路同时适用几个限值的取最小的。按正文是否也超过另写一项。\
正好等于限值不算超过。以最近一次测量为准。没有登记等级和所处区域的道路无法判断，不列。起算日为文件日期。
"""

[[legal]]
document = "关于科学编制“一市一策”实施方案的通知"
number   = "豫环攻坚办〔2017〕56号"
item     = "1(3)"
[[legal]]
document = "河南省2017年度大气污染防治攻坚战实施意见（附件）"
number   = "豫环攻坚办〔2017〕56号"
item     = "三(四)12"

[params]
main_g_m2        = { type = "number", default = 10, note = "主干道（正文）" }
main_city_g_m2   = { type = "number", default = 10, note = "主城区道路（附件）" }
suburb_g_m2      = { type = "number", default = 12, note = "郊区道路（附件）" }
secondary_g_m2   = { type = "number", default = 15, note = "次干道（正文）" }
fringe_g_m2      = { type = "number", default = 15, note = "城乡结合部道路（正文）" }
suburb_body_g_m2 = { type = "number", default = 15, note = "郊区道路（正文，较宽）" }

[facts]
rank        = { zh = "道路等级", en = "rank", words = { main = { zh = "主干道", en = "main" }, secondary = { zh = "次干道", en = "secondary" }, other = { zh = "其他道路", en = "other" } } }
setting     = { zh = "所处区域", en = "setting", words = { main_city = { zh = "主城区", en = "main city" }, fringe = { zh = "城乡结合部", en = "fringe" }, suburb = { zh = "郊区", en = "suburb" }, other = { zh = "其他", en = "elsewhere" } } }
load_g_m2   = { zh = "积尘", en = "dust load", unit = "g/m²" }
limit_g_m2  = { zh = "限值", en = "limit", unit = "g/m²" }
over_body   = { zh = "按正文也超过", en = "above the body's limit too" }
observed_on = { zh = "测量日期", en = "measured on" }
is_demo     = { zh = "演示数据", en = "demo data" }
*/
WITH measured AS (
    SELECT
        o.subject_id AS road_id,
        o.value,
        o.observed_on,
        o.is_demo,
        ROW_NUMBER() OVER (PARTITION BY o.subject_id ORDER BY o.observed_on DESC, o.value DESC) AS place
    FROM observation AS o
    WHERE o.subject_kind = 'road' AND o.parameter = 'dust_load'
),

limited AS (
    SELECT
        t.county_code,
        t.road_id,
        t.name,
        t.rank,
        t.setting,
        LEAST(
            CASE t.rank WHEN 'main' THEN %(main_g_m2)s WHEN 'secondary' THEN %(secondary_g_m2)s END,
            CASE t.setting
                WHEN 'main_city' THEN %(main_city_g_m2)s
                WHEN 'suburb' THEN %(suburb_g_m2)s
                WHEN 'fringe' THEN %(fringe_g_m2)s
            END
        ) AS limit_g_m2,
        LEAST(
            CASE t.rank WHEN 'main' THEN %(main_g_m2)s WHEN 'secondary' THEN %(secondary_g_m2)s END,
            CASE t.setting WHEN 'suburb' THEN %(suburb_body_g_m2)s WHEN 'fringe' THEN %(fringe_g_m2)s END
        ) AS body_g_m2
    FROM road_setting AS t
)

SELECT
    l.county_code,
    l.road_id AS feature_id,
    l.name,
    l.rank,
    l.setting,
    CAST(m.value AS DECIMAL(18, 1)) AS load_g_m2,
    CAST(l.limit_g_m2 AS DECIMAL(18, 1)) AS limit_g_m2,
    COALESCE(m.value > l.body_g_m2, false) AS over_body,
    m.observed_on,
    m.is_demo
FROM limited AS l
INNER JOIN measured AS m ON m.road_id = l.road_id AND m.place = 1
WHERE m.value > l.limit_g_m2
