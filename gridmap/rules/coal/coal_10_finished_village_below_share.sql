/*
id         = "COAL-10"
title      = "已完成双替代的村替代率不足"
title_en   = "Finished village with too few households substituted"
severity   = "medium"
message    = "{name}（{limb}）：{households}户中替代{households_substituted}户，占{substituted_pct}%，应达到{wanted_pct}%"
message_en = "{name} ({limb}): {households_substituted} of {households} households substituted, {substituted_pct}%; {wanted_pct}% wanted"
judges     = "village"
reads      = ["zone"]
status     = "in_force"
since      = 2017-10-01
where      = []
reach_m    = 0
clock      = "none"
material   = ["limb", "substituted_pct", "wanted_pct"]

why = """
说是完成了双替代，就应当有八成以上的住户真正替代，不允许在各村零散摊派凑数；\
市区和各县（市）、上街区的建成区内不留散煤，应当全部替代。
"""
fix = """
未替代的住户逐户落实集中供热、电或气；确属常年无人居住的，在清点时从住户数中扣除并注明。
"""
trap = """
恰为80%算达标；恰为20%的住户复烧则在 COAL-09 算复烧，两条并不矛盾。\
只看已报完成的村，没有清点户数的无法判断，不列。市区指各市区和开发区全域，建成区以示意范围判断：\
离其边界比误差更近、而替代率在80%与100%之间的，只报“临近边界”。\
村界已知的，覆盖达到95%算在区内（本平台取值）。期限为2017年9月底，次日起算。
"""

[[legal]]
document = "郑州市2017—2018年秋冬季大气污染综合治理攻坚行动实施方案"
number   = "郑政文〔2017〕178号"
item     = "10"

[params]
wanted_pct     = { type = "number", default = 80, note = "一般村替代率至少达到此值（%）" }
wanted_in_town = { type = "number", default = 100, note = "市区全域和建成区内应达到此值（%）" }
inside_pct     = { type = "number", default = 95, ours = true, note = "村的面积有此比例（%）在区内即按区内要求（本平台取值）" }

[facts]
limb                   = { zh = "所在", en = "where", words = { town = { zh = "市区或建成区内", en = "in the city proper or a built-up area" }, country = { zh = "其他地区", en = "elsewhere" } } }
households             = { zh = "住户", en = "households" }
households_substituted = { zh = "已替代户数", en = "households substituted" }
substituted_pct        = { zh = "替代率", en = "share substituted", unit = "%" }
wanted_pct             = { zh = "应达到", en = "wanted", unit = "%" }
counted_on             = { zh = "清点日期", en = "counted on" }
township_code          = { zh = "乡镇代码", en = "township code" }
position_error_m       = { zh = "点位误差", en = "position error", unit = "m" }
*/
WITH town AS (
    SELECT
        c.village_id,
        MAX(CASE WHEN c.covered_pct >= %(inside_pct)s THEN 1 ELSE 0 END) AS inside,
        MAX(CASE WHEN c.covered_pct >= %(inside_pct)s AND NOT c.near_boundary THEN 1 ELSE 0 END) AS surely,
        MAX(CASE WHEN c.near_boundary THEN 1 ELSE 0 END) AS near
    FROM village_cover AS c
    WHERE c.kind IN ('city_proper', 'built_up')
    GROUP BY c.village_id
),

counted AS (
    SELECT
        v.*,
        100.0 * v.households_substituted / NULLIF(v.households, 0) AS share_pct,
        t.inside,
        t.surely,
        t.near
    FROM village AS v
    INNER JOIN town AS t ON t.village_id = v.village_id
    WHERE v.programme = 'finished' AND v.households_substituted IS NOT NULL
)

SELECT
    c.county_code,
    c.village_id AS feature_id,
    c.name,
    CASE WHEN c.inside = 1 THEN 'town' ELSE 'country' END AS limb,
    c.households,
    c.households_substituted,
    CAST(c.share_pct AS DECIMAL(18, 1)) AS substituted_pct,
    CASE WHEN c.inside = 1 THEN %(wanted_in_town)s ELSE %(wanted_pct)s END AS wanted_pct,
    c.counted_on,
    c.township_code,
    c.position_error_m,
    c.share_pct >= %(wanted_pct)s AND c.surely = 0 AS near_boundary
FROM counted AS c
WHERE c.share_pct < %(wanted_pct)s
    OR (c.share_pct < %(wanted_in_town)s AND (c.inside = 1 OR c.near = 1))
