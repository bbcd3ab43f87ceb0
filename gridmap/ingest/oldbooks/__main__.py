"""The process: KIND SOURCE TARGET, limits as numbers; it ends with one of the codes below and says nothing else."""

from __future__ import annotations

import resource
import sys
from pathlib import Path

DONE, DAMAGED, LOCKED, OTHER, TOO_LARGE = 0, 10, 11, 12, 13


def main(arguments: list[str]) -> int:
    """Convert, and return the code that tells how it went."""
    kind, source, target = arguments[:3]
    memory, seconds, written, columns = (int(each) for each in arguments[3:])
    # before any library, let alone the file, is looked at
    resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds + 1))
    resource.setrlimit(resource.RLIMIT_FSIZE, (written, written))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    try:
        if kind == "xls":
            from gridmap.ingest.oldbooks import xls

            return xls.convert(Path(source), Path(target), columns)
        from gridmap.ingest.oldbooks import ods

        return ods.convert(Path(source), Path(target), columns)
    except (MemoryError, OverflowError, RecursionError):
        return TOO_LARGE
    except OSError as error:
        return TOO_LARGE if error.errno == 27 else DAMAGED
    except Exception:  # a library's faults on a crafted file are of every kind; what is told is the same
        return DAMAGED


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
