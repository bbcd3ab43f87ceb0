"""A bar on stderr that tells how far an import is; nothing where stderr is no terminal."""

from __future__ import annotations

import sys
import time

import click

from gridmap.domain.import_progress import Progress, how_far

_WIDTH = 30
_EVERY_S = 0.2


def bar(task: str) -> Progress | None:
    """Return what draws the bar of a task ("check", "write"), None when nobody would see it."""
    if not sys.stderr.isatty():
        return None
    began, drawn_at, drawn = time.monotonic(), 0.0, ""

    def draw(step: str, done: int, total: int | None) -> None:
        nonlocal drawn_at, drawn
        now = time.monotonic()
        if step == drawn and now - drawn_at < _EVERY_S and done != total:
            return
        drawn_at, drawn = now, step
        click.echo(f"\r\033[K{line(task, step, done, total, now - began)}", nl=False, err=True)

    return draw


def line(task: str, step: str, done: int, total: int | None, elapsed_s: float) -> str:
    """Return the bar as one line."""
    far = how_far(task, step, done, total, elapsed_s)
    rows = f"{done:,} rows" if not total else f"{done:,} of {total:,} rows"
    if far.percent is None:
        return f"{step}: {rows}, {elapsed_s:.0f} s"
    full = "#" * (far.percent * _WIDTH // 100)
    left = f", about {far.left_s:.0f} s left" if far.left_s is not None else ""
    return f"[{full:<{_WIDTH}}] {far.percent:3d} %  {step}: {rows}, {elapsed_s:.0f} s{left}"


def clear() -> None:
    """Remove the bar, before anything else is written."""
    if sys.stderr.isatty():
        click.echo("\r\033[K", nl=False, err=True)
