/*
id         = "NRMM-02"
title      = "城市市区施工机械未达国Ⅲ或未备案"
title_en   = "Construction machine in the city proper below stage III or not on file"
severity   = "medium"
message    = "{name}（{machine_type}，排放阶段{emission_stage}）：{lacks}"
message_en = "{name} (type {machine_type}, stage {emission_stage}): {lacks}"
judges     = "site"
reads      = ["machine", "region"]
status     = "in_force"
since      = 2017-02-13
where      = ["410102", "410103", "410104", "410105", "410108"]
reach_m    = 0
clock      = "day"
material   = ["lacks", "emission_stage"]
part       = "lacks"

why = """
城市市区的施工机械实行准入：排放达到国Ⅲ，由施工单位编号，有检测机构的排气检测报告，报建设和环保部门备案，缺一样都不能进场。
"""
fix = """
不到国Ⅲ的退场；其余的补编号、补检测、补备案。
"""
trap = """
“城市市区”按市辖区算，不含上街区（本平台取法），不是建成区。高新、经开、郑东等开发区没有单独的界线，按所在的区算。\
离市区以外的县（市）比误差更近的只报“临近边界”。叉车是厂内机械，不是施工机械，不列（本平台取法）。\
各项要求分条列出；没有查过的项目只作提示，当天还没有生产出来的不列。没有排放阶段的，2016-04-01以前生产的算不到国Ⅲ（本平台取值，国Ⅲ从这一天起实施），\
以后生产的算达到。市方案第27条和中原区方案第18条只管国Ⅰ及以下，见 NRMM-01。
"""

[[legal]]
document = "河南省2017年度大气污染防治攻坚战实施意见（附件）"
number   = "豫环攻坚办〔2017〕56号"
item     = "三(五)7"

[params]
least_stage = { type = "integer", default = 3, note = "国Ⅲ" }
made_before = { type = "date", default = 2016-04-01, ours = true, note = "没有排放阶段时，这一天以前生产的算不到国Ⅲ（本平台取值）" }
city_proper = { type = "texts", default = ["410102", "410103", "410104", "410105", "410108"], ours = true, note = "城市市区的区（本平台取法）" }
not_works   = { type = "texts", default = ["叉车"], ours = true, note = "不算施工机械的类型（本平台取法）" }

[facts]
lacks            = { zh = "缺什么", en = "what it lacks", words = { stage = { zh = "排放不到国Ⅲ", en = "emission stage III" }, number = { zh = "没有编号", en = "a number" }, test_report = { zh = "没有排气检测报告", en = "an exhaust test report" }, construction = { zh = "没有在建设部门备案", en = "a filing with the construction authority" }, environment = { zh = "没有在环保部门备案", en = "a filing with the environment authority" } } }
machine_type     = { zh = "机械类型", en = "type" }
emission_stage   = { zh = "排放阶段", en = "emission stage", words = { 0 = { zh = "国Ⅰ前", en = "before I" }, 1 = { zh = "国Ⅰ", en = "I" }, 2 = { zh = "国Ⅱ", en = "II" }, 3 = { zh = "国Ⅲ", en = "III" }, 4 = { zh = "国Ⅳ", en = "IV" }, 5 = { zh = "第五阶段", en = "V" }, 6 = { zh = "第六阶段", en = "VI" } } }
made_on          = { zh = "生产日期", en = "made on" }
machine_number   = { zh = "编号", en = "number" }
seen_on          = { zh = "最近所见", en = "last seen" }
position_error_m = { zh = "点位误差", en = "position error", unit = "m" }
*/
WITH works AS (
    SELECT
        m.*,
        COALESCE(m.emission_stage < %(least_stage)s, m.made_on < %(made_before)s) AS is_low
    FROM machine AS m
    WHERE m.machine_type NOT IN %(not_works)s AND (m.made_on IS NULL OR m.made_on <= %(as_of)s)
),

lack AS (
    SELECT w.site_id, 'stage' AS lacks, false AS report
    FROM works AS w
    WHERE w.is_low
    UNION ALL
    SELECT w.site_id, 'number' AS lacks, false AS report
    FROM works AS w
    WHERE w.machine_number IS NULL
    UNION ALL
    SELECT w.site_id, 'test_report' AS lacks, w.has_test_report IS NULL AS report
    FROM works AS w
    WHERE w.has_test_report IS NOT TRUE
    UNION ALL
    SELECT w.site_id, 'construction' AS lacks, w.filed_with_construction IS NULL AS report
    FROM works AS w
    WHERE w.filed_with_construction IS NOT TRUE
    UNION ALL
    SELECT w.site_id, 'environment' AS lacks, w.filed_with_environment IS NULL AS report
    FROM works AS w
    WHERE w.filed_with_environment IS NOT TRUE
),

by_the_border AS (
    SELECT s.site_id
    FROM site AS s
    INNER JOIN region AS r
        ON r.level = 'county'
        AND r.code NOT IN %(city_proper)s
        AND ST_DWithin(r.geom_m, s.geom_m, s.position_error_m + r.position_error_m)
)

SELECT
    s.county_code,
    s.site_id AS feature_id,
    l.lacks AS part,
    s.name,
    l.lacks,
    m.machine_type,
    m.emission_stage,
    m.made_on,
    m.machine_number,
    m.seen_on,
    s.position_error_m,
    EXISTS (SELECT 1 FROM by_the_border AS b WHERE b.site_id = s.site_id) AS near_boundary,
    l.report
FROM lack AS l
INNER JOIN site AS s ON s.site_id = l.site_id
INNER JOIN machine AS m ON m.site_id = l.site_id
