/*
id         = "GRID-09"
title      = "空气监测站点缺失或上传率不足"
title_en   = "Monitoring is missing, or uploads too little"
severity   = "medium"
message    = "{name}：{lacks}[；上传率{upload_pct}%（{observed_on}起的一个月，依据：{basis}）]"
message_en = "{name}: {lacks}[; uploads {upload_pct}% (month from {observed_on}; known from: {basis})]"
judges     = "station"
reads      = ["observation", "region"]
status     = "in_force"
since      = 2017-08-01
where      = []
reach_m    = 0
clock      = "day"
material   = ["lacks", "upload_pct"]
part       = { zh = "缺什么", en = "what is missing", words = { six_parameter = { zh = "六参数监测站", en = "six-parameter station" }, dustfall = { zh = "降尘量监测点", en = "dustfall point" }, upload_pct = { zh = "上传率（站点上报）", en = "upload, as the station reports it" }, archived_pct = { zh = "上传率（由公开存档推算）", en = "upload, reckoned from a public archive" }, township = { zh = "乡镇监测站", en = "station of the town" } } }

why = """
没有站点就没有数据，排名、考核、预警都无从谈起。县（市、区）要有六参数站和降尘点，数据要实时上传；市辖区的乡镇要有自己的站。
"""
fix = """
补建站点或补录已有站点；上传率不足的检修设备和网络。
"""
trap = """
县（市、区）按站点位置算；没有已知界线的开发区无法判断，只作提示。站点属于哪个乡镇按登记算。\
乡镇站一条写的是“7+3”城市“市辖区内乡镇”，本平台取市辖区里的镇和乡，不含街道（按区划代码第七位），期限2017年7月底，次日起算。\
市方案的55个重点乡镇和195个微型站没有公布名单，不能逐个核对。六参数站、降尘点和上传率没有期限，从文件日期起算。\
上传率看每个站最近一个有记录的月份，90%本身合格。本平台自带的占比是从公开存档推算的，存档自己就不全，低于90%只作提示。
"""

[[legal]]
document = "郑州市2017—2018年秋冬季大气污染综合治理攻坚行动实施方案"
number   = "郑政文〔2017〕178号"
item     = "1、2"
[[legal]]
document = "河南省2017年度大气污染防治攻坚战实施意见（附件）"
number   = "豫环攻坚办〔2017〕56号"
item     = "三(六)1"

[params]
least_upload_pct = { type = "number", default = 90, note = "上传率（%），达到此数合格" }
county_since     = { type = "date", default = 2017-09-22, note = "六参数站、降尘点、上传率：条文没有期限，从文件日期起算" }
districts        = { type = "texts", default = ["410102", "410103", "410104", "410105", "410106", "410108"], note = "市辖区：其中的镇、乡要有站" }

[facts]
lacks       = { zh = "情形", en = "what is missing", words = { six_parameter = { zh = "没有六参数监测站", en = "no six-parameter station" }, dustfall = { zh = "没有降尘量监测点", en = "no dustfall point" }, upload = { zh = "上传率不足", en = "uploads too little" }, township = { zh = "市辖区的乡镇没有监测站", en = "a town of a city district without a station" } } }
upload_pct  = { zh = "上传率", en = "upload", unit = "%" }
observed_on = { zh = "月份起始日", en = "month from" }
basis       = { zh = "依据", en = "known from" }
*/
WITH upload AS (
    SELECT
        s.county_code,
        s.station_code,
        s.name,
        o.value,
        o.observed_on,
        o.source,
        o.parameter,
        ROW_NUMBER() OVER (PARTITION BY s.station_code, o.parameter ORDER BY o.observed_on DESC) AS place
    FROM station AS s
    INNER JOIN observation AS o
        ON o.subject_kind = 'station'
        AND o.subject_id = s.station_code
        AND o.period = 'month'
        AND o.parameter IN ('upload_pct', 'archived_pct')
)

SELECT
    a.county_code,
    'county' AS feature_kind,
    a.county_code AS feature_id,
    n.lacks AS part,
    a.name,
    n.lacks,
    CAST(NULL AS DECIMAL(18, 1)) AS upload_pct,
    CAST(NULL AS DATE) AS observed_on,
    CAST(NULL AS VARCHAR) AS basis,
    a.geom_m IS NULL AS report
FROM judged_area AS a
CROSS JOIN (
    SELECT 'six_parameter' AS lacks
    UNION ALL
    SELECT 'dustfall' AS lacks
) AS n
WHERE a.level = 'county'
    AND %(as_of)s >= %(county_since)s
    AND NOT EXISTS (
        SELECT 1
        FROM station AS s
        WHERE s.county_code = a.county_code
            AND (
                (n.lacks = 'six_parameter' AND s.is_six_parameter)
                OR (n.lacks = 'dustfall' AND s.is_dustfall_point)
            )
    )
UNION ALL
SELECT
    u.county_code,
    'station' AS feature_kind,
    u.station_code AS feature_id,
    u.parameter AS part,
    u.name,
    'upload' AS lacks,
    CAST(u.value AS DECIMAL(18, 1)) AS upload_pct,
    u.observed_on,
    u.source AS basis,
    u.parameter = 'archived_pct' AS report
FROM upload AS u
INNER JOIN judged_area AS a ON a.county_code = u.county_code AND a.level = 'county'
WHERE u.place = 1
    AND u.value < %(least_upload_pct)s
    AND %(as_of)s >= %(county_since)s
UNION ALL
SELECT
    a.county_code,
    'township' AS feature_kind,
    t.code AS feature_id,
    'township' AS part,
    t.name,
    'township' AS lacks,
    CAST(NULL AS DECIMAL(18, 1)) AS upload_pct,
    CAST(NULL AS DATE) AS observed_on,
    CAST(NULL AS VARCHAR) AS basis,
    false AS report
FROM region AS t
INNER JOIN judged_area AS a ON a.county_code = t.county_code AND a.level = 'county'
WHERE t.level = 'township'
    AND t.county_code IN %(districts)s
    AND SUBSTRING(t.code, 7, 1) IN ('1', '2')
    AND NOT EXISTS (SELECT 1 FROM station AS s WHERE s.township_code = t.code)
