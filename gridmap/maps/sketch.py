"""Small drawings as SVG shapes: a trend as a line, an example's world in kilometres. Templates write the tags."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from gridmap.domain.example import Example, Object

WIDTH, HEIGHT = 320.0, 200.0
"""Size of an example's drawing, in the units of its viewBox."""

_MARGIN = 26.0
_STEP = 12.0  # between symbols that would lie on one another


@dataclass(frozen=True)
class Spark:
    """A line through numbers. points: for a polyline; last: where it ends; low, high: of the numbers."""

    width: float
    height: float
    points: str
    last: tuple[float, float]
    low: int
    high: int


@dataclass(frozen=True)
class Shape:
    """Something with an outline. css: its class. d: a path. title: for a reader who points at it."""

    css: str
    d: str
    title: str


@dataclass(frozen=True)
class Mark:
    """A point with the rule's verdict (breach, near_boundary, report, none or absent), and its error as a radius.

    label: its number, by which the text beside the drawing names it.
    """

    x: float
    y: float
    css: str
    error: float
    label: str
    title: str


@dataclass(frozen=True)
class Drawing:
    """An example drawn. km: length of the scale bar; scale: the same in the drawing's units.

    numbers: id -> number of each point.
    """

    width: float
    height: float
    shapes: tuple[Shape, ...]
    marks: tuple[Mark, ...]
    km: float
    scale: float
    numbers: Mapping[str, int]


def spark(numbers: Sequence[int], width: float = 96, height: float = 24) -> Spark | None:
    """Return a line through numbers from 0 up to the highest, or None when there are fewer than two."""
    if len(numbers) < 2:
        return None
    high = max(*numbers, 1)
    inner_w, inner_h = width - 8, height - 8
    places = [
        (round(4 + inner_w * place / (len(numbers) - 1), 1), round(4 + inner_h * (1 - number / high), 1))
        for place, number in enumerate(numbers)
    ]
    line = " ".join(f"{x:g},{y:g}" for x, y in places)
    return Spark(width, height, line, places[-1], min(numbers), max(numbers))


def draw(example: Example) -> Drawing | None:
    """Return an example's world as it is on its day, north up; None when nothing in it has a place."""
    placed = [thing for thing in example.objects if thing.has_place]
    if not placed:
        return None
    west, south, east, north = _extent(placed)
    size = max((east - west) / (WIDTH - 2 * _MARGIN), (north - south) / (HEIGHT - 2 * _MARGIN))
    middle_x, middle_y = (west + east) / 2, (south + north) / 2

    def at(x: float, y: float) -> tuple[float, float]:
        return round(WIDTH / 2 + (x - middle_x) / size, 1), round(HEIGHT / 2 - (y - middle_y) / size, 1)

    verdicts: dict[str, str] = {}
    for found in example.expect.get(example.day, ()):
        verdicts.setdefault(found.feature_id, found.certainty)
    shapes = tuple(_shape(thing, example, verdicts, at) for thing in placed if thing.box or thing.line)
    km = round_length(size * WIDTH / 4)
    numbers: dict[str, int] = {}
    for thing in placed:
        if thing.at:
            numbers.setdefault(thing.id, len(numbers) + 1)
    marks = tuple(_marks(placed, example, verdicts, numbers, at, size))
    return Drawing(WIDTH, HEIGHT, shapes, marks, km, round(km / size, 1), numbers)


def _extent(placed: Sequence[Object]) -> tuple[float, float, float, float]:
    xs, ys = [], []
    for thing in placed:
        for x, y in _corners(thing):
            # an error of a township's width would make everything else a speck
            error = min(thing.error_km, 3) if thing.at else 0
            xs += [x - error, x + error]
            ys += [y - error, y + error]
    least = 0.5  # kilometres: a lone point has some room around it
    west, east, south, north = min(xs), max(xs), min(ys), max(ys)
    wide, high = max(0.0, least - (east - west)) / 2, max(0.0, least - (north - south)) / 2
    return west - wide, south - high, east + wide, north + high


def _corners(thing: Object) -> list[tuple[float, float]]:
    corners = list(thing.line)
    if thing.at:
        corners.append(thing.at)
    if thing.box:
        west, south, east, north = thing.box
        corners += [(west, south), (east, north)]
    return corners


def _shape(thing: Object, example: Example, verdicts: dict[str, str], at: Callable[..., tuple[float, float]]) -> Shape:
    if thing.box:
        west, south, east, north = thing.box
        corners = [(west, south), (east, south), (east, north), (west, north)]
    else:
        corners = list(thing.line)
    path = "M" + " L".join("{:g} {:g}".format(*at(x, y)) for x, y in corners) + (" Z" if thing.box else "")
    css = [f"sketch-{'area' if thing.box else 'line'}", f"sketch-{thing.kind}"]
    if not thing.is_there(example.day):
        css.append("sketch-absent")
    if thing.id in verdicts:
        css.append(f"sketch-{verdicts[thing.id]}")
    return Shape(" ".join(css), path, _title(thing))


def _marks(
    placed: Sequence[Object],
    example: Example,
    verdicts: dict[str, str],
    numbers: Mapping[str, int],
    at: Callable[..., tuple[float, float]],
    size: float,
) -> list[Mark]:
    """Return the points; those in the very same place stand in a row to the right."""
    marks: list[Mark] = []
    taken: Counter[tuple[float, float]] = Counter()
    for thing in placed:
        if not thing.at:
            continue
        x, y = at(*thing.at)
        nth = taken[x, y]
        taken[x, y] += 1
        css = verdicts.get(thing.id, "none") if thing.is_there(example.day) else "absent"
        error = round(thing.error_km / size, 1)
        # eight in a row, then the next row
        x, y = x + _STEP * (nth % 8), y + 1.8 * _STEP * (nth // 8)
        marks.append(Mark(round(x, 1), round(y, 1), f"sketch-{css}", error, str(numbers[thing.id]), _title(thing)))
    return marks


def _title(thing: Object) -> str:
    facts = ", ".join(f"{name} = {value}" for name, value in thing.facts.items())
    return f"{thing.id}: {facts}" if facts else thing.id


def round_length(km: float) -> float:
    """Return a round length not above one: 1, 2 or 5 times a power of ten."""
    step = 0.001
    best = step
    while step <= km:
        for factor in (1, 2, 5):
            if step * factor <= km:
                best = step * factor
        step *= 10
    return round(best, 3)
