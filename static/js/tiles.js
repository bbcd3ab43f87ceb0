// The stack of layers as vector tiles on one canvas per tile: drawn in order, filtered and picked in the browser.

import { isBin, symbolizer } from "gridmap/symbols";

const L = window.L;

/** Fetches tiles and tells when one cannot be had; the library only writes that to the console. */
class WatchedSource extends (window.protomapsL?.ZxySource ?? Object) {
  constructor(url, onfailure) {
    super(url, true);
    this.onfailure = onfailure;
  }

  async get(tile, size) {
    try {
      return await super.get(tile, size);
    } catch (error) {
      // a zoom that was left again is no failure
      if (error.name !== "AbortError") this.onfailure(error);
      throw error;
    }
  }
}

/** Layers drawn from tiles. `layers`: definitions in drawing order; `visible`: ids that are switched on. */
export class TileStack {
  constructor(map, { layers, visible, url, attribution }) {
    this.map = map;
    this.layers = layers;
    this.url = url;
    this.visible = new Set(visible);
    this.views = new Map();
    this.accepts = () => true;
    this.selection = null;
    this.onfailure = () => {};
    this.grid = window.protomapsL.leafletLayer({
      sources: {}, paintRules: [], labelRules: [], attribution: attribution ?? "", noWrap: true, maxZoom: map.getMaxZoom(),
      bounds: [[33.9, 112.4], [35.4, 114.9]],
    });
    this.arrange();
    this.grid.addTo(map);
    map.on("zoomend", () => this.arrange());
  }

  address(layer) {
    return this.url.replace("{layer}", layer.id);
  }

  /** Point the canvas at the layers that are switched on; tiles already fetched are kept. */
  arrange() {
    const shown = this.layers.filter((layer) => this.visible.has(layer.id));
    for (const layer of shown) {
      if (!this.views.has(layer.id)) {
        const source = { url: this.address(layer), maxDataZoom: layer.max_zoom };
        const view = window.protomapsL.sourcesToViews({ sources: { [layer.id]: source } }).get(layer.id);
        view.tileCache.source = new WatchedSource(this.address(layer), (error) => this.onfailure(error, layer));
        this.views.set(layer.id, view);
      }
    }
    // data tiles are one zoom coarser than what is shown; below a layer's lowest zoom nothing is asked for
    const zoom = this.map.getZoom() - 1;
    this.grid.views = new Map(
      shown.filter((layer) => zoom >= layer.min_zoom).map((layer) => [layer.id, this.views.get(layer.id)]),
    );
    // bins first: however many sites they count, villages and findings lie on top
    this.grid.paintRules = [...shown.map((layer) => this.binRule(layer)), ...shown.flatMap((layer) => this.paintRules(layer))];
  }

  binRule(layer) {
    return {
      dataSource: layer.id,
      dataLayer: layer.id,
      symbolizer: symbolizer(layer, () => false),
      filter: (_zoom, { props }) => isBin(props) && this.accepts(layer, props),
    };
  }

  /** One pass per value of the legend, last entry first: what the legend names first lies on top. */
  paintRules(layer) {
    const made = (filter) => ({
      dataSource: layer.id,
      dataLayer: layer.id,
      symbolizer: symbolizer(layer, (of, props) => this.isSelected(of, props)),
      filter,
    });
    const values = Object.keys(layer.colors).reverse();
    if (!layer.column) return [made((_zoom, { props }) => !isBin(props) && this.accepts(layer, props))];
    return [null, ...values].map((value) => made((_zoom, { props }) => {
      const own = props[layer.column];
      return !isBin(props) && (value === null ? !values.includes(own) : own === value) && this.accepts(layer, props);
    }));
  }

  isSelected(layer, props) {
    return this.selection !== null && this.selection.layer === layer.id && this.selection.id === String(props.feature_id);
  }

  redraw() {
    this.arrange();
    this.grid.rerenderTiles();
  }

  setVisible(ids) {
    this.visible = new Set(ids);
    this.redraw();
  }

  setFilter(accepts) {
    this.accepts = accepts;
    this.redraw();
  }

  select(layer, id) {
    this.selection = layer === null ? null : { layer, id: String(id) };
    this.grid.rerenderTiles();
  }

  /** List what lies at a position, topmost first: [{layer, props}]; points and lines within `reach` pixels. */
  pick(latlng, reach = 9) {
    const found = this.grid.queryTileFeaturesDebug(latlng.lng, latlng.lat, reach);
    const hits = [];
    for (const layer of [...this.layers].reverse()) {
      const seen = new Set();
      for (const { feature } of found.get(layer.id) ?? []) {
        const id = String(feature.props.feature_id ?? "");
        if (seen.has(id) || !this.accepts(layer, feature.props)) continue;
        seen.add(id);
        hits.push({ layer, props: feature.props, isPoint: feature.geomType === 1 });
      }
    }
    return hits;
  }
}
