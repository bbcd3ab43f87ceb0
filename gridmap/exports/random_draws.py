"""A random draw as a workbook: what was drawn, from which strata and population, and what was left out."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from gridmap import glossary
from gridmap.domain import draw_record
from gridmap.exports.tables import Sheet, to_workbook
from gridmap.store.random_draws import DrawnSite, DrawRow

Word = Callable[[str, str], str]
"""Chooses between Chinese and English."""


def xlsx(
    row: DrawRow, drawn: Sequence[DrawnSite], texts: Mapping[str, str], counties: Mapping[str, str], lang: str = "zh"
) -> bytes:
    """Return a workbook: the draw, the sites drawn, and of its texts strata, population, inspectors and exclusions.

    texts: empty for a reader who may see only some of the sites. counties: names by code.
    """

    def word(chinese: str, english: str) -> str:
        return english if lang == "en" else chinese

    sheets = [_summary(row, word), _drawn(drawn, counties, word, lang)]
    if "list" in texts:
        sheets += _of_list(texts, counties, word, lang)
    return to_workbook(sheets, lang)


def _summary(row: DrawRow, word: Word) -> Sheet:
    lines: list[tuple[str, Any]] = [
        (word("编号", "number"), row.draw_id),
        (word("名称", "title"), row.title),
        (word("状态", "state"), glossary.word("random_draw_state", row.state, word("zh", "en"))),
        (word("日期", "day"), row.on_day),
        (word("抽查名单的 SHA-256", "SHA-256 of the list"), row.list_sha256),
        (word("名单固定", "list fixed"), f"{row.fixed_post} {row.fixed_at:%Y-%m-%d %H:%M}"),
        (word("种子来源", "origin of the seed"), row.seed_source or word("机器生成", "made by the machine")),
        (word("种子", "seed"), row.seed),
        (word("抽取", "drawn"), f"{row.drawn_post} {row.drawn_at:%Y-%m-%d %H:%M}" if row.drawn_at else None),
        (word("记录的 SHA-256", "SHA-256 of the record"), row.record_sha256),
        (word("软件", "software"), row.drawn_software or row.fixed_software),
        (word("作废原因", "annulled because"), row.annulled_reason),
    ]
    return Sheet(word("抽取", "draw"), [word("项目", "item"), word("内容", "value")], [26.0, 70.0], lines)


def _drawn(drawn: Sequence[DrawnSite], counties: Mapping[str, str], word: Word, lang: str) -> Sheet:
    header = [
        word("序号", "number"), word("对象编号", "site id"), word("名称", "name"), word("种类", "kind"),
        word("县（市、区）", "county"), word("层", "stratum"), word("检查岗位", "inspectors"),
        word("错时", "off-hours"),
    ]  # fmt: skip
    rows = [
        [
            one.number, one.site_id, one.name, glossary.word("site_kind", one.kind, lang),
            counties.get(one.county_code, one.county_code), one.stratum, "、".join(one.posts),
            word("是", "yes") if one.is_off_hours else "",
        ]
        for one in drawn
    ]  # fmt: skip
    return Sheet(word("抽取结果", "drawn"), header, [8.0, 22.0, 36.0, 16.0, 14.0, 24.0, 44.0, 10.0], rows)


def _of_list(texts: Mapping[str, str], counties: Mapping[str, str], word: Word, lang: str) -> list[Sheet]:
    given = draw_record.read_list(texts["list"]).fixed
    late = draw_record.read_late(texts.get("late", ""))
    result = draw_record.read_result(texts.get("result", ""))
    names = {site.id: site.name for site in given.sites}
    posts = {one.id: one.post for one in given.inspectors}
    strata = [[one.id, one.size, one.amount.text, one.number] for one in given.strata]
    population = [
        [
            site.id, site.name, glossary.word("site_kind", site.kind, lang), counties.get(site.county, site.county),
            site.stratum,
        ]
        for site in given.sites
    ]  # fmt: skip
    people = [[one.id, one.post, ", ".join(one.counties)] for one in given.inspectors]
    out = [
        [one.site, names.get(one.site), "", _reason(one.reason, lang), late.closed.get(one.site)]
        for one in result.excluded
    ]
    barred = [
        [one.site, names.get(one.site), posts.get(one.inspector), _reason(one.kind, lang), one.reason]
        for one in (*given.conflicts, *late.conflicts)
    ]
    left = [["", "", posts.get(each), _reason("left", lang), county] for each, county in sorted(late.left)]
    site_id, name = word("对象编号", "site id"), word("名称", "name")
    return [
        Sheet(
            word("层", "strata"),
            [word("层", "stratum"), word("对象数", "sites"), word("抽取比例或数量", "amount"), word("应抽", "number")],
            [30.0, 10.0, 16.0, 10.0],
            strata,
        ),
        Sheet(
            word("名单", "population"),
            [site_id, name, word("种类", "kind"), word("县（市、区）", "county"), word("层", "stratum")],
            [22.0, 36.0, 16.0, 14.0, 24.0],
            population,
        ),
        Sheet(
            word("检查人员", "inspectors"),
            [word("账号", "account"), word("岗位", "post"), word("县（市、区）", "counties")],
            [30.0, 36.0, 30.0],
            people,
        ),
        Sheet(
            word("排除和回避", "exclusions"),
            [site_id, name, word("岗位", "post"), word("种类", "kind"), word("原因", "reason")],
            [22.0, 36.0, 36.0, 30.0, 40.0],
            [*out, *barred, *left],
        ),
    ]


def _reason(code: str, lang: str) -> str:
    return glossary.word("draw_exclusion", code, lang)
