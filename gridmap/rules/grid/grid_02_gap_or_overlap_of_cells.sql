/*
id         = "GRID-02"
title      = "责任网格之间有空白或重叠"
title_en   = "Gap between responsibility cells, or an overlap"
severity   = "low"
message    = "{name}：{limb}，{area_m2}平方米"
message_en = "{name}: {limb}, {area_m2} m²"
judges     = "grid_cell"
reads      = []
status     = "in_force"
since      = 2017-04-01
where      = []
reach_m    = 0
clock      = "none"
material   = ["limb", "area_m2"]
part       = { zh = "地块左下角所在方格", en = "square of the land's lowest corner" }

why = """
网格要求无缝对接、全覆盖。空白处没有人管，重叠处两边都可以推给对方。
"""
fix = """
由上一级网格把空白划给相邻网格，把重叠处划归一方，并更新界线。
"""
trap = """
空白是上级网格之内、下级网格都没有覆盖的地块，重叠是同一上级的两个网格都覆盖的地块，逐块列出。\
全覆盖和无缝对接是条文的要求，不得重叠是本平台取法。只列100平方米以上的（本平台取值），窄于2米的缝不算。\
宽度不超过界线误差的只报“临近边界”。没有下级网格的网格不查。编号是地块西南角所在的一平方公里方格。\
期限2017年3月底，次日起算。
"""

[[legal]]
document = "关于科学编制“一市一策”实施方案的通知"
number   = "豫环攻坚办〔2017〕56号"
item     = "11"
[[legal]]
document = "河南省2017年度大气污染防治攻坚战实施意见（附件）"
number   = "豫环攻坚办〔2017〕56号"
item     = "三(八)3"

[params]
least_area_m2 = { type = "number", default = 100, ours = true, note = "小于此面积（平方米）的地块不列（本平台取值）" }

[facts]
limb       = { zh = "情形", en = "what it is", words = { gap = { zh = "没有下级网格覆盖", en = "no cell below covers it" }, overlap = { zh = "与相邻网格重叠", en = "two cells cover it" } } }
other_code = { zh = "重叠的网格代码", en = "code of the other cell" }
other_name = { zh = "重叠的网格", en = "other cell" }
area_m2    = { zh = "面积", en = "area", unit = "m²" }
*/
SELECT
    p.county_code,
    p.cell_code AS feature_id,
    -- two pieces may begin in the same square: the smaller ones are numbered
    CASE WHEN p.place = 1 THEN p.part ELSE p.part || '-' || CAST(p.place AS VARCHAR) END AS part,
    p.name,
    p.limb,
    p.other_code,
    p.other_name,
    CAST(p.area_m2 AS DECIMAL(18, 0)) AS area_m2,
    p.near_boundary,
    p.geom
FROM (
    SELECT
        q.*,
        ROW_NUMBER() OVER (PARTITION BY q.cell_code, q.part ORDER BY q.limb ASC, q.area_m2 DESC, q.other_code ASC) AS place
    FROM (
        SELECT
            g.county_code,
            g.cell_code,
            g.name,
            'gap' AS limb,
            CAST(NULL AS VARCHAR) AS other_code,
            CAST(NULL AS VARCHAR) AS other_name,
            g.part,
            g.area_m2,
            g.near_boundary,
            g.geom
        FROM cell_gap AS g
        UNION ALL
        SELECT
            o.county_code,
            o.cell_code,
            o.name,
            'overlap' AS limb,
            o.other_code,
            o.other_name,
            o.part,
            o.area_m2,
            o.near_boundary,
            o.geom
        FROM cell_overlap AS o
    ) AS q
    WHERE q.area_m2 >= %(least_area_m2)s
) AS p
