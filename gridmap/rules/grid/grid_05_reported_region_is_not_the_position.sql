/*
id         = "GRID-05"
title      = "上报属地与实际位置不一致"
title_en   = "Reported under a region it does not lie in"
severity   = "medium"
message    = "{name}上报属地为{reported_name}，按点位在{lies_in}，不符的是{level}，距上报属地{distance_m}米"
message_en = "{name} is reported under {reported_name} but lies in {lies_in} ({level} differs), {distance_m} m from the reported one"
judges     = "site"
reads      = ["region"]
status     = "in_force"
since      = 2019-06-10
where      = []
reach_m    = 0
clock      = "none"
material   = ["reported_code", "level", "lies_in_code"]

why = """
属地报错，交办件就送错了门，两边都不管。督察中有工地按二七区交办，实际归荥阳市。
"""
fix = """
由上报单位和实际所在的县（市、区）、乡镇（街道）共同核对；点位有误的更正点位，属地有误的更正属地并移交档案。
"""
trap = """
先比县（市、区），再比乡镇（街道）；上报到村的按村所在乡镇比。压在界线上的算在内。\
点位到上报属地的距离不超过点位误差与界线误差之和的，只报“临近边界”。\
上报属地没有已知界线（如开发区和近年新设的街道）时无法判断，只作提示。没有上报属地的不列。\
乡镇界线是2000年的，误差随界线给出，近年的区划调整不在其中。起算日为文件日期（条文没有期限）。
"""

[[legal]]
document = "郑州市贯彻落实省委省政府第三环境保护督察组反馈意见整改方案（47项）"
number   = ""
item     = "37(3)"

[facts]
reported_code    = { zh = "上报属地代码", en = "code reported" }
reported_name    = { zh = "上报属地", en = "reported under" }
lies_in_code     = { zh = "点位所在地代码", en = "code by position" }
lies_in          = { zh = "点位所在地", en = "lies in" }
level            = { zh = "不符的层级", en = "what differs", words = { county = { zh = "县（市、区）", en = "county" }, township = { zh = "乡镇（街道）", en = "township" }, unknown = { zh = "上报属地没有已知界线", en = "the reported region has no known outline" } } }
distance_m       = { zh = "距上报属地", en = "distance to the reported region", unit = "m" }
position_error_m = { zh = "点位误差", en = "position error", unit = "m" }
*/
WITH reported AS (
    SELECT
        s.site_id,
        s.reported_region_code AS code,
        s.geom_m,
        s.position_error_m,
        c.name AS county_name,
        c.geom_m AS county_m,
        c.position_error_m AS county_error_m,
        t.name AS township_name,
        t.geom_m AS township_m,
        t.position_error_m AS township_error_m,
        LENGTH(s.reported_region_code) > 6 AS names_township
    FROM site AS s
    LEFT JOIN region AS c ON c.level = 'county' AND c.code = SUBSTRING(s.reported_region_code, 1, 6)
    LEFT JOIN region AS t
        ON t.level = 'township'
        AND t.code = SUBSTRING(s.reported_region_code, 1, 9)
        AND LENGTH(s.reported_region_code) > 6
    WHERE s.reported_region_code IS NOT NULL
),

-- whether the site lies in each reported region, or may by the errors of point and outline: NULL without an outline
tested AS (
    SELECT
        r.*,
        ST_Intersects(r.county_m, r.geom_m) AS in_county,
        ST_Intersects(r.township_m, r.geom_m) AS in_township,
        ST_DWithin(r.county_m, r.geom_m, r.position_error_m + r.county_error_m) AS maybe_in_county,
        ST_DWithin(r.township_m, r.geom_m, r.position_error_m + r.township_error_m) AS maybe_in_township
    FROM reported AS r
),

judged AS (
    SELECT
        t.*,
        CASE
            WHEN NOT t.maybe_in_county THEN 'county'
            WHEN NOT t.maybe_in_township THEN 'township'
            WHEN NOT t.in_county THEN 'county'
            WHEN NOT t.in_township THEN 'township'
            WHEN t.in_county IS NULL AND t.in_township IS NULL THEN 'unknown'
            WHEN t.names_township AND t.in_township IS NULL THEN 'unknown'
        END AS level
    FROM tested AS t
)

SELECT
    s.county_code,
    s.site_id AS feature_id,
    s.name,
    j.code AS reported_code,
    COALESCE(j.county_name || j.township_name, j.county_name, j.township_name, j.code) AS reported_name,
    s.region_code AS lies_in_code,
    COALESCE(c.name, s.county_code) || COALESCE(t.name, '') AS lies_in,
    j.level,
    CAST(
        CASE j.level
            WHEN 'county' THEN ST_Distance(j.county_m, j.geom_m)
            WHEN 'township' THEN ST_Distance(j.township_m, j.geom_m)
        END AS DECIMAL(18, 0)
    ) AS distance_m,
    s.position_error_m,
    (j.level = 'county' AND j.maybe_in_county) OR (j.level = 'township' AND j.maybe_in_township) AS near_boundary,
    j.level = 'unknown' AS report
FROM judged AS j
INNER JOIN site AS s ON s.site_id = j.site_id
LEFT JOIN region AS c ON c.level = 'county' AND c.code = s.county_code
LEFT JOIN region AS t ON t.level = 'township' AND t.code = SUBSTRING(s.region_code, 1, 9)
WHERE j.level IS NOT NULL
