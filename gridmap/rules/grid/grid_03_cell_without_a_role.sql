/*
id         = "GRID-03"
title      = "责任网格缺少“一长三员”或网格长不是专职"
title_en   = "Responsibility cell without one of its four roles"
severity   = "medium"
message    = "{name}（{level}网格）：{lacks}"
message_en = "{name} ({level}) is short of: {lacks}"
judges     = "grid_cell"
reads      = ["duty", "region"]
status     = "in_force"
since      = 2017-04-01
where      = []
reach_m    = 0
clock      = "none"
material   = ["lacks"]
part       = "lacks"

why = """
每个网格要有网格长、网格员、巡查员、监督员，网格长专职。缺一个，发现问题就没有人办，办了也没有人查。
"""
fix = """
由乡镇（街道）补齐岗位并登记；网格长兼职的改为专职。
"""
trap = """
期限2017年3月底，次日起算。岗位只记职务，不记姓名。一个岗位可由几人担任，有一人在任即可。\
网格长是否专职没有登记的不列；有一名专职网格长即可。各项分条列出。任何一级的责任网格都算，一平方公里的统计方格不算。
"""

[[legal]]
document = "关于科学编制“一市一策”实施方案的通知"
number   = "豫环攻坚办〔2017〕56号"
item     = "11"
[[legal]]
document = "河南省2017年度大气污染防治攻坚战实施意见（附件）"
number   = "豫环攻坚办〔2017〕56号"
item     = "三(八)3"

[facts]
lacks       = { zh = "缺什么", en = "what it lacks", words = { chief = { zh = "没有网格长", en = "a chief" }, officer = { zh = "没有网格员", en = "an officer" }, patroller = { zh = "没有巡查员", en = "a patroller" }, supervisor = { zh = "没有监督员", en = "a supervisor" }, full_time = { zh = "网格长不是专职", en = "a full-time chief" } } }
level       = { zh = "网格级别", en = "level", words = { city = { zh = "市", en = "city" }, county = { zh = "县（市、区）", en = "county" }, township = { zh = "乡镇（街道）", en = "township" }, village = { zh = "村（社区）", en = "village" }, unit = { zh = "单元", en = "unit" } } }
parent_code = { zh = "上级网格", en = "cell above" }
*/
WITH cell AS (
    SELECT c.cell_code, c.name, c.level, c.parent_code, a.county_code
    FROM grid_cell AS c
    INNER JOIN judged_area AS a ON a.county_code = COALESCE(c.county_code, c.cell_code)
    WHERE c.kind = 'responsibility'
),

lack AS (
    SELECT c.county_code, c.cell_code, c.name, c.level, c.parent_code, r.role AS lacks
    FROM cell AS c
    CROSS JOIN (
        SELECT 'chief' AS role
        UNION ALL
        SELECT 'officer' AS role
        UNION ALL
        SELECT 'patroller' AS role
        UNION ALL
        SELECT 'supervisor' AS role
    ) AS r
    WHERE NOT EXISTS (SELECT 1 FROM duty AS d WHERE d.cell_code = c.cell_code AND d.role = r.role)
    UNION ALL
    SELECT c.county_code, c.cell_code, c.name, c.level, c.parent_code, 'full_time' AS lacks
    FROM cell AS c
    WHERE EXISTS (
        SELECT 1 FROM duty AS d WHERE d.cell_code = c.cell_code AND d.role = 'chief' AND d.is_full_time IS FALSE
    )
    AND NOT EXISTS (
        SELECT 1 FROM duty AS d WHERE d.cell_code = c.cell_code AND d.role = 'chief' AND d.is_full_time IS NOT FALSE
    )
)

SELECT
    l.county_code,
    l.cell_code AS feature_id,
    l.lacks AS part,
    l.name,
    l.lacks,
    l.level,
    l.parent_code
FROM lack AS l
