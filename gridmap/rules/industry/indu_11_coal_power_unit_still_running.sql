/*
id         = "INDU-11"
title      = "煤电机组到期未关停、未改造或未达超低排放"
title_en   = "Coal power unit past its closing or refit day, or not ultra-low"
severity   = "high"
message    = "{name}（{capacity_mw}兆瓦）：{duty}，期限{due_on}；机组状态：{unit_status}"
message_en = "{name} ({capacity_mw} MW): {duty}, due {due_on}; units: {unit_status}"
judges     = "site"
reads      = ["power_plant"]
status     = "in_force"
since      = 2017-11-01
where      = []
reach_m    = 0
clock      = "day"
material   = ["duty", "unit_status"]
part       = "duty"

why = """
没有达到超低排放的煤电机组要停产；点名的电厂按月关停，或在2020年底前关停或改造；2020年底市区煤电机组清零。
"""
fix = """
由区政府和发改部门落实关停或改造；已经关停、已经改造的，登记状态和日期，并附验收材料。
"""
trap = """
泰祥电厂有两个期限：整改方案（47项）是2019年10月关停，38项是2020年底前关停或改造；两个都列，到期各自报。\
期限“某年某月”取当月最后一天，次日起算。市区按市辖六区计（本平台取法，38项有“市区”“主城区”两种说法），\
郑东新区热电厂的点位在中牟县境内，市区清零一条不管它，点名关停一条管它。\
机组状态不明的，点名的和市区的只作提示；是否达到超低排放不明的，不判。真实电厂的状态照来源，未经核实。
"""

[[legal]]
document = "河南省2017年度大气污染防治攻坚战实施意见（附件）"
number   = "豫环攻坚办〔2017〕56号"
item     = "4(4)；附三(一)6"

[[legal]]
document = "郑州市贯彻落实省委省政府第三环境保护督察组反馈意见整改方案（47项）"
number   = ""
item     = "18(2)"

[[legal]]
document = "省委“三散”污染治理专项督察反馈意见整改任务清单（38项）"
number   = ""
item     = "3(2)、28、30"

[params]
city_proper = { type = "texts", default = ["410102", "410103", "410104", "410105", "410106", "410108"], note = "市区：市辖六区（本平台取法）", ours = true }
clear_due   = { type = "date", default = 2020-12-31, note = "市区煤电机组清零的期限" }

[facts]
duty          = { zh = "问题", en = "what", words = { closing = { zh = "到月未关停", en = "not closed in its month" }, refit = { zh = "到期未关停或改造", en = "neither closed nor refitted" }, city_proper = { zh = "市区煤电机组未清零", en = "coal unit left in the city proper" }, not_ultra_low = { zh = "未达到超低排放仍在运行", en = "running without ultra-low emissions" } } }
capacity_mw   = { zh = "装机容量", en = "capacity", unit = "MW" }
unit_status   = { zh = "机组状态", en = "units", words = { running = { zh = "在运行", en = "running" }, stopped = { zh = "停运", en = "stopped" }, closed = { zh = "已关停", en = "closed" } } }
due_on        = { zh = "期限", en = "due" }
duty_document = { zh = "依据", en = "document" }
source_status = { zh = "来源所记状态", en = "status as the source has it" }
*/
WITH coal AS (
    SELECT p.*
    FROM power_plant AS p
    WHERE p.fuel = 'coal'
        AND (p.unit_status = 'running' OR p.unit_status IS NULL)
        -- the source's own word for a plant that is shut
        AND COALESCE(p.operational_status, '') <> 'Shutdown'
),

duty AS (
    SELECT
        c.site_id,
        'closing' AS duty,
        c.closing_due_on AS due_on,
        c.unit_status IS NULL AS report
    FROM coal AS c
    WHERE c.closing_due_on < %(as_of)s
    UNION ALL
    SELECT
        c.site_id,
        'refit' AS duty,
        c.refit_due_on AS due_on,
        c.unit_status IS NULL AS report
    FROM coal AS c
    WHERE c.refit_due_on < %(as_of)s AND (c.refitted_on IS NULL OR c.refitted_on > %(as_of)s)
    UNION ALL
    SELECT
        c.site_id,
        'city_proper' AS duty,
        %(clear_due)s AS due_on,
        c.unit_status IS NULL AS report
    FROM coal AS c
    WHERE c.county_code IN %(city_proper)s AND %(as_of)s > %(clear_due)s
    UNION ALL
    SELECT
        c.site_id,
        'not_ultra_low' AS duty,
        CAST(NULL AS DATE) AS due_on,
        c.unit_status IS NULL AS report
    FROM coal AS c
    WHERE c.has_ultra_low IS FALSE
)

SELECT
    s.county_code,
    s.site_id AS feature_id,
    d.duty AS part,
    s.name,
    d.duty,
    c.capacity_mw,
    c.unit_status,
    d.due_on,
    c.duty_document,
    c.operational_status AS source_status,
    d.report
FROM duty AS d
INNER JOIN site AS s ON s.site_id = d.site_id
INNER JOIN coal AS c ON c.site_id = d.site_id
