/*
id         = "QUOTA-01"
title      = "抽查抽测比例或遥感设备数量不足"
title_en   = "Below the draw, or too few remote sensors"
severity   = "low"
message    = "{name}：{duty}，完成{done}，共{total}，要求{required}{unit}"
message_en = "{name}: {duty}; done {done} of {total}, required {required}{unit}"
judges     = "site"
reads      = [
    "enterprise", "gas_station", "inspection", "machine", "region", "remote_sensor", "test_station",
]
status     = "in_force"
since      = 2017-04-01
where      = []
reach_m    = 100000
clock      = "day"
material   = ["duty", "done", "total"]
part       = "duty"

why = """
抽查有比例才有压力：每周抽工地、工厂、物流场所，每月抽机械用油、市售油品和检验机构；进城的主要道口要有遥感设备筛查超标车。
"""
fix = """
按差额补抽并登记；设备不足的补装联网。
"""
trap = """
条文说的是总数的比例，没有分到县（市、区）；本平台按各县（市、区）自己的对象总数计算（本平台取法），比例够了全市也就够了。\
每周按当天在内的最近7天计，每月按上一个自然月计，从条文生效后的第一个整月起看（本平台取法）。\
一个对象在期内抽几次算一次；抽油品只认油品采样，不认一般检查。总数是当天在册的对象，上月底以后新增的也在分母里。\
没有对象的县（市、区）不列。遥感设备是全市的任务，移动式和固定式分开算：市方案固定10台、移动5台，期限2017年底，次日起算；\
省里的意见移动式是2台；督察方案说2018年的任务是6套、到2018年11月一套也没有，改期到2019年9月装10套。\
工厂只算工业企业，物流场所按批发物流市场算。
"""

[[legal]]
document = "郑州市贯彻落实省委省政府第三环境保护督察组反馈意见整改方案（47项）"
number   = ""
item     = "14、25(4)"
[[legal]]
document = "郑州市2017—2018年秋冬季大气污染综合治理攻坚行动实施方案"
number   = "郑政文〔2017〕178号"
item     = "26(1)、26(3)、28(2)"
[[legal]]
document = "河南省2017年度大气污染防治攻坚战实施意见（附件）"
number   = "豫环攻坚办〔2017〕56号"
item     = "三(五)4、11"

[params]
window_days        = { type = "integer", default = 7, note = "每周" }
places_pct         = { type = "number", default = 15, note = "每周抽查工地、工厂、物流场所（%）" }
places_since       = { type = "date", default = 2019-06-16, note = "方案日期2019-06-10起满一周" }
machine_fuel_pct   = { type = "number", default = 10, note = "每月抽测机械用油（%）；从2017年3月这个整月起看" }
fuel_sold_pct      = { type = "number", default = 10, note = "每月抽测市售油品（%）" }
fuel_sold_since    = { type = "date", default = 2017-11-01, note = "2017年10月起，看完第一个整月" }
test_station_pct   = { type = "number", default = 20, note = "每月抽查排放检验机构（%）" }
test_station_since = { type = "date", default = 2017-11-01, note = "文件日期2017-09-22以后的第一个整月看完" }
fixed_sensors      = { type = "integer", default = 10, note = "固定式遥感监测设备（台）" }
mobile_sensors     = { type = "integer", default = 5, note = "移动式遥感监测设备（台）" }
sensors_since      = { type = "date", default = 2018-01-01, note = "期限2017年12月底，次日起算" }

[facts]
duty     = { zh = "任务", en = "duty", words = { places = { zh = "每周抽查工地、工厂、物流场所", en = "weekly draw of works, factories and logistics places" }, machine_fuel = { zh = "上月抽测机械用油", en = "last month's samples of machine fuel" }, fuel_sold = { zh = "上月抽测市售油品", en = "last month's samples of fuel sold" }, test_station = { zh = "上月抽查排放检验机构", en = "last month's draw of emission-test stations" }, sensors_fixed = { zh = "固定式遥感监测设备", en = "fixed remote sensors" }, sensors_mobile = { zh = "移动式遥感监测设备", en = "mobile remote sensors" } } }
done     = { zh = "完成数", en = "done" }
total    = { zh = "总数", en = "total" }
required = { zh = "要求", en = "required" }
unit     = { zh = "要求的单位", en = "unit of what is required", words = { percent = { zh = "%", en = "%" }, pieces = { zh = "台", en = " pieces" } } }
*/
WITH subject AS (
    SELECT s.county_code, s.site_id, 'places' AS duty
    FROM site AS s
    WHERE s.kind IN ('construction_site', 'market')
    UNION ALL
    SELECT e.county_code, e.site_id, 'places' AS duty
    FROM enterprise AS e
    WHERE e.is_industrial
    UNION ALL
    SELECT m.county_code, m.site_id, 'machine_fuel' AS duty
    FROM machine AS m
    UNION ALL
    SELECT g.county_code, g.site_id, 'fuel_sold' AS duty
    FROM gas_station AS g
    UNION ALL
    SELECT t.county_code, t.site_id, 'test_station' AS duty
    FROM test_station AS t
),

drawn AS (
    SELECT
        i.site_id,
        MAX(
            CASE
                WHEN i.kind <> 'fuel_sample'
                    AND EXTRACT(EPOCH FROM %(as_of)s) - EXTRACT(EPOCH FROM i.inspected_on) < 86400 * %(window_days)s
                    THEN 1
                ELSE 0
            END
        ) AS in_week,
        MAX(CASE WHEN i.kind <> 'fuel_sample' AND i.months_ago = 1 THEN 1 ELSE 0 END) AS in_month,
        MAX(CASE WHEN i.kind = 'fuel_sample' AND i.months_ago = 1 THEN 1 ELSE 0 END) AS sampled
    FROM (
        SELECT
            n.site_id,
            n.kind,
            n.inspected_on,
            12 * (EXTRACT(YEAR FROM %(as_of)s) - EXTRACT(YEAR FROM n.inspected_on))
            + EXTRACT(MONTH FROM %(as_of)s) - EXTRACT(MONTH FROM n.inspected_on) AS months_ago
        FROM inspection AS n
    ) AS i
    GROUP BY i.site_id
),

share AS (
    SELECT
        s.county_code,
        s.duty,
        COUNT(*) AS total,
        SUM(
            CASE s.duty
                WHEN 'places' THEN COALESCE(d.in_week, 0)
                WHEN 'test_station' THEN COALESCE(d.in_month, 0)
                ELSE COALESCE(d.sampled, 0)
            END
        ) AS done,
        MAX(
            CASE s.duty
                WHEN 'places' THEN %(places_pct)s
                WHEN 'machine_fuel' THEN %(machine_fuel_pct)s
                WHEN 'fuel_sold' THEN %(fuel_sold_pct)s
                ELSE %(test_station_pct)s
            END
        ) AS required
    FROM subject AS s
    LEFT JOIN drawn AS d ON d.site_id = s.site_id
    WHERE CASE s.duty
        WHEN 'places' THEN %(as_of)s >= %(places_since)s
        WHEN 'fuel_sold' THEN %(as_of)s >= %(fuel_sold_since)s
        WHEN 'test_station' THEN %(as_of)s >= %(test_station_since)s
        ELSE true
    END
    GROUP BY s.county_code, s.duty
),

sensor AS (
    SELECT 'sensors_fixed' AS duty, COUNT(*) AS done, %(fixed_sensors)s AS required
    FROM remote_sensor AS r
    WHERE NOT r.is_mobile
    UNION ALL
    SELECT 'sensors_mobile' AS duty, COUNT(*) AS done, %(mobile_sensors)s AS required
    FROM remote_sensor AS r
    WHERE r.is_mobile
)

SELECT
    a.county_code,
    'county' AS feature_kind,
    a.county_code AS feature_id,
    h.duty AS part,
    a.name,
    h.duty,
    CAST(h.done AS INT) AS done,
    CAST(h.total AS INT) AS total,
    CAST(h.required AS INT) AS required,
    'percent' AS unit
FROM share AS h
INNER JOIN judged_area AS a ON a.county_code = h.county_code AND a.level = 'county'
WHERE 100.0 * h.done < h.required * h.total
UNION ALL
SELECT
    a.county_code,
    'county' AS feature_kind,
    a.county_code AS feature_id,
    n.duty AS part,
    a.name,
    n.duty,
    CAST(n.done AS INT) AS done,
    CAST(n.done AS INT) AS total,
    CAST(n.required AS INT) AS required,
    'pieces' AS unit
FROM sensor AS n
INNER JOIN judged_area AS a ON a.level = 'city'
WHERE n.done < n.required AND %(as_of)s >= %(sensors_since)s
