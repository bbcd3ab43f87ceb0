"""`gridmap drafts`: from a version in force to what its redrawing would change."""

import json

import pytest
import shapely
from click.testing import CliRunner

from gridmap.cli import cli
from gridmap.coordinates import to_gcj02
from gridmap.db.session import connect, transaction
from tests import databases
from tests.builders import add_site, add_village, add_zone, box, degrees


@pytest.fixture(scope="module")
def law():
    """Return the id of a zone in force with a village within and one beside it, in a database of its own."""
    with databases.migrated("drafts_cli") as url, pytest.MonkeyPatch.context() as patch:
        patch.setenv("GRIDMAP_DATABASE_URL", url)
        conn = connect(url)
        with transaction(conn) as cursor:
            zone = add_zone(cursor, boundary=box(0, 0, 2, 2))
            add_village(cursor, "410181113201", (1, 1), households=100)
            add_village(cursor, "410181113202", (3, 1), households=50)
            add_site(cursor, "beside", (3, 1.5))
        conn.close()
        yield zone


@pytest.fixture
def boundary(tmp_path):
    def written(area, name="boundary.geojson"):
        path = tmp_path / name
        path.write_text(area if isinstance(area, str) else shapely.to_geojson(degrees(area)), encoding="utf-8-sig")
        return str(path)

    return written


def run(*words):
    return CliRunner().invoke(cli, ["drafts", *(str(word) for word in words)])


def _as_web_maps(lons, lats):
    return tuple(zip(*map(to_gcj02, lons, lats), strict=True))


def create(law):
    done = run("create", law, "--title", "向东扩")
    assert done.exit_code == 0, done.output
    return int(done.output.split()[1].rstrip(","))


def test_a_draft_is_made_drawn_and_its_impact_told_by_name(law, boundary):
    draft = create(law)
    assert run("draw", draft, boundary(box(0, 0, 4, 2)), "--revision", 1).output == f"draft {draft} is at revision 2\n"
    told = run("impact", draft).output
    assert "+4.00 -0.00" in told
    assert "households: +50 -0" in told
    assert "villages that come in: 1: " in told
    values = json.loads(run("impact", draft, "--json").output)
    assert [village["id"] for village in values["villages_gained"]] == ["410181113202"]
    assert [site["id"] for site in values["sites_gained"]] == ["beside"]
    assert draft in [row["zone_id"] for row in json.loads(run("list", "--json").output)]


def test_a_save_on_an_older_revision_says_which_one_stands(law, boundary):
    draft = create(law)
    run("draw", draft, boundary(box(0, 0, 3, 2)), "--revision", 1)
    again = run("draw", draft, boundary(box(0, 0, 4, 2)), "--revision", 1)
    assert (again.exit_code, "it is at revision 2, yours began at 1" in str(again.exception)) == (1, True)


def test_units_are_listed_and_taken_off_the_lists(law):
    draft = create(law)
    assert run("draw", draft, "--revision", 1, "--in", "410181113202").exit_code == 0
    assert [v["id"] for v in json.loads(run("impact", draft, "--json").output)["villages_gained"]] == ["410181113202"]
    assert run("draw", draft, "--revision", 2, "--unlist", "410181113202").exit_code == 0
    assert json.loads(run("impact", draft, "--json").output)["villages_gained"] == []


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("null", "expected a Polygon"),
        ("{", "no GeoJSON"),
        ("[" * 100_000, "no GeoJSON"),
        ('{"type": "Point", "coordinates": [113, 34]}', "Polygon"),
        (
            '{"type": "Polygon", "coordinates": [[[113, NaN], [113.1, 34], [113.1, 34.1], [113, NaN]]]}',
            "part 1, ring 1",
        ),
        ('{"type": "Polygon", "coordinates": [[[113, 1e999], [113.1, 34], [113.1, 34.1], [113, 1e999]]]}', "ring 1"),
    ],
)
def test_what_is_no_boundary_is_refused_in_a_sentence_and_changes_nothing(law, boundary, text, expected):
    draft = create(law)
    refused = run("draw", draft, boundary(text), "--revision", 1)
    assert refused.exit_code == 1
    assert expected in str(refused.exception)
    assert json.loads(run("impact", draft, "--json").output)["revision"] == 1


def test_a_boundary_shifted_as_web_maps_shift_is_warned_of(law, boundary):
    shifted = shapely.transform(degrees(box(0, 0, 2, 2)), _as_web_maps, interleaved=False)
    told = run("draw", create(law), boundary(shapely.to_geojson(shifted)), "--revision", 1).output
    assert "GCJ-02" in told


def test_nothing_to_draw_and_no_such_draft_are_said(law):
    assert run("draw", 1, "--revision", 1).exit_code == 2
    assert "there is no draft 999999" in str(run("impact", 999999).exception)
    assert "is a draft; a draft is made from a published version" in str(
        run("create", create(law), "--title", "x").exception
    )
