"""A real PostgreSQL server that has no PostGIS: the installed programs beside a share folder without it."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import psycopg2
import pytest
from click.testing import CliRunner

from gridmap.cli.db import command
from gridmap.db import programs, server
from gridmap.db.migrate import migrate
from gridmap.errors import DatabaseError


@pytest.fixture
def bare_url(monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """The URL of a server started from copied programs: PostgreSQL finds its extensions relative to itself."""
    installed = programs.find_usable()
    if installed is None or not str(installed.folder).startswith("/usr/lib/postgresql/"):
        pytest.skip("needs Debian's layout of PostgreSQL")
    tree = Path(tempfile.mkdtemp(prefix="gmbare"))
    tree.chmod(0o755)
    bin_folder = tree / installed.folder.relative_to("/")
    share = Path("usr/share/postgresql") / str(installed.major)
    bin_folder.mkdir(parents=True)
    for name in ("postgres", "initdb", "pg_ctl"):
        shutil.copy(installed.path(name), bin_folder)
    os.symlink(installed.folder.parent / "lib", bin_folder.parent / "lib")
    shutil.copytree("/" / share, tree / share, ignore=shutil.ignore_patterns("postgis*"))
    monkeypatch.setattr(
        server, "_usable_programs", lambda: programs.Programs(installed.major, bin_folder, has_postgis=False)
    )
    mine = server.Server(tree / "postgres")
    try:
        mine.start()
        yield f"postgresql://gridmap@/postgres?host={mine.socket_folder}&port={server.PORT}"
    finally:
        mine.stop()
        mine.remove()
        shutil.rmtree(tree)


def test_a_server_without_postgis_is_named_as_such_and_left_as_it_was(
    bare_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(DatabaseError, match=r"no PostGIS: install it there .* or unset GRIDMAP_DATABASE_URL"):
        migrate(bare_url)
    monkeypatch.setenv("GRIDMAP_DATABASE_URL", bare_url)
    told = CliRunner().invoke(command, ["migrate"])
    assert isinstance(told.exception, DatabaseError)
    conn = psycopg2.connect(bare_url)
    with conn.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_tables WHERE schemaname NOT IN ('pg_catalog', 'information_schema')")
        assert cursor.fetchone()[0] == 0
    conn.close()
