/*
id         = "GRID-06"
title      = "国控站周边跨区县而没有联合管控牵头单位"
title_en   = "State station among several districts with no joint-control lead"
severity   = "medium"
message    = "{name}周围{radius_m}米涉及{districts}（{number_of_districts}个），没有登记联合管控的牵头单位；其中监管对象{number_of_sites}个"
message_en = "{radius_m} m around {name} lie in {districts} ({number_of_districts}), with no lead for joint control; {number_of_sites} sites within"
judges     = "station"
reads      = ["region", "site"]
status     = "in_force"
since      = 2019-06-10
where      = []
reach_m    = 3000
clock      = "none"
material   = ["districts"]

why = """
国控站周边分属几个区、几个部门，没有人牵头，就会出现监管盲区，周边扬尘直接影响站点读数。
"""
fix = """
由市控尘办明确一个牵头单位，建立联合管控机制，按下列对象分工；牵头单位登记后即不再列出。
"""
trap = """
3公里取自文件所举的例子。涉及的区县按界线算：界线误差和站点误差之内、不能确定是否涉及第二个区县的，只报“临近边界”。\
开发区没有单独的界线，按所在的区算，所以实际涉及的单位可能更多；文件的例子里经开区站就涉及3个区、4个部门。\
监管对象按区县和类别列出，主管部门没有登记，以类别代替。对照点不列。没有人登记牵头单位的站点，只作提示。
"""

[[legal]]
document = "郑州市贯彻落实省委省政府第三环境保护督察组反馈意见整改方案（47项）"
number   = ""
item     = "12"

[params]
radius_m = { type = "number", default = 3000, note = "站点周边的范围（米）" }

[facts]
radius_m            = { zh = "范围", en = "radius", unit = "m" }
districts           = { zh = "涉及的区县", en = "districts" }
number_of_districts = { zh = "涉及的区县数", en = "number of districts" }
number_of_sites     = { zh = "监管对象数", en = "number of sites" }
sites               = { zh = "监管对象（区县、类别、数量）", en = "sites by district and kind", words = "site_kind" }
position_error_m    = { zh = "点位误差", en = "position error", unit = "m" }
*/
WITH around AS (
    SELECT
        s.station_code,
        r.code,
        r.name,
        ST_DWithin(r.geom_m, s.geom_m, %(radius_m)s - s.position_error_m - r.position_error_m) AS certain
    FROM station AS s
    INNER JOIN region AS r
        ON r.level = 'county'
        AND ST_DWithin(r.geom_m, s.geom_m, %(radius_m)s + s.position_error_m + r.position_error_m)
    WHERE s.level = 'state'
        AND NOT s.is_control_point
        AND s.joint_control_lead IS NULL
),

district AS (
    SELECT
        a.station_code,
        STRING_AGG(a.name, '、' ORDER BY a.code) AS districts,
        COUNT(*) AS number_of_districts,
        SUM(CASE WHEN a.certain THEN 1 ELSE 0 END) AS number_certain
    FROM around AS a
    GROUP BY a.station_code
),

kind AS (
    SELECT s.station_code, t.county_code, t.kind, COUNT(*) AS how_many
    FROM station AS s
    INNER JOIN site_all AS t ON ST_DWithin(t.geom_m, s.geom_m, %(radius_m)s)
    GROUP BY s.station_code, t.county_code, t.kind
),

listed AS (
    SELECT
        k.station_code,
        SUM(k.how_many) AS number_of_sites,
        STRING_AGG(
            COALESCE(r.name, k.county_code) || ' ' || k.kind || ' ' || CAST(k.how_many AS VARCHAR), '；'
            ORDER BY k.county_code, k.kind
        ) AS sites
    FROM kind AS k
    LEFT JOIN region AS r ON r.level = 'county' AND r.code = k.county_code
    GROUP BY k.station_code
)

SELECT
    s.county_code,
    s.station_code AS feature_id,
    s.name,
    CAST(%(radius_m)s AS DECIMAL(18, 0)) AS radius_m,
    d.districts,
    d.number_of_districts,
    CAST(COALESCE(l.number_of_sites, 0) AS INT) AS number_of_sites,
    l.sites,
    s.position_error_m,
    d.number_certain < 2 AS near_boundary,
    NOT s.is_lead_recorded AS report
FROM station AS s
INNER JOIN judged_area AS a ON a.county_code = s.county_code AND a.level = 'county'
INNER JOIN district AS d ON d.station_code = s.station_code
LEFT JOIN listed AS l ON l.station_code = s.station_code
WHERE d.number_of_districts >= 2
