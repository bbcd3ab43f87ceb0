/*
id         = "COAL-06"
title      = "散煤销售点设在不允许的地方"
title_en   = "Loose-coal outlet where there may be none"
severity   = "high"
message    = "{name}（售{sells}）：{limb}"
message_en = "{name} (sells {sells}): {limb}"
judges     = "site"
reads      = ["coal_outlet", "region", "village", "zone"]
status     = "in_force"
since      = 2017-05-01
where      = []
reach_m    = 0
clock      = "day"
material   = ["limb", "sells", "zone_name"]
part       = "limb"

why = """
有人卖就有人烧。禁燃区、禁煤区里和已经完成替代的乡镇、县（市、区）里，散煤销售点一律取消，\
督察要求对已取缔的销售点继续盯住，防止死灰复燃。
"""
fix = """
取缔销售点，清走存煤；已关闭的补录关闭日期。属于洁净煤仓储供应的，把业务和网点类型更正清楚。
"""
trap = """
豁免洁净煤仓储供应（配送中心和配送点）的只有禁煤区；禁燃区里煤和煤的制品都不准烧，\
所以禁燃区里的洁净煤网点、禁煤区里不属于仓储供应的洁净煤销售点列为提示，不作判定。\
替代是否完成按村推算：乡镇（县）内每个村都已完成双替代或全域替代才算完成（本平台取法），与是否划区无关。\
乡镇轮廓为2000年，点位可能在邻乡镇的只报“临近边界”；禁区边界同理，在内在外都报。\
禁燃区的期限为2017年4月底，次日起算，之后划定的自施行之日起算；替代完成地区从市方案日期2017-09-22起算。\
同一网点可能违反几项，分条列出。
"""

[[legal]]
document = "河南省2017年度大气污染防治攻坚战实施意见（附件）"
number   = "豫环攻坚办〔2017〕56号"
item     = "三(三)4"
[[legal]]
document = "郑州市2017—2018年秋冬季大气污染综合治理攻坚行动实施方案"
number   = "郑政文〔2017〕178号"
item     = "13"
[[legal]]
document = "省委“三散”污染治理专项督察反馈意见整改任务清单（38项）"
number   = ""
item     = "11(1)、14(1)"

[params]
substituted_since = { type = "date", default = 2017-09-22, note = "替代完成的乡镇、县（市、区）从此日起算（市方案日期）" }

[facts]
limb                   = { zh = "所在", en = "where", words = { no_burn = { zh = "在高污染燃料禁燃区内", en = "inside a no-burn zone" }, coal_free = { zh = "在禁煤区内", en = "inside a coal-free zone" }, substituted = { zh = "所在乡镇或县（市、区）已完成替代", en = "in a township or county whose substitution is finished" } } }
sells                  = { zh = "销售", en = "sells", words = { loose_coal = { zh = "散煤", en = "loose coal" }, clean_coal = { zh = "洁净煤", en = "clean coal" } } }
role                   = { zh = "网点类型", en = "kind of outlet", words = { outlet = { zh = "销售点", en = "outlet" }, centre = { zh = "配送中心", en = "supply centre" }, distribution_point = { zh = "配送点", en = "distribution point" } } }
zone_name              = { zh = "所在区域", en = "area" }
region_code            = { zh = "所在区划代码", en = "code of the region" }
distance_to_boundary_m = { zh = "距边界", en = "distance to the boundary", unit = "m" }
position_error_m       = { zh = "点位误差", en = "position error", unit = "m" }
*/
WITH area AS (
    -- one row per site and kind: inside any zone without doubt wins over near the boundary of another
    SELECT
        z.site_id,
        z.kind,
        MIN(z.zone_name) AS zone_name,
        MIN(z.distance_to_boundary_m) AS distance_to_boundary_m,
        MIN(CASE WHEN z.inside AND NOT z.near_boundary THEN 0 ELSE 1 END) AS in_doubt
    FROM site_in_zone AS z
    WHERE z.kind IN ('no_burn', 'coal_free')
    GROUP BY z.site_id, z.kind
),

place AS (
    SELECT
        s.*,
        SUBSTRING(s.region_code, 1, 9) AS township_code
    FROM site AS s
    INNER JOIN coal_outlet AS o ON o.site_id = s.site_id
),

township AS (
    SELECT v.township_code AS code
    FROM village_all AS v
    GROUP BY v.township_code
    HAVING MIN(CASE WHEN v.programme = 'finished' OR v.wholly_substituted THEN 1 ELSE 0 END) = 1
),

county AS (
    SELECT v.county_code AS code
    FROM village_all AS v
    GROUP BY v.county_code
    HAVING MIN(CASE WHEN v.programme = 'finished' OR v.wholly_substituted THEN 1 ELSE 0 END) = 1
),

-- an outlet may as well stand in a neighbouring region that is not finished
in_doubt AS (
    SELECT p.site_id
    FROM place AS p
    INNER JOIN region AS r
        ON r.level IN ('county', 'township')
        AND r.code NOT IN (p.county_code, p.township_code)
        AND ST_DWithin(r.geom_m, p.geom_m, p.position_error_m + r.position_error_m)
    LEFT JOIN township AS t ON t.code = r.code
    LEFT JOIN county AS c ON c.code = r.county_code
    WHERE t.code IS NULL AND c.code IS NULL
    GROUP BY p.site_id
),

fault AS (
    SELECT
        a.site_id,
        a.kind AS limb,
        a.zone_name,
        a.distance_to_boundary_m,
        a.in_doubt = 1 AS near_boundary
    FROM area AS a
    UNION ALL
    SELECT
        p.site_id,
        'substituted' AS limb,
        CAST(NULL AS VARCHAR) AS zone_name,
        CAST(NULL AS DOUBLE PRECISION) AS distance_to_boundary_m,
        EXISTS (SELECT 1 FROM in_doubt AS d WHERE d.site_id = p.site_id) AS near_boundary
    FROM place AS p
    LEFT JOIN township AS t ON t.code = p.township_code
    LEFT JOIN county AS c ON c.code = p.county_code
    WHERE (t.code IS NOT NULL OR c.code IS NOT NULL) AND %(as_of)s >= %(substituted_since)s
)

SELECT
    s.county_code,
    s.site_id AS feature_id,
    f.limb AS part,
    s.name,
    f.limb,
    o.sells,
    o.role,
    f.zone_name,
    s.region_code,
    CAST(f.distance_to_boundary_m AS DECIMAL(18, 1)) AS distance_to_boundary_m,
    s.position_error_m,
    f.near_boundary,
    o.sells = 'clean_coal' AS report
FROM fault AS f
INNER JOIN site AS s ON s.site_id = f.site_id
INNER JOIN coal_outlet AS o ON o.site_id = f.site_id
WHERE o.sells = 'loose_coal'
    OR f.limb = 'no_burn'
    OR (f.limb = 'coal_free' AND o.role = 'outlet')
