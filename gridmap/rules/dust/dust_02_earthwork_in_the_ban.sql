/*
id         = "DUST-02"
title      = "限土期内在建成区土方作业或拆除而没有许可"
title_en   = "Earthwork or demolition in a built-up area during the ban, without a permit"
severity   = "high"
message    = "{name}（{works_kind}）{inspected_on}在{season_name}内作业（土方{earthwork}，拆除{demolition}），所在：{place}，许可：{permit_state}"
message_en = "{name} ({works_kind}) at work on {inspected_on} during {season_name} (earthwork {earthwork}, demolition {demolition}); {place}; permit: {permit_state}"
judges     = "site"
reads      = ["construction_site", "inspection", "permit", "season", "zone"]
status     = "in_force"
since      = 2017-02-13
where      = []
reach_m    = 0
clock      = "day"
material   = ["inspected_on", "permit_state", "place"]

why = """
采暖季和“冬防”期间，建成区停止土方作业和拆除，道路、水利、土地整治的土方也停（“限土令”“封土行动”）。\
重大民生工程、重点项目确实停不下来的，要市政府同意。
"""
fix = """
立即停止作业并覆盖；确属重大民生工程或重点项目的，由建设单位申请、主管部门初审、报市政府同意后再施工，许可补录进来。
"""
trap = """
季节是一张有日期的表，不是每年都有：省文件公布日至2017-03-15，以及2017-11-15至2018-03-15。只在季节之内说话，\
以该季节里最近一次看过作业情况的检查为准，复查已停的不列。许可只认市政府发的、检查当日有效的；\
许可写明的工程要由人核对。不在重点项目名录上的有许可也只作提示，因为许可本来只给重大民生工程和重点项目。\
省文件附件对冬防期的土方作业没有“建成区”三个字，所以2017-11-15起建成区以外的土方作业只作提示；\
2017年春季那一段是“7+3”城市的要求，不约束省直管的巩义。中原区的方案只讲停止审批，没有另判。\
建成区没有公布的界线，本平台按文字画成示意，离边界比误差更近的只报“临近边界”，在内在外都报。
"""

[[legal]]
document = "郑州市2017—2018年秋冬季大气污染综合治理攻坚行动实施方案"
number   = "郑政文〔2017〕178号"
item     = "33"
[[legal]]
document = "关于科学编制“一市一策”实施方案的通知"
number   = "豫环攻坚办〔2017〕56号"
item     = "1(1)"
[[legal]]
document = "河南省2017年度大气污染防治攻坚战实施意见（附件）"
number   = "豫环攻坚办〔2017〕56号"
item     = "三(八)4(1)"
[[legal]]
document = "中原区2017年大气污染防治攻坚行动方案"
number   = "中原政〔2017〕2号"
item     = "27"

[params]
apart_county = { type = "text", default = "410181", note = "省直管县（巩义）：省文件的限土期不约束，采暖季约束" }
annex_from   = { type = "date", default = 2017-11-15, note = "这一天起开始的限土期，附件没有建成区的限制" }

[facts]
inspected_on           = { zh = "检查日期", en = "seen on" }
post                   = { zh = "检查岗位", en = "post" }
works_kind             = { zh = "工程类别", en = "kind of works", words = { building = { zh = "房建", en = "building" }, demolition = { zh = "拆除", en = "demolition" }, municipal = { zh = "市政", en = "municipal" }, road = { zh = "道路", en = "road" }, water = { zh = "水利", en = "water" }, land = { zh = "土地整治", en = "land" }, other = { zh = "其他", en = "other" } } }
earthwork              = { zh = "土方作业", en = "earthwork" }
demolition             = { zh = "拆除作业", en = "demolition" }
season_name            = { zh = "季节", en = "season" }
season_ends_on         = { zh = "季节最后一天", en = "season ends on" }
place                  = { zh = "位置", en = "place", words = { built_up = { zh = "建成区", en = "built-up area" }, elsewhere = { zh = "建成区以外", en = "outside the built-up areas" } } }
zone_name              = { zh = "所在建成区", en = "built-up area" }
permit_state           = { zh = "许可", en = "permit", words = { none = { zh = "没有", en = "none" }, wrong_issuer = { zh = "不是市政府发的", en = "not by the city government" }, not_key_project = { zh = "有，但不在重点项目名录上", en = "held, but no key project" } } }
permit_document        = { zh = "许可文件", en = "permit document" }
permit_covers          = { zh = "许可写明的工程", en = "works the permit names" }
distance_to_boundary_m = { zh = "距边界", en = "distance to the boundary", unit = "m" }
position_error_m       = { zh = "点位误差", en = "position error", unit = "m" }
*/
WITH now_on AS (
    SELECT s.kind, s.name, s.begins_on, s.ends_on
    FROM season AS s
    WHERE s.kind IN ('heating', 'earthwork_ban')
        AND %(as_of)s BETWEEN s.begins_on AND s.ends_on
),

looked AS (
    SELECT
        i.site_id,
        i.inspected_on,
        i.post,
        COALESCE(i.does_earthwork, false) AS earthwork,
        COALESCE(i.does_demolition, false) AS demolition,
        ROW_NUMBER() OVER (PARTITION BY i.site_id ORDER BY i.inspected_on DESC, i.inspection_id DESC) AS place
    FROM inspection AS i
    WHERE i.does_earthwork IS NOT NULL OR i.does_demolition IS NOT NULL
),

-- one row per site: inside any area without doubt wins over near the boundary of another
area AS (
    SELECT
        z.site_id,
        MIN(z.zone_name) AS zone_name,
        MIN(z.distance_to_boundary_m) AS distance_to_boundary_m,
        MIN(CASE WHEN z.inside AND NOT z.near_boundary THEN 0 ELSE 1 END) AS in_doubt
    FROM site_in_zone AS z
    WHERE z.kind = 'built_up'
    GROUP BY z.site_id
),

working AS (
    SELECT
        c.county_code,
        c.site_id,
        c.name,
        c.works_kind,
        c.is_key_project,
        l.inspected_on,
        l.post,
        l.earthwork,
        l.demolition,
        n.name AS season_name,
        n.ends_on AS season_ends_on,
        a.site_id IS NOT NULL AS in_area,
        ROW_NUMBER() OVER (PARTITION BY c.site_id ORDER BY n.kind DESC, n.begins_on DESC) AS place
    FROM looked AS l
    INNER JOIN construction_site AS c ON c.site_id = l.site_id
    INNER JOIN now_on AS n ON l.inspected_on BETWEEN n.begins_on AND n.ends_on
    LEFT JOIN area AS a ON a.site_id = c.site_id
    WHERE l.place = 1
        AND (l.earthwork OR l.demolition)
        AND (n.kind = 'heating' OR c.county_code <> %(apart_county)s)
        AND (
            a.site_id IS NOT NULL
            OR (n.kind = 'earthwork_ban' AND n.begins_on >= %(annex_from)s AND l.earthwork)
        )
),

allowed AS (
    SELECT
        w.site_id,
        p.issuer = 'city_government' AS by_city,
        p.document,
        p.covers,
        ROW_NUMBER() OVER (
            PARTITION BY w.site_id
            ORDER BY CASE p.issuer WHEN 'city_government' THEN 0 ELSE 1 END, p.permit_id
        ) AS place
    FROM working AS w
    INNER JOIN permit AS p
        ON p.site_id = w.site_id
        AND p.kind = 'earthwork'
        AND (p.begins_on IS NULL OR p.begins_on <= w.inspected_on)
        AND (p.ends_on IS NULL OR p.ends_on >= w.inspected_on)
    WHERE w.place = 1
)

SELECT
    w.county_code,
    w.site_id AS feature_id,
    w.name,
    w.inspected_on,
    w.post,
    w.works_kind,
    w.earthwork,
    w.demolition,
    w.season_name,
    w.season_ends_on,
    CASE WHEN w.in_area THEN 'built_up' ELSE 'elsewhere' END AS place,
    a.zone_name,
    CASE WHEN p.by_city THEN 'not_key_project' WHEN NOT p.by_city THEN 'wrong_issuer' ELSE 'none' END AS permit_state,
    p.document AS permit_document,
    p.covers AS permit_covers,
    CAST(a.distance_to_boundary_m AS DECIMAL(18, 1)) AS distance_to_boundary_m,
    s.position_error_m,
    COALESCE(a.in_doubt, 0) = 1 AS near_boundary,
    NOT w.in_area OR COALESCE(p.by_city, false) AS report
FROM working AS w
INNER JOIN site AS s ON s.site_id = w.site_id
LEFT JOIN area AS a ON a.site_id = w.site_id
LEFT JOIN allowed AS p ON p.site_id = w.site_id AND p.place = 1
WHERE w.place = 1
    AND NOT (COALESCE(p.by_city, false) AND w.is_key_project IS TRUE)
