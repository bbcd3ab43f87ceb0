"""Large files: put among those that wait for a process of their own, looked after, stopped."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import time

from flask import current_app

from gridmap.db import state
from gridmap.db.pool import Pools, system_connection
from gridmap.db.session import transaction
from gridmap.domain.roles import Reader
from gridmap.errors import ConflictError
from gridmap.store import import_jobs
from gridmap.store.import_jobs import JobRow
from gridmap.web import import_check, import_files
from gridmap.web.import_files import WaitingFile

_AGAIN_S = 3.0
"""So long after a process was started none is started because a file still waits."""

_MOST_LOG_BYTES = 1_000_000
"""What processes write of errors goes into one file, which begins anew when it is larger."""

_started = threading.Lock()
_started_at = [0.0]


def add(waiting: WaitingFile, task: str, shown: str | None = None) -> None:
    """Have a file checked, or what was shown written, apart from this request."""
    who = import_check.importer()
    with transaction(system_connection()) as cursor:
        import_jobs.add(
            cursor, waiting.token, who.account_id or 0, address=who.address, file_name=waiting.said.file, task=task,
            shown=shown,
        )  # fmt: skip
    start()


def find(reader: Reader, token: str) -> JobRow | None:
    """Return the newest job of a reader's file."""
    resume()
    with transaction(system_connection()) as cursor:
        return import_jobs.find_last(cursor, token, reader.account_id)


def resume() -> None:
    """Have what waits be worked on, whoever sent it: a process may have ended with the machine."""
    if time.monotonic() - _started_at[0] <= _AGAIN_S:
        return
    with transaction(system_connection()) as cursor:
        is_waiting = import_jobs.is_waiting(cursor)
    if is_waiting:
        start()


def forget_ended(reader: Reader, token: str) -> None:
    """Forget how the last job of a file ended: something else is done with it now."""
    with transaction(system_connection()) as cursor:
        import_jobs.forget_ended(cursor, token, reader.account_id)


def live_tokens(reader: Reader) -> set[str]:
    """Return the files of a reader that wait or are worked on."""
    resume()
    with transaction(system_connection()) as cursor:
        return import_jobs.live_tokens(cursor, reader.account_id)


def cancel(job: JobRow) -> None:
    """Have a job stop; ConflictError when it has ended."""
    if not job.is_live:
        raise ConflictError(f"{job.file_name} has ended already", zh="已经结束，来不及取消。")
    conn = system_connection()
    with transaction(conn) as cursor:
        import_jobs.cancel(cursor, job)
    with transaction(conn) as cursor:
        import_jobs.break_off(cursor, job)


def start() -> None:
    """Start a process that works on what waits; it ends by itself, at once when there are enough of them.

    It asks the database that this application asks, and outlives the request, the worker and the server. Where the
    machine refuses another process the file goes on waiting, and whoever looks at it tries again.
    """
    pools: Pools = current_app.extensions["gridmap_pools"]
    env = {**os.environ, "GRIDMAP_STATE_DIR": str(state.create())}
    if pools.database_url:
        env["GRIDMAP_DATABASE_URL"] = pools.database_url  # not as an argument: everybody on the machine reads those
    with _started:
        _started_at[0] = time.monotonic()
        path = import_files.root() / "work.log"
        grown = path.exists() and path.stat().st_size > _MOST_LOG_BYTES
        with path.open("wb" if grown else "ab") as log:
            try:
                child = subprocess.Popen(
                    [sys.executable, "-m", "gridmap", "layers", "work"],
                    env=env, stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True,
                )  # fmt: skip
            except OSError:
                return
    threading.Thread(target=child.wait, daemon=True).start()  # an ended child nobody waits for stays in the table
