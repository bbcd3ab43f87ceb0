/*
id         = "COAL-11"
title      = "文件提到的村名在村庄名录中查无此村"
title_en   = "A document names a village that the list does not know"
severity   = "low"
message    = "{document}第{item}项提到的{name}（{township}）在村庄名录中查不到；可能是：{candidates}"
message_en = "{name} ({township}), named by {document} item {item}, is not in the village list; it may be: {candidates}"
judges     = "place_mention"
reads      = ["region", "village"]
status     = "in_force"
since      = 2017-02-13
where      = []
reach_m    = 0
clock      = "none"
material   = ["candidates"]

why = """
督察交办的村如果在名录里找不到，就没有人认领，也没法在图上判断它是否划入。
"""
fix = """
由所在乡镇核对是哪个村：文件笔误的更正交办记录，名录漏列、改名或划归其他乡镇的更正名录。
"""
trap = """
比对时去掉“村”“社区”等字。同名但在同县其他乡镇、或同乡镇内只差一个字（包括两个字颠倒）的列为候选，\
差几个字算相近为本平台取值，是否同一个村由人判断。只是记录不一致，不是谁违反了规定，所以只作提示，不立案。\
起算日取已收录文件中最早的日期。
"""

[[legal]]
document = "省委“三散”污染治理专项督察反馈意见整改任务清单（38项）"
number   = ""
item     = "9、14"
[[legal]]
document = "郑州市贯彻落实省委省政府第三环境保护督察组反馈意见整改方案（47项）"
number   = ""
item     = "37"

[facts]
document            = { zh = "文件", en = "document" }
item                = { zh = "条目", en = "item" }
mentioned_on        = { zh = "文件日期", en = "day of the document" }
township            = { zh = "文件所写乡镇", en = "township it is named under" }
candidates          = { zh = "可能的村", en = "candidates" }
candidate_codes     = { zh = "可能的村的代码", en = "codes of the candidates" }
number_of_candidates = { zh = "可能的村数", en = "number of candidates" }
elsewhere           = { zh = "其他乡镇有同名村", en = "same name in another township" }
*/
SELECT
    m.county_code,
    m.mention_id AS feature_id,
    m.name,
    m.document,
    m.item,
    m.mentioned_on,
    COALESCE(m.township_name, r.name, m.county_code) AS township,
    COALESCE(c.candidates, '') AS candidates,
    c.candidate_codes,
    COALESCE(c.number_of_candidates, 0) AS number_of_candidates,
    COALESCE(c.elsewhere, 0) = 1 AS elsewhere,
    true AS report
FROM place_mention AS m
LEFT JOIN region AS r ON r.level = 'county' AND r.code = m.county_code
LEFT JOIN (
    SELECT
        p.mention_id,
        STRING_AGG(
            p.village_name || '（' || COALESCE(p.township_name, '') || '）', '、'
            ORDER BY p.name_distance, p.village_id
        ) AS candidates,
        STRING_AGG(p.village_id, '、' ORDER BY p.name_distance, p.village_id) AS candidate_codes,
        COUNT(*) AS number_of_candidates,
        MAX(CASE WHEN p.name_distance = 0 THEN 1 ELSE 0 END) AS elsewhere
    FROM place_candidate AS p
    GROUP BY p.mention_id
) AS c ON c.mention_id = m.mention_id
WHERE NOT EXISTS (
    SELECT 1
    FROM place_candidate AS p
    WHERE p.mention_id = m.mention_id
        AND p.name_distance = 0
        AND (p.same_township OR m.township_code IS NULL)
)
