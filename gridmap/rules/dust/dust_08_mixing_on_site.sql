/*
id         = "DUST-08"
title      = "建成区工地现场搅拌混凝土或配制砂浆"
title_en   = "Concrete or mortar mixed on a building site in a built-up area"
severity   = "medium"
message    = "{name}在建成区内现场搅拌（{inspected_on}检查）"
message_en = "{name} mixes concrete or mortar on the site in a built-up area (seen on {inspected_on})"
judges     = "site"
reads      = ["construction_site", "inspection", "region", "zone"]
status     = "in_force"
since      = 2017-02-27
where      = []
reach_m    = 0
clock      = "day"
material   = ["inspected_on"]

why = """
建成区工地要用商品混凝土和预拌砂浆，现场搅拌混凝土、现场配制砂浆都不许（“两个禁止”）。
"""
fix = """
责令停用并拆除搅拌设备，改用预拌砂浆罐和混凝土输送泵；复查后登记检查结果。
"""
trap = """
以最近一次看过搅拌情况的检查为准，复查已停的不再列；最近一次检查还在起算日以前的，当时并不违规，只作提示，等复查。中原区从2017年方案日期起算，全市从2019-06-10起算。\
建成区没有公布的界线，本平台按文字画成示意，离边界比误差更近的只报“临近边界”，在内在外都报；\
只有中原区受约束的那段时间里，离邻县（区）比误差更近的也是。
"""

[[legal]]
document = "中原区2017年大气污染防治攻坚行动方案"
number   = "中原政〔2017〕2号"
item     = "23(1)"
[[legal]]
document = "郑州市贯彻落实省委省政府第三环境保护督察组反馈意见整改方案（47项）"
number   = ""
item     = "20(2)"

[params]
district       = { type = "text", default = "410102", note = "先行的区：中原区" }
district_since = { type = "date", default = 2017-02-27, note = "先行的区的起算日（本条起算日）" }
city_since     = { type = "date", default = 2019-06-10, note = "全市起算日（文件日期）" }

[facts]
works                  = { zh = "工程内容", en = "works" }
inspected_on           = { zh = "检查日期", en = "seen on" }
post                   = { zh = "检查岗位", en = "post" }
zone_name              = { zh = "所在建成区", en = "built-up area" }
distance_to_boundary_m = { zh = "距边界", en = "distance to the boundary", unit = "m" }
position_error_m       = { zh = "点位误差", en = "position error", unit = "m" }
*/
WITH looked AS (
    SELECT
        i.site_id,
        i.inspected_on,
        i.post,
        i.mixes_on_site,
        ROW_NUMBER() OVER (PARTITION BY i.site_id ORDER BY i.inspected_on DESC, i.inspection_id DESC) AS place
    FROM inspection AS i
    WHERE i.mixes_on_site IS NOT NULL
),

-- one row per site: inside any area without doubt wins over near the boundary of another
area AS (
    SELECT
        z.site_id,
        MIN(z.zone_name) AS zone_name,
        MIN(z.distance_to_boundary_m) AS distance_to_boundary_m,
        MIN(CASE WHEN z.inside AND NOT z.near_boundary THEN 0 ELSE 1 END) AS in_doubt
    FROM site_in_zone AS z
    WHERE z.kind = 'built_up'
    GROUP BY z.site_id
)

SELECT
    s.county_code,
    s.site_id AS feature_id,
    s.name,
    c.works,
    l.inspected_on,
    l.post,
    a.zone_name,
    CAST(a.distance_to_boundary_m AS DECIMAL(18, 1)) AS distance_to_boundary_m,
    s.position_error_m,
    -- while the district alone is bound, who may as well stand in the next one is not judged
    a.in_doubt = 1 OR (
        %(as_of)s < %(city_since)s
        AND EXISTS (
            SELECT 1
            FROM region AS r
            WHERE r.level = 'county'
                AND r.code <> s.county_code
                AND ST_DWithin(r.geom_m, s.geom_m, s.position_error_m + r.position_error_m)
        )
    ) AS near_boundary,
    l.inspected_on < CASE WHEN s.county_code = %(district)s THEN %(district_since)s ELSE %(city_since)s END AS report
FROM looked AS l
INNER JOIN construction_site AS c ON c.site_id = l.site_id
INNER JOIN site AS s ON s.site_id = l.site_id
INNER JOIN area AS a ON a.site_id = l.site_id
WHERE l.place = 1
    AND l.mixes_on_site
    AND (s.county_code = %(district)s OR %(as_of)s >= %(city_since)s)
