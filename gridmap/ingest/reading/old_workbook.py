"""XLS, ET and ODS: made into XLSX by a process that may take only so much, and read as that."""

from __future__ import annotations

import subprocess
import sys
import tempfile
from pathlib import Path

from gridmap.domain.incoming import ReadingLimits, Told
from gridmap.ingest.oldbooks.__main__ import DAMAGED, DONE, LOCKED, OTHER
from gridmap.ingest.reading.faults import ReadingError, refusal
from gridmap.ingest.reading.kinds import LABELS
from gridmap.ingest.reading.workbook import Workbook

MEMORY = 1_000_000_000
"""Bytes of address space that the process may take.

A sheet of 65,000 rows and 20 columns takes six tenths of it; one of 50 columns of texts that never repeat is refused.
"""

SECONDS = 120
"""Time of a processor that it may take; twice that by the clock."""

_SAVED_AS = (
    "请用 Excel 或 WPS 打开，“另存为”选择“Excel 工作簿（.xlsx）”后再导入",
    "open it in Excel or WPS, choose Save as, Excel workbook (.xlsx), and bring that",
)


class OldWorkbook(Workbook):
    """An opened XLS, ET or ODS. kind: xls or ods; ET is XLS under another name."""

    def __init__(self, path: Path, limits: ReadingLimits, kind: str) -> None:
        self._folder = tempfile.TemporaryDirectory(prefix="gridmap-")
        try:
            made = Path(self._folder.name) / "made.xlsx"
            _convert(path, made, limits, kind)
            super().__init__(made, limits)
        except BaseException:
            self._folder.cleanup()
            raise
        self.format = kind
        zh, en = LABELS[kind]
        self.told = (
            Told(f"这是{zh}，按其中保存的数值读取", f"This is {en}, read by the values saved in it"), *self.told
        )  # fmt: skip

    def close(self) -> None:
        """Close and remove what was made of it."""
        super().close()
        self._folder.cleanup()


def _convert(path: Path, made: Path, limits: ReadingLimits, kind: str) -> None:
    numbers = (MEMORY, SECONDS, limits.bytes_unpacked, limits.columns)
    command = [
        sys.executable, "-I", "-m", "gridmap.ingest.oldbooks", kind, str(path.resolve()), str(made), *map(str, numbers),
    ]  # fmt: skip
    try:
        # without our environment: what reads a stranger's file need not know where the database is
        code = subprocess.run(
            command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env={},
            timeout=2 * SECONDS, check=False,
        ).returncode  # fmt: skip
    except subprocess.TimeoutExpired:
        code = -1
    if code != DONE:
        raise _refused(code, kind)


def _refused(code: int, kind: str) -> ReadingError:
    zh, en = LABELS[kind]
    if code == LOCKED:
        return refusal("工作簿有打开密码，请去掉密码后再试", "the workbook has a password; save it without one")
    if code == OTHER:
        return refusal(
            f"这不是{zh}，也许是 Word 或其他程序的文件；是表格的话，{_SAVED_AS[0]}",
            f"this is not {en} but perhaps a file of Word or another program; if it is a table, {_SAVED_AS[1]}",
        )
    if code == DAMAGED:
        return refusal(f"这是{zh}，但读不出来，可能已损坏；{_SAVED_AS[0]}", f"this is {en} but damaged; {_SAVED_AS[1]}")
    return refusal(f"这是{zh}，内容太多；{_SAVED_AS[0]}", f"this is {en} and too large; {_SAVED_AS[1]}")
