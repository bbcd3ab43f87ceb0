/*
id         = "INDU-04"
title      = "已取缔散乱污企业死灰复燃或异地转移"
title_en   = "Closed scattered polluter back, here or elsewhere"
severity   = "high"
message    = "{name}：{how}，原企业{closed_name}（{closed_on}销号），相距{distance_m}米，同行业：{same_trade}[；检查{seen_on}]"
message_en = "{name}: {how}; the closed one is {closed_name} (struck off {closed_on}), {distance_m} m away, same trade: {same_trade}[; inspected {seen_on}]"
judges     = "site"
reads      = ["enterprise", "inspection"]
status     = "in_force"
since      = 2017-09-22
where      = []
reach_m    = 200000
clock      = "day"
material   = ["how", "closed_id", "same_trade"]
part       = { zh = "原取缔企业编号", en = "identifier of the closed enterprise" }

why = """
已经取缔的散乱污企业不准在原地再开工，也不准换个地方重来。督察组多次在现场发现已销号的又在生产。
"""
fix = """
由乡镇（街道）重新取缔并查清断水断电为何恢复；换了地方的按新发现的散乱污企业处理；合法新设的补录手续。
"""
trap = """
原地复产要有销号以后的检查记录，看最近一次。原址五十米内（本平台取法，条文没有距离）销号后新设立的工业企业，\
和原企业同一行业的算，行业不同的只作提示；两个点位的误差加起来分不清远近的只报“临近边界”。\
异地转移按信用代码或业主（单位）相同、销号后新设立来认，与距离无关；行业不同的只作提示。\
行业按代码比，没有代码的按名称比。已销号的点位要留在台账里（不填停用日期），否则无从比对。\
销号当天检查到在生产、当天设立的也算。
"""

[[legal]]
document = "郑州市2017—2018年秋冬季大气污染综合治理攻坚行动实施方案"
number   = "郑政文〔2017〕178号"
item     = "4"

[[legal]]
document = "省委“三散”污染治理专项督察反馈意见整改任务清单（38项）"
number   = ""
item     = "4、32"

[[legal]]
document = "郑州市贯彻落实省委省政府第三环境保护督察组反馈意见整改方案（47项）"
number   = ""
item     = "32"

[params]
within_m = { type = "number", default = 50, note = "算作原址的距离，米（本平台取法）", ours = true }

[facts]
how         = { zh = "情形", en = "how", words = { resumed = { zh = "原企业又在生产", en = "the closed one is producing" }, same_place = { zh = "原址新设企业", en = "a new one at the same place" }, same_owner = { zh = "同一业主异地新设", en = "the same owner at another place" } } }
closed_id   = { zh = "原企业编号", en = "identifier of the closed one" }
closed_name = { zh = "原企业", en = "the closed one" }
closed_on   = { zh = "销号日期", en = "struck off on" }
distance_m  = { zh = "相距", en = "distance", unit = "m" }
same_trade  = { zh = "同行业", en = "same trade" }
set_up_on   = { zh = "设立日期", en = "set up on" }
seen_on     = { zh = "最近检查", en = "last inspection" }
*/
WITH closed AS (
    SELECT
        c.site_id,
        c.name,
        c.credit_code,
        c.owner,
        c.struck_off_on,
        c.geom_m,
        c.position_error_m,
        COALESCE(c.trade, c.industry) AS trade
    FROM enterprise_all AS c
    WHERE c.polluter_class IS NOT NULL AND c.struck_off_on <= %(as_of)s
),

seen AS (
    SELECT
        i.site_id,
        i.inspected_on,
        i.is_producing,
        ROW_NUMBER() OVER (PARTITION BY i.site_id ORDER BY i.inspected_on DESC, i.inspection_id DESC) AS place
    FROM inspection AS i
    WHERE i.is_producing IS NOT NULL
),

-- what was set up after the closing, in the part being judged
fresh AS (
    SELECT
        e.site_id,
        s.credit_code,
        e.owner,
        e.set_up_on,
        s.geom_m,
        s.position_error_m,
        COALESCE(e.trade, e.industry) AS trade
    FROM enterprise AS e
    INNER JOIN site AS s ON s.site_id = e.site_id
    WHERE e.is_industrial AND e.set_up_on <= %(as_of)s
),

back AS (
    SELECT
        e.site_id,
        'resumed' AS how,
        e.site_id AS closed_id,
        0.0 AS distance_m,
        TRUE AS same_trade,
        FALSE AS near_boundary
    FROM enterprise AS e
    INNER JOIN closed AS c ON c.site_id = e.site_id
    INNER JOIN seen AS v ON v.site_id = e.site_id AND v.place = 1 AND v.is_producing AND v.inspected_on >= c.struck_off_on
    UNION ALL
    SELECT
        f.site_id,
        'same_place' AS how,
        c.site_id AS closed_id,
        ST_Distance(f.geom_m, c.geom_m) AS distance_m,
        f.trade = c.trade AS same_trade,
        ST_Distance(f.geom_m, c.geom_m) + f.position_error_m + c.position_error_m > %(within_m)s AS near_boundary
    FROM fresh AS f
    INNER JOIN closed AS c
        ON c.site_id <> f.site_id
        AND f.set_up_on >= c.struck_off_on
        AND ST_DWithin(f.geom_m, c.geom_m, %(within_m)s + f.position_error_m + c.position_error_m)
    WHERE (c.credit_code IS NULL OR f.credit_code IS NULL OR c.credit_code <> f.credit_code)
        AND (c.owner IS NULL OR f.owner IS NULL OR c.owner <> f.owner)
    UNION ALL
    SELECT
        f.site_id,
        'same_owner' AS how,
        c.site_id AS closed_id,
        ST_Distance(f.geom_m, c.geom_m) AS distance_m,
        f.trade = c.trade AS same_trade,
        FALSE AS near_boundary
    FROM fresh AS f
    INNER JOIN closed AS c
        ON c.site_id <> f.site_id
        AND f.set_up_on >= c.struck_off_on
        AND (c.credit_code = f.credit_code OR c.owner = f.owner)
)

SELECT
    s.county_code,
    s.site_id AS feature_id,
    b.closed_id AS part,
    s.name,
    b.how,
    b.closed_id,
    c.name AS closed_name,
    c.struck_off_on AS closed_on,
    CAST(b.distance_m AS DECIMAL(18, 1)) AS distance_m,
    b.same_trade,
    e.set_up_on,
    v.inspected_on AS seen_on,
    b.near_boundary,
    NOT b.same_trade AS report
FROM back AS b
INNER JOIN site AS s ON s.site_id = b.site_id
INNER JOIN enterprise AS e ON e.site_id = b.site_id
INNER JOIN closed AS c ON c.site_id = b.closed_id
LEFT JOIN seen AS v ON v.site_id = b.site_id AND v.place = 1
