// The legend: layers on and off, kinds of zone on and off, numbers that follow the filters.

import { fetchJson } from "gridmap/dom";

/** List the layers that are switched on. */
export function visibleLayers(root) {
  return [...root.querySelectorAll("input[name=layer]:checked")].map((box) => box.value);
}

/** Return the values that are switched off, by layer. */
export function hiddenValues(root) {
  const hidden = {};
  for (const box of root.querySelectorAll("input[data-value]")) {
    const layer = box.closest("[data-layer]").dataset.layer;
    hidden[layer] ??= new Set();
    if (!box.checked) hidden[layer].add(box.dataset.value);
  }
  return hidden;
}

/** Fetch the numbers for a filter and write them. */
export async function refreshCounts(root, query) {
  const counts = await fetchJson(`/api/legend${query}`);
  for (const node of root.querySelectorAll("[data-count]")) {
    const [layer, value] = node.dataset.count.split("/");
    const found = layer === "finding" ? counts.finding.by_certainty : counts[layer];
    node.textContent = String(found?.[value] ?? 0);
  }
  for (const node of root.querySelectorAll("[data-count-rule]")) {
    node.textContent = String(counts.finding.by_rule[node.dataset.countRule]?.breach ?? 0);
  }
}
