"""Measure how good the order of a tour is, against the best known tours of TSPLIB, and how long it takes.

    python -m tests.benchmarks.tours [BRANCHES]…

The instances are four of TSPLIB (Reinelt 1991) with 22 to 51 places, the size of a long day. Coordinates, distances and
best known lengths are facts; where TSPLIB publishes an optimal tour, it stands here too, and its length is computed
by the same rules first: a slip in the numbers would show.
"""

from __future__ import annotations

import math
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass

import click

from gridmap.inspecting import routing
from gridmap.inspecting.routing import Problem, Task

Places = list[tuple[float, float]]


@dataclass(frozen=True)
class Instance:
    """A problem of TSPLIB: whole distances between places, the best known length, and a tour of that length."""

    name: str
    ways: list[list[int]]
    best: int
    tour: list[int] | None


def geo(places: Places) -> list[list[int]]:
    """Return TSPLIB's GEO distances: degrees and minutes on a sphere of 6378.388 km, cut to whole kilometres."""

    def radians(value: float) -> float:
        degrees = int(value)
        return 3.141592 * (degrees + 5.0 * (value - degrees) / 3.0) / 180.0

    def way(a: tuple[float, float], b: tuple[float, float]) -> int:
        (lat_a, lon_a), (lat_b, lon_b) = ((radians(x), radians(y)) for x, y in (a, b))
        q1, q2, q3 = math.cos(lon_a - lon_b), math.cos(lat_a - lat_b), math.cos(lat_a + lat_b)
        return int(6378.388 * math.acos(0.5 * ((1.0 + q1) * q2 - (1.0 - q1) * q3)) + 1.0)

    return between(places, way)


def att(places: Places) -> list[list[int]]:
    """Return TSPLIB's pseudo-Euclidean distances: a tenth under the root, rounded up."""
    return between(places, lambda a, b: math.ceil(math.sqrt(((a[0] - b[0]) ** 2 + (a[1] - b[1]) ** 2) / 10.0)))


def euclid(places: Places) -> list[list[int]]:
    """Return TSPLIB's EUC_2D distances: rounded to the nearest whole."""
    return between(places, lambda a, b: int(math.dist(a, b) + 0.5))


def between(places: Places, way: Callable[[tuple[float, float], tuple[float, float]], int]) -> list[list[int]]:
    """Return the square of distances."""
    return [[0 if i == j else way(a, b) for j, b in enumerate(places)] for i, a in enumerate(places)]


def upper(text: str) -> list[list[int]]:
    """Return the square of distances from its upper rows, without the diagonal."""
    rows = [[int(number) for number in line.split()] for line in text.strip().splitlines()]
    size = len(rows) + 1
    ways = [[0] * size for _ in range(size)]
    for i, row in enumerate(rows):
        for j, number in enumerate(row, i + 1):
            ways[i][j] = ways[j][i] = number
    return ways


def pairs(text: str) -> Places:
    """Return places from numbers, two by two."""
    numbers = [float(number) for number in text.split()]
    return list(zip(numbers[::2], numbers[1::2], strict=True))


def whole(text: str) -> list[int]:
    """Return a tour, from 0."""
    return [int(number) - 1 for number in text.split()]


ULYSSES22 = pairs("""
38.24 20.42 39.57 26.15 40.56 25.32 36.26 23.12 33.48 10.54 37.56 12.19 38.42 13.11 37.52 20.44 41.23 9.10 41.17 13.05
36.08 -5.21 38.47 15.13 38.15 15.35 37.51 15.17 35.49 14.32 39.36 19.56 38.09 24.36 36.09 23.00 40.44 13.57 40.33 14.15
40.37 14.23 37.57 22.56
""")
ATT48 = pairs("""
6734 1453 2233 10 5530 1424 401 841 3082 1644 7608 4458 7573 3716 7265 1268 6898 1885 1112 2049 5468 2606 5989 2873
4706 2674 4612 2035 6347 2683 6107 669 7611 5184 7462 3590 7732 4723 5900 3561 4483 3369 6101 1110 5199 2182 1633 2809
4307 2322 675 1006 7555 4819 7541 3981 3177 756 7352 4506 7545 2801 3245 3305 6426 3173 4608 1198 23 2216 7248 3779
7762 4595 7392 2244 3484 2829 6271 2135 4985 140 1916 1569 7280 4899 7509 3239 10 2676 6807 2993 5185 3258 3023 1942
""")
EIL51 = pairs("""
37 52 49 49 52 64 20 26 40 30 21 47 17 63 31 62 52 33 51 21 42 41 31 32 5 25 12 42 36 16 52 41 27 23 17 33 13 13 57 58
62 42 42 57 16 57 8 52 7 38 27 68 30 48 43 67 58 48 58 27 37 69 38 46 46 10 61 33 62 63 63 69 32 22 45 35 59 15 5 6
10 17 21 10 5 64 30 15 39 10 32 39 25 32 25 55 48 28 56 37 30 40
""")
BAYG29 = """
97 205 139 86 60 220 65 111 115 227 95 82 225 168 103 266 205 149 120 58 257 152 52 180 136 82 34 145
129 103 71 105 258 154 112 65 204 150 87 176 137 142 204 148 148 49 41 211 226 116 197 89 153 124 74
219 125 175 386 269 134 184 313 201 215 267 248 271 274 236 272 160 151 300 350 239 322 78 276 220 60
167 182 180 162 208 39 102 227 60 86 34 96 129 69 58 60 120 119 192 114 110 192 136 173 173
51 296 150 42 131 268 88 131 245 201 175 275 218 202 119 50 281 238 131 244 51 166 95 69
279 114 56 150 278 46 133 266 214 162 302 242 203 146 67 300 205 111 238 98 139 52 120
178 328 206 147 308 172 203 165 121 251 216 122 231 249 209 111 169 72 338 144 237 331
169 151 227 133 104 242 182 84 290 230 146 165 121 270 91 48 158 200 39 64 210
172 309 68 169 286 242 208 315 259 240 160 90 322 260 160 281 57 192 107 90
140 195 51 117 72 104 153 93 88 25 85 152 200 104 139 154 134 149 135
320 146 64 68 143 106 88 81 159 219 63 216 187 88 293 191 258 272
174 311 258 196 347 288 243 192 113 345 222 144 274 124 165 71 153
144 86 57 189 128 71 71 82 176 150 56 114 168 83 115 160
61 165 51 32 105 127 201 36 254 196 136 260 212 258 234
106 110 56 49 91 153 91 197 136 94 225 151 201 205
215 159 64 126 128 190 98 53 78 218 48 127 214
61 155 157 235 47 305 243 186 282 261 300 252
105 100 176 66 253 183 146 231 203 239 204
113 152 127 150 106 52 235 112 179 221
79 163 220 119 164 135 152 153 114
236 201 90 195 90 127 84 91
273 226 148 296 238 291 269
112 130 286 74 155 291
130 178 38 75 180
281 120 205 270
213 145 36
94 217
162
"""

INSTANCES = (
    Instance("ulysses22", geo(ULYSSES22), 7013, None),
    Instance(
        "bayg29", upper(BAYG29), 1610,
        whole("1 28 6 12 9 26 3 29 5 21 2 20 10 4 15 18 14 17 22 11 19 25 7 23 8 27 16 13 24"),
    ),
    Instance(
        "att48", att(ATT48), 10628,
        whole("1 8 38 31 44 18 7 28 6 37 19 27 17 43 30 36 46 33 20 47 21 32 39 48 5 42 24 10 45 35 4 26 2 29 34 41 16"
              " 22 3 23 14 25 13 11 12 15 40 9"),
    ),
    Instance(
        "eil51", euclid(EIL51), 426,
        whole("1 22 8 26 31 28 3 36 35 20 2 29 21 16 50 34 30 9 49 10 39 33 45 15 44 42 40 19 41 13 25 14 24 43 7 23 48"
              " 6 27 51 46 12 47 18 4 17 37 5 38 11 32"),
    ),
)  # fmt: skip


def length(ways: list[list[int]], tour: list[int]) -> int:
    """Return the length of a closed tour."""
    return sum(ways[a][b] for a, b in zip(tour, [*tour[1:], tour[0]], strict=True))


def ordered(instance: Instance, branches: int = routing.BRANCHES) -> list[int]:
    """Return the closed tour that ours finds, from the first place: its distances are taken for seconds."""
    # the end is the first place once more
    ways = [[*row, row[0]] for row in instance.ways]
    ways.append([*instance.ways[0], 0])
    ends = 10 * sum(max(row) for row in instance.ways)
    problem = Problem(ways, [Task(must=True)] * (len(instance.ways) - 1), 0, ends, branches=branches)
    return [0, *(number + 1 for number in routing.best_order(problem))]


def main() -> None:
    """Check the instances, order each, print gap and seconds."""
    for branches in [int(text) for text in sys.argv[1:]] or [routing.BRANCHES]:
        click.echo(f"at most {branches} branches\ninstance   places   best   ours    gap   seconds   of the processor")
        for instance in INSTANCES:
            if instance.tour is not None:
                assert sorted(instance.tour) == list(range(len(instance.ways)))
                assert length(instance.ways, instance.tour) == instance.best, instance.name
            began, worked = time.perf_counter(), time.process_time()
            tour = ordered(instance, branches)
            seconds, work = time.perf_counter() - began, time.process_time() - worked
            ours = length(instance.ways, tour)
            gap = 100 * (ours - instance.best) / instance.best
            click.echo(
                f"{instance.name:<10} {len(instance.ways):>6} {instance.best:>6} {ours:>6} {gap:>5.2f}% {seconds:>8.2f} {work:>18.2f}"
            )


if __name__ == "__main__":
    main()
