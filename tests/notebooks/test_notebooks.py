"""Notebooks run as a reader would run them, on the demo city, and are kept clean."""

import ast
from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient

FOLDER = Path(__file__).resolve().parents[2] / "notebooks"
NOTEBOOKS = sorted(FOLDER.glob("*.ipynb"))


def read(path):
    return nbformat.read(path, as_version=4)


def code_of(book):
    return "\n".join(cell.source for cell in book.cells if cell.cell_type == "code")


def test_there_are_notebooks():
    assert "01_plain_villages.ipynb" in [path.name for path in NOTEBOOKS]


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_outputs_are_stripped(path):
    for cell in read(path).cells:
        assert not cell.get("outputs") and cell.get("execution_count") is None


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_notebooks_import_gridmap_and_define_nothing(path):
    tree = ast.parse(code_of(read(path)))
    assert not [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.ClassDef | ast.Lambda)]
    assert [node for node in ast.walk(tree) if isinstance(node, ast.ImportFrom) and node.module.startswith("gridmap")]


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_notebooks_run_from_the_first_cell_to_the_last(path, city_url, monkeypatch):
    monkeypatch.setenv("GRIDMAP_DATABASE_URL", city_url)
    book = read(path)
    NotebookClient(book, timeout=120, resources={"metadata": {"path": str(FOLDER)}}).execute()
    shown = [output for cell in book.cells for output in cell.get("outputs", [])]
    assert [output.name for output in shown if output.output_type == "stream"].count("stderr") == 0
    assert any("text/html" in output.get("data", {}) for output in shown)
