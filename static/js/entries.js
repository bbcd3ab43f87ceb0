// What was entered on this phone and has not arrived yet: kept in IndexedDB, photos and all, whatever becomes of the page.

const NAME = "gridmap";
const STORE = "entries";
let opened = null;

function open() {
  opened ??= new Promise((resolve, reject) => {
    const request = indexedDB.open(NAME, 1);
    request.onupgradeneeded = () => {
      request.result.createObjectStore(STORE, { keyPath: "id" }).createIndex("account", "account");
    };
    request.onsuccess = () => {
      // a newer version of this page in another tab must not wait for us
      request.result.onversionchange = () => { request.result.close(); opened = null; };
      resolve(request.result);
    };
    request.onerror = () => { opened = null; reject(request.error); };
  });
  return opened;
}

async function run(mode, act) {
  const transaction = (await open()).transaction(STORE, mode);
  const request = act(transaction.objectStore(STORE));
  return new Promise((resolve, reject) => {
    transaction.oncomplete = () => resolve(request.result);
    transaction.onabort = () => reject(transaction.error);
  });
}

/** Keep an entry: {id, account, kind, made_at, state, …}; it is on the disk when this returns. */
export function keep(entry) {
  return run("readwrite", (store) => store.put(entry));
}

/** Return an entry by its id, or undefined. */
export function find(id) {
  return run("readonly", (store) => store.get(id));
}

/** Return the entries of one account, oldest first: nobody sees those of another. */
export async function listOf(account) {
  const found = await run("readonly", (store) => store.index("account").getAll(account));
  return found.sort((a, b) => a.made_at.localeCompare(b.made_at));
}

/** Forget an entry. */
export function forget(id) {
  return run("readwrite", (store) => store.delete(id));
}

/** Return a fresh UUID; crypto.randomUUID is missing where the page did not come by HTTPS. */
export function newId() {
  if (crypto.randomUUID) return crypto.randomUUID();
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = (bytes[6] & 0x0f) | 0x40;
  bytes[8] = (bytes[8] & 0x3f) | 0x80;
  const hex = [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join("-");
}
