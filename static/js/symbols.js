// How a feature is drawn, on tiles (canvas) and as GeoJSON (paths) alike: one answer from the layer's style.

const DEFAULTS = {
  Point: { radius: [[8, 2], [11, 3.5], [13, 5.5], [16, 9]], fill_opacity: 1, line_width: 1 },
  MultiLineString: { line_width: [[8, 1.2], [12, 2.5], [15, 4]], fill_opacity: 0, line_opacity: 0.9 },
  MultiPolygon: { line_width: 1, fill_opacity: 0.15, line_opacity: 0.9 },
  Geometry: { radius: [[8, 3], [11, 5], [13, 7], [16, 11]], line_width: 1.5, fill_opacity: 0.35, line_opacity: 1 },
};

/** Return a number given as such or as [[zoom, value], …], straight lines between. */
export function atZoom(value, zoom) {
  if (!Array.isArray(value)) return value;
  if (zoom <= value[0][0]) return value[0][1];
  for (let i = 1; i < value.length; i += 1) {
    const [z1, v1] = value[i];
    if (zoom <= z1) {
      const [z0, v0] = value[i - 1];
      return v0 + ((v1 - v0) * (zoom - z0)) / (z1 - z0);
    }
  }
  return value[value.length - 1][1];
}

/** Whoever stands only somewhere in a township or county is drawn hollow: the point says no more than that. */
const VAGUE = new Set(["township", "county", "city"]);
const SIZE = { high: 1.15, medium: 0.95, low: 0.8 };
/** Only a breach strikes the eye. */
const WEIGHT = { breach: 1, near_boundary: 0.75, report: 0.55 };

function binColor(layer, props) {
  let best = null;
  for (const value of Object.keys(layer.colors)) {
    const n = props[`n_${value}`] ?? 0;
    if (n > 0 && (best === null || n > best.n)) best = { n, color: layer.colors[value] };
  }
  return best?.color ?? layer.color;
}

/** Zoomed out, symbols would hide one another; a breach stays as it is. */
function shrink(props, zoom) {
  return props.certainty === "breach" ? 1 : Math.min(1, Math.max(0.55, 0.55 + (zoom - 8) * 0.3));
}

/** Say whether a feature of a tile stands for several: a count instead of an id. */
export function isBin(props) {
  return props.n !== undefined && props.feature_id === undefined;
}

/** Return what to draw for a feature: colors, widths, radius, and whether it is hollow, dashed or a bin. */
export function look(layer, props, zoom) {
  const style = { ...(DEFAULTS[layer.geometry] ?? DEFAULTS.Geometry), ...layer.draw };
  const bin = isBin(props);
  const value = layer.column ? props[layer.column] : undefined;
  const color = bin ? binColor(layer, props) : layer.colors[value] ?? layer.color;
  return {
    color,
    line: style.line_color ?? color,
    lineOpacity: style.line_opacity ?? 1,
    width: atZoom(style.line_width, zoom),
    rim: atZoom(style.stroke_width ?? 0.8, zoom),
    rimColor: style.stroke_color ?? "#fff",
    fill: style.values?.[value]?.fill === false ? 0 : atZoom(style.fill_opacity, zoom),
    radius: atZoom(style.radius ?? 4, zoom) * (SIZE[props.severity] ?? 1) * (WEIGHT[props.certainty] ?? 1) * shrink(props, zoom),
    hollow: VAGUE.has(props.placed_by) || (layer.geometry === "Geometry" && props.certainty !== undefined && props.certainty !== "breach"),
    dash: props.is_sketch ? style.dash ?? [6, 4] : null,
    count: bin ? props.n : null,
    binRadius: Math.min(2.2 + 0.8 * Math.sqrt(props.n ?? 0), 12) * Math.max(0.75, shrink(props, zoom)),
  };
}

function circle(ctx, x, y, r) {
  ctx.beginPath();
  ctx.arc(x, y, r, 0, 2 * Math.PI);
}

function drawPoint(ctx, { x, y }, seen, selected) {
  const r = seen.count ? seen.binRadius : seen.radius;
  if (selected) {
    circle(ctx, x, y, r + 5);
    Object.assign(ctx, { globalAlpha: 1, lineWidth: 3, strokeStyle: "#111" });
    ctx.stroke();
  }
  circle(ctx, x, y, r);
  ctx.globalAlpha = seen.count ? 0.7 : seen.hollow ? 0.85 : 1;
  ctx.fillStyle = seen.hollow ? "#fff" : seen.color;
  ctx.fill();
  ctx.globalAlpha = 1;
  ctx.lineWidth = seen.hollow ? Math.min(1.6, r * 0.55) : Math.min(seen.rim, r * 0.25);
  ctx.strokeStyle = seen.hollow ? seen.color : seen.rimColor;
  if (ctx.lineWidth > 0) ctx.stroke();
  if (seen.count > 1 && r >= 7) {
    Object.assign(ctx, { fillStyle: "#fff", font: "600 10px sans-serif", textAlign: "center", textBaseline: "middle" });
    ctx.fillText(String(seen.count), x, y);
  }
}

function drawShape(ctx, geom, seen, isArea, selected) {
  ctx.beginPath();
  for (const part of geom) {
    part.forEach((point, i) => (i ? ctx.lineTo(point.x, point.y) : ctx.moveTo(point.x, point.y)));
  }
  if (isArea && seen.fill > 0) {
    ctx.globalAlpha = seen.fill;
    ctx.fillStyle = seen.color;
    ctx.fill("evenodd");
  }
  if (seen.width > 0 || selected) {
    ctx.globalAlpha = selected ? 1 : seen.lineOpacity;
    ctx.lineJoin = "round";
    ctx.lineWidth = selected ? seen.width + 2 : seen.width;
    ctx.strokeStyle = seen.line;
    ctx.setLineDash(seen.dash ?? []);
    ctx.stroke();
    ctx.setLineDash([]);
  }
}

/** Return a symbolizer for protomaps-leaflet. isSelected(feature properties) marks what the reader chose. */
export function symbolizer(layer, isSelected) {
  return {
    draw(ctx, geom, zoom, feature) {
      const seen = look(layer, feature.props, zoom);
      const selected = isSelected(layer, feature.props);
      if (feature.geomType === 1) geom.flat().forEach((point) => drawPoint(ctx, point, seen, selected));
      else drawShape(ctx, geom, seen, feature.geomType === 3, selected);
    },
  };
}

/** Return Leaflet path options of the same look, for GeoJSON. */
export function pathOptions(layer, props, zoom, isPoint = false) {
  const seen = look(layer, props, zoom);
  return {
    color: isPoint && !seen.hollow ? seen.rimColor : seen.line,
    fillColor: seen.hollow ? "#fff" : seen.color,
    fillOpacity: isPoint ? 0.9 : seen.fill,
    opacity: seen.lineOpacity,
    weight: isPoint ? (seen.hollow ? 1.6 : seen.rim) : seen.width,
    radius: seen.radius,
    dashArray: seen.dash ? seen.dash.join(" ") : null,
  };
}
