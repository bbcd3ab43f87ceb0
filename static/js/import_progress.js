// How far a large file is: the page is asked for again and its bar taken over, until it leads elsewhere.
// What is read out (role=status) is replaced only when it says something else.

const EVERY_MS = 1000;
const PARTS = ["doing", "times"];

async function look() {
  const answer = await fetch(location.href, { headers: { Accept: "text/html" }, cache: "no-store" });
  if (answer.redirected) {
    location.replace(answer.url);
    return false;
  }
  if (!answer.ok) throw new Error(String(answer.status));
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  const bar = page.getElementById("bar");
  if (!bar) {
    location.reload();
    return false;
  }
  take(page, bar);
  return true;
}

function take(page, bar) {
  for (const id of PARTS) {
    const [shown, now] = [document.getElementById(id), page.getElementById(id)];
    if (shown.innerHTML !== now.innerHTML) shown.replaceChildren(...now.childNodes);
  }
  const shown = document.getElementById("bar");
  shown.className = bar.className;
  shown.firstElementChild.style.width = bar.firstElementChild.style.width;
  const value = bar.getAttribute("aria-valuenow");
  if (value === null) shown.removeAttribute("aria-valuenow");
  else shown.setAttribute("aria-valuenow", value);
  document.title = page.title;
}

async function follow() {
  let goesOn = true;
  try {
    goesOn = await look();
    document.getElementById("unreachable").hidden = true;
  } catch {
    document.getElementById("unreachable").hidden = false;
  }
  if (goesOn) setTimeout(follow, EVERY_MS);
}

setTimeout(follow, EVERY_MS);
