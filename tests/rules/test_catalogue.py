"""Every rule is held to its grammar, and every mistake in a rule file is one sentence that names it."""

import datetime as dt
import re
from decimal import Decimal

import pytest

from gridmap.errors import DefinitionError, NotFoundError
from gridmap.rules import catalogue, tables

RULES = catalogue.load()
GOOD = (catalogue.FOLDER / RULES.get("COAL-01").path).read_text("utf-8")
COAL = "coal/coal_01_x.sql"


@pytest.mark.parametrize("rule", RULES.rules, ids=lambda rule: rule.id)
class TestEachRule:
    def test_is_written_for_an_official_in_chinese_and_for_a_guest_in_english(self, rule):
        for text in (rule.title, rule.message, rule.why, rule.fix, rule.trap, *(p.note for p in rule.params)):
            assert re.search("[一-鿿]", text), text
        for text in (rule.title_en, rule.message_en, *(fact.label.en for fact in rule.facts)):
            assert not re.search("[一-鿿]", text), text

    def test_says_which_figures_are_ours(self, rule):
        for param in rule.params:
            assert ("本平台" in param.note) == param.ours, param.name
        if any(param.ours for param in rule.params):
            assert "本平台" in rule.trap

    def test_names_where_the_duty_stands(self, rule):
        assert rule.legal
        assert all(legal.document and legal.item for legal in rule.legal)
        numbered = [legal.number for legal in rule.legal if legal.number]
        assert all(re.search(r"〔\d{4}〕\d+号$", number) for number in numbered)

    def test_has_counties_of_this_city(self, rule):
        assert all(code.startswith("4101") for code in rule.where)

    def test_renders_without_any_facts(self, rule):
        for lang in ("zh", "en"):
            title, message = catalogue.render(rule, {}, lang)
            assert title
            assert message
            assert not re.search(r"[{}]|None", message)

    def test_describes_its_facts_in_both_languages(self, rule):
        facts = {fact.name: 1 for fact in rule.facts}
        for lang in ("zh", "en"):
            assert len(catalogue.describe_facts(rule, facts, lang)) == len(rule.facts)


def test_rules_come_by_id_and_unknown_ids_are_not_found():
    assert [rule.id for rule in RULES.rules] == sorted(rule.id for rule in RULES.rules)
    assert {"COAL-01", "COAL-02", "COAL-03", "COAL-11", "NRMM-01", "INDU-02", "GRID-01", "GRID-05"} <= {
        rule.id for rule in RULES.rules
    }
    with pytest.raises(NotFoundError, match="no rule COAL-99; expected one of BOIL-01"):
        RULES.get("COAL-99")


def write(folder, files):
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, "utf-8")
    return folder


def edit(*pairs):
    text = GOOD
    for old, new in pairs:
        assert old in text, old
        text = text.replace(old, new)
    return text


RETIRED = edit(
    (
        'status     = "in_force"',
        'status = "retired"\nretired_on = 2021-01-01\nretired_reason = "并入"\nreplaced_by = "COAL-02"',
    )
)
BAD = {
    "no header": ({COAL: "SELECT 1"}, "expected a header in /* */"),
    "no select": ({COAL: "/* id = 1 */\n"}, "expected a SELECT"),
    "not toml": ({COAL: edit(('id         = "COAL-01"', "id = "))}, "not TOML"),
    "id malformed": ({COAL: edit(('"COAL-01"', '"coal-1"'))}, "a text like COAL-01"),
    "letters without theme": ({COAL: edit(('"COAL-01"', '"XXXX-01"'))}, "letters that have a theme"),
    "missing key": ({COAL: edit(('severity   = "high"\n', ""))}, "`severity` is missing; expected one of high"),
    "wrong severity": ({COAL: edit(('"high"', '"huge"'))}, "`severity` is 'huge'; expected one of high, medium, low"),
    "since a text": ({COAL: edit(("since      = 2019-11-15", 'since = "2019-11-15"'))}, "a date like 2019-11-15"),
    "since no day": ({COAL: edit(("since      = 2019-11-15", "since = 2019-11-31"))}, "not TOML"),
    "where no code": ({COAL: edit(('["410181", "410182"', '["4101", "410182"'))}, "`where`"),
    "where twice": ({COAL: edit(('["410181", "410182"', '["410182", "410182"'))}, "none twice"),
    "unknown key": ({COAL: edit(("reach_m    = 0", "reach_m = 0\nreach_km = 0"))}, "`reach_km` is 0; expected no such"),
    "no source": ({COAL: re.sub(r"\[\[legal\]\]\n.*\n.*\n.*\n", "", GOOD)}, "`legal` is missing"),
    "message off": ({COAL: edit(("{terrain}）应", "{relief}）应"))}, "message names {relief}"),
    "bracket alone": ({COAL: edit(("{terrain}）应", "[{terrain}）应"))}, "message has a bracket alone"),
    "part no fact": ({COAL: edit(("reach_m    = 0", 'reach_m = 0\npart = "relief"'))}, "`part` is 'relief'; expected a fact"),
    "part half told": ({COAL: edit(("reach_m    = 0", 'reach_m = 0\npart = { zh = "方格" }'))}, "`en` is missing"),
    "material off": ({COAL: edit(('"terrain", "overdue"', '"terrain", "relief"'))}, "material names relief"),
    "unknown parameter": ({COAL: edit(("< %(full_cover_pct)s", "< %(enough)s"))}, "%(enough)s; expected params"),
    "unused parameter": ({COAL: edit(("< %(full_cover_pct)s", "< 95"))}, "declares full_cover_pct"),
    "since declared": (
        {COAL: edit(("[params]", '[params]\nsince = { type = "date", default = 2020-01-01, note = "x" }'))}, "declares since"
    ),
    "as_of declared": (
        {COAL: edit(("[params]", '[params]\nas_of = { type = "date", default = 2020-01-01, note = "x" }'))}, "as_of"
    ),
    "bare percent": ({COAL: edit(("< %(full_cover_pct)s", "< %(full_cover_pct)s AND v.name LIKE '%村'"))}, "bare %"),
    "clock off": ({COAL: edit(('clock      = "day"', 'clock = "none"'))}, 'expected "day" exactly when'),
    "wrong default": ({COAL: edit(("default = 95", 'default = "95"'))}, "`default` is '95'; expected a number"),
    "a share above all": ({COAL: edit(("default = 95", "default = 950"))}, "`default` is 950; expected a number from 0 to 100"),
    "a share below none": ({COAL: edit(("default = 95", "default = -1"))}, "expected a number from 0 to 100"),
    "no number": ({COAL: edit(("default = 95", "default = nan"))}, "expected a number from 0 to 100"),
    "a date of another age": ({COAL: edit(("since      = 2019-11-15", "since = 0219-11-15"))}, "a date from 1990 to 2100"),
    "unknown type": ({COAL: edit(('type = "number", default = 95', 'type = "percent", default = 95'))}, "expected one of number"),
    "empty list": ({COAL: edit(('default = ["410181"]', "default = []"))}, "at least one text"),
    "vocabulary": ({COAL: edit(('words = "terrain"', 'words = "terrein"'))}, "a group of the glossary"),
    "unknown theme": ({"cole/coal_01_x.sql": GOOD}, "unknown theme cole"),
    "wrong theme": ({"grid/coal_01_x.sql": GOOD}, "in the folder coal/"),
    "wrong file name": ({"coal/coal_02_x.sql": GOOD}, "a file name like coal_01_what_it_finds.sql"),
    "id twice": ({COAL: GOOD, "coal/coal_01_y.sql": GOOD}, "id COAL-01 is taken by coal/coal_01_x.sql"),
    "retired id reused": ({COAL: GOOD, "retired/coal_01_old.sql": RETIRED}, "ids are never reused"),
    "retired in its theme": ({COAL: RETIRED}, "in the folder retired/"),
    "in force among the retired": ({"retired/coal_01_x.sql": GOOD}, "in the folder coal/"),
    "retired without reason": (
        {"retired/coal_01_x.sql": RETIRED.replace('retired_reason = "并入"\n', "")}, "`retired_reason` is missing"
    ),
    "retired before it began": ({"retired/coal_01_x.sql": RETIRED.replace("2021-01-01", "2019-01-01")}, "before since"),
}  # fmt: skip


@pytest.mark.parametrize("case", BAD)
def test_a_mistake_in_a_rule_file_is_one_sentence_naming_the_file(tmp_path, case):
    files, said = BAD[case]
    with pytest.raises(DefinitionError) as refused:
        catalogue.load(write(tmp_path, files))
    assert said in str(refused.value)
    assert any(name in str(refused.value) for name in files)
    assert "\n" not in str(refused.value).strip()


def test_a_file_that_is_not_utf8_is_named(tmp_path):
    (tmp_path / "coal").mkdir()
    (tmp_path / COAL).write_bytes(GOOD.encode("gbk", "ignore"))
    with pytest.raises(DefinitionError, match=r"coal_01_x\.sql: expected UTF-8"):
        catalogue.load(tmp_path)


def test_a_retired_rule_can_be_looked_up_and_is_not_judged(tmp_path):
    found = catalogue.load(write(tmp_path, {"retired/coal_01_old.sql": RETIRED}))
    assert found.rules == ()
    assert found.get("COAL-01").retired_on == dt.date(2021, 1, 1)
    assert found.get("COAL-01").replaced_by == "COAL-02"


def test_the_digest_follows_every_text(tmp_path):
    first = catalogue.load(write(tmp_path, {COAL: GOOD})).digest
    assert catalogue.load(tmp_path).digest == first
    assert catalogue.load(write(tmp_path, {COAL: GOOD + "-- x\n"})).digest != first
    retired = RETIRED.replace("COAL-01", "COAL-02", 1)
    assert catalogue.load(write(tmp_path, {COAL: GOOD, "retired/coal_02_x.sql": retired})).digest != first


@pytest.mark.parametrize(
    ("value", "zh", "en"),
    [
        (None, "未知", "unknown"),
        ("", "无", "none"),
        ([], "无", "none"),
        (True, "是", "yes"),
        (False, "否", "no"),
        (0, "0", "0"),
        (95, "95", "95"),
        (12.345, "12.3", "12.3"),
        (99.96, "100", "100"),
        (1234.5, "1234", "1234"),
        (-0.04, "0", "0"),
        (Decimal("50.00"), "50", "50"),
        (float("nan"), "—", "—"),
        (dt.date(2020, 10, 1), "2020-10-01", "2020-10-01"),
        (["东门村", "西门村"], "东门村、西门村", "东门村, 西门村"),
        ("东门村", "东门村", "东门村"),
    ],
)
def test_values_are_written_as_a_reader_would(value, zh, en):
    assert catalogue.in_words(value) == zh
    assert catalogue.in_words(value, lang="en") == en


def test_a_message_uses_the_words_of_coded_facts():
    facts = {"name": "小訾殿村", "terrain": "plain", "covered_pct": 41.238, "overdue_since": "2020-10-01"}
    title, message = catalogue.render(RULES.get("COAL-01"), facts)
    assert title == "平原村未划入禁煤区"
    assert message == "小訾殿村（平原）应当划入禁煤区，按现行通告已覆盖41.2%；自2020-10-01起算逾期"
    assert catalogue.describe_facts(RULES.get("COAL-01"), facts)[0] == ("已覆盖", "41.2%")


def test_what_is_unknown_takes_its_stretch_of_the_message_with_it():
    rule = RULES.get("BOIL-03")
    facts = {"name": "甲", "capacity_t_h": 35, "duty": "dcs", "measured": None, "limit_value": None}
    assert catalogue.render(rule, facts)[1] == "甲（35蒸吨）：没有分布式控制系统"
    facts |= {"duty": "so2", "measured": 107.2, "limit_value": 35}
    assert catalogue.render(rule, facts)[1] == "甲（35蒸吨）：二氧化硫超标（实测107，限值35 mg/m³）"
    assert catalogue.render(rule, facts, "en")[1].endswith(
        "sulphur dioxide above the limit (measured 107, limit 35 mg/m³)"
    )


def test_codes_inside_a_text_are_put_in_words():
    facts = {"sites": "金水区 boiler 3；金水区 gas_station 1"}
    rule = RULES.get("GRID-06")
    assert ("监管对象（区县、类别、数量）", "金水区 锅炉 3；金水区 加油站和储油库 1") in catalogue.describe_facts(
        rule, facts
    )
    assert catalogue.describe_facts(rule, facts, "en")[-1][1].startswith("金水区 boiler 3")


def test_a_part_is_told_in_words_unless_a_fact_tells_it():
    assert catalogue.describe_part(RULES.get("COAL-03"), "no_burn", {}) == ("应划入的区域", "高污染燃料禁燃区")
    assert catalogue.describe_part(RULES.get("COAL-05"), "E484N3841", {}, "en") == (
        "square of the land's lowest corner", "E484N3841",
    )  # fmt: skip
    assert catalogue.describe_part(RULES.get("BOIL-03"), "so2", {"duty": "so2"}) is None
    assert catalogue.describe_part(RULES.get("COAL-01"), "", {}) is None


def test_the_table_in_the_documentation_is_up_to_date():
    text = tables.DOCUMENT.read_text("utf-8")
    assert tables.with_table(text, tables.as_markdown(RULES)) == text, (
        "run: gridmap rules list --format markdown --write"
    )


def test_a_document_without_the_marks_is_refused():
    with pytest.raises(DefinitionError, match="expected the marks"):
        tables.with_table("no marks", "table")
