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
  }

  address(layer) {
    return this.url.replace("{layer}", layer.id);
  }

  /** Point the canvas at the layers that are switched on; tiles already fetched are kept. */
  arrange() {
    const shown = this.layers.filter((layer) => this.visible.has(layer.id));
    for (const layer of shown) {
      if (!this.views.has(layer.id)) {
        this.views.set(layer.id, this.makeView(layer));
      }
    }
    this.grid.views = new Map(shown.map((layer) => [layer.id, this.views.get(layer.id)]));
    // bins first: however many sites they count, villages and findings lie on top
    this.grid.paintRules = [...shown.map((layer) => this.binRule(layer)), ...shown.flatMap((layer) => this.paintRules(layer))];
  }

  makeView(layer) {
    const source = { url: this.address(layer), maxDataZoom: layer.max_zoom };
    const view = window.protomapsL.sourcesToViews({ sources: { [layer.id]: source } }).get(layer.id);
    view.tileCache.source = new WatchedSource(source.url, (error) => this.onfailure(error, layer));
    // data tiles are coarser than what is shown; below a layer's lowest zoom nothing is asked for
    const fetchTile = view.getDisplayTile.bind(view);
    const nothing = { data: new Map(), scale: 1, origin: { x: 0, y: 0 }, dim: 0 };
    view.getDisplayTile = async (tile) =>
      (tile.z - view.levelDiff < layer.min_zoom ? { ...nothing, z: tile.z, dataTile: tile } : fetchTile(tile));
    return view;
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

  /** List what lies within `reach` pixels of a position, nearest first, then topmost: [{layer, props}]. */
  pick(latlng, reach = 9) {
    const hits = new Map();
    for (const near of [reach / 4, reach / 2, reach]) {
      const found = this.grid.queryTileFeaturesDebug(latlng.lng, latlng.lat, near);
      for (const layer of [...this.layers].reverse()) {
        for (const { feature } of found.get(layer.id) ?? []) {
          const name = `${layer.id}:${feature.props.feature_id ?? "bin"}`;
          if (!hits.has(name) && this.accepts(layer, feature.props)) hits.set(name, { layer, props: feature.props });
        }
      }
    }
    return [...hits.values()];
  }
}
