/*
id         = "INDU-08"
title      = "错峰生产期超出允许负荷"
title_en   = "Producing above its share in the off-peak season"
severity   = "high"
message    = "{name}（{trade}）错峰期允许{allowed_pct}%（按{measured_by}计，{document}第{item}），{seen_on}检查：在生产{is_producing}[，负荷{output_share_pct}%]"
message_en = "{name} ({trade}) may run at {allowed_pct}% in the season ({document}, item {item}); seen on {seen_on}: producing {is_producing}[, load {output_share_pct}%]"
judges     = "site"
reads      = ["alert", "enterprise", "inspection", "off_peak_share", "permit", "season"]
status     = "in_force"
since      = 2017-11-01
where      = []
reach_m    = 0
clock      = "day"
material   = ["allowed_pct", "document", "output_share_pct", "seen_on"]

why = """
采暖季重点行业错峰生产：钢铁、电解铝、氧化铝、炭素等按比例限产，铸造、水泥、砖瓦、陶瓷等停产。
"""
fix = """
由县（市、区）政府落实停限产并核用电量；有备案、批准文件的补录；行业、能源、负荷有误的更正。
"""
trap = """
各行业的比例在数据表off_peak_share里，一条文件一行，几条都管得着的取最严的一条。两份文件不一致：\
省文件粉磨站也停、铸造只放过电炉、砖瓦窑不因燃气豁免、氧化铝限产50%、制药农药整厂停、季节从11月1日起，\
还加上焦化、耐材、以煤为燃料的玻璃；市方案粉磨站只在预警时停、燃气铸造平时放过（黄色预警起也停）、氧化铝30%、\
制药农药只停涉VOCs工序、季节从11月15日起。省文件对7+3城市的要求不约束巩义。只想按其中一份看的，改参数documents。\
负荷按季内最近一次检查；限产而没有测负荷的、能源不明而有豁免的、只停涉VOCs工序的，只作提示。\
炭素是否达到特别排放限值不明的按达到算。承担供暖、协同处置的要在期限前备案负荷，备了案的只作提示（负荷要人工核对）；\
铸造要市政府批准，制药农药要省政府批准，批准了的不列。
"""

[[legal]]
document = "郑州市2017—2018年秋冬季大气污染综合治理攻坚行动实施方案"
number   = "郑政文〔2017〕178号"
item     = "40、41、42"

[[legal]]
document = "关于科学编制“一市一策”实施方案的通知"
number   = "豫环攻坚办〔2017〕56号"
item     = "4(4)"

[[legal]]
document = "河南省2017年度大气污染防治攻坚战实施意见（附件）"
number   = "豫环攻坚办〔2017〕56号"
item     = "附三(六)3"

[params]
documents = { type = "texts", default = ["郑政文〔2017〕178号", "豫环攻坚办〔2017〕56号"], note = "按哪些文件判断；两份都在时取最严的" }
gongyi    = { type = "text", default = "410181", note = "省文件的7+3城市要求不约束的省直管县（巩义市）" }

[facts]
trade            = { zh = "行业", en = "trade", words = "trade" }
process_energy   = { zh = "用能", en = "energy", words = { coal = { zh = "煤", en = "coal" }, gas = { zh = "天然气", en = "gas" }, electricity = { zh = "电", en = "electricity" }, other = { zh = "其他", en = "other" } } }
allowed_pct      = { zh = "允许负荷", en = "share allowed", unit = "%" }
measured_by      = { zh = "计算口径", en = "measured by" }
document         = { zh = "文件", en = "document" }
item             = { zh = "条目", en = "item" }
is_producing     = { zh = "在生产", en = "producing" }
output_share_pct = { zh = "检查时负荷", en = "load seen", unit = "%" }
seen_on          = { zh = "检查日期", en = "inspected on" }
has_permit       = { zh = "有备案或批准", en = "filed or approved" }
*/
WITH measure AS (
    SELECT
        e.site_id,
        o.*,
        n.begins_on,
        e.process_energy IS NULL AND (o.spares_gas OR o.spares_electricity) AS energy_matters
    FROM enterprise AS e
    INNER JOIN off_peak_share AS o ON o.trade = e.trade
    INNER JOIN season AS n ON n.kind = 'off_peak' AND n.document = o.document AND n.ends_on >= %(as_of)s
    WHERE o.document IN %(documents)s
        AND (o.binds_gongyi OR e.county_code <> %(gongyi)s)
        AND NOT (o.spares_gas AND COALESCE(e.process_energy, '') = 'gas')
        AND NOT (o.spares_electricity AND COALESCE(e.process_energy, '') = 'electricity')
        AND (o.above_special_limits IS NULL OR o.above_special_limits = (e.meets_special_limits IS FALSE))
),

-- what was seen while the measure held: in its season, and for some only in an alert
seen AS (
    SELECT
        m.share_id,
        i.*,
        ROW_NUMBER() OVER (
            PARTITION BY i.site_id, m.share_id ORDER BY i.inspected_on DESC, i.inspection_id DESC
        ) AS place
    FROM measure AS m
    INNER JOIN inspection AS i ON i.site_id = m.site_id AND i.inspected_on >= m.begins_on
    WHERE (i.is_producing IS NOT NULL OR i.output_share_pct IS NOT NULL)
        AND (
            m.alert_rank IS NULL
            OR EXISTS (
                SELECT 1
                FROM alert AS a
                WHERE a.begins_on <= i.inspected_on
                    AND (a.ends_on IS NULL OR a.ends_on >= i.inspected_on)
                    AND CASE a.level WHEN 'blue' THEN 1 WHEN 'yellow' THEN 2 WHEN 'orange' THEN 3 ELSE 4 END
                    >= m.alert_rank
            )
        )
),

tested AS (
    SELECT
        m.site_id,
        m.share_id,
        m.allowed_pct,
        m.measured_by,
        m.document,
        m.item,
        m.permit_kind,
        m.energy_matters OR m.voc_steps_only OR (m.allowed_pct > 0 AND v.output_share_pct IS NULL) AS in_doubt,
        v.is_producing,
        v.output_share_pct,
        v.inspected_on,
        EXISTS (
            SELECT 1
            FROM permit AS p
            WHERE p.site_id = m.site_id
                AND p.kind = m.permit_kind
                AND p.issuer = m.permit_issuer
                AND (m.permit_by IS NULL OR p.begins_on <= m.permit_by)
                AND p.begins_on <= v.inspected_on
                AND (p.ends_on IS NULL OR p.ends_on >= v.inspected_on)
        ) AS has_permit
    FROM measure AS m
    INNER JOIN seen AS v ON v.site_id = m.site_id AND v.share_id = m.share_id AND v.place = 1
    WHERE v.output_share_pct > m.allowed_pct OR (v.output_share_pct IS NULL AND v.is_producing)
),

-- the strictest of what binds; what is sure before what is in doubt
ranked AS (
    SELECT
        t.*,
        t.in_doubt OR t.has_permit AS report,
        ROW_NUMBER() OVER (
            PARTITION BY t.site_id
            ORDER BY CASE WHEN t.in_doubt OR t.has_permit THEN 1 ELSE 0 END, t.allowed_pct, t.share_id
        ) AS place
    FROM tested AS t
    WHERE NOT t.has_permit OR t.permit_kind = 'load_filing'
)

SELECT
    s.county_code,
    s.site_id AS feature_id,
    s.name,
    e.trade,
    e.process_energy,
    r.allowed_pct,
    r.measured_by,
    r.document,
    r.item,
    r.is_producing,
    r.output_share_pct,
    r.inspected_on AS seen_on,
    r.has_permit,
    r.report
FROM ranked AS r
INNER JOIN site AS s ON s.site_id = r.site_id
INNER JOIN enterprise AS e ON e.site_id = r.site_id
WHERE r.place = 1
