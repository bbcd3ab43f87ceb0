"""Rows of the table season: the seasons that documents set, each with its days, and no year that none names."""

from __future__ import annotations

COLUMNS = ("season_id", "kind", "name", "in_force", "document", "item")

ROWS: tuple[tuple[str, ...], ...] = (
    (
        "earthwork_ban_spring_2017", "earthwork_ban", "2017年春季限土期", "[2017-02-13,2017-03-16)",
        "豫环攻坚办〔2017〕56号", "1(1)",
    ),
    (
        "earthwork_ban_winter_2017", "earthwork_ban", "2017—2018年冬防限土期", "[2017-11-15,2018-03-16)",
        "豫环攻坚办〔2017〕56号", "1(1)、附件三(八)4(1)",
    ),
    (
        "heating_2017", "heating", "2017—2018年采暖季", "[2017-11-15,2018-03-16)",
        "郑政文〔2017〕178号", "7",
    ),
    (
        "off_peak_2017_city", "off_peak", "2017—2018年错峰期（市方案）", "[2017-11-15,2018-03-16)",
        "郑政文〔2017〕178号", "40、41、42",
    ),
    (
        "off_peak_2017_province", "off_peak", "2017—2018年错峰期（省文件）", "[2017-11-01,2018-03-16)",
        "豫环攻坚办〔2017〕56号", "附三(六)3",
    ),
)  # fmt: skip
"""The first begins with the document, which sets no day of its own but that of its publication."""
