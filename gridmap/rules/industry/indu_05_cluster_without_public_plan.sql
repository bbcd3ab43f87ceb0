/*
id         = "INDU-05"
title      = "散乱污企业集群没有公开的整体方案"
title_en   = "Cluster of scattered polluters without a public overall plan"
severity   = "high"
message    = "{name}一带：{kind}，散乱污企业{members}家；整体方案：{plan}，公开{is_public}，统一标准{has_one_standard}，统一时间表{has_one_timetable}"
message_en = "Around {name}: {kind}, {members} scattered polluters; plan: {plan}, public {is_public}, one standard {has_one_standard}, one timetable {has_one_timetable}"
judges     = "site"
reads      = ["cluster_plan", "enterprise"]
status     = "in_force"
since      = 2017-09-22
where      = []
reach_m    = 200000
clock      = "day"
material   = ["kind", "members", "plan", "is_public", "has_one_standard", "has_one_timetable"]
part       = { zh = "集群编号", en = "cluster", words = { concealed = { zh = "未上报的集群", en = "undeclared cluster" } } }

why = """
成片的散乱污企业要整体整治：有总体方案、向社会公开、一个标准、一张时间表。瞒报漏报的集群从2017-10-01起追责。
"""
fix = """
由县（市、区）政府制定并公开整体方案；没有上报的集群补报；已经分散处理、销号的，登记销号日期。
"""
trap = """
多少家、多近算集群，条文没有说：本平台取500米内5家（含）以上、没有销号的散乱污企业。已上报的集群按集群编号看方案，\
几家都算；没有上报而够得上密度的，以最密处的一家为代表列出一条，一处只列一条。\
按点位误差可能不够数的只报“临近边界”。跨县（市、区）的一起数，列在代表企业所在的县（市、区）。
"""

[[legal]]
document = "郑州市2017—2018年秋冬季大气污染综合治理攻坚行动实施方案"
number   = "郑政文〔2017〕178号"
item     = "5"

[params]
members           = { type = "integer", default = 5, note = "算作集群的家数（含）（本平台取法）", ours = true }
within_m          = { type = "number", default = 500, note = "算作一处的距离，米（本平台取法）", ours = true }
accountable_since = { type = "date", default = 2017-10-01, note = "瞒报漏报集群追责的起算日" }

[facts]
kind              = { zh = "集群", en = "cluster", words = { declared = { zh = "已上报的集群", en = "declared cluster" }, concealed = { zh = "未上报的集群", en = "undeclared cluster" } } }
cluster_id        = { zh = "集群编号", en = "cluster" }
members           = { zh = "散乱污企业", en = "scattered polluters" }
plan              = { zh = "整体方案", en = "plan" }
is_public         = { zh = "已公开", en = "public" }
has_one_standard  = { zh = "统一标准", en = "one standard" }
has_one_timetable = { zh = "统一时间表", en = "one timetable" }
is_accountable    = { zh = "可以追责", en = "accountable" }
*/
WITH polluter AS (
    SELECT
        e.site_id,
        e.cluster_id,
        e.geom_m,
        e.position_error_m
    FROM enterprise_all AS e
    WHERE e.polluter_class IS NOT NULL AND (e.struck_off_on IS NULL OR e.struck_off_on > %(as_of)s)
),

loose AS (
    SELECT
        p.site_id,
        p.geom_m,
        p.position_error_m
    FROM polluter AS p
    WHERE p.cluster_id IS NULL
),

-- each with its neighbours, itself among them: surely within reach, or perhaps
crowd AS (
    SELECT
        l.site_id,
        COUNT(*) AS maybe,
        SUM(
            CASE
                WHEN l.site_id = o.site_id THEN 1
                WHEN ST_Distance(l.geom_m, o.geom_m) + l.position_error_m + o.position_error_m <= %(within_m)s THEN 1
                ELSE 0
            END
        ) AS surely
    FROM loose AS l
    INNER JOIN loose AS o ON ST_DWithin(l.geom_m, o.geom_m, %(within_m)s + l.position_error_m + o.position_error_m)
    GROUP BY l.site_id
),

dense AS (
    SELECT
        c.site_id,
        c.maybe,
        c.surely,
        l.geom_m,
        l.position_error_m
    FROM crowd AS c
    INNER JOIN loose AS l ON l.site_id = c.site_id
    WHERE c.maybe >= %(members)s
),

-- one for each place: none more crowded is within reach
found AS (
    SELECT
        d.site_id,
        'concealed' AS kind,
        CAST(NULL AS TEXT) AS cluster_id,
        CASE WHEN d.surely >= %(members)s THEN d.surely ELSE d.maybe END AS members,
        d.surely < %(members)s AS near_boundary
    FROM dense AS d
    WHERE NOT EXISTS (
        SELECT 1
        FROM dense AS o
        WHERE o.site_id <> d.site_id
            AND ST_DWithin(o.geom_m, d.geom_m, %(within_m)s + o.position_error_m + d.position_error_m)
            AND (
                o.surely > d.surely
                OR (o.surely = d.surely AND o.maybe > d.maybe)
                OR (o.surely = d.surely AND o.maybe = d.maybe AND o.site_id < d.site_id)
            )
    )
    UNION ALL
    SELECT
        MIN(p.site_id) AS site_id,
        'declared' AS kind,
        p.cluster_id,
        COUNT(*) AS members,
        FALSE AS near_boundary
    FROM polluter AS p
    WHERE p.cluster_id IS NOT NULL
    GROUP BY p.cluster_id
)

SELECT
    s.county_code,
    s.site_id AS feature_id,
    COALESCE(f.cluster_id, 'concealed') AS part,
    s.name,
    f.kind,
    f.cluster_id,
    f.members,
    k.document AS plan,
    k.is_public,
    k.has_one_standard,
    k.has_one_timetable,
    %(as_of)s >= %(accountable_since)s AS is_accountable,
    f.near_boundary
FROM found AS f
INNER JOIN site AS s ON s.site_id = f.site_id
LEFT JOIN cluster_plan AS k ON k.cluster_id = f.cluster_id
WHERE k.cluster_id IS NULL OR NOT k.is_public OR NOT k.has_one_standard OR NOT k.has_one_timetable
