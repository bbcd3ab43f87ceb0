// The service worker that has the page readable offline: told which files the page needs.

async function start(settings) {
  if (!navigator.serviceWorker) return;
  await navigator.serviceWorker.register("/worker.js");
  const { active } = await navigator.serviceWorker.ready;
  const imports = Object.values(JSON.parse(document.querySelector("script[type=importmap]").textContent).imports);
  const loaded = performance.getEntriesByType("resource").map((entry) => entry.name);
  const files = [...imports.map((path) => new URL(path, window.location.href).href), ...loaded]
    .filter((address) => new URL(address).origin === window.location.origin && address.includes("/static/") && address.includes("?v="));
  active.postMessage({ kind: "shell", files: [...new Set(files)], address: window.location.href.split("#")[0], account: settings.account });
}

/** Have the worker keep this page; without it the page still works while there is a network. */
export function keepOffline(settings) {
  start(settings).catch(() => null);
}
