"""Files that were sent to be imported, until they are or a day has passed: each account's apart, for nobody else.

A folder per file below the state folder: file (as it came), said.json (what its sender said of it), report.json (what
it would change, when it was checked), found.db (every problem and change), done (the batch it became).
"""

from __future__ import annotations

import fcntl
import json
import os
import re
import secrets
import shutil
import time
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import Any, BinaryIO

from gridmap.db import state
from gridmap.domain.import_report import ImportReport
from gridmap.domain.roles import Reader
from gridmap.errors import NotFoundError

MOST_BYTES = 60_000_000
"""Larger files are for the command line: an application takes no larger request (app.MAX_BODY_BYTES)."""

KEPT_S = 24 * 3600
MOST_KEPT = 5
"""Files of one account that wait; the oldest gives way."""

_TOKEN = re.compile(r"[0-9a-f]{16}")
_PIECE = 1 << 20


class TooLarge(Exception):
    """What was sent is more than a page takes."""


@dataclass
class Said:
    """What its sender said of a file. file: its name. mapping: title -> column, None for what is not to be read."""

    layer: str
    kind: str | None
    file: str
    sha256: str
    day: str
    crs: str | None = None
    replace: bool = False
    repair: bool = False
    sheet: str | None = None
    mapping: dict[str, str | None] = field(default_factory=dict)

    @property
    def what(self) -> str:
        """Return what the file is of, as forms name it."""
        return f"{self.layer}/{self.kind}" if self.kind else self.layer


@dataclass(frozen=True)
class WaitingFile:
    """A file that waits. token: names it in addresses."""

    folder: Path
    said: Said

    @property
    def token(self) -> str:
        """Return what names it in addresses."""
        return self.folder.name

    @property
    def path(self) -> Path:
        """Return where the file itself is."""
        return self.folder / "file"

    @property
    def found(self) -> Path:
        """Return where every problem and change is kept (store/import_found.py), when it was checked."""
        return self.folder / "found.db"

    @property
    def sent_at(self) -> float:
        """Return when it came, seconds of the clock: what is kept of it goes a day later."""
        return self.path.stat().st_mtime

    def say(self, said: Said) -> WaitingFile:
        """Keep what is said anew; what was found before is no longer true."""
        for name in ("report.json", "found.db"):
            (self.folder / name).unlink(missing_ok=True)
        _write(self.folder / "said.json", asdict(said))
        return WaitingFile(self.folder, said)

    def keep_report(self, report: ImportReport) -> None:
        """Keep what was found."""
        _write(self.folder / "report.json", report.as_dict())

    def find_report(self) -> ImportReport | None:
        """Return what was found, None before it is checked."""
        kept = _read(self.folder / "report.json")
        return ImportReport.from_dict(kept) if kept else None

    @property
    def shown(self) -> str:
        """Return a text that is equal as long as the same would be done: file, what was said, what was found."""
        report = _read(self.folder / "report.json")
        return self._mark(report["fingerprint"], report["counts"]) if report else ""

    def mark_of(self, report: ImportReport) -> str:
        """Return what `shown` would be of a report."""
        return self._mark(report.fingerprint, report.counts)

    def _mark(self, fingerprint: str, counts: Mapping[str, int]) -> str:
        what = [asdict(self.said), fingerprint, dict(counts)]
        return sha256(json.dumps(what, sort_keys=True, ensure_ascii=False).encode()).hexdigest()[:32]

    @property
    def done(self) -> int | None:
        """Return the batch that it became, 0 when it brought nothing new, None while it waits."""
        kept = _read(self.folder / "done")
        return None if kept is None else int(kept)

    def finish(self, batch_id: int | None) -> None:
        """Note what it became and remove all else: the second of two clicks finds where the first one went."""
        _write(self.folder / "done", batch_id or 0)
        for name in ("file", "report.json", "found.db"):
            (self.folder / name).unlink(missing_ok=True)

    def forget(self) -> None:
        """Remove it."""
        shutil.rmtree(self.folder, ignore_errors=True)

    def give_way(self) -> None:
        """Remove it, unless somebody works on it right now."""
        with suppress(BlockingIOError, FileNotFoundError), (self.folder / "lock").open("w") as held:
            fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
            self.forget()

    @contextmanager
    def alone(self) -> Iterator[None]:
        """Wait until nobody else works on this file."""
        with (self.folder / "lock").open("w") as held:
            fcntl.flock(held, fcntl.LOCK_EX)
            yield


def receive(
    reader: Reader, stream: BinaryIO, said: Mapping[str, Any], busy: Collection[str] = ()
) -> WaitingFile | None:
    """Keep what an account sends, None when it is empty; TooLarge after MOST_BYTES: counted, whatever a header says.

    said: what Said takes beside the hash. busy: files that are worked on, which give way to none.
    """
    clean()
    mine = _of(reader)
    mine.mkdir(mode=0o700, exist_ok=True)
    folder = mine / secrets.token_hex(8)
    folder.mkdir(mode=0o700)
    digest, size = sha256(), 0
    try:
        with (folder / "file").open("xb") as file:
            while piece := stream.read(_PIECE):
                size += len(piece)
                if size > MOST_BYTES:
                    raise TooLarge
                digest.update(piece)
                file.write(piece)
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        raise
    if size == 0:
        shutil.rmtree(folder, ignore_errors=True)
        return None
    waiting = WaitingFile(folder, Said(sha256=digest.hexdigest(), **said))
    _write(folder / "said.json", asdict(waiting.said))
    for old in list_waiting(reader)[MOST_KEPT:]:
        if old.token not in busy:
            old.give_way()
    return waiting


def get(reader: Reader, token: str) -> WaitingFile:
    """Return a file that an account sent; NotFoundError for another's, for none and after a day."""
    folder = _of(reader) / token
    said = _read(folder / "said.json") if _TOKEN.fullmatch(token) else None
    if said is None:
        raise NotFoundError(
            f"there is no file {token[:16]} of yours: imported, put away, a day old, or one of more than {MOST_KEPT}",
            zh=f"没有这个待导入的文件：已导入、已放弃、已超过一天，或等候的超过 {MOST_KEPT} 个，请再选一次。",
        )
    return WaitingFile(folder, Said(**said))


def list_waiting(reader: Reader) -> list[WaitingFile]:
    """List the files of an account that wait, the newest first."""
    found = [
        WaitingFile(folder, Said(**said))
        for folder in _of(reader).glob("*")
        if (folder / "file").is_file() and (said := _read(folder / "said.json"))
    ]
    return sorted(found, key=lambda waiting: -waiting.sent_at)


def clean() -> None:
    """Remove what came more than a day ago, whoever sent it."""
    oldest = time.time() - KEPT_S
    for folder in root().glob("*/*"):
        try:
            if folder.stat().st_mtime < oldest:
                shutil.rmtree(folder, ignore_errors=True)
        except FileNotFoundError:
            continue


def _of(reader: Reader) -> Path:
    """Return the folder of an account. Its name counts too: the number alone may be another's in another database."""
    return root() / f"{reader.account_id}-{sha256(reader.name.encode()).hexdigest()[:16]}"


def root() -> Path:
    """Return the folder of all files that wait."""
    path = state.create() / "imports"
    path.mkdir(mode=0o700, exist_ok=True)
    return path


def _write(path: Path, value: Any) -> None:
    """Write a whole file or none: another request may be reading it."""
    part = path.with_name(f"{path.name}.{secrets.token_hex(4)}")
    part.write_text(json.dumps(value, ensure_ascii=False, default=str), "utf-8")
    os.replace(part, path)


def _read(path: Path) -> Any:
    try:
        return json.loads(path.read_text("utf-8"))
    except FileNotFoundError:
        return None
