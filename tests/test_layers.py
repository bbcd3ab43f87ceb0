"""Layer definitions: right ones load and agree with the database, wrong ones are refused in a sentence."""

import json
import shutil
from pathlib import Path

import pytest
from click.testing import CliRunner

from gridmap import layers
from gridmap.cli import cli
from gridmap.errors import DefinitionError, NotFoundError
from gridmap.store.layer_check import check_layer
from gridmap.store.layers import select

IDS = [layer.id for layer in layers.load()]
WELL = """
id = "well"
order = 75
title = { zh = "水井", en = "Wells" }
description = { zh = "水井。", en = "Wells." }
geometry = "Point"
feature_id = { zh = "编号", en = "number" }
reads = ["station"]
zoom = [10, 18]
[[column]]
name = "county_code"
zh = "县（市、区）代码"
en = "county code"
type = "text"
filterable = true
tile_zoom = 0
"""
WELL_SQL = "SELECT s.station_code AS feature_id, s.geom, s.geom_3857, s.county_code FROM station AS s"
WELL_STYLE = {"column": None, "legend": [{"value": "well", "zh": "水井", "en": "well", "color": "#0277bd"}]}


@pytest.fixture
def folder(tmp_path):
    """Return a layers folder with one small layer in it."""
    root = tmp_path / "layers"
    (root / "well").mkdir(parents=True)
    shutil.copy(Path("layers/tileset.toml"), root)
    write(root)
    return root


def write(root, toml=WELL, sql=WELL_SQL, style=WELL_STYLE):
    (root / "well" / "well.toml").write_text(toml, "utf-8")
    (root / "well" / "well.sql").write_text(sql, "utf-8")
    (root / "well" / "style.json").write_text(json.dumps(style), "utf-8")


def refusal(root):
    with pytest.raises(DefinitionError) as caught:
        layers.load.__wrapped__(root)
    return str(caught.value)


def test_the_layers_of_the_house_are_there():
    assert set(IDS) == {
        "county", "township", "village", "grid_square", "grid_cell", "zone", "site", "road", "station",
        "place_mention", "finding", "case_file", "road_damage", "hotspot", "observation",
    }  # fmt: skip


@pytest.mark.parametrize("layer_id", IDS)
def test_description_and_select_agree(conn, layer_id):
    check_layer(conn, layers.load().get(layer_id))


@pytest.mark.parametrize("layer_id", IDS)
def test_every_code_in_the_data_has_a_label(city, layer_id):
    layer = layers.load().get(layer_id)
    for column in layer.columns:
        if not column.codes:
            continue
        with city.cursor() as cursor:
            cursor.execute("SET LOCAL search_path = snapshot, public")
            cursor.execute(f"SELECT DISTINCT {column.name} FROM ({layer.sql}) AS q WHERE {column.name} IS NOT NULL")
            assert {value for (value,) in cursor.fetchall()} <= set(column.codes), column.name


def test_the_kinds_of_zone_are_those_of_the_database(conn):
    with conn.cursor() as cursor:
        cursor.execute("SELECT kind, name_zh, name_en FROM gridmap.zone_kind ORDER BY sort_order")
        kinds = cursor.fetchall()
    codes = layers.load().get("zone").column("kind").codes
    assert [(code, text.zh, text.en) for code, text in codes.items()] == kinds


def test_a_layer_of_ten_lines_loads(folder, conn):
    found = layers.load.__wrapped__(folder)
    assert [layer.id for layer in found] == ["well"]
    check_layer(conn, found.get("well"))


def test_the_example_in_the_readme_is_a_layer(folder):
    text = Path("layers/README.md").read_text("utf-8")
    blocks = [
        "\n".join(line[4:] for line in block.splitlines())
        for block in text.split("`layers/well/")[1:]
        for block in [block.split(":\n\n", 1)[1].split("\n\n")[0]]
    ]
    toml, sql, style = blocks
    write(folder, toml, sql, json.loads(style))
    assert layers.load.__wrapped__(folder).get("well").title.zh == "水井"
    assert len(toml.splitlines()) <= 15


@pytest.mark.parametrize("key", ["id", "order", "title", "description", "geometry", "feature_id", "reads", "zoom"])
def test_a_missing_key_is_named(folder, key):
    write(folder, "\n".join(line for line in WELL.splitlines() if not line.startswith(f"{key} =")))
    said = refusal(folder)
    assert said.startswith("layers/well/well.toml: ")
    assert f"`{key}` is missing; expected " in said


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('id = "well"', 'id = "wells"', "`id` is 'wells'; expected the folder's name, well"),
        ("order = 75", 'order = "high"', "`order` is 'high'; expected a whole number"),
        ('"Point"', '"Punkt"', "`geometry` is 'Punkt'; expected one of none, Point"),
        ('title = { zh = "水井", en = "Wells" }', 'title = "Wells"', "a text in both languages"),
        ('title = { zh = "水井", en = "Wells" }', 'title = { zh = "水井" }', "title: `en` is missing"),
        ("[10, 18]", "[18, 10]", "`zoom` is [18, 10]; expected [lowest, highest]"),
        ('type = "text"', 'type = "varchar"', "column 'county_code': `type` is 'varchar'; expected one of text"),
        ('type = "text"', 'kind = "text"', "column 'county_code': `type` is missing"),
        ("filterable = true", 'filterable = "yes"', "`filterable` is 'yes'; expected true or false"),
        ("filterable = true", "filtrable = true", "`filtrable` is True; expected no such key"),
        ('name = "county_code"', 'name = "County"', "`name` is 'County'; expected small letters"),
        ('name = "county_code"', 'name = "code"', "a column county_code among them"),
        ('reads = ["station"]', "reads = []", "`reads` is []; expected a list of names"),
        ("zoom = [10, 18]", "zoom = [10, 18", "not TOML"),
    ],
)
def test_a_wrong_key_is_named(folder, old, new, said):
    assert old in WELL
    write(folder, WELL.replace(old, new))
    assert said in refusal(folder)


def test_wrong_sql_and_style_are_named(folder):
    write(folder, sql="DELETE FROM gridmap.site")
    assert refusal(folder) == "layers/well/well.sql: expected one SELECT and nothing else"
    write(folder, sql=WELL_SQL + "; DROP TABLE site")
    assert "one SELECT" in refusal(folder)
    write(folder, style={**WELL_STYLE, "legend": [{**WELL_STYLE["legend"][0], "color": "red"}]})
    assert "layers/well/style.json: legend 'well': `color` is 'red'; expected six hexadecimal" in refusal(folder)
    write(folder, style={**WELL_STYLE, "column": "depth"})
    assert "`column` is 'depth'; expected the name of a described column" in refusal(folder)
    (folder / "well" / "style.json").unlink()
    assert "layers/well/style.json: the file is missing" in refusal(folder)
    (folder / "well" / "well.toml").unlink()
    assert refusal(folder) == "layers/well/well.toml: the file is missing"


@pytest.mark.parametrize(
    ("sql", "said"),
    [
        (WELL_SQL.replace(", s.county_code", ""), "no column county_code"),
        (WELL_SQL.replace("s.county_code", "s.county_code, s.name"), "column name of the SELECT is not described"),
        (WELL_SQL.replace("s.county_code", "length(s.county_code) AS county_code"), "type is text; the SELECT returns"),
        (
            WELL_SQL.replace("s.geom,", "s.geom_m AS geom,"),
            "geom is geometry(Point,4547); expected geometry(Point,4490)",
        ),
        (WELL_SQL.replace("FROM station", "FROM gridmap.station"), "it reads gridmap.station"),
        (WELL_SQL + " CROSS JOIN zone", "`reads` is ['station']; the SELECT reads ['station', 'zone']"),
        (WELL_SQL.replace("station_code", "nix"), "the SELECT does not run"),
    ],
)
def test_a_select_that_disagrees_is_refused(folder, conn, sql, said):
    write(folder, sql=sql)
    layer = layers.load.__wrapped__(folder).get("well")
    with pytest.raises(DefinitionError) as caught:
        check_layer(conn, layer)
    assert said in str(caught.value)


def test_an_unknown_layer_and_column_list_the_known_ones():
    with pytest.raises(NotFoundError, match=r"there is no layer nix; the layers are .*village"):
        layers.load().get("nix")
    with pytest.raises(NotFoundError, match="village has no column nix; it has name"):
        layers.load().get("village").column("nix")


def test_a_percent_sign_in_a_select_is_no_placeholder(conn, folder):
    write(folder, sql=WELL_SQL + " WHERE s.name LIKE '%站'")
    query = select(layers.load.__wrapped__(folder).get("well"))
    with conn.cursor() as cursor:
        cursor.execute("SET LOCAL search_path = snapshot, public")
        cursor.execute("SELECT count(*), %s FROM " + query.as_string(conn), ["x"])
        assert cursor.fetchone()[1] == "x"


def test_commands_list_and_describe():
    run = CliRunner()
    listed = json.loads(run.invoke(cli, ["layers", "list", "--json"]).output)
    assert [layer["id"] for layer in listed] == IDS
    table = run.invoke(cli, ["layers", "list"]).output
    assert "禁煤区" not in table
    assert "村庄与社区" in table
    described = json.loads(run.invoke(cli, ["layers", "describe", "village", "--json"]).output)
    assert "cover_class" in [column["name"] for column in described["columns"]]
    assert "禁煤区覆盖" in run.invoke(cli, ["layers", "describe", "village"]).output


def test_command_checks_the_definitions(database_url, monkeypatch):
    monkeypatch.setenv("GRIDMAP_DATABASE_URL", database_url)
    result = CliRunner().invoke(cli, ["layers", "check"])
    assert result.exit_code == 0, result.output
    assert f"{len(IDS)} layers agree" in result.output
