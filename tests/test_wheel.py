"""A wheel carries everything that lies beside the package in a checkout, and finds it there."""

from __future__ import annotations

import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from gridmap import config, wheel


@pytest.fixture(scope="module")
def unpacked(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel of a copy of this checkout, unpacked."""
    folder = tmp_path_factory.mktemp("wheel")
    source = folder / "source"
    told = subprocess.run(
        ["git", "ls-files", "-co", "--exclude-standard"], cwd=config.ROOT, capture_output=True, text=True, check=True
    )
    for name in told.stdout.splitlines():
        if (config.ROOT / name).is_file():
            (source / name).parent.mkdir(parents=True, exist_ok=True)
            (source / name).write_bytes((config.ROOT / name).read_bytes())
    command = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--no-cache-dir", "-w", str(folder)]
    done = subprocess.run([*command, str(source)], capture_output=True, text=True, check=False)
    if done.returncode != 0 and "setuptools" in done.stderr:
        pytest.skip("setuptools cannot be fetched")
    assert done.returncode == 0, done.stderr
    with zipfile.ZipFile(next(folder.glob("*.whl"))) as archive:
        archive.extractall(folder / "unpacked")
    return folder / "unpacked"


def _files(folder: Path, *suffixes: str) -> set[str]:
    return {
        str(path.relative_to(folder))
        for path in folder.rglob("*")
        if path.is_file() and path.suffix in suffixes and "vendor" not in path.parts
    }


@pytest.mark.parametrize("name", wheel.BESIDE)
def test_folders_beside_the_package_are_inside(unpacked: Path, name: str) -> None:
    suffixes = (".sql", ".toml", ".json", ".csv", ".md", ".css", ".js", ".svg")
    assert _files(config.ROOT / name, *suffixes) == _files(unpacked / "gridmap" / name, *suffixes)


@pytest.mark.parametrize("suffix", [".py", ".sql", ".html", ".toml"])
def test_every_file_of_the_package_is_inside(unpacked: Path, suffix: str) -> None:
    inside = _files(unpacked / "gridmap", suffix)
    assert _files(config.ROOT / "gridmap", suffix) <= inside


def test_the_installed_package_finds_its_own(unpacked: Path) -> None:
    script = (
        "from gridmap import config, layers; from gridmap.rules import catalogue; "
        "print(config.resource('layers'), config.resource('migrations'), config.resource('static'), "
        "len(catalogue.load().rules), layers.__file__)"
    )
    done = subprocess.run(
        [sys.executable, "-c", script],
        cwd="/",
        env={**os.environ, "PYTHONPATH": str(unpacked)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    *folders, rules, module = done.stdout.split()
    assert folders == [str(unpacked / "gridmap" / name) for name in ("layers", "migrations", "static")]
    assert int(rules) > 0
    assert module == str(unpacked / "gridmap" / "layers.py")
