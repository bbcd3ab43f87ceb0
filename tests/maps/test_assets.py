"""Third-party files: copied whole or not at all, pointed at our own files, and nothing left for other hosts."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import folium
import folium.plugins
import pytest

from gridmap import config
from gridmap.errors import UserError
from gridmap.maps import assets


def node_modules(root: Path) -> Path:
    """Lay out a node_modules with every file that we copy."""
    for name, file in assets.FILES.items():
        path = root / file
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"content of {name}")
    return root


def test_every_file_is_copied(tmp_path: Path) -> None:
    vendor = tmp_path / "vendor"
    assert assets.install(node_modules(tmp_path / "node_modules"), vendor) == sorted(assets.FILES)
    assert {str(path.relative_to(vendor)) for path in vendor.rglob("*") if path.is_file()} == set(assets.FILES)


def test_a_second_copy_replaces_the_first(tmp_path: Path) -> None:
    vendor = tmp_path / "vendor"
    source = node_modules(tmp_path / "node_modules")
    assets.install(source, vendor)
    (vendor / "left-over.js").write_text("old")
    assets.install(source, vendor)
    assert not (vendor / "left-over.js").exists()


def test_a_missing_file_is_named_and_nothing_is_changed(tmp_path: Path) -> None:
    vendor = tmp_path / "vendor"
    vendor.mkdir()
    (vendor / "kept.js").write_text("kept")
    source = node_modules(tmp_path / "node_modules")
    (source / "leaflet/dist/leaflet.css").unlink()
    with pytest.raises(UserError, match=r"leaflet/dist/leaflet\.css.*npm ci"):
        assets.install(source, vendor)
    assert (vendor / "kept.js").read_text() == "kept"


def test_source_maps_are_forgotten_and_addresses_in_css_made_ours(tmp_path: Path) -> None:
    source = node_modules(tmp_path / "node_modules")
    (source / "leaflet/dist/leaflet.js").write_text("run();\n//# sourceMappingURL=leaflet.js.map\n")
    (source / "leaflet/dist/leaflet.css").write_text(
        "a { background: url(https://elsewhere.example/dist/images/layers.png) }\n"
        "b { background: url('images/marker-icon.png') }\n/*# sourceMappingURL=leaflet.css.map */"
    )
    assets.install(source, tmp_path / "vendor")
    css = (tmp_path / "vendor/leaflet/leaflet.css").read_text()
    assert "elsewhere" not in css and "sourceMappingURL" not in css
    assert "url(../leaflet/images/layers.png)" in css and "url(images/marker-icon.png)" in css
    assert "sourceMappingURL" not in (tmp_path / "vendor/leaflet/leaflet.js").read_text()


def test_a_stylesheet_that_needs_more_than_we_carry_is_refused(tmp_path: Path) -> None:
    source = node_modules(tmp_path / "node_modules")
    (source / "leaflet/dist/leaflet.css").write_text("@font-face { src: url(https://fonts.example/x.woff2) }")
    with pytest.raises(UserError, match=r"fonts\.example"):
        assets.install(source, tmp_path / "vendor")


def test_the_lock_names_exact_versions_and_no_registry() -> None:
    lock = (config.ROOT / "package-lock.json").read_text()
    assert '"resolved"' not in lock and "http" not in lock
    manifest = (config.ROOT / "package.json").read_text()
    assert "^" not in manifest and "~" not in manifest


def test_a_folium_map_loads_nothing_from_other_hosts_or_fails() -> None:
    chart = folium.Map(tiles=None)
    folium.plugins.MarkerCluster().add_to(chart)
    with pytest.raises(UserError) as caught:
        assets.localise(chart, lambda file: f"/static/{file}")
    message = str(caught.value)
    assert "Map asks for https://code.jquery.com" in message and "MarkerCluster asks for" in message
    assert "leaflet.js" not in message.replace("leaflet.markercluster.js", "")


def test_data_urls_carry_the_images_of_a_stylesheet() -> None:
    address = assets.data_url("vendor/leaflet/leaflet.css")
    assert address.startswith("data:text/css;base64,")


def test_a_file_that_was_not_installed_is_named() -> None:
    with pytest.raises(UserError, match=r"vendor/none\.js is missing"):
        assets.data_url("vendor/none.js")


def test_the_copy_step_needs_the_standard_library_alone() -> None:
    program = "import sys; sys.path.insert(0, sys.argv[1]); import gridmap.maps.assets; print('folium' in sys.modules)"
    done = subprocess.run(
        [sys.executable, "-I", "-S", "-c", program, str(config.ROOT)], capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stdout.strip()) == (0, "False"), done.stderr
