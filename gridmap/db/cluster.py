"""The private PostGIS cluster of this checkout: own data folder, Unix socket only, no TCP, no system cluster touched.

As root the server runs as the account `postgres` (PostgreSQL refuses root); as anyone else it runs as that user.
Only ensure_running() needs psycopg2: stopping and removing work with the standard library alone.
"""

from __future__ import annotations

import os
import pwd
import shlex
import shutil
import signal
import stat
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from gridmap.db import programs, state
from gridmap.errors import ConflictError, DatabaseError, UserError

ROLE = "gridmap"
DATABASE = "gridmap"
PORT = 5432
_LINUX = sys.platform.startswith("linux")
_SOCKET_LIMIT = 107  # bytes that sun_path holds on Linux, less the closing zero; macOS has 103

# For a machine of two cores; durable: what was committed survives kill -9 and a power cut.
_SETTINGS = {
    "listen_addresses": "",
    "port": str(PORT),
    "unix_socket_permissions": "0700",
    "max_connections": "60",
    "shared_buffers": "256MB",
    "effective_cache_size": "1GB",
    "work_mem": "32MB",
    "maintenance_work_mem": "256MB",
    "jit": "off",
    "random_page_cost": "1.1",
    # no replica will ever follow: bulk loads into fresh tables need not be logged twice
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "max_wal_size": "2GB",
    "checkpoint_timeout": "15min",
    "logging_collector": "off",
    "log_checkpoints": "off",
}


@dataclass(frozen=True)
class Status:
    """What `gridmap db status` tells: version is the data folder's major version, pid the server's."""

    running: bool
    pid: int | None
    version: str | None
    state_dir: str
    data_dir: str
    url: str


def ensure_running() -> str:
    """Return the libpq URL of the private database, starting and creating whatever is missing.

    Errors: UserError or DatabaseError with a sentence that says what to do.
    """
    if not _answers(DATABASE):
        with state.locked():
            if not _answers("postgres"):
                _start()
            _create_database()
    return url()


def start() -> str:
    """Start the cluster and return its URL; a running one is left as it is."""
    return ensure_running()


def stop() -> bool:
    """Stop the server and say whether one was running; committed work is kept."""
    if not state.folder().is_dir():
        return False
    with state.locked():
        return _stop()


def status() -> Status:
    """Tell what is there without starting anything."""
    pid = _server_pid()
    return Status(
        running=pid is not None,
        pid=pid,
        version=_data_version(),
        state_dir=str(state.folder()),
        data_dir=str(_data()),
        url=url(),
    )


def destroy() -> bool:
    """Stop the server and remove the whole state folder with all data; say whether there was one."""
    path = state.folder()
    if not path.is_dir():
        return False
    with state.locked():
        _stop()
        _remove_socket_folder()
        if _home().is_dir():
            shutil.rmtree(_home())
        for leftover in (*path.glob("*.pid"), path / "lock"):
            leftover.unlink(missing_ok=True)
    try:
        path.rmdir()
    except OSError:  # GRIDMAP_STATE_DIR may name a folder that holds more than ours
        return True
    state.remove_empty_parents(path)
    return True


def url(database: str = DATABASE) -> str:
    """Return the libpq URL of a database of the private cluster, running or not."""
    return f"postgresql://{ROLE}@/{database}?host={quote(str(socket_folder()), safe='/')}&port={PORT}"


def socket_folder() -> Path:
    """Return the folder of the Unix socket: in the state folder, or a short one when that path is too long."""
    wanted = _home() / "run"
    if len(os.fsencode(wanted / f".s.PGSQL.{PORT}.lock")) <= _SOCKET_LIMIT:
        return wanted
    return Path("/tmp") / f"gridmap-{os.geteuid()}-{state.checkout_name(state.folder())[-10:]}"  # noqa: S108  owner and mode are checked


def _home() -> Path:
    """The folder that belongs to the server's account; everything above it belongs to us."""
    return state.folder() / "postgres"


def _data() -> Path:
    return _home() / "data"


def _log() -> Path:
    return _home() / "server.log"


def _answers(database: str) -> bool:
    import psycopg2  # here, not above: stopping must work before anything is installed

    if not socket_folder().is_dir():
        return False
    try:
        psycopg2.connect(url(database), connect_timeout=10).close()
    except psycopg2.OperationalError:
        return False
    return True


def _create_database() -> None:
    """Create the database unless it is there."""
    import psycopg2

    try:
        conn = psycopg2.connect(url("postgres"), connect_timeout=10)
    except psycopg2.OperationalError as error:
        raise DatabaseError(f"the private cluster does not answer: {_first_line(str(error))}; see {_log()}") from error
    try:
        conn.autocommit = True
        with conn.cursor() as cursor:
            cursor.execute("SELECT FROM pg_database WHERE datname = %s", [DATABASE])
            if cursor.fetchone() is None:
                cursor.execute(f"CREATE DATABASE {DATABASE}")
    finally:
        conn.close()


def _start() -> None:
    """Start the server, initialising the data folder first if need be. The caller holds the lock."""
    account = _account()
    _make_server_folders(account)
    version = _data_version()
    if version is None:
        chosen = programs.find_usable()
        if chosen is None:
            raise DatabaseError(
                "no PostgreSQL 15 or later with PostGIS is installed (Debian, Ubuntu: apt install postgresql-postgis); "
                "install it, or set GRIDMAP_DATABASE_URL to a server that has it"
            )
        _refuse_broken_data()
        _initialise(chosen, account)
    else:
        chosen = _programs_for(version)
    _clear_stale_pid()
    _launch(chosen, account)


def _make_server_folders(account: pwd.struct_passwd | None) -> None:
    """Make the server's own folders, 0700, and check that its account can reach them."""
    for path in (_home(), socket_folder()):
        if path.is_symlink():
            raise UserError(f"{path} is a symbolic link; remove it, or set GRIDMAP_STATE_DIR to another folder")
        path.mkdir(mode=0o700, exist_ok=True)
        owner = path.stat().st_uid
        wanted = account.pw_uid if account else os.geteuid()
        if owner == 0 and account:
            os.chown(path, account.pw_uid, account.pw_gid)
        elif owner != wanted:
            raise UserError(f"{path} belongs to another account; set GRIDMAP_STATE_DIR to a folder of your own")
        path.chmod(stat.S_IRWXU)
    if account and _run(["/bin/sh", "-c", 'cd "$1"', "sh", str(_home())], account).returncode != 0:
        raise UserError(
            f"the account {account.pw_name}, which runs the server, may not enter {_home()}; "
            "set GRIDMAP_STATE_DIR to a folder whose parents everyone may enter (such as /var/lib/gridmap)"
        )


def _refuse_broken_data() -> None:
    """Raise unless the data folder is absent or empty: what we did not initialise to its end we do not touch."""
    if _data().is_dir() and any(_data().iterdir()):
        raise DatabaseError(
            f"{_data()} is no complete PostgreSQL data folder (PG_VERSION or global/pg_control is missing): "
            "move it away to keep it, or run `make clean` to remove it, then try again"
        )


def _initialise(chosen: programs.Programs, account: pwd.struct_passwd | None) -> None:
    """Make the data folder under a temporary name and rename it: a killed first run leaves nothing half-done."""
    unfinished = _home() / "data.new"
    if unfinished.exists():
        shutil.rmtree(unfinished)
    if _data().is_dir():
        _data().rmdir()
    done = _run(
        [chosen.path("initdb"), "-D", str(unfinished), "-U", ROLE, "-E", "UTF8", "--locale=C.UTF-8", "--auth=trust"],
        account,
    )
    if done.returncode != 0:
        shutil.rmtree(unfinished, ignore_errors=True)
        raise DatabaseError(f"initdb could not make a data folder in {_home()}: {_reason(done)}")
    unfinished.rename(_data())


def _programs_for(version: str) -> programs.Programs:
    """Return the programs of the data folder's own major version; DatabaseError names both versions."""
    installed = programs.list_installed()
    for one in installed:
        if str(one.major) == version:
            if not one.has_postgis:
                raise DatabaseError(
                    f"PostgreSQL {version} has no PostGIS any more: install postgresql-{version}-postgis-3"
                )
            return one
    there = ", ".join(str(one.major) for one in installed) or "none"
    raise DatabaseError(
        f"the data folder {_data()} was made by PostgreSQL {version}, but installed is {there}: install PostgreSQL "
        f"{version} with PostGIS again, or run `make clean` to give its data up and begin anew; nothing was touched"
    )


def _launch(chosen: programs.Programs, account: pwd.struct_passwd | None) -> None:
    if _log().exists() and _log().stat().st_size > 5_000_000:
        _log().unlink()
    settings = {**_SETTINGS, "unix_socket_directories": _quoted_list_item(str(socket_folder()))}
    options = shlex.join(part for name, value in settings.items() for part in ("-c", f"{name}={value}"))
    command = [chosen.path("pg_ctl"), "-D", str(_data()), "-l", str(_log()), "-w", "-t", "120", "-o", options, "start"]
    for attempt in range(20):
        done = _run(command, account)
        if done.returncode == 0:
            return
        # after kill -9 the old server's children need a moment to notice that it is gone
        if "shared memory block" not in _log_tail() or attempt == 19:
            break
        time.sleep(0.5)
    raise DatabaseError(f"the private cluster does not start: {_log_reason() or _reason(done)}; see {_log()}")


def _stop() -> bool:
    """Shut the server down in its fast way, in its immediate one after a minute (the next start recovers)."""
    pid = _server_pid()
    if pid is None:
        return False
    for sign in (signal.SIGINT, signal.SIGQUIT):
        os.kill(pid, sign)
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline:
            if _server_pid() is None:
                return True
            time.sleep(0.05)
    raise ConflictError(f"the private cluster (process {pid}) does not stop; end it by hand")


def _server_pid() -> int | None:
    """Return the process id of the running server, or None; a stale postmaster.pid counts for nothing."""
    pid = _written_pid()
    if pid is None:
        return None
    try:
        os.kill(pid, 0)
    except (ProcessLookupError, PermissionError):
        return None
    return pid if not _LINUX or pid in _processes_in_data() else None


def _written_pid() -> int | None:
    try:
        return int((_data() / "postmaster.pid").read_text().split("\n", 1)[0])
    except (OSError, ValueError):
        return None


def _processes_in_data() -> list[int]:
    """Return the processes whose working folder is our data folder, as it is for every process of our server.

    Asked as the server's account: in a container even root may not read another account's /proc/PID/cwd.
    """
    script = 'for p in /proc/[0-9]*; do [ "$p/cwd" -ef "$1" ] && echo "${p#/proc/}"; done; true'
    return [int(line) for line in _run(["/bin/sh", "-c", script, "sh", str(_data())], _account()).stdout.split()]


def _clear_stale_pid() -> None:
    """Remove postmaster.pid when its number belongs to a stranger by now and none of our server is left.

    PostgreSQL removes the file itself unless a process of that number lives; after a restart of the machine
    or of a container that may be any other one, and the start would be refused for ever.
    """
    if _LINUX and _written_pid() is not None and not _processes_in_data():
        (_data() / "postmaster.pid").unlink(missing_ok=True)
        for leftover in socket_folder().glob(".s.PGSQL.*"):
            leftover.unlink(missing_ok=True)


def _remove_socket_folder() -> None:
    path = socket_folder()
    if path.parent != _home() and path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)


def _data_version() -> str | None:
    """Return the major version of the data folder, or None when it is absent or incomplete."""
    try:
        version = (_data() / "PG_VERSION").read_text().strip()
    except OSError:
        return None
    return version if version and (_data() / "global" / "pg_control").exists() else None


def _account() -> pwd.struct_passwd | None:
    """Return the account that runs the server: postgres for root, None for the user himself."""
    if os.geteuid() != 0:
        return None
    try:
        return pwd.getpwnam("postgres")
    except KeyError:
        raise DatabaseError(
            "PostgreSQL refuses to run as root and there is no account named postgres: "
            "install PostgreSQL from your system's packages, or run as an ordinary user"
        ) from None


def _run(command: list[str], account: pwd.struct_passwd | None) -> subprocess.CompletedProcess[str]:
    """Run a program as the server's account, outside our folder, terminal and PG* environment."""
    environment = {name: value for name, value in os.environ.items() if name in ("PATH", "TZ", "LD_LIBRARY_PATH")}
    return subprocess.run(
        command,
        cwd="/",
        env={**environment, "LC_ALL": "C.UTF-8"},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
        check=False,
        start_new_session=True,
        user=account.pw_uid if account else None,
        group=account.pw_gid if account else None,
        extra_groups=[] if account else None,
    )


def _quoted_list_item(path: str) -> str:
    """unix_socket_directories is a list: double quotes keep commas and spaces inside one item."""
    return '"' + path.replace('"', '""') + '"'


def _log_tail() -> str:
    try:
        return _log().read_text(errors="replace")[-4000:]
    except OSError:
        return ""


def _log_reason() -> str:
    fatal = [line for line in _log_tail().splitlines() if "FATAL:" in line or "could not" in line]
    return fatal[-1].split("FATAL:")[-1].strip() if fatal else ""


def _reason(done: subprocess.CompletedProcess[str]) -> str:
    lines = [line for line in done.stdout.splitlines() if line.strip()]
    errors = [line for line in lines if "error" in line.lower() or "could not" in line]
    return (errors or lines or ["no reason given"])[-1 if not errors else 0].strip()


def _first_line(text: str) -> str:
    return text.strip().splitlines()[0] if text.strip() else "no reason given"
