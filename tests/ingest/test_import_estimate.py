"""How many rows a file has is told quickly, and small files are counted."""

import openpyxl
import pytest

from gridmap.cli import import_progress
from gridmap.domain.incoming import ReadingLimits
from gridmap.ingest.importing.estimate import estimate_rows, is_small
from gridmap.ingest.reading import open_incoming


@pytest.fixture(params=["csv", "xlsx", "geojson", "kml"])
def path(request, tmp_path):
    path = tmp_path / f"a.{request.param}"
    if request.param == "csv":
        path.write_text("编号,名称\n" + "".join(f"e-{at},厂\n" for at in range(30)))
    elif request.param == "xlsx":
        book = openpyxl.Workbook()
        for values in [("编号", "名称"), *((f"e-{at}", "厂") for at in range(30))]:
            book.active.append(values)
        book.save(path)
    elif request.param == "geojson":
        one = (
            '{"type": "Feature", "properties": {"编号": "e"}, "geometry": {"type": "Point", "coordinates": [113, 34]}}'
        )
        path.write_text(f'{{"type": "FeatureCollection", "features": [{",".join([one] * 30)}]}}')
    else:
        one = "<Placemark><name>e</name><Point><coordinates>113,34</coordinates></Point></Placemark>"
        path.write_text(f'<kml xmlns="http://www.opengis.net/kml/2.2"><Document>{one * 30}</Document></kml>')
    return path


def test_rows_are_estimated_in_every_format_and_counted_where_it_decides(path):
    with open_incoming(path, name=path.name, limits=ReadingLimits()) as incoming:
        sheet = incoming.sheets[0]
        assert 30 <= estimate_rows(path, incoming, sheet) <= 31
        assert is_small(path, incoming, sheet, 30, 100_000)
        assert not is_small(path, incoming, sheet, 29, 100_000) and not is_small(path, incoming, sheet, 30, 10)


def test_a_terminal_sees_a_bar_and_nothing_else_does(monkeypatch, capsys):
    assert import_progress.bar("check") is None
    monkeypatch.setattr("sys.stderr.isatty", lambda: True)
    bar = import_progress.bar("write")
    bar("reading", 10, 20)
    bar("writing", 20, 20)
    told = capsys.readouterr().err
    assert "10 %  reading: 10 of 20 rows" in told and "99 %  writing: 20 of 20 rows" in told
    assert import_progress.line("check", "reading", 7, None, 3.0) == "reading: 7 rows, 3 s"
