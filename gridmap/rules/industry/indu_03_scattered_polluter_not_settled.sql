/*
id         = "INDU-03"
title      = "散乱污企业整治未到位"
title_en   = "Scattered polluter not settled"
severity   = "high"
message    = "{name}（{polluter_class}）未到位：断电{power_cut}，断水{water_cut}，清原料{materials_cleared}，清产品{products_cleared}，清设备{equipment_cleared}；会审签字{jointly_signed_on}，检查时在生产：{is_producing}"
message_en = "{name} ({polluter_class}): power cut {power_cut}, water cut {water_cut}, cleared: raw material {materials_cleared}, products {products_cleared}, equipment {equipment_cleared}; jointly signed {jointly_signed_on}, seen producing {is_producing}"
judges     = "site"
reads      = ["enterprise", "inspection"]
status     = "in_force"
since      = 2017-09-16
where      = []
reach_m    = 0
clock      = "day"
material   = ["polluter_class", "power_cut", "water_cut", "materials_cleared", "products_cleared", "equipment_cleared", "is_producing"]

why = """
散乱污企业先停后治。取缔的要做到两断三清：断电、断水、清原料、清产品、清设备；就地升级的和集群整治的，\
各部门会审签字以前不准投产。
"""
fix = """
由乡镇（街道）补做没有完成的各项并留照片；已经会审签字的，登记签字日期；已经销号的，登记销号日期。
"""
trap = """
两断三清缺一项就算未到位，都做了才算；没有查看过的只作提示。已清的原料、产品、设备在期限内存放原处的，\
只有不能恢复生产时才算清（能不能恢复没有查看过的不算）。升级、集群类看最近一次检查在不在生产；没有检查过的只作提示。\
期限各文件不同：省文件6月底前（7+3城市，巩义不在内），中原区8月底前基本完成，市方案9月15日前，市问责附件9月底前；\
以市方案为准，省文件的日期作为事实列出。2017-10-01起可以问责。已经销号的由INDU-04看有没有死灰复燃。
"""

[[legal]]
document = "郑州市2017—2018年秋冬季大气污染综合治理攻坚行动实施方案"
number   = "郑政文〔2017〕178号"
item     = "4、5；问责附件一"

[[legal]]
document = "河南省2017年度大气污染防治攻坚战实施意见（附件）"
number   = "豫环攻坚办〔2017〕56号"
item     = "5；附三(一)3"

[[legal]]
document = "中原区2017年大气污染防治攻坚行动方案"
number   = "中原政〔2017〕2号"
item     = "13"

[params]
city_due          = { type = "date", default = 2017-09-15, note = "市方案的期限" }
province_due      = { type = "date", default = 2017-06-30, note = "省文件的期限，7+3城市" }
district_due      = { type = "date", default = 2017-08-31, note = "中原区方案的期限（基本完成）" }
district          = { type = "text", default = "410102", note = "有自己期限的区（中原区）" }
gongyi            = { type = "text", default = "410181", note = "省文件的7+3城市期限不约束的省直管县（巩义市）" }
accountable_since = { type = "date", default = 2017-10-01, note = "可以问责的起算日" }

[facts]
polluter_class    = { zh = "整治类别", en = "class", words = { close = { zh = "取缔类", en = "to be closed" }, upgrade = { zh = "就地升级类", en = "to be upgraded in place" }, cluster = { zh = "集群类", en = "to be upgraded in a cluster" } } }
power_cut         = { zh = "已断电", en = "power cut" }
water_cut         = { zh = "已断水", en = "water cut" }
materials_cleared = { zh = "已清原料", en = "raw material cleared" }
products_cleared  = { zh = "已清产品", en = "products cleared" }
equipment_cleared = { zh = "已清设备", en = "equipment cleared" }
goods_kept_until  = { zh = "存放期限", en = "goods may stay until" }
can_resume        = { zh = "能恢复生产", en = "production could be resumed" }
jointly_signed_on = { zh = "会审签字日期", en = "jointly signed on" }
is_producing      = { zh = "检查时在生产", en = "seen producing" }
seen_on           = { zh = "最近检查", en = "last inspection" }
due_on            = { zh = "市方案期限", en = "due under the city's plan" }
province_due_on   = { zh = "省文件期限", en = "due under the province's document" }
district_due_on   = { zh = "区方案期限", en = "due under the district's plan" }
is_accountable    = { zh = "可以问责", en = "accountable" }
*/
WITH seen AS (
    SELECT
        i.site_id,
        i.inspected_on,
        i.is_producing,
        ROW_NUMBER() OVER (PARTITION BY i.site_id ORDER BY i.inspected_on DESC, i.inspection_id DESC) AS place
    FROM inspection AS i
    WHERE i.is_producing IS NOT NULL
),

-- what is stored on the spot for a term counts as cleared while production cannot be resumed with it
tested AS (
    SELECT
        e.*,
        e.goods_kept_until >= %(as_of)s AND e.can_resume IS FALSE AS is_stored,
        v.is_producing,
        v.inspected_on AS seen_on
    FROM enterprise AS e
    LEFT JOIN seen AS v ON v.site_id = e.site_id AND v.place = 1
    WHERE e.polluter_class IS NOT NULL
        AND (e.struck_off_on IS NULL OR e.struck_off_on > %(as_of)s)
),

judged AS (
    SELECT
        t.*,
        CASE
            WHEN t.polluter_class <> 'close'
                THEN CASE WHEN t.is_producing THEN 'breach' WHEN t.is_producing IS NULL THEN 'report' ELSE 'none' END
            WHEN t.power_cut IS FALSE OR t.water_cut IS FALSE THEN 'breach'
            WHEN t.is_stored IS NOT TRUE
                AND (
                    t.materials_cleared IS FALSE OR t.products_cleared IS FALSE OR t.equipment_cleared IS FALSE
                ) THEN 'breach'
            WHEN t.power_cut IS NULL OR t.water_cut IS NULL THEN 'report'
            WHEN t.is_stored IS NOT TRUE
                AND (
                    t.materials_cleared IS NULL OR t.products_cleared IS NULL OR t.equipment_cleared IS NULL
                ) THEN 'report'
            ELSE 'none'
        END AS verdict
    FROM tested AS t
    WHERE t.polluter_class = 'close' OR t.jointly_signed_on IS NULL OR t.jointly_signed_on > %(as_of)s
)

SELECT
    s.county_code,
    s.site_id AS feature_id,
    s.name,
    j.polluter_class,
    j.power_cut,
    j.water_cut,
    j.materials_cleared,
    j.products_cleared,
    j.equipment_cleared,
    j.goods_kept_until,
    j.can_resume,
    j.jointly_signed_on,
    j.is_producing,
    j.seen_on,
    %(city_due)s AS due_on,
    CASE WHEN s.county_code <> %(gongyi)s THEN %(province_due)s END AS province_due_on,
    CASE WHEN s.county_code = %(district)s THEN %(district_due)s END AS district_due_on,
    %(as_of)s >= %(accountable_since)s AS is_accountable,
    j.verdict = 'report' AS report
FROM judged AS j
INNER JOIN site AS s ON s.site_id = j.site_id
WHERE j.verdict <> 'none'
