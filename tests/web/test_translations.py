"""The English catalogue is whole: every wording of pages and scripts has one, with the same placeholders."""

from __future__ import annotations

import re
from io import BytesIO
from pathlib import Path

from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po

from gridmap import config
from gridmap.web import pages

CATALOGUE = Path(pages.__file__).parent.parent / "translations/en/LC_MESSAGES/messages.po"
METHODS = [("**.py", "python"), ("**/templates/**.html", "jinja2")]


def wordings() -> set[str]:
    """Return every wording that the pages ask gettext for."""
    keywords = {"_": None, "gettext": None}
    return {
        str(message)
        for folder in ("web", "auth")
        for _file, _line, message, _comments, _context in extract_from_dir(
            config.ROOT / "gridmap" / folder, METHODS, keywords=keywords
        )
    }


def test_every_wording_has_its_english_and_none_is_left_over() -> None:
    catalogue = read_po(BytesIO(CATALOGUE.read_bytes()))
    english = {str(message.id): str(message.string) for message in catalogue if message.id}
    assert set(english) == wordings()
    assert not [message for message, text in english.items() if not text.strip(" ") and message.strip()]
    assert not [message for message in catalogue if message.id and message.fuzzy]


def test_no_wording_stands_twice() -> None:
    """The later one would win without a word."""
    ids = re.findall(r'^msgid "(.+)"$', CATALOGUE.read_text(encoding="utf-8"), re.MULTILINE)
    assert sorted({one for one in ids if ids.count(one) > 1}) == []


def test_placeholders_are_the_same_in_both_languages() -> None:
    for message in read_po(BytesIO(CATALOGUE.read_bytes())):
        if message.id:
            places = [sorted(re.findall(r"%\(\w+\)s", str(text))) for text in (message.id, message.string)]
            assert places[0] == places[1], message.id


def test_english_wordings_hold_no_chinese_but_names() -> None:
    for message in read_po(BytesIO(CATALOGUE.read_bytes())):
        left = re.findall(r"[\u4e00-\u9fff]+", str(message.string)) if message.id else []
        assert set(left) <= {"白窑", "演示"}, message.id
