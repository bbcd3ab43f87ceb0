/*
id         = "COAL-01"
title      = "平原村未划入禁煤区"
title_en   = "Plain village outside every coal-free zone"
severity   = "high"
message    = "{name}（{terrain}）应当划入禁煤区，按现行通告已覆盖{covered_pct}%；自{overdue_since}起算逾期"
message_en = "{name} ({terrain}) must be inside a coal-free zone; those in force cover {covered_pct}% of it; overdue from {overdue_since}"
judges     = "village"
reads      = ["zone"]
status     = "in_force"
since      = 2019-11-15
where      = ["410181", "410182", "410183", "410185"]
reach_m    = 0
clock      = "day"
material   = ["covered_pct", "terrain", "overdue"]

why = """
四个尚未实现全域禁煤的县（市）里，平原村都应当在禁煤区内。督察发现有的通告把范围划小，\
不少平原村被留在区外，散煤就从这些村继续流入。
"""
fix = """
由县（市）政府修订禁煤区通告，把该村列入名单或划入边界，并公布文号和生效日期；\
如该村确属偏远山区，由县（市）出具认定依据后更正地形。
"""
trap = """
起算日2019-11-15是本平台推定的：整改清单第11项以这一天为平原散煤清零的期限，第14项又追究2019-11-14印发的通告。\
覆盖率达到95%即视为已划入，这一比例为本平台取值，文件要求的是全部。\
地形以市、县申报为准，未申报的用高程推算；推算不出的只作提示，不作判定。\
只有点位的村按点位判断，边界比点位误差更近时（无论在内在外）只报“临近边界”。\
城市社区不是村，不在本条之内，其用地由 COAL-02 和 COAL-05 检查。\
第10项说荥阳已全域禁煤，第13项又把荥阳列为未实现全域禁煤，本条按第13项把荥阳计入。
"""

[[legal]]
document = "省委“三散”污染治理专项督察反馈意见整改任务清单（38项）"
number   = ""
item     = "11"
[[legal]]
document = "省委“三散”污染治理专项督察反馈意见整改任务清单（38项）"
number   = ""
item     = "13"
[[legal]]
document = "省委“三散”污染治理专项督察反馈意见整改任务清单（38项）"
number   = ""
item     = "14"

[params]
full_cover_pct      = { type = "number", default = 95, ours = true, note = "覆盖率达到此值（%）即视为已划入（本平台取值）" }
early_counties      = { type = "texts", default = ["410181"], note = "期限较早的县（市）：巩义" }
early_overdue_since = { type = "date", default = 2020-10-01, note = "巩义期限为2020年9月底，次日起逾期" }
overdue_since       = { type = "date", default = 2020-11-01, note = "其余三县（市）期限为2020年10月底，次日起逾期" }

[facts]
covered_pct          = { zh = "已覆盖", en = "covered", unit = "%" }
by_name              = { zh = "按名单判定", en = "judged by a list" }
terrain              = { zh = "地形", en = "terrain", words = "terrain" }
terrain_basis        = { zh = "地形依据", en = "terrain known from", words = { declared = { zh = "申报", en = "declared" }, derived = { zh = "高程推算", en = "derived from heights" }, none = { zh = "无依据", en = "nothing" } } }
terrain_declared_by  = { zh = "地形申报依据", en = "terrain declared by" }
terrain_resolution_m = { zh = "所用高程格网间距", en = "spacing of the height grid", unit = "m" }
township_code        = { zh = "乡镇代码", en = "township code" }
position_error_m     = { zh = "点位误差", en = "position error", unit = "m" }
placed_by            = { zh = "点位来源", en = "placed by", words = "placed_by" }
overdue              = { zh = "已逾期", en = "overdue" }
overdue_since        = { zh = "逾期起算日", en = "overdue from" }
*/
SELECT
    v.county_code,
    v.village_id AS feature_id,
    v.name,
    CAST(c.covered_pct AS DECIMAL(18, 2)) AS covered_pct,
    c.by_name,
    v.terrain,
    CASE
        WHEN v.terrain_declared IS NOT NULL THEN 'declared'
        WHEN v.terrain_derived IS NOT NULL THEN 'derived'
        ELSE 'none'
    END AS terrain_basis,
    v.terrain_declared_by,
    CASE WHEN v.terrain_declared IS NULL THEN v.terrain_resolution_m END AS terrain_resolution_m,
    v.township_code,
    v.position_error_m,
    v.placed_by,
    CASE WHEN v.county_code IN %(early_counties)s THEN %(early_overdue_since)s ELSE %(overdue_since)s END
    AS overdue_since,
    CASE
        WHEN v.county_code IN %(early_counties)s THEN %(as_of)s >= %(early_overdue_since)s
        ELSE %(as_of)s >= %(overdue_since)s
    END AS overdue,
    v.terrain = 'plain' AND c.near_boundary AS near_boundary,
    v.terrain = 'unknown' AS report
FROM village AS v
INNER JOIN village_cover AS c ON c.village_id = v.village_id AND c.kind = 'coal_free'
WHERE NOT v.is_community
    AND (
        (v.terrain IN ('plain', 'unknown') AND c.covered_pct < %(full_cover_pct)s)
        OR (v.terrain = 'plain' AND v.territory_m IS NULL AND c.near_boundary)
    )
