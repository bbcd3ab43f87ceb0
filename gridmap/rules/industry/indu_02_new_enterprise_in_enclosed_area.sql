/*
id         = "INDU-02"
title      = "围合区域内新建工业企业不符合准入要求"
title_en   = "New industrial enterprise in the enclosed area fails a test"
severity   = "medium"
message    = "{name}（{industry}，{set_up_on}设立）位于围合区域：城市规划{city_plan}，产业发展定位{positioning}，环保要求{environment}；有证明文件：{has_document}"
message_en = "{name} (set up {set_up_on}) stands in the enclosed area: city plan {city_plan}, positioning {positioning}, environment {environment}; document on file: {has_document}"
judges     = "site"
reads      = ["enterprise", "region", "zone"]
status     = "in_force"
since      = 2017-02-27
where      = ["410102"]
reach_m    = 0
clock      = "day"
material   = ["city_plan", "positioning", "environment", "has_document"]

why = """
绕城高速和沿黄快速路围合的区域内，中原区从2017年方案起不再允许新建不合要求的工业企业：\
城市发展规划、产业发展定位、环保要求三项缺一不可。
"""
fix = """
有批准文件的，补录文件和三项结论；确有一项不符合的，由区政府依法责令停建、搬迁或关闭。
"""
trap = """
三项都符合要有文件证明。明确有一项不符合的判为违反；没有审查过，或者说符合却没有文件的，只作提示，不作判定（本平台取法）。\
只看方案日期（含当日）以后设立的工业企业；设立日期不明的无法判断，不列。\
围合区域没有公布的坐标，本平台按文字画成示意，离边界比误差更近的只报“临近边界”，在内在外都报；\
离邻县（区）比误差更近、不能确定在中原区的也是。
"""

[[legal]]
document = "中原区2017年大气污染防治攻坚行动方案"
number   = "中原政〔2017〕2号"
item     = "2"

[facts]
industry               = { zh = "行业", en = "industry" }
set_up_on              = { zh = "设立日期", en = "set up on" }
city_plan              = { zh = "城市发展规划", en = "city plan", words = { yes = { zh = "符合", en = "met" }, no = { zh = "不符合", en = "failed" }, unknown = { zh = "未审查", en = "not examined" } } }
positioning            = { zh = "产业发展定位", en = "industrial positioning", words = { yes = { zh = "符合", en = "met" }, no = { zh = "不符合", en = "failed" }, unknown = { zh = "未审查", en = "not examined" } } }
environment            = { zh = "环保要求", en = "environmental requirements", words = { yes = { zh = "符合", en = "met" }, no = { zh = "不符合", en = "failed" }, unknown = { zh = "未审查", en = "not examined" } } }
has_document           = { zh = "有证明文件", en = "document on file" }
document               = { zh = "证明文件", en = "document" }
zone_name              = { zh = "所在区域", en = "area" }
distance_to_boundary_m = { zh = "距边界", en = "distance to the boundary", unit = "m" }
position_error_m       = { zh = "点位误差", en = "position error", unit = "m" }
*/
WITH area AS (
    -- one row per site: inside any area without doubt wins over near the boundary of another
    SELECT
        z.site_id,
        MIN(z.zone_name) AS zone_name,
        MIN(z.distance_to_boundary_m) AS distance_to_boundary_m,
        MIN(CASE WHEN z.inside AND NOT z.near_boundary THEN 0 ELSE 1 END) AS in_doubt
    FROM site_in_zone AS z
    WHERE z.kind = 'enclosed_area'
    GROUP BY z.site_id
),

-- the duty is the district's own: who may as well stand in the next one is not judged by it
by_the_border AS (
    SELECT s.site_id
    FROM site AS s
    INNER JOIN region AS r
        ON r.level = 'county'
        AND r.code <> s.county_code
        AND ST_DWithin(r.geom_m, s.geom_m, s.position_error_m + r.position_error_m)
),

tested AS (
    SELECT
        e.*,
        (
            e.conforms_city_plan IS FALSE OR e.conforms_positioning IS FALSE OR e.conforms_environment IS FALSE
        ) AS fails,
        (
            e.conforms_city_plan IS TRUE AND e.conforms_positioning IS TRUE AND e.conforms_environment IS TRUE
            AND e.conformity_document IS NOT NULL
        ) AS proven
    FROM enterprise AS e
)

SELECT
    s.county_code,
    s.site_id AS feature_id,
    s.name,
    t.industry,
    t.set_up_on,
    CASE WHEN t.conforms_city_plan THEN 'yes' WHEN NOT t.conforms_city_plan THEN 'no' ELSE 'unknown' END AS city_plan,
    CASE WHEN t.conforms_positioning THEN 'yes' WHEN NOT t.conforms_positioning THEN 'no' ELSE 'unknown' END
    AS positioning,
    CASE WHEN t.conforms_environment THEN 'yes' WHEN NOT t.conforms_environment THEN 'no' ELSE 'unknown' END
    AS environment,
    t.conformity_document IS NOT NULL AS has_document,
    t.conformity_document AS document,
    a.zone_name,
    CAST(a.distance_to_boundary_m AS DECIMAL(18, 1)) AS distance_to_boundary_m,
    s.position_error_m,
    a.in_doubt = 1 OR EXISTS (SELECT 1 FROM by_the_border AS b WHERE b.site_id = s.site_id) AS near_boundary,
    NOT t.fails AS report
FROM tested AS t
INNER JOIN site AS s ON s.site_id = t.site_id
INNER JOIN area AS a ON a.site_id = t.site_id
WHERE t.is_industrial
    AND t.set_up_on BETWEEN %(since)s AND %(as_of)s
    AND NOT t.proven
