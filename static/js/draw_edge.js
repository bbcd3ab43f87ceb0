// Places on an edge as the law measures it. Areas and distances are those of EPSG:4547, where an edge runs straight
// between its ends; the line that is straight in degrees leaves it by a decimetre over three kilometres, and a vertex
// put there would move a hundred square metres to the other side.

const AXIS_M = 6_378_137; // CGCS2000
const FLATTENING = 1 / 298.257222101;
const MERIDIAN = 114; // EPSG:4547: Gauss-Krüger, three degrees about 114 °E
const E2 = FLATTENING * (2 - FLATTENING);
const RADIANS = Math.PI / 180;

/** Return metres per radian along the meridian and across it at a latitude (radians). */
function radii(lat) {
  const root = Math.sqrt(1 - E2 * Math.sin(lat) ** 2);
  return { along: (AXIS_M * (1 - E2)) / root ** 3, across: (AXIS_M / root) * Math.cos(lat) };
}

/** Return [east, north] of EPSG:4547 in metres, but for the false easting; over a province to a millimetre, differences nearby better. */
function plane([lon, lat]) {
  const [l, b] = [(lon - MERIDIAN) * RADIANS, lat * RADIANS];
  const { across } = radii(b);
  const [t2, c2] = [Math.tan(b) ** 2, Math.cos(b) ** 2 * l * l];
  const n2 = (E2 / (1 - E2)) * Math.cos(b) ** 2;
  const arc = AXIS_M * (
    (1 - E2 / 4 - (3 * E2 ** 2) / 64 - (5 * E2 ** 3) / 256) * b - ((3 * E2) / 8 + (3 * E2 ** 2) / 32 + (45 * E2 ** 3) / 1024) * Math.sin(2 * b)
    + ((15 * E2 ** 2) / 256 + (45 * E2 ** 3) / 1024) * Math.sin(4 * b) - ((35 * E2 ** 3) / 3072) * Math.sin(6 * b));
  return [
    across * l * (1 + (c2 * (1 - t2 + n2)) / 6 + (c2 ** 2 * (5 - 18 * t2 + t2 ** 2 + 14 * n2 - 58 * t2 * n2)) / 120),
    arc + (across * l * l * Math.sin(b) * (1 + (c2 * (5 - t2 + 9 * n2 + 4 * n2 ** 2)) / 12 + (c2 ** 2 * (61 - 58 * t2 + t2 ** 2)) / 360)) / 2,
  ];
}

/** Return the place on the edge from a to b that lies a share t (0 to 1) of the way, in degrees as they are. */
export function onEdge(a, b, t) {
  let point = [a[0] + t * (b[0] - a[0]), a[1] + t * (b[1] - a[1])];
  if (t <= 0 || t >= 1) return point;
  const [from, to] = [plane(a), plane(b)];
  // twice: what the first leaves of fifty kilometres is millimetres
  for (let n = 0; n < 2; n += 1) {
    const here = plane(point);
    const off = [0, 1].map((axis) => from[axis] + t * (to[axis] - from[axis]) - here[axis]);
    const turn = (point[0] - MERIDIAN) * RADIANS * Math.sin(point[1] * RADIANS); // of the grid against north
    const { along, across } = radii(point[1] * RADIANS);
    const east = off[0] * Math.cos(turn) + off[1] * Math.sin(turn);
    const north = off[1] * Math.cos(turn) - off[0] * Math.sin(turn);
    point = [point[0] + east / across / RADIANS, point[1] + north / along / RADIANS];
  }
  return point;
}
