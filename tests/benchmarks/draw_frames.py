"""Measure how long a frame takes while a vertex of a large zone is dragged in Chromium.

    python -m tests.benchmarks.draw_frames [--vertices 5000] [--moves 300]

Makes a scratch database, serves it, opens the drawing page of a draft of so many vertices and drags one of them with the
mouse. Told are, over all frames of the drag: the milliseconds between frames, and those that the page's own work in a
frame took (from its first line to the canvas; what the browser paints after that is in the first figure only).
"""

from __future__ import annotations

import math
import os
import socket
import subprocess
import sys
import time
import urllib.request
from statistics import median

import click
import shapely
from playwright.sync_api import Page, sync_playwright

from gridmap.auth import sessions
from gridmap.db.session import connect, transaction
from gridmap.store import drafts
from tests import accounts, databases
from tests.browser.conftest import CHROMIUM, FLAGS
from tests.builders import add_region, add_zone, box, degrees

COUNTY, CITY = "410181", "410100"

WATCH = """() => {
    const { editor } = window.gridmap.draw, follow = editor.follow.bind(editor);
    window.frames_ms = []; window.work_ms = [];
    editor.follow = () => { const from = performance.now(); follow(); window.work_ms.push(performance.now() - from); };
    let last = performance.now();
    const tick = (now) => { if (editor.drag?.moved) window.frames_ms.push(now - last); last = now; requestAnimationFrame(tick); };
    requestAnimationFrame(tick);
}"""
PLACE = """() => {
    const { editor, map } = window.gridmap.draw;
    const at = editor.handles.shown.handles[Math.floor(editor.handles.shown.handles.length / 3)];
    const box = map.getContainer().getBoundingClientRect();
    return [box.x + at.x, box.y + at.y];
}"""


def rough_disc(vertices: int) -> shapely.Polygon:
    """Return a zone in kilometres whose outline is rough, as one along roads is."""
    angles = [2 * math.pi * n / vertices for n in range(vertices)]
    far = [4 + 0.15 * math.sin(37 * angle) + 0.03 * math.sin(611 * angle) for angle in angles]
    return shapely.Polygon([(5 + r * math.cos(a), 5 + r * math.sin(a)) for r, a in zip(far, angles, strict=True)])


@click.command()
@click.option("--vertices", default=5000, show_default=True)
@click.option("--moves", default=300, show_default=True)
def main(vertices: int, moves: int) -> None:
    """Measure and tell."""
    with databases.migrated("draw_frames") as url:
        conn = connect(url)
        with transaction(conn) as cursor:
            add_region(cursor, CITY, "city", box(-20, -20, 40, 40))
            add_region(cursor, COUNTY, "county", box(0, 0, 10, 10), parent=CITY)
            add_zone(cursor, boundary=rough_disc(vertices))
            cursor.execute("SELECT zone_id FROM gridmap.zone WHERE status = 'published'")
            draft = drafts.create(cursor, cursor.fetchone()[0], title="测量", author="test").zone_id
        conn.close()
        token = accounts.enter(url, "planner", COUNTY)
        with socket.create_server(("127.0.0.1", 0)) as listener:
            command = [sys.executable, "-m", "gunicorn", "--preload", "--threads", "4", "--log-level", "warning"]
            command += ["--no-control-socket", "--bind", f"fd://{listener.fileno()}", "gridmap.app:create_app()"]
            server = subprocess.Popen(
                command, env={**os.environ, "GRIDMAP_DATABASE_URL": url}, pass_fds=[listener.fileno()]
            )
            home = f"http://127.0.0.1:{listener.getsockname()[1]}"
        try:
            _wait(home)
            frames, work = _drag(home, draft, token, moves)
        finally:
            server.terminate()
            server.wait(20)
    west, south, east, north = degrees(rough_disc(vertices)).bounds
    click.echo(f"{vertices} vertices, {east - west:.3f} × {north - south:.3f} degrees; {len(work)} frames")
    for name, found in (("between frames", frames), ("own work", work)):
        found.sort()
        click.echo(
            f"{name}: p50 {median(found):.1f} ms, p95 {found[int(len(found) * 0.95)]:.1f} ms, max {found[-1]:.1f} ms"
        )


def _wait(home: str) -> None:
    for _ in range(300):
        try:
            urllib.request.urlopen(f"{home}/health", timeout=5).close()
        except OSError:
            time.sleep(0.2)
        else:
            return
    raise SystemExit("the server did not answer")


def _drag(home: str, draft: int, token: str, moves: int) -> tuple[list[float], list[float]]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=list(FLAGS))
        context = browser.new_context(viewport={"width": 1280, "height": 860})
        context.add_cookies([{"name": sessions.COOKIE, "value": token, "url": home}])
        tab: Page = context.new_page()
        tab.goto(f"{home}/drafts/{draft}/draw")
        tab.wait_for_selector("html[data-ready=draw]", state="attached")
        tab.wait_for_timeout(3000)
        tab.evaluate(WATCH)
        x, y = tab.evaluate(PLACE)
        tab.mouse.move(x, y)
        tab.mouse.down()
        for n in range(moves):
            tab.mouse.move(x + 40 * math.sin(n / 9), y + 40 * math.cos(n / 7))
        frames, work = tab.evaluate("[window.frames_ms, window.work_ms]")
        tab.mouse.up()
        browser.close()
        return frames, work


if __name__ == "__main__":
    main()
