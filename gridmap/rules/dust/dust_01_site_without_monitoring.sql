/*
id         = "DUST-01"
title      = "施工工地未按要求安装在线监测和视频监控"
title_en   = "Building site without the monitoring asked for"
severity   = "medium"
message    = "{name}（{works}[，建筑面积{floor_area_m2}平方米][，占地{site_area_m2}平方米]）：{duty}，视频{video}，在线监测{online}，联网{networked}"
message_en = "{name} ({works}[, floor area {floor_area_m2} m²][, land {site_area_m2} m²]): {duty}; video {video}, online monitoring {online}, networked {networked}"
judges     = "site"
reads      = ["construction_site", "region"]
status     = "in_force"
since      = 2017-02-13
where      = []
reach_m    = 0
clock      = "day"
material   = ["duty", "video", "online", "networked"]

why = """
大工地的扬尘要看得见、测得到：1万平方米以上的工地装在线监测和视频监控，并与建设部门联网；中原区每个工地都要装。
"""
fix = """
由施工单位安装视频和颗粒物在线监测，接入建设部门平台；装好的补录验收和联网情况。
"""
trap = """
“1万平方米”市里的方案没有说是建筑面积还是占地，这里任何一项达到就算（从严），正好1万平方米也算；\
省里的意见只讲2017-02-13以后新开工、建筑面积1万平方米以上的，从文件日期起算。市里任务表的期限是2017年9月底，次日起算，\
说的是规模以上土石方工地，按同一面积。中原区不论大小、要视频和PM10监测，没有讲联网，从方案日期起算；\
离邻县（区）比误差更近、只因中原区的要求才列出的，只报“临近边界”。\
查明没有的判为违反，情况不明的只作提示。一个工地只列一条，写最先适用的要求；到当天还没有开工的不列。
"""

[[legal]]
document = "郑州市2017—2018年秋冬季大气污染综合治理攻坚行动实施方案"
number   = "郑政文〔2017〕178号"
item     = "31、主要任务附件"
[[legal]]
document = "河南省2017年度大气污染防治攻坚战实施意见（附件）"
number   = "豫环攻坚办〔2017〕56号"
item     = "三(四)4"
[[legal]]
document = "中原区2017年大气污染防治攻坚行动方案"
number   = "中原政〔2017〕2号"
item     = "23(1)"

[params]
large_m2       = { type = "number", default = 10000, note = "达到即算大工地（平方米）" }
city_since     = { type = "date", default = 2017-10-01, note = "市任务表期限2017年9月底，次日起算" }
district       = { type = "text", default = "410102", note = "中原区：所有工地" }
district_since = { type = "date", default = 2017-02-27, note = "中原区方案日期" }

[facts]
duty             = { zh = "适用的要求", en = "duty", words = { large = { zh = "1万平方米以上工地", en = "site of 10,000 m² or more" }, large_new = { zh = "新开工的1万平方米以上工地", en = "new site of 10,000 m² or more" }, district = { zh = "中原区所有工地", en = "every site of Zhongyuan district" } } }
works            = { zh = "工程内容", en = "works" }
floor_area_m2    = { zh = "建筑面积", en = "floor area", unit = "m²" }
site_area_m2     = { zh = "占地面积", en = "land area", unit = "m²" }
started_on       = { zh = "开工日期", en = "started on" }
video            = { zh = "视频监控", en = "video", words = { yes = { zh = "有", en = "present" }, no = { zh = "无", en = "missing" }, unknown = { zh = "不明", en = "not known" } } }
online           = { zh = "在线监测", en = "online monitoring", words = { yes = { zh = "有", en = "present" }, no = { zh = "无", en = "missing" }, unknown = { zh = "不明", en = "not known" } } }
networked        = { zh = "联网", en = "networked", words = { yes = { zh = "已联", en = "present" }, no = { zh = "未联", en = "missing" }, unknown = { zh = "不明", en = "not known" } } }
position_error_m = { zh = "点位误差", en = "position error", unit = "m" }
*/
WITH bound AS (
    SELECT
        c.site_id,
        c.floor_area_m2 >= %(large_m2)s AND c.started_on >= %(since)s AS is_large_new,
        (c.floor_area_m2 >= %(large_m2)s OR c.site_area_m2 >= %(large_m2)s) AND %(as_of)s >= %(city_since)s AS is_large,
        c.county_code = %(district)s AND %(as_of)s >= %(district_since)s AS is_district
    FROM construction_site AS c
    WHERE c.started_on IS NULL OR c.started_on <= %(as_of)s
),

duty AS (
    SELECT
        b.site_id,
        CASE WHEN b.is_large THEN 'large' WHEN b.is_large_new THEN 'large_new' ELSE 'district' END AS duty
    FROM bound AS b
    WHERE b.is_large OR b.is_large_new OR b.is_district
),

judged AS (
    SELECT
        d.duty,
        c.*,
        c.has_video_monitoring IS FALSE
        OR c.has_pm10_monitoring IS FALSE
        OR (c.is_networked IS FALSE AND d.duty <> 'district') AS fails,
        c.has_video_monitoring IS TRUE
        AND c.has_pm10_monitoring IS TRUE
        AND (c.is_networked IS TRUE OR d.duty = 'district') AS has_all
    FROM duty AS d
    INNER JOIN construction_site AS c ON c.site_id = d.site_id
)

SELECT
    s.county_code,
    s.site_id AS feature_id,
    s.name,
    j.duty,
    j.works,
    j.floor_area_m2,
    j.site_area_m2,
    j.started_on,
    CASE WHEN j.has_video_monitoring THEN 'yes' WHEN NOT j.has_video_monitoring THEN 'no' ELSE 'unknown' END AS video,
    CASE WHEN j.has_pm10_monitoring THEN 'yes' WHEN NOT j.has_pm10_monitoring THEN 'no' ELSE 'unknown' END AS online,
    CASE WHEN j.is_networked THEN 'yes' WHEN NOT j.is_networked THEN 'no' ELSE 'unknown' END AS networked,
    s.position_error_m,
    j.duty = 'district' AND EXISTS (
        SELECT 1
        FROM region AS r
        WHERE r.level = 'county'
            AND r.code <> s.county_code
            AND ST_DWithin(r.geom_m, s.geom_m, s.position_error_m + r.position_error_m)
    ) AS near_boundary,
    NOT j.fails AS report
FROM judged AS j
INNER JOIN site AS s ON s.site_id = j.site_id
WHERE NOT j.has_all
