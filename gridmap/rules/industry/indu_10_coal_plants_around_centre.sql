/*
id         = "INDU-10"
title      = "二七塔90公里内的燃煤电厂"
title_en   = "Coal power plants within 90 km of the Erqi Tower"
severity   = "low"
message    = "{name}（{capacity_mw}兆瓦，状态{source_status}）距二七塔{distance_km}公里；范围内数据共{plants_in_reach}座，未关停的{plants_not_shut}座，文件数为{plants_by_document}家"
message_en = "{name} ({capacity_mw} MW, {source_status}) is {distance_km} km from the Erqi Tower; the data hold {plants_in_reach} in reach, {plants_not_shut} of them not shut; the document counts {plants_by_document}"
judges     = "site"
reads      = ["power_plant"]
status     = "in_force"
since      = 2019-06-10
where      = []
reach_m    = 180000
clock      = "none"
material   = ["source_status", "is_in_doubt"]

why = """
38项整改方案点名“燃煤电厂围城”：中心城区周边10家，二七塔90公里内26家。这里把数据里的逐座列出，供对照，不是违规。
"""
fix = """
不需要整改。真正的期限由INDU-11判断；电厂数据有误的，更正数据。
"""
trap = """
这是统计，不是判定。文件按企业数到26家；数据（WRI全球电厂库）数到29座燃煤电厂，来源记为关停的3座\
（新力、焦作神华一至六号、巩义一座），未关停的恰为26座，但两个26不是同一张名单：\
数据里同一企业的几期机组各算一座（焦作万方、焦作神华各两条），多台机组又并作一座；\
新密东风电厂等小电厂和自备电厂来源没有收；收录的最晚一座是2015年投产，此后新建的没有；\
29座里26座没有记状态，泰祥、郑东新区热电按文件2019、2020年关停，来源没有跟上。\
47项说中心城区周边11家、917.5万千瓦，38项说10家、870万千瓦。\
坐标由本平台取：113.6654°E、34.7526°N，按CGCS2000三度带高斯-克吕格投影（EPSG:4547）换算成米，\
即东距、北距两个参数；半径取平面距离。来源的点位误差按1公里计，离90公里界线更近的注明“可能在界外”。\
市外电厂记所在市代码，一并列出。起算日取47项文件日期。
"""

[[legal]]
document = "省委“三散”污染治理专项督察反馈意见整改任务清单（38项）"
number   = ""
item     = "28"

[[legal]]
document = "郑州市贯彻落实省委省政府第三环境保护督察组反馈意见整改方案（47项）"
number   = ""
item     = "18"

[params]
centre_east_m      = { type = "number", default = 469363.3, note = "二七塔东距，米，EPSG:4547（本平台由113.6654°E、34.7526°N换算）", ours = true }
centre_north_m     = { type = "number", default = 3847197.8, note = "二七塔北距，米，EPSG:4547（本平台由113.6654°E、34.7526°N换算）", ours = true }
radius_m           = { type = "number", default = 90000, note = "半径，米" }
plants_by_document = { type = "integer", default = 26, note = "38项第28项所数的家数" }

[facts]
capacity_mw        = { zh = "装机容量", en = "capacity", unit = "MW" }
source_status      = { zh = "来源所记状态", en = "status as the source has it" }
distance_km        = { zh = "距二七塔", en = "distance from the Erqi Tower", unit = "km" }
is_in_doubt        = { zh = "可能在界外", en = "may lie beyond" }
plants_in_reach    = { zh = "范围内座数", en = "plants in reach" }
plants_not_shut    = { zh = "其中未关停", en = "of these not shut" }
capacity_in_reach  = { zh = "范围内装机合计", en = "capacity in reach", unit = "MW" }
plants_by_document = { zh = "文件所数", en = "count of the document" }
*/
WITH near AS (
    SELECT
        p.site_id,
        p.capacity_mw,
        p.operational_status,
        ST_Distance(p.geom_m, ST_Point(%(centre_east_m)s, %(centre_north_m)s, 4547)) AS distance_m
    FROM power_plant_all AS p
    WHERE p.fuel = 'coal'
        AND NOT p.is_demo
        AND ST_DWithin(p.geom_m, ST_Point(%(centre_east_m)s, %(centre_north_m)s, 4547), %(radius_m)s)
),

-- the whole count whatever part is being judged
total AS (
    SELECT
        COUNT(*) AS plants_in_reach,
        SUM(CASE WHEN n.operational_status = 'Shutdown' THEN 0 ELSE 1 END) AS plants_not_shut,
        SUM(n.capacity_mw) AS capacity_in_reach
    FROM near AS n
)

SELECT
    s.county_code,
    s.site_id AS feature_id,
    s.name,
    n.capacity_mw,
    n.operational_status AS source_status,
    CAST(n.distance_m / 1000.0 AS DECIMAL(18, 2)) AS distance_km,
    n.distance_m + s.position_error_m > %(radius_m)s AS is_in_doubt,
    t.plants_in_reach,
    t.plants_not_shut,
    t.capacity_in_reach,
    %(plants_by_document)s AS plants_by_document,
    TRUE AS report
FROM near AS n
INNER JOIN site AS s ON s.site_id = n.site_id
CROSS JOIN total AS t
