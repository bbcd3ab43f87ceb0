/*
id         = "FOOD-01"
title      = "餐饮单位未装油烟净化设施"
title_en   = "Kitchen without a fume purifier"
severity   = "medium"
message    = "{name}（{type}）产生油烟，油烟净化设施：{has_purifier}；依据：{basis}"
message_en = "{name} ({type}) makes fumes; purifier installed: {has_purifier}; basis: {basis}"
judges     = "site"
reads      = ["region", "restaurant", "zone"]
status     = "in_force"
since      = 2017-02-27
where      = []
reach_m    = 0
clock      = "day"
material   = ["has_purifier", "basis"]

why = """
油烟是城区挥发性有机物和颗粒物的来源之一。先是中原区建成区，再是各县（市、区）建成区，最后全市所有产生油烟的餐饮场所\
都要装净化设施，学校和单位食堂也在内。
"""
fix = """
由区政府和城管部门督促安装符合标准的净化设施并保存清洗台账；已经装好的，更正数据并附照片。
"""
trap = """
三份文件逐步扩大：中原区建成区2017-02-27起，各建成区2017年10月底前，全市2019年6月底前；按当日最宽的一条判断。\
没有查看过的只作提示。2019-07-01以前要看在不在建成区，离边界比误差更近的只报“临近边界”；此后与位置无关。\
不产生油烟的不列。本规则只看有没有装，是否正常运行、是否达标要靠检查。
"""

[[legal]]
document = "中原区2017年大气污染防治攻坚行动方案"
number   = "中原政〔2017〕2号"
item     = "34(1)"

[[legal]]
document = "河南省2017年度大气污染防治攻坚战实施意见（附件）"
number   = "豫环攻坚办〔2017〕56号"
item     = "附三(三)11"

[[legal]]
document = "郑州市贯彻落实省委省政府第三环境保护督察组反馈意见整改方案（47项）"
number   = ""
item     = "4、27"

[params]
district       = { type = "text", default = "410102", note = "最早执行的区（中原区）" }
built_up_since = { type = "date", default = 2017-11-01, note = "各建成区的起算日（10月底前的次日）" }
city_since     = { type = "date", default = 2019-07-01, note = "全市的起算日（2019年6月底前的次日）" }

[facts]
type                   = { zh = "类型", en = "type", words = { restaurant = { zh = "餐馆", en = "restaurant" }, canteen = { zh = "食堂", en = "canteen" }, barbecue = { zh = "烧烤", en = "barbecue" } } }
has_purifier           = { zh = "已装油烟净化设施", en = "purifier installed" }
basis                  = { zh = "依据", en = "basis", words = { city = { zh = "全市餐饮场所", en = "every kitchen of the city" }, built_up = { zh = "建成区餐饮场所", en = "kitchens in built-up areas" }, district = { zh = "中原区建成区", en = "built-up area of Zhongyuan district" } } }
zone_name              = { zh = "所在建成区", en = "built-up area" }
distance_to_boundary_m = { zh = "距边界", en = "distance to the boundary", unit = "m" }
position_error_m       = { zh = "点位误差", en = "position error", unit = "m" }
*/
WITH area AS (
    -- one row per site: inside any area without doubt wins over near the boundary of another
    SELECT
        z.site_id,
        MIN(z.zone_name) AS zone_name,
        MIN(z.distance_to_boundary_m) AS distance_to_boundary_m,
        MIN(CASE WHEN z.inside AND NOT z.near_boundary THEN 0 ELSE 1 END) AS in_doubt
    FROM site_in_zone AS z
    WHERE z.kind = 'built_up'
    GROUP BY z.site_id
),

-- while the duty is the district's own: who may as well stand in the next one is not judged by it
by_the_border AS (
    SELECT s.site_id
    FROM site AS s
    INNER JOIN region AS r
        ON r.level = 'county'
        AND r.code <> s.county_code
        AND ST_DWithin(r.geom_m, s.geom_m, s.position_error_m + r.position_error_m)
)

SELECT
    s.county_code,
    s.site_id AS feature_id,
    s.name,
    r.type,
    r.has_purifier,
    CASE
        WHEN %(as_of)s >= %(city_since)s THEN 'city'
        WHEN %(as_of)s >= %(built_up_since)s THEN 'built_up'
        ELSE 'district'
    END AS basis,
    a.zone_name,
    CAST(a.distance_to_boundary_m AS DECIMAL(18, 1)) AS distance_to_boundary_m,
    s.position_error_m,
    %(as_of)s < %(city_since)s AND (
        a.in_doubt = 1
        OR (%(as_of)s < %(built_up_since)s AND EXISTS (SELECT 1 FROM by_the_border AS b WHERE b.site_id = s.site_id))
    ) AS near_boundary,
    r.has_purifier IS NULL AS report
FROM restaurant AS r
INNER JOIN site AS s ON s.site_id = r.site_id
LEFT JOIN area AS a ON a.site_id = r.site_id
WHERE r.makes_fumes
    AND r.has_purifier IS NOT TRUE
    AND (
        %(as_of)s >= %(city_since)s
        OR (a.site_id IS NOT NULL AND (%(as_of)s >= %(built_up_since)s OR s.county_code = %(district)s))
    )
