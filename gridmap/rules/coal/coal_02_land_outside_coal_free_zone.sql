/*
id         = "COAL-02"
title      = "偏远山区以外的村庄和土地未划入禁煤区"
title_en   = "Village or land outside every coal-free zone"
severity   = "high"
message    = "{name}（{limb}）应当划入禁煤区，按现行通告已覆盖{covered_pct}%"
message_en = "{name} ({limb}) must be inside a coal-free zone; those in force cover {covered_pct}% of it"
judges     = "village"
reads      = ["region", "zone"]
status     = "in_force"
since      = 2020-11-01
where      = ["410181", "410182", "410183", "410185"]
reach_m    = 0
clock      = "none"
material   = ["limb", "covered_pct", "area_km2", "terrain"]
part       = { zh = "地块左下角所在方格", en = "square of the land's lowest corner" }

why = """
四个县（市）应当在2020年10月底前把偏远山区以外的全部区域划为禁煤区。丘陵村、社区和村庄之间的土地同样在内，\
留下的空当会成为散煤存放和转运的地方。
"""
fix = """
由县（市）政府补划并公布；属于偏远山区的，把认定依据写入村庄地形申报，即不再列出。
"""
trap = """
免除的只有偏远山区，一般山区和丘陵都不免除。只知道点位的村不能占面积，所以村庄和地块分开列出。\
地块只列1公顷以上的（本平台取值），宽度不超过界线误差的地块只报“临近边界”。\
按名单划定而没有村界的村不增加面积，它所在的土地仍会作为地块列出，不等于该村没有划入。\
已覆盖比例达到95%即视为已划入（本平台取值）。地形不明的村也在内，因为只有偏远山区可以免除。\
巩义的平原村、镇区和“双替代”村期限更早，见 COAL-01、COAL-03、COAL-05。
"""

[[legal]]
document = "省委“三散”污染治理专项督察反馈意见整改任务清单（38项）"
number   = ""
item     = "13"

[params]
full_cover_pct = { type = "number", default = 95, ours = true, note = "覆盖率达到此值（%）即视为已划入（本平台取值）" }
least_area_m2  = { type = "number", default = 10000, ours = true, note = "小于此面积（平方米）的地块不列（本平台取值）" }

[facts]
limb             = { zh = "所列对象", en = "what is left out", words = { village = { zh = "村或社区", en = "a village" }, land = { zh = "未划入的土地", en = "a piece of land" } } }
covered_pct      = { zh = "已覆盖", en = "covered", unit = "%" }
by_name          = { zh = "按名单判定", en = "judged by a list" }
terrain          = { zh = "地形", en = "terrain", words = "terrain" }
is_community     = { zh = "城市社区", en = "urban community" }
township_code    = { zh = "乡镇代码", en = "township code" }
position_error_m = { zh = "点位误差", en = "position error", unit = "m" }
area_km2         = { zh = "未划入面积", en = "area left out", unit = "km²" }
*/
SELECT
    v.county_code,
    'village' AS feature_kind,
    v.village_id AS feature_id,
    '' AS part,
    v.name,
    'village' AS limb,
    CAST(c.covered_pct AS DECIMAL(18, 2)) AS covered_pct,
    c.by_name,
    v.terrain,
    v.is_community,
    v.township_code,
    v.position_error_m,
    CAST(NULL AS DECIMAL(18, 2)) AS area_km2,
    c.near_boundary,
    v.geom
FROM village AS v
INNER JOIN village_cover AS c ON c.village_id = v.village_id AND c.kind = 'coal_free'
WHERE v.terrain <> 'remote_mountain'
    AND (c.covered_pct < %(full_cover_pct)s OR (v.territory_m IS NULL AND c.near_boundary))
UNION ALL
SELECT
    g.county_code,
    'gap' AS feature_kind,
    'gap-' || g.county_code AS feature_id,
    -- two pieces may begin in the same square: the smaller ones are numbered
    CASE WHEN g.place = 1 THEN g.part ELSE g.part || '-' || CAST(g.place AS VARCHAR) END AS part,
    r.name || g.part || '地块' AS name,
    'land' AS limb,
    CAST(0 AS DECIMAL(18, 2)) AS covered_pct,
    false AS by_name,
    CAST(NULL AS VARCHAR) AS terrain,
    CAST(NULL AS BOOLEAN) AS is_community,
    CAST(NULL AS VARCHAR) AS township_code,
    CAST(NULL AS DOUBLE PRECISION) AS position_error_m,
    CAST(g.area_m2 / 1000000.0 AS DECIMAL(18, 2)) AS area_km2,
    g.near_boundary,
    g.geom
FROM (
    SELECT
        k.county_code,
        k.part,
        k.area_m2,
        k.near_boundary,
        k.geom,
        ROW_NUMBER() OVER (PARTITION BY k.county_code, k.part ORDER BY k.area_m2 DESC) AS place
    FROM kind_gap AS k
    WHERE k.kind = 'coal_free' AND k.area_m2 >= %(least_area_m2)s
) AS g
INNER JOIN region AS r ON r.code = g.county_code AND r.level = 'county'
