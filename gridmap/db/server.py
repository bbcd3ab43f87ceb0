"""One PostgreSQL server of our own: its folder, its account, its processes. Standard library only.

PostgreSQL refuses to run as root, so for root it runs as the account `postgres`; for anyone else as that user.
"""

from __future__ import annotations

import os
import pwd
import secrets
import shlex
import shutil
import signal
import stat
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

from gridmap.db import programs, state
from gridmap.errors import ConflictError, DatabaseError, UserError

ROLE = "gridmap"
PORT = 5432
_LINUX = sys.platform.startswith("linux")
_SOCKET_LIMIT = 107  # bytes that sun_path holds on Linux, less the closing zero

# For a machine of two cores; durable: what was committed survives kill -9 and a power cut.
_SETTINGS = {
    "listen_addresses": "",
    "port": str(PORT),
    "unix_socket_permissions": "0700",
    "max_connections": "200",
    "shared_buffers": "256MB",
    "effective_cache_size": "1GB",
    "work_mem": "32MB",
    "maintenance_work_mem": "256MB",
    "jit": "off",
    "random_page_cost": "1.1",
    # in the data folder, not in /dev/shm: that is 64 MB in a container, and kill -9 would leave files there
    "dynamic_shared_memory_type": "mmap",
    # no replica will ever follow: bulk loads into fresh tables need not be logged twice
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "max_wal_size": "2GB",
    "checkpoint_timeout": "15min",
    "logging_collector": "off",
    "log_checkpoints": "off",
}


@dataclass(frozen=True)
class Server:
    """A server whose data, socket and log lie in one folder.

    home: that folder; it belongs to the server's account and nobody else may enter it.
    """

    home: Path

    @property
    def data(self) -> Path:
        """Return PostgreSQL's data folder."""
        return self.home / "data"

    @property
    def log(self) -> Path:
        """Return the server's log."""
        return self.home / "server.log"

    @property
    def socket_folder(self) -> Path:
        """Return the folder of the Unix socket: below home, or a short one when that path will not do.

        Paths of sockets are short, and libpq takes a comma for the next host.
        """
        wanted = self.home / "run"
        if "," not in str(wanted) and len(os.fsencode(wanted / f".s.PGSQL.{PORT}.lock")) <= _SOCKET_LIMIT:
            return wanted
        name = f"gridmap-{os.geteuid()}-{state.path_hash(self.home)}"
        return Path("/tmp") / name  # noqa: S108  owner and mode are checked before it is used

    def version(self) -> str | None:
        """Return the major version of the data folder, or None when it is absent or incomplete."""
        try:
            version = (self.data / "PG_VERSION").read_text().strip()
        except OSError:
            return None
        return version if version and (self.data / "global" / "pg_control").exists() else None

    def pid(self) -> int | None:
        """Return the process id of the running server, or None; a stale postmaster.pid counts for nothing."""
        pid = self._written_pid()
        if pid is None:
            return None
        try:
            os.kill(pid, 0)
        except (ProcessLookupError, PermissionError):
            return None
        return pid if not _LINUX or pid in self._processes() else None

    def start(self) -> None:
        """Start the server, initialising the data folder first if need be; the caller holds the lock."""
        account = _account()
        self._make_folders(account)
        for unfinished in self.home.glob("data.new-*"):
            shutil.rmtree(unfinished, ignore_errors=True)
        version = self.version()
        if version is None:
            self._refuse_broken_data()
            chosen = _usable_programs()
            self._initialise(chosen, account)
        else:
            chosen = self._programs_for(version)
        self._clear_stale_pid()
        self._launch(chosen, account)

    def stop(self) -> bool:
        """Shut the server down and say whether one was running.

        First PostgreSQL's fast way; after a minute its immediate one, from which the next start recovers.
        """
        pid = self.pid()
        if pid is None:
            return False
        for sign in (signal.SIGINT, signal.SIGQUIT):
            os.kill(pid, sign)
            deadline = time.monotonic() + 60
            while time.monotonic() < deadline:
                if self.pid() is None:
                    return True
                time.sleep(0.05)
        raise ConflictError(f"the private database (process {pid}) does not stop; end it by hand")

    def remove(self) -> None:
        """Remove data, socket and log of a stopped server."""
        outside = self.socket_folder
        if outside.parent != self.home and outside.is_dir() and not outside.is_symlink():
            shutil.rmtree(outside)
        deadline = time.monotonic() + 10
        while self.home.is_dir():  # the initdb of a killed run may still be writing
            shutil.rmtree(self.home, ignore_errors=time.monotonic() < deadline)

    def _make_folders(self, account: pwd.struct_passwd | None) -> None:
        """Make the server's own folders, 0700, and check that its account can reach them."""
        for path in (self.home, self.socket_folder):
            if path.is_symlink():
                raise UserError(f"{path} is a symbolic link; remove it, or set GRIDMAP_STATE_DIR to another folder")
            path.mkdir(mode=0o700, exist_ok=True)
            owner = path.stat().st_uid
            if owner == 0 and account:
                os.chown(path, account.pw_uid, account.pw_gid)
            elif owner != (account.pw_uid if account else os.geteuid()):
                raise UserError(f"{path} belongs to another account; set GRIDMAP_STATE_DIR to a folder of your own")
            path.chmod(stat.S_IRWXU)
        if account and _run(["/bin/sh", "-c", 'cd "$1"', "sh", str(self.home)], account).returncode != 0:
            raise UserError(
                f"the account {account.pw_name}, which runs the server, may not enter {self.home}; "
                "set GRIDMAP_STATE_DIR to a folder whose parents everyone may enter (such as /var/lib/gridmap)"
            )

    def _refuse_broken_data(self) -> None:
        """Raise unless the data folder is absent or empty: what we did not initialise to its end we do not touch."""
        if self.data.is_dir() and any(self.data.iterdir()):
            raise DatabaseError(
                f"{self.data} is no complete PostgreSQL data folder (PG_VERSION or global/pg_control is missing): "
                "move it away to keep it, or run `make clean` to remove it, then try again"
            )

    def _initialise(self, chosen: programs.Programs, account: pwd.struct_passwd | None) -> None:
        """Make the data folder under a temporary name and rename it: a killed first run leaves nothing half-done."""
        # a name of its own each time: the initdb of a killed run may still be writing to the last one
        unfinished = self.home / f"data.new-{secrets.token_hex(4)}"
        if self.data.is_dir():
            self.data.rmdir()
        command = [chosen.path("initdb"), "-D", str(unfinished), "-U", ROLE]
        done = _run([*command, "-E", "UTF8", "--locale=C.UTF-8", "--auth=trust"], account)
        if done.returncode != 0:
            shutil.rmtree(unfinished, ignore_errors=True)
            raise DatabaseError(f"initdb could not make a data folder in {self.home}: {_reason(done.stdout)}")
        unfinished.rename(self.data)

    def _programs_for(self, version: str) -> programs.Programs:
        """Return the programs of the data folder's own major version; DatabaseError names both versions."""
        installed = programs.list_installed()
        for one in installed:
            if str(one.major) == version:
                if not one.has_postgis:
                    package = f"postgresql-{version}-postgis-3"
                    raise DatabaseError(f"PostgreSQL {version} has no PostGIS any more: install {package}")
                return one
        there = ", ".join(str(one.major) for one in installed) or "none"
        raise DatabaseError(
            f"the data folder {self.data} was made by PostgreSQL {version}, but installed is {there}: install "
            f"PostgreSQL {version} with PostGIS, or run `make clean` to give its data up and begin anew; "
            "nothing was touched"
        )

    def _launch(self, chosen: programs.Programs, account: pwd.struct_passwd | None) -> None:
        if self.log.exists() and self.log.stat().st_size > 5_000_000:
            self.log.unlink()
        settings = {**_SETTINGS, "unix_socket_directories": _list_item(str(self.socket_folder))}
        options = shlex.join(part for name, value in settings.items() for part in ("-c", f"{name}={value}"))
        command = [chosen.path("pg_ctl"), "-D", str(self.data), "-l", str(self.log), "-o", options]
        for _ in range(20):
            before = self._log_size()
            done = _run([*command, "-w", "-t", "300", "start"], account)
            if done.returncode == 0:
                return
            said = self._log_since(before)
            if self.pid() is not None:  # one that a killed run was starting: the caller waits for it
                return
            # after kill -9 the old server's children need a moment to notice that it is gone
            if "shared memory block" not in said:
                break
            time.sleep(0.5)
        fatal = [line.split("FATAL:")[1].strip() for line in said.splitlines() if "FATAL:" in line]
        why = fatal[0] if fatal else _reason(done.stdout)
        raise DatabaseError(f"the private database does not start: {why}; its log is {self.log}")

    def _clear_stale_pid(self) -> None:
        """Remove postmaster.pid when its number belongs to a stranger by now and none of our server is left.

        PostgreSQL removes the file itself unless a process of that number lives; after a restart of the machine
        or of a container that may be any other one, and the start would be refused for ever.
        """
        if _LINUX and self._written_pid() is not None and not self._processes():
            (self.data / "postmaster.pid").unlink(missing_ok=True)
            for leftover in self.socket_folder.glob(".s.PGSQL.*"):
                leftover.unlink(missing_ok=True)

    def _processes(self) -> list[int]:
        """Return the processes whose working folder is our data folder, as it is for every process of our server.

        Asked as the server's account: in a container even root may not read another account's /proc/PID/cwd.
        """
        script = 'for p in /proc/[0-9]*; do [ "$p/cwd" -ef "$1" ] && echo "${p#/proc/}"; done; true'
        return [int(line) for line in _run(["/bin/sh", "-c", script, "sh", str(self.data)], _account()).stdout.split()]

    def _written_pid(self) -> int | None:
        try:
            return int((self.data / "postmaster.pid").read_text().split("\n", 1)[0])
        except (OSError, ValueError):
            return None

    def _log_size(self) -> int:
        return self.log.stat().st_size if self.log.exists() else 0

    def _log_since(self, position: int) -> str:
        try:
            return self.log.read_bytes()[position:].decode(errors="replace")
        except OSError:
            return ""


def _usable_programs() -> programs.Programs:
    chosen = programs.find_usable()
    if chosen is None:
        raise DatabaseError(
            "no PostgreSQL 15 or later with PostGIS is installed (Debian, Ubuntu: apt install postgresql-postgis); "
            "install it, or set GRIDMAP_DATABASE_URL to a server that has it"
        )
    return chosen


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


def _list_item(path: str) -> str:
    """Quote a folder for unix_socket_directories, a list: commas and spaces stay inside one item."""
    return '"' + path.replace('"', '""') + '"'


def _reason(output: str) -> str:
    """Return the first line of a program's output that tells of an error, else the last line."""
    lines = [line.strip() for line in output.splitlines() if line.strip()]
    errors = [line for line in lines if "error" in line.lower() or "could not" in line]
    return (errors[:1] or lines[-1:] or ["no reason given"])[0]
