"""Build the package so that a wheel carries layers, migrations and static, which lie beside it in a checkout."""

from __future__ import annotations

import shutil
from pathlib import Path

from setuptools.command.build_py import build_py

BESIDE = ("layers", "migrations", "static")


class BuildPy(build_py):
    """Copy the folders beside the package into it; an editable installation finds them where they are."""

    def run(self) -> None:
        """Build the package, then add the folders."""
        super().run()
        if self.editable_mode:
            return
        root = Path(__file__).resolve().parent.parent
        for name in BESIDE:
            target = Path(self.build_lib) / "gridmap" / name
            shutil.rmtree(target, ignore_errors=True)
            shutil.copytree(root / name, target, ignore=shutil.ignore_patterns("__pycache__", "*.new", ".*"))
