/*
id         = "COAL-04"
title      = "申报为山区而未划入禁煤区，高程却显示为平原"
title_en   = "Left out as mountain, but plain by the terrain model"
severity   = "medium"
message    = "{name}申报为{terrain_declared}未划入禁煤区（已覆盖{covered_pct}%），间距{terrain_resolution_m}米的高程格网推算为平原"
message_en = "{name} is declared {terrain_declared} and left out (covered {covered_pct}%), but plain by a height grid of {terrain_resolution_m} m"
judges     = "village"
reads      = ["zone"]
status     = "in_force"
since      = 2019-11-15
where      = ["410181", "410182", "410183", "410185"]
reach_m    = 0
clock      = "none"
material   = ["terrain_declared", "covered_pct", "terrain_resolution_m"]

why = """
督察指出划定禁煤区时掌握的尺度偏宽。能免除的只有偏远山区，如果把平地上的村也报成山区，禁煤区就被变相缩小了。
"""
fix = """
由县（市）出具山区认定依据；不能出具的更正地形并划入禁煤区。有更细的高程资料的，换上后重新推算。
"""
trap = """
文件没有给出地形的数值标准。本平台以平均坡度不超过2°、1公里内起伏不超过30米为平原；\
格网间距粗时只能按坡度推算（见村庄图层的说明），1公里内的起伏从2公里的格网得不出来，所以没有用到。\
格网间距大于100米的（本平台取值）只作提示，不作判定。\
申报为山区但不是偏远山区的，即使真是山区也不免除，见 COAL-02。覆盖率达到95%即视为已划入（本平台取值）。\
起算日同 COAL-01，为本平台推定。
"""

[[legal]]
document = "省委“三散”污染治理专项督察反馈意见整改任务清单（38项）"
number   = ""
item     = "13"
[[legal]]
document = "省委“三散”污染治理专项督察反馈意见整改任务清单（38项）"
number   = ""
item     = "14"

[params]
full_cover_pct    = { type = "number", default = 95, ours = true, note = "覆盖率达到此值（%）即视为已划入（本平台取值）" }
fine_resolution_m = { type = "number", default = 100, ours = true, note = "高程格网间距不超过此值（米）才作判定（本平台取值）" }

[facts]
terrain_declared     = { zh = "申报地形", en = "terrain declared", words = "terrain" }
terrain_declared_by  = { zh = "地形申报依据", en = "terrain declared by" }
terrain_derived      = { zh = "高程推算地形", en = "terrain derived", words = "terrain" }
terrain_resolution_m = { zh = "所用高程格网间距", en = "spacing of the height grid", unit = "m" }
covered_pct          = { zh = "已覆盖", en = "covered", unit = "%" }
by_name              = { zh = "按名单判定", en = "judged by a list" }
township_code        = { zh = "乡镇代码", en = "township code" }
position_error_m     = { zh = "点位误差", en = "position error", unit = "m" }
*/
SELECT
    v.county_code,
    v.village_id AS feature_id,
    v.name,
    v.terrain_declared,
    v.terrain_declared_by,
    v.terrain_derived,
    v.terrain_resolution_m,
    CAST(c.covered_pct AS DECIMAL(18, 2)) AS covered_pct,
    c.by_name,
    v.township_code,
    v.position_error_m,
    c.near_boundary,
    v.terrain_resolution_m IS NULL OR v.terrain_resolution_m > %(fine_resolution_m)s AS report
FROM village AS v
INNER JOIN village_cover AS c ON c.village_id = v.village_id AND c.kind = 'coal_free'
WHERE c.terrain_declared IN ('mountain', 'remote_mountain')
    AND c.terrain_derived = 'plain'
    AND (c.covered_pct < %(full_cover_pct)s OR (v.territory_m IS NULL AND c.near_boundary))
