/*
id         = "BURN-01"
title      = "露天焚烧秸秆、垃圾、枯枝落叶"
title_en   = "Open burning of straw, rubbish or leaves"
severity   = "high"
message    = "{name}：{seen_on}{seen_by}发现焚烧{kind}，网格{cell_name}（{cell_code}），网格员岗位{officer_post}，当日预警：{alert_level}"
message_en = "{name}: {kind} seen burning by {seen_by} on {seen_on}, cell {cell_name} ({cell_code}), officer {officer_post}, alert that day: {alert_level}"
judges     = "hotspot"
reads      = ["alert", "duty", "grid_cell"]
status     = "in_force"
since      = 2017-02-13
where      = []
reach_m    = 0
clock      = "none"
material   = ["kind", "is_confirmed", "cell_code", "alert_level"]

why = """
露天焚烧秸秆、垃圾、枯枝落叶全市禁止，由网格负责巡查。重污染天气预警期间还发生焚烧的，从严问责，并对属地财政扣款。
"""
fix = """
网格员到现场扑灭、取证，查明是谁烧的，依法处理后登记处置日期；现场没有火的，把火点记为“未证实”。
"""
trap = """
卫星火点可能是厂房或屋顶的热源：现场核实没有火的不列，核实过或还没有核实的都列，是否核实见“现场核实”。\
登记处置完毕的不再列。市里2017年方案和“三散”整改清单只讲秸秆，垃圾和落叶依据省里的意见、中原区的方案和整改清单第37项。\
网格取火点所在的最小一级责任网格，离网格界线比误差更近的，网格可能是邻近的一个，看“网格不能确定”。\
预警以当日是否在预警期内为准，只是附带说明的事实。起算日为文件日期。
"""

[[legal]]
document = "郑州市2017—2018年秋冬季大气污染综合治理攻坚行动实施方案"
number   = "郑政文〔2017〕178号"
item     = "37"
[[legal]]
document = "河南省2017年度大气污染防治攻坚战实施意见（附件）"
number   = "豫环攻坚办〔2017〕56号"
item     = "三(七)1、3"
[[legal]]
document = "中原区2017年大气污染防治攻坚行动方案"
number   = "中原政〔2017〕2号"
item     = "35、36"
[[legal]]
document = "省委“三散”污染治理专项督察反馈意见整改任务清单（38项）"
number   = ""
item     = "25、37(5)"

[facts]
kind             = { zh = "烧的是", en = "what burnt", words = { straw = { zh = "秸秆", en = "straw" }, rubbish = { zh = "垃圾", en = "rubbish" }, leaves = { zh = "枯枝落叶", en = "leaves" } } }
seen_by          = { zh = "发现方式", en = "seen by", words = { satellite = { zh = "卫星", en = "satellite" }, camera = { zh = "摄像头", en = "camera" } } }
seen_on          = { zh = "发现日期", en = "seen on" }
is_confirmed     = { zh = "现场核实", en = "confirmed on the spot" }
cell_code        = { zh = "网格代码", en = "cell" }
cell_name        = { zh = "网格", en = "name of the cell" }
cell_in_doubt    = { zh = "网格不能确定", en = "cell in doubt" }
officer_post     = { zh = "网格员岗位", en = "officer's post" }
alert_level      = { zh = "当日预警", en = "alert that day", words = { none = { zh = "无", en = "none" }, blue = { zh = "蓝色", en = "blue" }, yellow = { zh = "黄色", en = "yellow" }, orange = { zh = "橙色", en = "orange" }, red = { zh = "红色", en = "red" } } }
position_error_m = { zh = "点位误差", en = "position error", unit = "m" }
*/
WITH fire AS (
    SELECT h.hotspot_id, h.geom_m, h.position_error_m, h.seen_on
    FROM hotspot AS h
    WHERE h.handled_on IS NULL AND h.is_confirmed IS NOT FALSE
),

held AS (
    SELECT
        f.hotspot_id,
        c.cell_code,
        c.name,
        ROW_NUMBER() OVER (
            PARTITION BY f.hotspot_id
            ORDER BY
                CASE c.level
                    WHEN 'unit' THEN 1 WHEN 'village' THEN 2 WHEN 'township' THEN 3 WHEN 'county' THEN 4 ELSE 5
                END,
                c.cell_code
        ) AS place
    FROM fire AS f
    INNER JOIN grid_cell AS c ON c.kind = 'responsibility' AND ST_Intersects(c.geom_m, f.geom_m)
),

-- another cell of the same level within the errors: the fire may be its own
doubted AS (
    SELECT DISTINCT f.hotspot_id
    FROM fire AS f
    INNER JOIN held AS h ON h.hotspot_id = f.hotspot_id AND h.place = 1
    INNER JOIN grid_cell AS own ON own.cell_code = h.cell_code
    INNER JOIN grid_cell AS c
        ON c.kind = 'responsibility'
        AND c.level = own.level
        AND c.cell_code <> own.cell_code
        AND ST_DWithin(c.geom_m, f.geom_m, f.position_error_m + c.position_error_m)
),

officer AS (
    SELECT d.cell_code, MIN(d.post) AS post
    FROM duty AS d
    WHERE d.role = 'officer'
    GROUP BY d.cell_code
),

warned AS (
    SELECT
        f.hotspot_id,
        MAX(CASE a.level WHEN 'blue' THEN 1 WHEN 'yellow' THEN 2 WHEN 'orange' THEN 3 ELSE 4 END) AS height
    FROM fire AS f
    INNER JOIN alert AS a ON f.seen_on >= a.begins_on AND (a.ends_on IS NULL OR f.seen_on <= a.ends_on)
    GROUP BY f.hotspot_id
)

SELECT
    h.county_code,
    h.hotspot_id AS feature_id,
    h.name,
    h.kind,
    h.seen_by,
    h.seen_on,
    h.is_confirmed,
    c.cell_code,
    c.name AS cell_name,
    EXISTS (SELECT 1 FROM doubted AS d WHERE d.hotspot_id = h.hotspot_id) AS cell_in_doubt,
    o.post AS officer_post,
    CASE w.height WHEN 1 THEN 'blue' WHEN 2 THEN 'yellow' WHEN 3 THEN 'orange' WHEN 4 THEN 'red' ELSE 'none' END
    AS alert_level,
    h.position_error_m
FROM fire AS f
INNER JOIN hotspot AS h ON h.hotspot_id = f.hotspot_id
LEFT JOIN held AS c ON c.hotspot_id = h.hotspot_id AND c.place = 1
LEFT JOIN officer AS o ON o.cell_code = c.cell_code
LEFT JOIN warned AS w ON w.hotspot_id = h.hotspot_id
