"""Templates come back as they went out."""

from gridmap.domain import import_form
from gridmap.domain.definition import Text
from gridmap.domain.import_report import ImportFault
from gridmap.domain.import_titles import recognise
from gridmap.domain.incoming import ReadingLimits
from gridmap.exports.import_forms import problems_of, template_columns, template_of
from gridmap.ingest.reading import open_incoming


def test_titles_of_every_template_are_recognised_in_both_languages():
    for form in import_form.list_forms():
        columns = template_columns(form)
        for lang in ("zh", "en"):
            found = recognise([column.title.get(lang) for column in columns], form)
            assert {match.column.name for match in found.matches.values()} == {column.name for column in columns}, lang
            assert found.missing == []


def test_a_template_is_read_as_a_file_without_rows(tmp_path):
    path = tmp_path / "模板.xlsx"
    path.write_bytes(template_of(import_form.load("site", "boiler")))
    incoming = open_incoming(path, name=path.name, limits=ReadingLimits())
    try:
        assert list(incoming.rows(incoming.sheets[0])) == []
        assert incoming.sheets[0].header[0] == "对象编号"
    finally:
        incoming.close()


def test_problems_are_told_with_what_was_expected_and_what_may_be_meant():
    fault = ImportFault(3, "行业", "铸", Text("铸造", "casting"), "铸造")
    warning = ImportFault(3, "", "", Text("已换算", "converted"), severity="warning")
    found = problems_of([fault, warning])
    assert [(problem.sentence, problem.column, problem.is_error) for problem in found[3]] == [
        ("应为铸造；可能是 铸造", "行业", True), ("已换算", None, False),
    ]  # fmt: skip
    assert problems_of([fault], "en")[3][0].sentence == "expected casting; perhaps 铸造"
