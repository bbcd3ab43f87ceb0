"""`gridmap doctor`: is everything there that gridmap needs?"""

from __future__ import annotations

import platform
import sys
from collections.abc import Callable
from contextlib import closing
from importlib import metadata

import click

from gridmap import __version__, config
from gridmap.db import session
from gridmap.errors import DatabaseError, GridmapError

PACKAGES = ("flask", "folium", "geopandas", "psycopg2-binary", "rasterio", "shapely")


@click.command()
def command() -> None:
    """Check the installation, one line per thing; exit code 1 when something is wrong."""
    sound = True
    for name, check in CHECKS.items():
        try:
            click.echo(f"ok     {name}: {check()}")
        except (GridmapError, OSError, metadata.PackageNotFoundError) as error:
            sound = False
            click.echo(f"WRONG  {name}: {error}")
    if not sound:
        raise SystemExit(1)


def _python() -> str:
    return f"{platform.python_version()} ({sys.executable}), gridmap {__version__}"


def _packages() -> str:
    return ", ".join(f"{name} {metadata.version(name)}" for name in PACKAGES)


def _database() -> str:
    from gridmap.db.migrate import check_server

    url = session.database_url()
    check_server(url)
    with closing(session.connect()) as conn, session.transaction(conn) as cursor:
        cursor.execute(
            "SELECT current_setting('server_version') AS server, "
            "(SELECT installed_version FROM pg_available_extensions WHERE name = 'postgis') AS postgis"
        )
        row = cursor.fetchone()
    kind = "GRIDMAP_DATABASE_URL" if config.load().database_url else "private"
    return f"PostgreSQL {row.server}, PostGIS {row.postgis or 'not installed in it yet'}, {kind}"


def _migrations() -> str:
    from gridmap.db.migrate import pending

    left = pending(session.database_url())
    if left:
        raise DatabaseError(f"{len(left)} pending, from {left[0]} on; run `gridmap db migrate`")
    return "none pending"


def _assets() -> str:
    vendor = config.resource("static") / "vendor"
    files = [path for path in vendor.rglob("*") if path.is_file()] if vendor.is_dir() else []
    if not files:
        raise DatabaseError("static/vendor is empty; run `make demo`, or npm ci and python -m gridmap.maps.assets")
    return f"{len(files)} front-end files in static/vendor"


def _city() -> str:
    with closing(session.connect()) as conn, session.transaction(conn) as cursor:
        cursor.execute("SELECT to_regclass('gridmap.setting') IS NOT NULL AS there")
        if not cursor.fetchone().there:
            raise DatabaseError("the schema is missing; run `gridmap db migrate`")
        cursor.execute(
            "SELECT s.city_name_zh, s.is_demo, gridmap.today() AS today, "
            "(SELECT count(*) FROM snapshot.village) AS villages FROM gridmap.setting AS s"
        )
        row = cursor.fetchone()
    if row.villages == 0:
        raise DatabaseError("no city is loaded; run `gridmap demo --no-serve`")
    return f"{row.city_name_zh}, {row.villages} villages, on {row.today}{' (demo data)' if row.is_demo else ''}"


def _rules() -> str:
    from gridmap.rules import catalogue

    return f"{len(catalogue.load().rules)} in force"


def _accounts() -> str:
    from gridmap.store import account_book, settings

    with closing(session.connect()) as conn, session.transaction(conn) as cursor:
        cursor.execute("SELECT to_regclass('gridmap.login_step') IS NOT NULL AS there")
        if not cursor.fetchone().there:
            raise DatabaseError("the schema is missing; run `gridmap db migrate`")
        count, is_demo = account_book.count(cursor), settings.is_demo(cursor)
    if not count["active"]:
        raise DatabaseError("nobody can log in; run `gridmap accounts create NAME --post POST --role admin`")
    if not count["admins"]:
        raise DatabaseError("no account is admin; run `gridmap accounts grant NAME --role admin`")
    if count["demo"] and not is_demo:
        raise DatabaseError(
            f"{count['demo']} demo accounts on a city that is none; close them by `gridmap accounts deactivate`"
        )
    return f"{count['active']} open, {count['admins']} of them admin, {count['demo']} of the demo"


CHECKS: dict[str, Callable[[], str]] = {
    "python": _python,
    "packages": _packages,
    "database": _database,
    "migrations": _migrations,
    "front end": _assets,
    "city": _city,
    "accounts": _accounts,
    "rules": _rules,
}
