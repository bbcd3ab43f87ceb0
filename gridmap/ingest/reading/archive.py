"""Zip files, read with suspicion: names, links, passwords and sizes are looked at, and every unpacked byte counted."""

from __future__ import annotations

import io
import stat
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from gridmap.domain.incoming import ReadingLimits
from gridmap.ingest.reading.faults import ReadingError, refusal, shown

CHUNK = 256 * 1024
"""Bytes that are unpacked at a time."""

HIGHEST_RATIO = 200
"""A member that unpacks to more than so many times its packed size is a bomb, once it has passed RATIO_FROM bytes."""

RATIO_FROM = 20_000_000
_BYTES_PER_ENTRY = 2_000
_UTF8_NAMES = 0x800
_ENCRYPTED = 0x1
_METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
_DAMAGED = (zipfile.BadZipFile, zlib.error, EOFError, OSError, ValueError, NotImplementedError, OverflowError)


class Archive:
    """An opened zip. names: of its members as their maker saw them; those in GBK are told from those in UTF-8."""

    def __init__(self, path: Path, limits: ReadingLimits) -> None:
        self._limits = limits
        self._file = _Guarded(path, limits.members * _BYTES_PER_ENTRY)
        try:
            self._zip = zipfile.ZipFile(self._file)
            self._file.guard = 0
            self._members = dict(self._checked())
        except _DAMAGED as error:
            self._file.close()
            raise damaged() from error
        except ReadingError:
            self._file.close()
            raise

    @property
    def names(self) -> tuple[str, ...]:
        """Return the names of the files in it, in their order, folders left out."""
        return tuple(self._members)

    def close(self) -> None:
        """Close the file."""
        self._zip.close()
        self._file.close()

    @contextmanager
    def open(self, name: str, budget: Budget) -> Iterator[BinaryIO]:
        """Open a member for reading; ReadingError when it unpacks to more than the budget, or is damaged."""
        info = self._members[name]
        try:
            with self._zip.open(info) as member:
                yield io.BufferedReader(_Counted(member, info, budget), CHUNK)  # type: ignore[arg-type]
        except _DAMAGED as error:
            raise damaged(name) from error

    def read(self, name: str, budget: Budget, most: int) -> bytes:
        """Return a small member whole."""
        with self.open(name, budget) as member:
            content = member.read(most + 1)
        if len(content) > most:
            raise refusal(f"压缩包中的{shown(name)}过大", f"{shown(name)} in the zip has more than {most} bytes")
        return content

    def _checked(self) -> Iterator[tuple[str, zipfile.ZipInfo]]:
        infos = self._zip.infolist()
        if len(infos) > self._limits.members:
            raise refusal(
                f"压缩包里有{len(infos)}个文件，最多{self._limits.members}个",
                f"the zip holds {len(infos)} files; expected at most {self._limits.members}",
            )
        seen = set()
        for info in infos:
            name = _name(info)
            _check_member(info, name)
            if info.is_dir():
                continue
            if name in seen:
                raise refusal(f"压缩包里{shown(name)}出现了两次", f"the zip holds {shown(name)} twice")
            seen.add(name)
            yield name, info


class Budget:
    """How many bytes may yet be unpacked in one reading."""

    def __init__(self, limits: ReadingLimits) -> None:
        self._left = self._most = limits.bytes_unpacked

    def spend(self, number: int) -> None:
        """Count bytes; ReadingError when there are too many."""
        self._left -= number
        if self._left < 0:
            raise refusal(
                f"文件解压后超过{self._most}字节，已停止读取",
                f"the file unpacks to more than {self._most} bytes; reading was stopped",
            )


def damaged(name: str = "") -> ReadingError:
    """Return the error that tells of a cut or broken zip."""
    where = shown(name)
    return refusal(
        f"文件已损坏或不完整{f'（{where}）' if where else ''}，请重新复制或另存后再试",
        f"the file is damaged or cut off{f' at {where}' if where else ''}; copy it again, or save it anew",
    )


def _check_member(info: zipfile.ZipInfo, name: str) -> None:
    if not name:
        raise damaged()
    parts = name.replace("\\", "/").split("/")
    if name.startswith(("/", "\\")) or ".." in parts or ":" in parts[0] or "\0" in name:
        raise refusal(
            f"压缩包里有指向外部的路径“{shown(name)}”，不予读取",
            f"the zip holds the path {shown(name)!r}, out of itself",
        )
    if stat.S_ISLNK(info.external_attr >> 16):
        raise refusal(f"压缩包里的{shown(name)}是链接，不予读取", f"{shown(name)} in the zip is a link; expected files")
    if info.flag_bits & _ENCRYPTED:
        raise refusal("压缩包有密码，请去掉密码后再试", "the zip has a password; save it without one")
    if info.compress_type not in _METHODS:
        raise refusal(
            f"{shown(name)}的压缩方式不支持，请用普通的 zip 重新压缩",
            f"{shown(name)} is not packed as a common zip does",
        )


def _name(info: zipfile.ZipInfo) -> str:
    if info.flag_bits & _UTF8_NAMES:
        return info.filename
    try:
        raw = info.filename.encode("cp437")
    except UnicodeEncodeError:
        return info.filename
    for encoding in ("utf-8", "gb18030"):
        try:
            return raw.decode(encoding)
        except UnicodeDecodeError:
            continue
    return info.filename


class _Guarded(io.FileIO):
    """A file that lets nobody read more at once than is sane: the list of members is read in one piece."""

    def __init__(self, path: Path, guard: int) -> None:
        super().__init__(path, "rb")
        self.guard = guard

    def read(self, size: int | None = -1, /) -> bytes:
        if self.guard and size is not None and size > self.guard:
            raise refusal("压缩包里的文件太多", "the zip holds too many files")
        return super().read(-1 if size is None else size) or b""


class _Counted(io.RawIOBase):
    """A member whose bytes are counted as they come; what the zip says of its size is not asked."""

    def __init__(self, member: BinaryIO | zipfile.ZipExtFile, info: zipfile.ZipInfo, budget: Budget) -> None:
        self._member = member
        self._packed = max(info.compress_size, 1)
        self._budget = budget
        self._read = 0
        self._name = info.filename

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: bytearray | memoryview) -> int:  # type: ignore[override]
        piece = self._member.read(min(len(buffer), CHUNK))
        self._budget.spend(len(piece))
        self._read += len(piece)
        if self._read > RATIO_FROM and self._read > HIGHEST_RATIO * self._packed:
            raise refusal(
                "文件压缩比异常，像是压缩炸弹，已停止读取",
                f"a member unpacks to more than {HIGHEST_RATIO} times its size; reading was stopped",
            )
        buffer[: len(piece)] = piece
        return len(piece)
