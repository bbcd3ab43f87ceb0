/*
id         = "DUST-11"
title      = "煤场、煤矿和工业堆场未密闭、围挡过低或出口不冲洗"
title_en   = "Coal yard, coal mine or bulk store open, its fence too low, or without a wheel wash"
severity   = "medium"
message    = "{name}（{trade}，{material}）：{duty}[；围挡{fence_height_m}米][；料堆{pile_height_m}米]；{consequence}"
message_en = "{name} ({trade}, {material}): {duty}[; fence {fence_height_m} m][; pile {pile_height_m} m]; {consequence}"
judges     = "site"
reads      = ["storage_yard"]
status     = "in_force"
since      = 2017-02-13
where      = []
reach_m    = 0
clock      = "day"
material   = ["duty", "consequence"]
part       = "duty"

why = """
露天堆放的煤和粉料随风起尘，车轮把煤灰带上公路：能密闭的要密闭，暂不能密闭的围挡不低于料堆，出口要冲洗车轮。
"""
fix = """
粉状物料改为密闭储存，块状物料入棚入仓或围挡加高并苫盖，出口装车轮冲洗设施；煤炭行业没有完成治理的先停产。
"""
trap = """
围挡一项按省里的意见从2017-02-13起算，没有围挡的高度按零。密闭和冲洗两项的期限是2017年10月底，次日起算；\
中原区的露天堆场从方案日期起就要有冲洗设施。煤和粉粒状物料要密闭，块状物料有围挡也可以。料堆高度不明的不判围挡。\
煤炭企业2020年9月底前没完成的，次日起停产治理；新密的煤矿储煤库没有密闭的不得复工复产，清单没有日子，\
按清单里最早的期限2020-07-31起算（本平台取值）：这两项只写在“后果”里，不另立问题。情况不明的只作提示。\
一个堆场可能同时违反几项，分条列出。
"""

[[legal]]
document = "郑州市2017—2018年秋冬季大气污染综合治理攻坚行动实施方案"
number   = "郑政文〔2017〕178号"
item     = "19"
[[legal]]
document = "河南省2017年度大气污染防治攻坚战实施意见（附件）"
number   = "豫环攻坚办〔2017〕56号"
item     = "三(四)15、16"
[[legal]]
document = "中原区2017年大气污染防治攻坚行动方案"
number   = "中原政〔2017〕2号"
item     = "30"
[[legal]]
document = "省委“三散”污染治理专项督察反馈意见整改任务清单（38项）"
number   = ""
item     = "18、19(1)"

[params]
works_since    = { type = "date", default = 2017-11-01, note = "无组织排放治理期限2017年10月底，次日起算" }
district       = { type = "text", default = "410102", note = "中原区：冲洗设施的要求较早" }
district_since = { type = "date", default = 2017-02-27, note = "中原区方案日期" }
stop_since     = { type = "date", default = 2020-10-01, note = "煤炭企业期限2020年9月底，次日起停产治理" }
reopen_county  = { type = "text", default = "410183", note = "新密：煤矿未密闭不得复工复产" }
reopen_since   = { type = "date", default = 2020-07-31, ours = true, note = "清单没有日期，取清单最早的期限（本平台取值）" }

[facts]
duty           = { zh = "违反的要求", en = "duty", words = { not_enclosed = { zh = "粉状物料未密闭", en = "powder not enclosed" }, low_fence = { zh = "未密闭且围挡低于料堆", en = "not enclosed and fence lower than the pile" }, no_wheel_wash = { zh = "出口没有车轮冲洗设施", en = "no wheel wash at the exit" } } }
trade          = { zh = "类型", en = "trade", words = { coal_yard = { zh = "煤场", en = "coal yard" }, coal_mine = { zh = "煤矿", en = "coal mine" }, industry = { zh = "工业堆场", en = "industrial bulk store" } } }
material       = { zh = "物料", en = "material" }
fence_height_m = { zh = "围挡高度", en = "fence", unit = "m" }
pile_height_m  = { zh = "料堆高度", en = "pile", unit = "m" }
consequence    = { zh = "后果", en = "consequence", words = { rectify = { zh = "限期整改", en = "to be rectified" }, stop = { zh = "停产治理", en = "to stop until done" }, not_reopen = { zh = "不得复工复产", en = "may not reopen" } } }
*/
WITH yard AS (
    SELECT y.*
    FROM storage_yard AS y
),

duty AS (
    SELECT y.site_id, 'not_enclosed' AS duty, y.is_enclosed IS NULL AS unknown
    FROM yard AS y
    WHERE y.is_powder AND y.is_enclosed IS NOT TRUE AND %(as_of)s >= %(works_since)s
    UNION ALL
    SELECT y.site_id, 'low_fence' AS duty, y.is_enclosed IS NULL OR y.fence_height_m IS NULL AS unknown
    FROM yard AS y
    WHERE y.is_enclosed IS NOT TRUE
        AND y.pile_height_m > COALESCE(y.fence_height_m, 0)
    UNION ALL
    SELECT y.site_id, 'no_wheel_wash' AS duty, y.has_wheel_wash IS NULL AS unknown
    FROM yard AS y
    WHERE y.has_wheel_wash IS NOT TRUE
        AND (
            %(as_of)s >= %(works_since)s
            OR (y.county_code = %(district)s AND %(as_of)s >= %(district_since)s)
        )
)

SELECT
    y.county_code,
    y.site_id AS feature_id,
    d.duty AS part,
    y.name,
    d.duty,
    y.trade,
    y.material,
    y.fence_height_m,
    y.pile_height_m,
    CASE
        WHEN
            y.trade = 'coal_mine'
            AND y.county_code = %(reopen_county)s
            AND y.is_enclosed IS FALSE
            AND %(as_of)s >= %(reopen_since)s
            THEN 'not_reopen'
        WHEN y.trade <> 'industry' AND %(as_of)s >= %(stop_since)s THEN 'stop'
        ELSE 'rectify'
    END AS consequence,
    d.unknown AS report
FROM duty AS d
INNER JOIN yard AS y ON y.site_id = d.site_id
