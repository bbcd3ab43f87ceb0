"""Our own files below /static: addresses that change with the content, long caching, gzip made once."""

from __future__ import annotations

import gzip
import hashlib
import mimetypes
import threading
from dataclasses import dataclass
from pathlib import Path

from flask import Response, request
from werkzeug.utils import safe_join

from gridmap.errors import NotFoundError
from gridmap.maps.assets import static_folder

_COMPRESSIBLE = (".css", ".js", ".json", ".svg", ".webmanifest")
_YEAR_S = 31_536_000


@dataclass(frozen=True)
class _File:
    stamp: tuple[int, int]
    content: bytes
    gzipped: bytes | None
    digest: str
    media_type: str


_files: dict[Path, _File] = {}
_lock = threading.Lock()


def _read(name: str) -> _File:
    joined = safe_join(str(static_folder()), name)
    path = Path(joined) if joined else None
    if path is None or not path.is_file():
        raise NotFoundError(f"there is no file {name} below /static")
    state = path.stat()
    stamp = (state.st_mtime_ns, state.st_size)
    with _lock:
        known = _files.get(path)
    if known is not None and known.stamp == stamp:
        return known
    content = path.read_bytes()
    kind = (
        "text/javascript" if path.suffix == ".js" else mimetypes.guess_type(path.name)[0] or "application/octet-stream"
    )
    file = _File(
        stamp,
        content,
        gzip.compress(content, 9, mtime=0) if path.suffix in _COMPRESSIBLE else None,
        hashlib.sha256(content).hexdigest()[:12],
        f"{kind}; charset=utf-8" if kind.startswith("text/") else kind,
    )
    with _lock:
        _files[path] = file
    return file


def static_url(name: str) -> str:
    """Return the address of a file below static/, with a version that changes with its content."""
    return f"/static/{name}?v={_read(name).digest}"


def serve(name: str) -> Response:
    """Answer for a file below static/: for a year when its version was asked for, else to be asked again."""
    file = _read(name)
    gzipped = file.gzipped if request.accept_encodings.quality("gzip") > 0 else None
    response = Response(gzipped or file.content, content_type=file.media_type)
    if gzipped:
        response.headers["Content-Encoding"] = "gzip"
    response.headers["Vary"] = "Accept-Encoding"
    current = request.args.get("v") == file.digest
    response.headers["Cache-Control"] = f"public, max-age={_YEAR_S}, immutable" if current else "public, max-age=300"
    response.set_etag(file.digest, weak=True)
    response.make_conditional(request)
    return response


def serve_worker() -> Response:
    """Answer with the service worker. It stands at the top, so that it may serve every page of ours."""
    response = serve("js/worker.js")
    response.headers["Cache-Control"] = "no-cache"
    response.headers["Service-Worker-Allowed"] = "/"
    return response
