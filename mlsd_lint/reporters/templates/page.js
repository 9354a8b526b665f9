"use strict";
(() => {
  const all = (selector, root = document) => [...root.querySelectorAll(selector)];
  const one = (selector, root = document) => root.querySelector(selector);
  const reports = all("article.report");
  const index = document.getElementById("index");
  const card = document.getElementById("card");
  const cardBody = document.getElementById("card-body");

  for (const element of all(".js")) element.hidden = false;

  // ---- light and dark

  const theme = document.getElementById("theme");
  const dark = matchMedia("(prefers-color-scheme: dark)");
  const remembered = (value) => {
    try {
      if (value) localStorage.setItem("mlsd-lint-theme", value);
      return localStorage.getItem("mlsd-lint-theme");
    } catch {
      return null; // a browser may refuse storage to a local file; the choice then lasts as long as the page
    }
  };
  const isDark = () => (document.documentElement.dataset.theme || (dark.matches ? "dark" : "light")) === "dark";
  const showTheme = () => theme.setAttribute("aria-pressed", String(isDark()));
  const kept = remembered();
  if (kept === "light" || kept === "dark") document.documentElement.dataset.theme = kept;
  theme.addEventListener("click", () => {
    document.documentElement.dataset.theme = isDark() ? "light" : "dark";
    remembered(document.documentElement.dataset.theme);
    showTheme();
  });
  dark.addEventListener("change", showTheme);
  showTheme();

  // ---- why a place is marked

  let shownFor = null;
  let leaving = 0;
  const pinned = () => card.classList.contains("pinned");
  const stopOf = (mark) => mark.closest("a") || mark;

  function place(mark) {
    const box = mark.getClientRects()[0];
    const sheet = mark.closest(".doc").getBoundingClientRect();
    const text = mark.closest(".doc > *").getBoundingClientRect();
    if (sheet.right - text.right > card.offsetWidth + 24) {
      // beside the text there is room, so nothing has to be covered
      const top = Math.max(8, Math.min(box.top - 12, innerHeight - card.offsetHeight - 8));
      card.style.left = `${sheet.right - card.offsetWidth - 16 + scrollX}px`;
      card.style.top = `${top + scrollY}px`;
      return;
    }
    const below = box.bottom + 8 + card.offsetHeight <= innerHeight || box.top < card.offsetHeight + 8;
    const left = Math.max(12, Math.min(box.left, document.documentElement.clientWidth - card.offsetWidth - 12));
    card.style.left = `${left + scrollX}px`;
    card.style.top = `${(below ? box.bottom + 8 : box.top - card.offsetHeight - 8) + scrollY}px`;
  }

  function show(mark) {
    clearTimeout(leaving);
    if (shownFor === mark) return;
    hide();
    const prefix = mark.closest("article").id.replace(/top$/, "");
    const numbers = mark.dataset.shown.split(" ").filter(Boolean);
    cardBody.replaceChildren(...numbers.map((number) => document.getElementById(`${prefix}n${number}`).content.cloneNode(true)));
    card.hidden = false;
    card.scrollTop = 0;
    shownFor = mark;
    mark.classList.add("current");
    stopOf(mark).setAttribute("aria-describedby", "card-body");
    place(mark);
  }

  function hide() {
    clearTimeout(leaving);
    if (!shownFor) return;
    shownFor.classList.remove("current");
    stopOf(shownFor).removeAttribute("aria-describedby");
    card.classList.remove("pinned");
    card.hidden = true;
    shownFor = null;
  }

  function pin(mark) {
    show(mark);
    card.classList.add("pinned");
    place(mark);
    card.focus({ preventScroll: true });
  }

  function giveBack() {
    const stop = stopOf(shownFor);
    hide();
    stop.focus({ preventScroll: true });
    hide();
  }

  const markOf = (target) => (target instanceof Element ? target.closest(".doc mark:not(.off)") : null);
  const leave = () => {
    if (pinned()) return;
    clearTimeout(leaving);
    leaving = setTimeout(hide, 250);
  };
  document.addEventListener("pointerover", (event) => {
    if (event.pointerType !== "mouse" || pinned()) return;
    const mark = markOf(event.target);
    if (mark) show(mark);
    else if (card.contains(event.target)) clearTimeout(leaving);
    else if (shownFor) leave();
  });
  document.addEventListener("click", (event) => {
    const mark = markOf(event.target);
    if (mark && !event.target.closest("a")) pin(mark);
    else if (pinned() && !card.contains(event.target)) hide();
  });
  document.addEventListener("focusin", (event) => {
    const mark = markOf(event.target) || (event.target.closest(".doc a") && one("mark:not(.off)", event.target));
    if (mark) show(mark);
  });
  document.addEventListener("focusout", (event) => {
    if (markOf(event.target) && !card.contains(event.relatedTarget)) leave();
  });
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && shownFor) {
      if (card.contains(document.activeElement)) giveBack();
      else hide();
      return;
    }
    if ((event.key === "Enter" || event.key === " ") && event.target.matches(".doc mark")) {
      event.preventDefault();
      pin(event.target);
    }
  });
  card.addEventListener("keydown", (event) => {
    if (event.key !== "Tab") return;
    const stops = all("a, button", card);
    const edge = event.shiftKey ? [card, stops[0]] : [stops.at(-1)];
    if (edge.includes(document.activeElement)) {
      event.preventDefault();
      giveBack();
    }
  });
  document.getElementById("card-close").addEventListener("click", giveBack);
  addEventListener("resize", hide);

  // ---- filter

  function prepare(report) {
    const prefix = report.id.replace(/top$/, "");
    const notes = all("template", report).map((note) => ({ kind: note.dataset.kind, rule: note.dataset.rule, stage: `stage ${note.dataset.stage}` }));
    const marks = all(".doc mark", report).map((mark) => ({ mark, numbers: mark.dataset.notes.split(" ").map(Number), stop: mark.hasAttribute("tabindex") }));
    const chips = all(".chip", report);
    const scope = one(".scope", report);
    const tally = one(".tally", report);
    let stops = [];
    let at = -1;

    function apply() {
      hide();
      const kinds = new Set(chips.filter((chip) => chip.getAttribute("aria-pressed") === "true").map((chip) => chip.dataset.kind));
      const wanted = (note) => kinds.has(note.kind) && (!scope || !scope.value || scope.value === note.rule || scope.value === note.stage);
      const seen = new Set();
      stops = [];
      for (const { mark, numbers, stop } of marks) {
        const shown = numbers.filter((number) => wanted(notes[number]));
        mark.className = shown.length ? [...new Set(shown.map((number) => notes[number].kind))].join(" ") : "off";
        mark.dataset.shown = shown.join(" ");
        if (stop) mark.tabIndex = shown.length ? 0 : -1;
        if (shown.some((number) => !seen.has(number))) stops.push(mark);
        shown.forEach((number) => seen.add(number));
      }
      at = -1;
      if (tally) tally.value = stops.length === 1 ? "1 mark" : `${stops.length} marks`;
    }

    function step(by) {
      if (!stops.length) return;
      at = at < 0 ? (by > 0 ? 0 : stops.length - 1) : (at + by + stops.length) % stops.length;
      stops[at].scrollIntoView({ block: "center" });
      show(stops[at]);
      tally.value = `${at + 1} of ${stops.length}`;
    }

    for (const chip of chips) {
      chip.addEventListener("click", () => {
        chip.setAttribute("aria-pressed", String(chip.getAttribute("aria-pressed") !== "true"));
        apply();
      });
    }
    if (scope) scope.addEventListener("change", apply);
    for (const button of all(".step", report)) button.addEventListener("click", () => step(Number(button.dataset.step)));
    apply();
  }
  reports.forEach(prepare);

  // ---- one view at a time, named by the address

  function reach(target) {
    for (let element = target; element; element = element.parentElement) {
      if (element instanceof HTMLDetailsElement) element.open = true;
    }
    if (target.matches(".doc mark")) {
      target.scrollIntoView({ block: "center" });
      stopOf(target).focus({ preventScroll: true });
      if (!target.classList.contains("off")) show(target);
      return;
    }
    target.scrollIntoView();
    const heading = target.matches("article, section") ? one("h1, h2, h3", target) : null;
    if (heading) heading.focus({ preventScroll: true });
    if (target.closest(".doc")) {
      target.classList.add("flash");
      setTimeout(() => target.classList.remove("flash"), 1700);
    }
  }

  function route() {
    hide();
    const target = document.getElementById(decodeURIComponent(location.hash.slice(1)));
    if (index) {
      const shown = (target && target.closest("article.report")) || index;
      for (const article of [index, ...reports]) article.hidden = article !== shown;
    }
    tellScrolling();
    if (target && target.closest("main") && target.id !== "main") reach(target);
  }
  addEventListener("hashchange", route);

  // A link to the address that is shown already changes nothing, yet should lead there again.
  document.addEventListener("click", (event) => {
    const link = event.target.closest('a[href^="#"]');
    if (link && link.getAttribute("href") === location.hash) route();
  });

  // What scrolls sideways must be reachable by keyboard, and what does not need not be.
  function tellScrolling() {
    const boxes = all(".doc pre, .doc .scroll").map((box) => [box, box.scrollWidth > box.clientWidth]);
    for (const [box, scrolls] of boxes) {
      if (scrolls) box.tabIndex = 0;
      else box.removeAttribute("tabindex");
    }
  }
  addEventListener("resize", tellScrolling);
  addEventListener("beforeprint", () => all("details").forEach((details) => (details.open = true)));

  // ---- heat map

  function prepareHeat(table) {
    const body = table.tBodies[0];
    const given = [...body.rows];
    const heads = all("th[data-key]", table);
    const chooser = document.getElementById("sort");
    const sorted = document.getElementById("sorted");
    const column = (key) => heads.findIndex((head) => head.dataset.key === key);

    function sort(key, descending) {
      const at = column(key);
      const value = (row) => row.cells[at].dataset.value;
      const compare = (a, b) => {
        const [x, y] = [value(a), value(b)];
        if (x === "" || y === "") return (x === "") - (y === "");
        const order = key === "#path" ? x.localeCompare(y) : x - y;
        return descending ? -order : order;
      };
      body.append(...(at < 0 ? given : [...given].sort(compare)));
      for (const head of heads) {
        if (at >= 0 && head.dataset.key === key) head.setAttribute("aria-sort", descending ? "descending" : "ascending");
        else head.removeAttribute("aria-sort");
      }
      chooser.value = at < 0 ? "" : key;
      const name = at < 0 ? "the order given" : heads[at].textContent.trim();
      sorted.value = at < 0 ? "" : `sorted by ${name}, ${key === "#path" ? (descending ? "Z to A" : "A to Z") : descending ? "best first" : "worst first"}`;
    }

    for (const head of heads) {
      one("button", head).addEventListener("click", () => sort(head.dataset.key, head.getAttribute("aria-sort") === "ascending"));
    }
    chooser.addEventListener("change", () => sort(chooser.value, false));
    for (const button of all("[data-sort]")) {
      button.addEventListener("click", () => {
        sort(button.dataset.sort, false);
        const head = heads[column(button.dataset.sort)];
        head.scrollIntoView({ block: "nearest", inline: "center" });
        move(one("button", head));
      });
    }

    // The whole table is one stop of the keyboard; the arrows move within it.
    const grid = () => [table.tHead.rows[1], ...body.rows].map((row) => [...row.cells].map((cell) => one("a, button", cell) || cell));
    function move(to) {
      for (const stop of all(".topic button, tbody a.cell", table)) stop.tabIndex = -1;
      to.tabIndex = 0;
      to.focus();
    }
    const first = one(".topic button", table);
    if (first) first.tabIndex = 0;
    const steps = { ArrowLeft: [0, -1], ArrowRight: [0, 1], ArrowUp: [-1, 0], ArrowDown: [1, 0], Home: [0, -1e6], End: [0, 1e6] };
    table.addEventListener("keydown", (event) => {
      const by = steps[event.key];
      if (!by) return;
      const rows = grid();
      const from = rows.findIndex((row) => row.includes(document.activeElement));
      if (from < 0) return;
      event.preventDefault();
      const clamp = (value, most) => Math.max(0, Math.min(most, value));
      const row = rows[clamp(from + by[0], rows.length - 1)];
      let to = clamp(rows[from].indexOf(document.activeElement) + by[1], row.length - 1);
      while (!row[to].matches("a, button")) to = clamp(to + (by[1] < 0 ? -1 : 1), row.length - 1);
      move(row[to]);
    });
  }
  const heat = document.getElementById("heat");
  if (heat) prepareHeat(heat);

  route();
})();
