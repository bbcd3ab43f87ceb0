// The service worker: the page of one's cell and the forms of visits can be read without a network, as last opened.
// It keeps pages of one account at a time, and none once somebody has logged out. Nothing else of the data is kept.

const FILES = "gridmap-files";
const PAGES = "gridmap-pages:";
const WAIT_MS = 8_000;

self.addEventListener("install", () => self.skipWaiting());
self.addEventListener("activate", (event) => event.waitUntil(self.clients.claim()));

function isKeptPage(url) {
  return ["/cell", "/visits/new"].includes(url.pathname) || /^\/cells\/[^/]+$/.test(url.pathname);
}

async function pagesOf() {
  return (await caches.keys()).filter((name) => name.startsWith(PAGES));
}

/** Forget the kept pages of everybody but one account. */
async function forgetPages(but) {
  const names = await pagesOf();
  await Promise.all(names.filter((name) => name !== PAGES + but).map((name) => caches.delete(name)));
}

async function keepPage(request, answer) {
  const account = answer.headers.get("Gridmap-Account");
  if (!answer.ok || answer.redirected || !account) return;
  await forgetPages(account);
  const cache = await caches.open(PAGES + account);
  await cache.put(request.url.split("#")[0], answer);
}

async function keptPage(request) {
  for (const name of await pagesOf()) {
    const kept = await (await caches.open(name)).match(request.url.split("#")[0]);
    if (kept) return kept;
  }
  return null;
}

async function page(event) {
  const kept = await keptPage(event.request);
  const fresh = fetch(event.request);
  const settled = fresh.then(async (answer) => {
    // a navigation's redirect comes back unfollowed: it leads to the login, so the session has ended
    if (answer.type === "opaqueredirect" || answer.status === 401) await forgetPages(null);
    else await keepPage(event.request, answer.clone());
  }).catch(() => null);
  event.waitUntil(settled);
  if (!kept) return fresh;
  // where the network is slow the page of last time is better than none
  const late = new Promise((resolve) => { setTimeout(resolve, WAIT_MS); });
  return Promise.race([fresh, late.then(() => kept)]).catch(() => kept);
}

/** Files carry their version in the address: what was fetched once is right for ever. */
async function file(request) {
  const cache = await caches.open(FILES);
  const kept = await cache.match(request);
  if (kept) return kept;
  const answer = await fetch(request);
  if (answer.ok) await cache.put(request, answer.clone());
  return answer;
}

self.addEventListener("fetch", (event) => {
  const { request } = event;
  const url = new URL(request.url);
  if (url.origin !== self.location.origin) return;
  if (request.method === "POST" && url.pathname === "/logout") {
    event.waitUntil(forgetPages(null));
    return;
  }
  if (request.method !== "GET") return;
  if (request.mode === "navigate" && isKeptPage(url)) event.respondWith(page(event));
  else if (url.pathname.startsWith("/static/") && url.searchParams.has("v")) event.respondWith(file(request));
});

/** A page tells which files it needs: those of its first visit came before this worker was there. */
async function keepShell({ files, address, account }) {
  const cache = await caches.open(FILES);
  const wanted = new Set(files);
  for (const known of await cache.keys()) {
    const url = new URL(known.url);
    const newer = files.some((each) => new URL(each).pathname === url.pathname && each !== known.url);
    if (newer) await cache.delete(known);
  }
  await Promise.all([...wanted].map(async (each) => {
    if (!(await cache.match(each))) await cache.add(each).catch(() => null);
  }));
  const pages = await caches.open(PAGES + account);
  if (await pages.match(address)) return;
  const answer = await fetch(address, { redirect: "manual", headers: { Accept: "text/html" } });
  if (answer.headers.get("Gridmap-Account") === account) await keepPage(new Request(address), answer);
}

self.addEventListener("message", (event) => {
  if (event.data?.kind === "shell") event.waitUntil(keepShell(event.data).catch(() => null));
});
