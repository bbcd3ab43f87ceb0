"""Hand a file to whoever asks: noted in the log, sent as it is read where the format allows, whole or not at all."""

from __future__ import annotations

import itertools
import os
from collections.abc import Callable, Collection, Iterator, Mapping
from pathlib import Path
from typing import Any

from flask import Response, send_file

from gridmap.auth.guard import reader
from gridmap.auth.record import note_export
from gridmap.db.pool import keep
from gridmap.db.session import Connection
from gridmap.domain.definition import Text
from gridmap.exports import formats
from gridmap.exports.formats import FORMATS, Format
from gridmap.exports.options import Options, Told
from gridmap.exports.target import scratch
from gridmap.store.outgoing import Outgoing

OWN_AREA = (Text("范围", "area"), Text("只含本账号负责的范围", "only what the account answers for"))


def area_told() -> tuple[tuple[Text, Text], ...]:
    """Return what a file says of its reader's area: nothing for one who sees the whole city."""
    return () if reader().area.is_city else (OWN_AREA,)


def hand_out(
    conn: Connection,
    out: Outgoing,
    form: Format,
    options: Options,
    *,
    rows: int,
    asked: Mapping[str, Any],
    shown: Collection[str] = (),
) -> Response:
    """Return an answer that is a file.

    rows: how many there are, for the log: what is sent as it is read must be noted before. asked: the filter, likewise.
    A stream that breaks ends without its last piece, so that no client takes it for the whole.
    """
    name = f"{out.id}-{out.on}{form.suffix}"
    if form.streams:
        pieces = formats.pieces(out, form, options, Told())
        # title and first rows: what is wrong with the question is found before anything is sent
        first = list(itertools.islice(pieces, 2))
        note_export(out.id, form.id, asked, rows)
        give_back = keep(conn)
        answer = Response(_sent(first, pieces, give_back), content_type=form.media_type)
        answer.call_on_close(give_back)  # of an answer to HEAD nothing is read
        answer.headers.set("Content-Disposition", "attachment", filename=name)
        return answer
    with scratch() as folder:
        place = folder / name
        told = formats.write(out, form, place, options, shown=shown, draw=drawer(conn, out))
        note_export(out.id, form.id, asked, told.rows)
        file = place.open("rb")  # the name goes now, the content with the answer: nothing stays behind
    answer = send_file(file, mimetype=form.media_type, as_attachment=True, download_name=name, max_age=0)
    answer.content_length = os.fstat(file.fileno()).st_size
    return answer


def _sent(first: list[bytes], pieces: Iterator[bytes], give_back: Callable[[], None]) -> Iterator[bytes]:
    try:
        yield from first
        yield from pieces
    finally:
        pieces.close()  # type: ignore[attr-defined] # it is a generator, and its cursor ends with it
        give_back()


def drawer(conn: Connection, out: Outgoing) -> formats.Writer:
    """Return what draws a selection as a map, with the counties of its day below."""

    def draw(given: Outgoing, place: Path, options: Options, told: Told) -> None:
        # folium takes a while to import: for this format only
        from gridmap.maps import standalone

        backdrop = standalone.counties(conn, out.on)
        told.rows = standalone.write(given, place, lang=options.lang, backdrop=backdrop)

    return draw


__all__ = ["FORMATS", "Format", "Options", "area_told", "drawer", "hand_out"]
