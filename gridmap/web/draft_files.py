"""Files of zones that were sent to become drafts: kept and judged as ledgers are, in a place of their own."""

from __future__ import annotations

import json
import os
import secrets
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from typing import Any, BinaryIO

from gridmap import auth
from gridmap.db.pool import system_connection
from gridmap.domain.roles import Reader
from gridmap.domain.zone_file import ZoneFileReport
from gridmap.errors import UserError
from gridmap.ingest.reading import open_incoming
from gridmap.planning import zone_file
from gridmap.planning.zone_file import Brought, Saying
from gridmap.web import import_files
from gridmap.web.import_check import CHECK_S
from gridmap.web.import_files import WaitingFile
from gridmap.web.import_work import LIMITS

_SAYING, _REPORT, _MADE = "saying.json", "drafts.json", "made.json"


@dataclass(frozen=True)
class ZoneFile:
    """A file of zones that waits. saying: what was said of it."""

    waiting: WaitingFile
    saying: Saying

    @property
    def token(self) -> str:
        """Return what names it in addresses."""
        return self.waiting.token

    def find_report(self) -> ZoneFileReport | None:
        """Return what was found, None before it is checked."""
        kept = self._read(_REPORT)
        return None if kept is None else ZoneFileReport.from_dict(kept)

    @property
    def made(self) -> list[int] | None:
        """Return the drafts that it became, None while it waits."""
        kept: list[int] | None = self._read(_MADE)
        return kept

    def say(self, saying: Saying) -> ZoneFile:
        """Keep what is said anew; what was found before is no longer true."""
        (self.waiting.folder / _REPORT).unlink(missing_ok=True)
        self._write(_SAYING, asdict(saying))
        return ZoneFile(self.waiting, saying)

    def check(self, city_code: str) -> ZoneFileReport:
        """Judge the file, keep what was found and return it; UserError says why it cannot be read."""
        with self._brought(city_code) as brought:
            report = zone_file.check(system_connection(), brought, self.saying)
        self._write(_REPORT, report.as_dict())
        return report

    def make(self, city_code: str, shown: str) -> list[int]:
        """Make the drafts that were shown and return them; the second of two clicks finds what the first one made."""
        with self._brought(city_code) as brought:
            report = zone_file.make(system_connection(), brought, self.saying, shown=shown)
        made = [zone.draft for zone in report.zones if zone.draft is not None]
        self._write(_MADE, made)
        self.waiting.finish(None)
        (self.waiting.folder / _REPORT).unlink(missing_ok=True)
        return made

    @contextmanager
    def _brought(self, city_code: str) -> Iterator[Brought]:
        said = self.waiting.said
        incoming = open_incoming(self.waiting.path, name=said.file, limits=LIMITS)
        try:
            yield Brought(
                incoming, said.file, said.sha256, auth.reader().name, lambda code: auth.may_draft(code, city_code),
                _limit(time.monotonic() + CHECK_S),
            )  # fmt: skip
        finally:
            incoming.close()

    def _read(self, name: str) -> Any:
        path = self.waiting.folder / name
        return json.loads(path.read_text("utf-8")) if path.is_file() else None

    def _write(self, name: str, value: Any) -> None:
        """Write a whole file or none: another request may be reading it."""
        part = self.waiting.folder / f"{name}.{secrets.token_hex(4)}"
        part.write_text(json.dumps(value, ensure_ascii=False), "utf-8")
        os.replace(part, self.waiting.folder / name)


def _limit(until: float) -> Callable[[int], None]:
    """Return what ends a check that takes too long for a page, between one draft and the next."""

    def look(made: int) -> None:
        if time.monotonic() > until:
            raise UserError(
                f"{made} zones took more than {CHECK_S:.0f} s: bring the file with gridmap drafts import",
                zh=f"试建 {made} 份草案已超过 {CHECK_S:.0f} 秒，请用 gridmap drafts import 命令。",
            )

    return look


def receive(stream: BinaryIO, name: str, day: str, saying: Saying) -> ZoneFile | None:
    """Keep what the reader sends, None when it is empty; import_files.TooLarge when it is more than a page takes."""
    said = {"layer": "zone", "kind": None, "file": name, "day": day}
    waiting = import_files.receive(_desk(), stream, said)
    return None if waiting is None else ZoneFile(waiting, saying).say(saying)


def get(token: str) -> ZoneFile:
    """Return a file that the reader sent; NotFoundError for another's, for none and after a day."""
    own = ZoneFile(import_files.get(_desk(), token), Saying())
    kept = own._read(_SAYING)
    return replace(own, saying=Saying(**kept)) if kept else own


def list_waiting() -> list[ZoneFile]:
    """List the files of zones of the reader that wait, the newest first."""
    return [ZoneFile(waiting, Saying()) for waiting in import_files.list_waiting(_desk())]


def _desk() -> Reader:
    """Return the reader as the files know him: under another name, so that ledgers and zones lie apart."""
    own = auth.reader()
    return replace(own, name=f"{own.name} drafts")
