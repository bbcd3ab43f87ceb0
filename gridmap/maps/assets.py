"""Scripts and styles of the maps, served from static/: no page asks another host for anything.

`python -m gridmap.maps.assets` copies what is needed from node_modules to static/vendor. That step needs the
standard library alone, since it runs before anything is installed; folium is looked at only by localise().
"""

from __future__ import annotations

import base64
import mimetypes
import re
import shutil
import sys
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

from gridmap import config
from gridmap.errors import UserError

# file below static/vendor -> file below node_modules
FILES = {
    "leaflet/leaflet.js": "leaflet/dist/leaflet.js",
    "leaflet/leaflet.css": "leaflet/dist/leaflet.css",
    "leaflet/images/layers.png": "leaflet/dist/images/layers.png",
    "leaflet/images/layers-2x.png": "leaflet/dist/images/layers-2x.png",
    "leaflet/images/marker-icon.png": "leaflet/dist/images/marker-icon.png",
    "leaflet/images/marker-icon-2x.png": "leaflet/dist/images/marker-icon-2x.png",
    "leaflet/images/marker-shadow.png": "leaflet/dist/images/marker-shadow.png",
    "protomaps-leaflet/protomaps-leaflet.js": "protomaps-leaflet/dist/protomaps-leaflet.js",
}

# what folium would load from a CDN -> file below static
ADDRESSES = (
    (re.compile(r"^https://[^/]+/(npm/)?leaflet@1\.[\d.]+/dist/leaflet\.js$"), "vendor/leaflet/leaflet.js"),
    (re.compile(r"^https://[^/]+/(npm/)?leaflet@1\.[\d.]+/dist/leaflet\.css$"), "vendor/leaflet/leaflet.css"),
)

OURS = "gridmap:"
"""Scheme of the addresses that our own elements give: gridmap:js/tiles.js is static/js/tiles.js."""

_MAP_COMMENT = re.compile(rb"[ \t]*(//[#@]\s*sourceMappingURL=[^\n]*|/\*[#@]\s*sourceMappingURL=.*?\*/)\s*")
_CSS_URL = re.compile(r"""url\(\s*(['"]?)([^'")]+)\1\s*\)""")


def static_folder() -> Path:
    """Return the folder that is served below /static."""
    return config.resource("static")


def install(node_modules: Path | None = None, vendor: Path | None = None) -> list[str]:
    """Copy the third-party files from node_modules to static/vendor and return their names.

    Nothing is left half-done: the new folder replaces the old one when it is complete. UserError when npm has
    not brought a file, or when a stylesheet asks for another host.
    """
    source = node_modules or config.ROOT / "node_modules"
    target = vendor or static_folder() / "vendor"
    missing = sorted(file for file in FILES.values() if not (source / file).is_file())
    if missing:
        raise UserError(f"front-end files are missing in {source}: {', '.join(missing)}; run `npm ci --ignore-scripts`")
    fresh = target.with_name(target.name + ".new")
    shutil.rmtree(fresh, ignore_errors=True)
    for name, file in FILES.items():
        place = fresh / name
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(_prepared(name, (source / file).read_bytes()))
    shutil.rmtree(target, ignore_errors=True)
    fresh.rename(target)
    return sorted(FILES)


def _prepared(name: str, content: bytes) -> bytes:
    if not name.endswith((".js", ".css")):
        return content
    content = _MAP_COMMENT.sub(b"\n", content)
    return _own_urls(name, content.decode()).encode() if name.endswith(".css") else content


def _own_urls(name: str, css: str) -> str:
    """Point the addresses inside a stylesheet at files beside it; UserError for one that we do not carry."""

    def rewrite(match: re.Match[str]) -> str:
        address = match[2].strip()
        if address.startswith(("data:", "#")):
            return match[0]
        path = re.sub(r"^(https?:)?//[^/]+/", "", address).split("?")[0].split("#")[0]
        folder = name.rsplit("/", 1)[0]
        wanted = f"{folder}/{path}"
        if not address.startswith(("http:", "https:", "//")) and wanted in FILES:
            return f"url({path})"
        known = [file for file in FILES if file.rsplit("/", 1)[-1] == path.rsplit("/", 1)[-1]]
        if len(known) != 1:
            raise UserError(f"{name} asks for {address}, which gridmap.maps.assets.FILES does not carry")
        return f"url(../{known[0]})"

    return _CSS_URL.sub(rewrite, css)


def find_file(address: str) -> str | None:
    """Return the file below static/ that stands for an address, or None when there is none."""
    if address.startswith(OURS):
        return address.removeprefix(OURS)
    return next((file for pattern, file in ADDRESSES if pattern.match(address)), None)


def localise(root: Any, address: Callable[[str], str]) -> None:
    """Rewrite what every folium element below `root` would load, so that nothing comes from another host.

    address turns a file below static/ into the URL to use (a path of the server, or data_url). UserError lists
    every script and style that has no file of ours, with the element that asks for it.
    """
    unmapped: list[str] = []
    for element in _elements(root):
        for attribute in ("default_js", "default_css"):
            pairs = getattr(element, attribute, None)
            if pairs:
                setattr(element, attribute, list(_rewritten(element, pairs, address, unmapped)))
    if unmapped:
        raise UserError(
            "a map would load files from other hosts: "
            + "; ".join(sorted(set(unmapped)))
            + "; add them to package.json and gridmap/maps/assets.py, or use the elements of gridmap.maps.elements"
        )


def _elements(root: Any) -> Iterator[Any]:
    yield root
    for child in root._children.values():
        yield from _elements(child)


def _rewritten(
    element: Any, pairs: Iterable[tuple[str, str]], address: Callable[[str], str], unmapped: list[str]
) -> Iterator[tuple[str, str]]:
    for name, url in pairs:
        file = find_file(url)
        if file is not None:
            yield name, address(file)
        elif url.startswith(("http:", "https:", "//")):
            unmapped.append(f"{type(element).__name__} asks for {url}")
        else:
            # done already: a map may be rendered more than once
            yield name, url


def data_url(file: str) -> str:
    """Return a file below static/ as a data: URL, so that a saved page needs no server and no network."""
    path = static_folder() / file
    if not path.is_file():
        raise UserError(f"{file} is missing below {static_folder()}; run `make setup`")
    content = path.read_bytes()
    if path.suffix == ".css":
        content = _CSS_URL.sub(lambda found: _embedded(path, found), content.decode()).encode()
    kind = "text/javascript" if path.suffix == ".js" else mimetypes.guess_type(path.name)[0] or "text/plain"
    return f"data:{kind};base64,{base64.b64encode(content).decode()}"


def _embedded(sheet: Path, found: re.Match[str]) -> str:
    address = found[2].strip()
    if address.startswith(("data:", "#")):
        return found[0]
    file = (sheet.parent / address).resolve().relative_to(static_folder().resolve())
    return f"url({data_url(file.as_posix())})"


def main() -> int:
    """Copy the files; one sentence on stderr and 1 when something is missing."""
    try:
        names = install()
    except UserError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    sys.stdout.write(f"{len(names)} front-end files in {static_folder() / 'vendor'}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
