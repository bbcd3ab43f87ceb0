/*
id         = "COAL-08"
title      = "禁煤区改划后缩小"
title_en   = "Coal-free zone redrawn smaller"
severity   = "high"
message    = "{zone_name}第{version}版（{document}）比上一版少了{name}：{limb}，依据：{reason}"
message_en = "{zone_name}, version {version} ({document}), gives up {name}: {limb}; reason given: {reason}"
judges     = "zone"
reads      = ["village"]
status     = "in_force"
since      = 2019-11-15
where      = ["410181", "410182", "410183", "410185"]
reach_m    = 0
clock      = "none"
material   = ["limb", "version", "area_km2", "required"]
part       = { zh = "地块左下角所在方格，或退出的禁煤区编号", en = "square of the land's lowest corner, or identifier of the coal-free zone" }

why = """
巩义2019年的通告变相缩小了禁煤区。重新划定时，上一版已经划入的土地和村，没有依据不应当退出来。
"""
fix = """
恢复原有范围，或公布准许缩小的文件，并把文号和理由记入该版的“理由”。
"""
trap = """
与同一禁煤区的上一版比较，仍被其他禁煤区覆盖的不算退出。村按名单或点位逐个列出，土地按地块列出，小于1公顷的不列（本平台取值）。\
该版写明缩小理由的只作提示，理由是否成立由审核人判断。\
宽度不超过界线误差的地块、离现行边界比误差更近的村，只报“临近边界”。\
事实中注明该村是否属于必须划入的（平原村或列入双替代计划的村）；没有上一版可比的首次通告，由 COAL-01 至 COAL-03 检查。\
比较的是现行版和它的前一版，再往前的不比。起算日同 COAL-01，为本平台推定。
"""

[[legal]]
document = "省委“三散”污染治理专项督察反馈意见整改任务清单（38项）"
number   = ""
item     = "14"

[params]
least_area_m2 = { type = "number", default = 10000, ours = true, note = "小于此面积（平方米）的地块不列（本平台取值）" }

[facts]
limb             = { zh = "退出的对象", en = "what was given up", words = { land = { zh = "土地", en = "land" }, village = { zh = "村或社区", en = "a village" } } }
zone_name        = { zh = "禁煤区", en = "coal-free zone" }
version          = { zh = "版次", en = "version" }
previous_version = { zh = "上一版", en = "version before" }
begins_on        = { zh = "施行日期", en = "in force from" }
document         = { zh = "文件", en = "document" }
document_number  = { zh = "文号", en = "number" }
reason           = { zh = "理由", en = "reason given", words = { not_given = { zh = "未写明", en = "none" } } }
area_km2         = { zh = "退出面积", en = "area given up", unit = "km²" }
required         = { zh = "属于必须划入的村", en = "a village that must be inside" }
covered_pct      = { zh = "现仍覆盖", en = "still covered", unit = "%" }
*/
WITH land AS (
    SELECT
        g.county_code,
        g.lineage,
        g.part,
        g.area_m2,
        g.near_boundary,
        g.geom,
        ROW_NUMBER() OVER (PARTITION BY g.lineage, g.part ORDER BY g.area_m2 DESC) AS place
    FROM zone_lost_land AS g
    WHERE g.kind = 'coal_free' AND g.area_m2 >= %(least_area_m2)s
)

SELECT
    g.county_code,
    'gap' AS feature_kind,
    'lost-' || g.lineage AS feature_id,
    -- two pieces may begin in the same square: the smaller ones are numbered
    CASE WHEN g.place = 1 THEN g.part ELSE g.part || '-' || CAST(g.place AS VARCHAR) END AS part,
    g.part || '地块' AS name,
    'land' AS limb,
    z.name AS zone_name,
    z.version,
    z.previous_version,
    z.begins_on,
    z.document,
    z.document_number,
    COALESCE(z.reason, 'not_given') AS reason,
    CAST(g.area_m2 / 1000000.0 AS DECIMAL(18, 2)) AS area_km2,
    CAST(NULL AS BOOLEAN) AS required,
    CAST(NULL AS DECIMAL(18, 2)) AS covered_pct,
    g.near_boundary,
    z.reason IS NOT NULL AS report,
    g.geom
FROM land AS g
INNER JOIN zone_previous AS z ON z.lineage = g.lineage
UNION ALL
SELECT
    v.county_code,
    'village' AS feature_kind,
    v.village_id AS feature_id,
    w.lineage AS part,
    v.name,
    'village' AS limb,
    z.name AS zone_name,
    z.version,
    z.previous_version,
    z.begins_on,
    z.document,
    z.document_number,
    COALESCE(z.reason, 'not_given') AS reason,
    CAST(NULL AS DECIMAL(18, 2)) AS area_km2,
    v.terrain = 'plain' OR v.programme IN ('planned', 'finished') AS required,
    CAST(w.covered_pct AS DECIMAL(18, 2)) AS covered_pct,
    w.near_boundary,
    z.reason IS NOT NULL AS report,
    v.geom
FROM zone_lost_village AS w
INNER JOIN village AS v ON v.village_id = w.village_id
INNER JOIN zone_previous AS z ON z.lineage = w.lineage
WHERE w.kind = 'coal_free'
