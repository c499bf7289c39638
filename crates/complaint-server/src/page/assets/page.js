// Keeps what an open page shows up to date. Without it, a page shows what is new when it is loaded.
"use strict";
(() => {
  const regions = () => [...document.querySelectorAll("[data-live]")];
  if (!regions().length || !window.EventSource) return;
  const main = document.querySelector("main");
  const said = document.querySelector("[data-said]");
  const news = document.querySelector("[data-news]");
  // Milliseconds between two looks: at least, at most, and after one that failed. A look that takes
  // longer than LATE has failed.
  const EVERY = 3_000, TICK = 60_000, RETRY = 10_000, LATE = 30_000;
  let source = null;
  let isAsking = false;
  let isWanted = false;
  let timer = 0;
  let last = -EVERY;
  // "paused" if the server cannot be reached, "ended" if it asks for a log-in.
  let stopped = "";

  // A region as the server drew it. The keys of forms differ each time.
  const drawing = (region) => {
    const copy = region.cloneNode(true);
    copy.querySelectorAll("input[type=hidden]").forEach((one) => one.remove());
    return copy.innerHTML;
  };
  const drawings = new Map(regions().map((region) => [region, drawing(region)]));
  const entries = (page) => [...page.querySelectorAll("[data-new] ol > li")];
  let known = entries(document).filter((entry) => !entry.classList.contains("new")).length;

  const isFilled = (field) => {
    if (field.type === "file") return field.files.length > 0;
    return ["radio", "checkbox"].includes(field.type) ? field.checked : field.value !== "";
  };

  // A region in which a person writes or has filled something in stays as it is.
  const isInUse = (region) => {
    const fields = [...region.querySelectorAll("input:not([type=hidden]), textarea, select")];
    return fields.some((field) => field === document.activeElement || isFilled(field));
  };

  const details = (region) => [...region.querySelectorAll("details")];
  const nameOf = (one) => one.id || one.textContent;

  const replace = (region, fresh) => {
    const drawn = drawing(fresh);
    if (drawings.get(region) === drawn || isInUse(region)) return false;
    drawings.set(region, drawn);
    const here = region.contains(document.activeElement) ? document.activeElement : null;
    const links = () => [...region.querySelectorAll("a[href]")];
    const before = new Set(links().map((link) => link.getAttribute("href")));
    const open = new Map(details(region).map((one) => [nameOf(one), one.open]));
    region.replaceChildren(...fresh.childNodes);
    details(region).forEach((one) => { one.open = open.get(nameOf(one)) ?? one.open; });
    const added = links().filter((link) => !before.has(link.getAttribute("href")));
    added.forEach((link) => link.closest("tr, li")?.classList.add("new"));
    const isSame = (one) => one.getAttribute("href") === here.getAttribute("href")
      && (one.hasAttribute("href") || one.textContent === here.textContent);
    if (here) [...region.querySelectorAll(here.localName)].find(isSame)?.focus({ preventScroll: true });
    return added.length > 0;
  };

  // Marks the entries that came since the page was opened, as the server marks those that a form had not
  // seen. Of a complaint that was opened before it was read, the first ones are not new.
  const mark = (page) => {
    known ||= entries(page).length;
    const word = document.querySelector("[data-new]")?.dataset.new;
    for (const entry of entries(page).slice(known)) {
      const badge = document.createElement("span");
      badge.className = "status near";
      badge.textContent = word;
      entry.classList.add("new");
      entry.querySelector("p").append(" ", badge);
    }
  };

  const show = (page) => {
    mark(page);
    const before = entries(document).length;
    let isNew = false;
    for (const region of regions()) {
      const fresh = page.querySelector(`[data-live="${CSS.escape(region.dataset.live)}"]`);
      if (fresh && replace(region, fresh)) isNew = true;
    }
    if (isNew && said) {
      said.textContent = "";
      setTimeout(() => { said.textContent = said.dataset.said; }, 100);
    }
    const act = document.querySelector("[data-live=act]");
    if (news && entries(document).length > before && isInUse(act)) news.textContent = news.dataset.news;
    // The forms that stayed are sent by one who has seen the history as it is now.
    for (const name of ["seen", "entries"]) {
      const fresh = page.querySelector(`input[name=${name}]`);
      if (fresh) document.querySelectorAll(`input[name=${name}]`).forEach((one) => { one.value = fresh.value; });
    }
  };

  // Whether the page is for the session of this one, or for another of the same person: its forms are
  // then that session's.
  const isMine = (page) => {
    const token = (one) => one.querySelector("input[name=token]")?.value;
    const user = (one) => one.querySelector(".user")?.textContent;
    if (token(page) === token(document)) return true;
    if (user(page) !== user(document)) return false;
    document.querySelectorAll("input[name=token]").forEach((one) => { one.value = token(page); });
    return true;
  };

  // Asks for the page once more, and shows it. Returns the reason if it cannot.
  const ask = async (signal) => {
    // The header says that no person asked: the session is not prolonged.
    const response = await fetch(main.dataset.here, { headers: { "x-live": "1" }, redirect: "manual", signal });
    if (response.type === "opaqueredirect") return "ended";
    if (!response.ok) return "paused";
    const page = new DOMParser().parseFromString(await response.text(), "text/html");
    if (!isMine(page)) return "ended";
    show(page);
    return "";
  };

  const tell = (reason) => {
    stopped = reason;
    main.classList.toggle("stale", reason !== "");
    for (const one of document.querySelectorAll("[data-stopped]")) one.hidden = one.dataset.stopped !== reason;
  };

  // Looks once the time between two looks is over. What happens during a look leads to another one.
  const want = (wait = EVERY) => {
    isWanted = true;
    if (!isAsking && !timer) timer = setTimeout(look, Math.max(0, last + wait - performance.now()));
  };

  const look = async () => {
    timer = 0;
    // The stream begins with news when the page is to be seen again.
    if (document.hidden) return;
    isWanted = false;
    isAsking = true;
    last = performance.now();
    const [before, late] = [stopped, new AbortController()];
    const clock = setTimeout(() => late.abort(), LATE);
    try {
      tell(await ask(late.signal));
    } catch {
      tell("paused");
    }
    clearTimeout(clock);
    isAsking = false;
    if (before && !stopped) follow();
    if (stopped === "paused") want(RETRY);
    // A message is read a moment after it was told of, and the reading is not told of.
    else if (isWanted || (!stopped && document.querySelector("[data-waits]"))) want();
  };

  // A page in the background holds no connection: browsers have few for one server.
  const follow = () => {
    source?.close();
    source = null;
    if (document.hidden) return;
    source = new EventSource("/live");
    source.addEventListener("changed", () => want());
    // The look tells why: a stream also ends after a while, and begins again.
    source.addEventListener("error", () => want());
  };

  document.addEventListener("visibilitychange", follow);
  window.addEventListener("pagehide", () => source?.close());
  window.addEventListener("pageshow", (shown) => { if (shown.persisted) follow(); });
  setInterval(() => want(), TICK);
  follow();
})();
