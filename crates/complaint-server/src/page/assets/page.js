// Keeps what an open page shows up to date. Without it, a page shows what is new when it is loaded.
"use strict";
(() => {
  const regions = () => document.querySelectorAll("[data-live]");
  if (!regions().length || !window.EventSource) return;
  const said = document.querySelector("[data-said]");
  const TICK = 60_000;
  const SOON = 3_000;
  let source = null;
  let isAsking = false;
  let isDue = false;
  let soon = 0;

  // A region in which a person writes or has opened something stays as it is.
  const isInUse = (region) => {
    const here = document.activeElement;
    return region.contains(here) && here.matches("input, textarea, select, [contenteditable]");
  };

  const replace = (region, fresh) => {
    if (region.innerHTML === fresh.innerHTML || isInUse(region)) return false;
    const here = region.contains(document.activeElement) ? document.activeElement : null;
    const known = new Set([...region.querySelectorAll("a[href]")].map((link) => link.getAttribute("href")));
    region.replaceChildren(...fresh.childNodes);
    const links = [...region.querySelectorAll("a[href]")];
    const isKnown = (link) => known.has(link.getAttribute("href"));
    const added = links.filter((link) => !isKnown(link));
    added.forEach((link) => link.closest("tr, li")?.classList.add("new"));
    const same = here && links.find((link) => link.getAttribute("href") === here.getAttribute("href"));
    same?.focus({ preventScroll: true });
    return added.length > 0;
  };

  const refresh = async () => {
    isDue = true;
    if (isAsking) return;
    isAsking = true;
    while (isDue) {
      isDue = false;
      try {
        // The header says that no person asked: the session is not prolonged.
        const response = await fetch(location.href, { headers: { "x-live": "1" }, redirect: "error" });
        if (!response.ok) break;
        const page = new DOMParser().parseFromString(await response.text(), "text/html");
        let isNew = false;
        for (const region of regions()) {
          const name = CSS.escape(region.dataset.live);
          const fresh = page.querySelector(`[data-live="${name}"]`);
          if (fresh && replace(region, fresh)) isNew = true;
        }
        if (isNew && said) {
          said.textContent = "";
          setTimeout(() => { said.textContent = said.dataset.said; }, 100);
        }
      } catch {
        break;
      }
    }
    isAsking = false;
    // A message is read a moment after it was told of, and the reading is not told of.
    clearTimeout(soon);
    if (document.querySelector("[data-waits]")) soon = setTimeout(refresh, SOON);
  };

  // A page in the background holds no connection: browsers have few for one server.
  const follow = () => {
    source?.close();
    source = null;
    if (document.hidden) return;
    source = new EventSource("/live");
    source.addEventListener("changed", refresh);
  };

  document.addEventListener("visibilitychange", follow);
  window.addEventListener("pagehide", () => source?.close());
  window.addEventListener("pageshow", (shown) => { if (shown.persisted) follow(); });
  setInterval(() => { if (!document.hidden) refresh(); }, TICK);
  follow();
})();
