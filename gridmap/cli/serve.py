"""`gridmap serve`: the web server, gunicorn inside this process."""

from __future__ import annotations

import errno
import os
import socket
from contextlib import suppress
from typing import Any

import click

from gridmap import config
from gridmap.db import state
from gridmap.errors import ConflictError, UserError

THREADS = 4
"""Per worker: a browser keeps connections open without asking, which would block a worker of one thread."""


@click.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option("--port", type=click.IntRange(1, 65535), default=None, help="Port; GRIDMAP_PORT or 8080.")
@click.option("--workers", type=click.IntRange(1, 64), default=2, show_default=True, help="Processes.")
def command(host: str, port: int | None, workers: int) -> None:
    """Serve map, pages and API until Ctrl-C or `make stop`."""
    chosen = port or config.load().port
    with listen(host, chosen) as listener:
        held = state.claim_pid_file(f"server-{chosen}")
        handle = listener.detach()  # gunicorn closes it, in each of its processes
    try:
        _serve(handle, workers, address(host, chosen))
    finally:
        os.close(held)


def listen(host: str, port: int) -> socket.socket:
    """Return a listening socket; UserError or ConflictError says in a sentence why there is none."""
    try:
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        return socket.create_server((host, port), family=family, backlog=512)
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            raise ConflictError(_taken(port)) from error
        if error.errno == errno.EACCES:
            raise UserError(
                f"this account may not listen on port {port}; take one from 1024 on: make demo PORT=9000"
            ) from error
        raise UserError(f"cannot listen on {host} port {port}: {_reason(error)}; check --host") from error


def address(host: str, port: int) -> str:
    """Return the address for a browser on this machine."""
    shown = "127.0.0.1" if host in ("0.0.0.0", "") else f"[{host}]" if ":" in host else host  # noqa: S104
    return f"http://{shown}:{port}/"


def _reason(error: OSError) -> str:
    # Python adds the address to strerror, which the sentence names already
    return os.strerror(error.errno) if error.errno and error.errno > 0 else str(error.strerror or error)


def _taken(port: int) -> str:
    mine = state.running().get(f"server-{port}")
    if mine:
        return f"port {port} is taken: gridmap of this checkout serves there already (process {mine}); see `make stop`"
    return f"port {port} is taken by another program; choose another one: make demo PORT=9000 (gridmap … --port 9000)"


def _resume_imports(worker: Any) -> None:
    """Have large files that waited when the server ended be worked on: once, not by every worker."""
    import psycopg2

    from gridmap.errors import GridmapError
    from gridmap.web import import_queue

    if worker.age != 1:
        return
    with worker.wsgi.app_context(), suppress(GridmapError, psycopg2.Error):  # pages say what ails the database
        import_queue.resume()


def _serve(listener: int, workers: int, shown: str) -> None:
    from gunicorn.app.base import BaseApplication

    class Server(BaseApplication):
        """gunicorn, set up from here instead of from files and the command line."""

        def load_config(self) -> None:
            settings: dict[str, Any] = {
                "bind": f"fd://{listener}",
                "workers": workers,
                "threads": THREADS,
                "worker_class": "gthread",
                "preload_app": True,  # a mistake in the application is then one sentence, not a loop of dying workers
                "timeout": 120,
                "graceful_timeout": 5,
                "loglevel": "warning",
                "control_socket_disable": True,  # else a socket in the home folder stays behind
                "proc_name": "gridmap",
                "post_worker_init": _resume_imports,
                "when_ready": lambda _: click.echo(f"serving at {shown}  (Ctrl-C stops it)"),
            }
            for name, value in settings.items():
                self.cfg.set(name, value)

        def load(self) -> Any:
            from gridmap.app import create_app

            return create_app()

    # gunicorn reads options of its own from here
    os.environ.pop("GUNICORN_CMD_ARGS", None)
    Server().run()
