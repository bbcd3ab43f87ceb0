// Elements built from text only: whatever a name in the database contains, it stays text.

/** Create an element: attributes, then children (strings become text nodes, null is left out). */
export function h(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === null || value === undefined || value === false) continue;
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else if (name === "style") Object.assign(element.style, value);
    else element.setAttribute(name, value === true ? "" : String(value));
  }
  for (const child of children.flat(Infinity)) {
    if (child === null || child === undefined || child === false) continue;
    element.append(child instanceof Node ? child : String(child));
  }
  return element;
}

/** Return the page's settings, given by the server as JSON. */
export function pageData(id) {
  const node = document.getElementById(id);
  return node ? JSON.parse(node.textContent) : null;
}

/** Return the sentence of a problem report in the page's language, where it has one; else its title or status. */
export function reason(body, status) {
  const chinese = document.documentElement.lang.startsWith("zh") ? body?.detail_zh : null;
  return chinese ?? body?.detail ?? body?.title ?? `${status}`;
}

/** Fetch JSON; an Error carries the sentence of the server's problem report. */
export async function fetchJson(url, options = {}) {
  const answer = await fetch(url, { headers: { Accept: "application/json" }, ...options });
  const body = await answer.json().catch(() => null);
  if (!answer.ok) throw new Error(reason(body, answer.status));
  return body;
}
