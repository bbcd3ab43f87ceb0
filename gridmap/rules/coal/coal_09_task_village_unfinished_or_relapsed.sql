/*
id         = "COAL-09"
title      = "任务清单内的村未完成双替代或散煤复烧"
title_en   = "Village on the task list not finished, or burning coal again"
severity   = "high"
message    = "{name}：{limb}[（共{households}户，复烧{households_back_to_coal}户，占{relapse_pct}%）]"
message_en = "{name}: {limb}[ ({households} households, {households_back_to_coal} back to coal, {relapse_pct}%)]"
judges     = "village"
reads      = []
status     = "in_force"
since      = 2017-11-01
where      = []
reach_m    = 0
clock      = "none"
material   = ["limb", "relapse_pct"]

why = """
列入电代煤、气代煤任务清单的村应当在2017年10月底前全部改造完；改造完又烧回散煤的，等于没有改。\
国家强化督查发现这样的村，按半个问题计入县（市、区）和乡镇的问责基数。
"""
fix = """
未完成的：限期完工，逐户验收。复烧的：逐户查明原因（补贴、气源、电价），收走散煤和炉具，恢复使用清洁取暖设施后重新清点。
"""
trap = """
只看任务清单上的村，不在清单上的村即使列入计划也不在本条之内。复烧户数恰为20%也算复烧，\
而替代率恰为80%在 COAL-10 算达标：同一个村可以在那一条通过、在这一条不通过。\
已完成而没有清点过户数的村无法判断，不列。\
每村0.5的权重只用于国家强化督查或巡查发现的问题，市级和省级督查发现的按1计。期限为2017年10月底，次日起算。
"""

[[legal]]
document = "郑州市2017—2018年秋冬季大气污染综合治理攻坚行动量化问责实施办法"
number   = "郑政文〔2017〕178号"
item     = "附件二"

[params]
relapse_pct = { type = "number", default = 20, note = "复烧散煤的住户达到此比例（%）即算复烧" }
weight      = { type = "number", default = 0.5, note = "国家强化督查发现时每村计入的问题数" }

[facts]
limb                   = { zh = "问题", en = "fault", words = { unfinished = { zh = "在任务清单上，尚未完成改造", en = "on the task list and not finished" }, relapsed = { zh = "已完成改造，但散煤复烧", en = "finished, but burning coal again" } } }
programme              = { zh = "双替代计划", en = "dual-substitution programme", words = "programme" }
households             = { zh = "住户", en = "households" }
households_back_to_coal = { zh = "复烧户数", en = "households back to coal" }
relapse_pct            = { zh = "复烧比例", en = "share back to coal", unit = "%" }
counted_on             = { zh = "清点日期", en = "counted on" }
weight                 = { zh = "国家督查发现时的计数", en = "weight when the ministry finds it" }
township_code          = { zh = "乡镇代码", en = "township code" }
*/
SELECT
    v.county_code,
    v.village_id AS feature_id,
    v.name,
    CASE WHEN v.programme = 'finished' THEN 'relapsed' ELSE 'unfinished' END AS limb,
    v.programme,
    v.households,
    v.households_back_to_coal,
    CAST(100.0 * v.households_back_to_coal / NULLIF(v.households, 0) AS DECIMAL(18, 1)) AS relapse_pct,
    v.counted_on,
    %(weight)s AS weight,
    v.township_code
FROM village AS v
WHERE v.on_task_list
    AND (
        v.programme <> 'finished'
        OR 100.0 * v.households_back_to_coal / NULLIF(v.households, 0) >= %(relapse_pct)s
    )
