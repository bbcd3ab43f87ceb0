/*
id         = "COAL-03"
title      = "“双替代”村庄未划入应划的区域"
title_en   = "Dual-substitution village outside the zone it belongs in"
severity   = "high"
message    = "{name}（{programme}）应当划入{limb}，按现行通告已覆盖{covered_pct}%"
message_en = "{name} ({programme}) must be inside a {limb}; those in force cover {covered_pct}% of it"
judges     = "village"
reads      = ["zone"]
status     = "in_force"
since      = 2017-09-22
where      = []
reach_m    = 0
clock      = "day"
material   = ["limb", "covered_pct", "programme"]
part       = { zh = "应划入的区域", en = "zone it belongs in", words = "zone_kind" }

why = """
煤已经换成电或气的地方，如果不随即划为禁止区域，散煤就会回来。巩义2019年的通告正是把一批列入改造计划的村留在了区外。
"""
fix = """
（一）已全域完成替代的：划入高污染燃料禁燃区。（二）巩义列入改造计划的村，无论计划中还是已完成：划入禁煤区。\
由县（市、区）政府修订通告并公布。
"""
trap = """
两项义务要的是两种不同的区域：（一）要禁燃区，（二）要禁煤区，一种不能代替另一种。\
（一）的条文没有期限，从文件日期起算；（二）只约束巩义，期限为2020年9月底。\
同一个村可能两项都没有做到，分两条列出。已覆盖比例达到95%即视为已划入（本平台取值）。
"""

[[legal]]
document = "郑州市2017—2018年秋冬季大气污染综合治理攻坚行动实施方案"
number   = "郑政文〔2017〕178号"
item     = "12(1)"
[[legal]]
document = "省委“三散”污染治理专项督察反馈意见整改任务清单（38项）"
number   = ""
item     = "14(1)"

[params]
full_cover_pct     = { type = "number", default = 95, ours = true, note = "覆盖率达到此值（%）即视为已划入（本平台取值）" }
programme_counties = { type = "texts", default = ["410181"], note = "第（二）项约束的县（市）：巩义" }
programme_since    = { type = "date", default = 2020-10-01, note = "第（二）项期限为2020年9月底，次日起算" }

[facts]
limb             = { zh = "应划入", en = "belongs in", words = { no_burn = { zh = "高污染燃料禁燃区", en = "no-burn zone" }, coal_free = { zh = "禁煤区", en = "coal-free zone" } } }
covered_pct      = { zh = "已覆盖", en = "covered", unit = "%" }
by_name          = { zh = "按名单判定", en = "judged by a list" }
programme        = { zh = "双替代计划", en = "dual-substitution programme", words = "programme" }
programme_source = { zh = "计划依据", en = "in the programme by" }
wholly           = { zh = "已全域完成替代", en = "wholly substituted" }
township_code    = { zh = "乡镇代码", en = "township code" }
position_error_m = { zh = "点位误差", en = "position error", unit = "m" }
*/
SELECT
    v.county_code,
    v.village_id AS feature_id,
    c.kind AS part,
    v.name,
    c.kind AS limb,
    CAST(c.covered_pct AS DECIMAL(18, 2)) AS covered_pct,
    c.by_name,
    v.programme,
    v.programme_source,
    v.wholly_substituted AS wholly,
    v.township_code,
    v.position_error_m,
    c.near_boundary
FROM village AS v
INNER JOIN village_cover AS c ON c.village_id = v.village_id
WHERE (c.covered_pct < %(full_cover_pct)s OR (v.territory_m IS NULL AND c.near_boundary))
    AND (
        (c.kind = 'no_burn' AND c.wholly_substituted)
        OR (
            c.kind = 'coal_free'
            AND c.programme IN ('planned', 'finished')
            AND c.county_code IN %(programme_counties)s
            AND %(as_of)s >= %(programme_since)s
        )
    )
