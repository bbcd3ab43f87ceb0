"""A file that is there whole or not at all: written beside its place, then put there."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from gridmap.errors import UserError


@contextmanager
def writing(target: Path, *, replace: bool = False) -> Iterator[Path]:
    """Yield a path of the same name in a hidden folder beside the target; at the end the file goes to its place.

    replace: put it in the place of one that is there. UserError for a folder that is not there or may not be written,
    for a file that is there, and for a full disk: what was there before stays.
    """
    if target.is_dir():
        raise UserError(f"{target} is a folder; expected the name of a file")
    if target.exists() and not replace:
        raise UserError(f"{target} is there already; give --force to replace it")
    try:
        # GDAL and SQLite write journals beside their file: a folder takes all of it
        folder = Path(tempfile.mkdtemp(dir=target.parent, prefix=".gridmap-"))
    except FileNotFoundError as error:
        raise UserError(f"cannot write {target}: there is no folder {target.parent}") from error
    except OSError as error:
        raise UserError(f"cannot write {target}: {error.strerror}") from error
    try:
        place = folder / target.name
        yield place
        os.replace(place, target)
    except OSError as error:
        raise UserError(f"cannot write {target}: {error.strerror or error}") from error
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def scratch() -> Iterator[Path]:
    """Yield a folder for files on their way; it goes with the block."""
    with tempfile.TemporaryDirectory(prefix="gridmap-") as folder:
        yield Path(folder)
