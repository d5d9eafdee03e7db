"use strict";
(() => {
  const PAGE = 100;
  const byId = (id) => document.getElementById(id);
  const number = (text) =>
    text === "" ? NaN : /^-?inf$|^nan$/.test(text) ? (text[0] === "-" ? -Infinity : Infinity) : parseFloat(text.replaceAll(",", ""));

  // Headings become buttons that sort; `sort(column, down, numeric)` does it.
  function sortable(table, sort) {
    const heads = [...table.tHead.rows[0].cells];
    heads.forEach((th, column) => {
      if (th.classList.contains("picture")) return;
      const button = document.createElement("button");
      button.type = "button";
      button.append(...th.childNodes);
      th.append(button);
      button.addEventListener("click", () => {
        const numeric = th.classList.contains("n");
        const before = th.getAttribute("aria-sort");
        const down = before ? before === "ascending" : numeric;
        heads.forEach((other) => other.removeAttribute("aria-sort"));
        th.setAttribute("aria-sort", down ? "descending" : "ascending");
        sort(column, down, numeric);
      });
    });
  }

  // Order of two rows by what `at` gives of them; what has no value is last either way.
  function order(at, down, numeric) {
    const sign = down ? -1 : 1;
    return (a, b) => {
      const x = at(a), y = at(b);
      if (!numeric) return sign * x.localeCompare(y, "en", { numeric: true });
      const p = number(x), q = number(y);
      if (p === q) return 0;
      if (p !== p || q !== q) return p !== p ? (q !== q ? 0 : 1) : -1;
      return sign * (p - q);
    };
  }

  document.querySelectorAll("table.sortable").forEach((table) => {
    sortable(table, (column, down, numeric) => {
      const body = table.tBodies[0];
      const rows = [...body.rows].sort(order((row) => row.cells[column].textContent, down, numeric));
      body.append(...rows);
    });
  });

  // The table of what is found is made of the rows of every operation's table of cells.
  const records = [];
  document.querySelectorAll("table.cells[data-op]").forEach((table) => {
    for (const row of table.tBodies[0].rows) {
      const texts = [...row.cells].map((cell) => cell.textContent);
      records.push({ row, texts, op: table.dataset.op, all: texts.join("\n").toLowerCase() });
    }
  });
  // Worst first: by status, in the order of the select, then by the larger share of a bound.
  const statuses = [...byId("status").options].map((option) => option.value);
  const explorer = byId("explorer"), form = byId("filter"), more = byId("more");
  const names = [...explorer.tHead.rows[0].cells].map((th) => th.textContent);
  const places = { status: names.indexOf("status"), dtype: 1, backend: names.indexOf("backend") };
  const used = places.status + 1;
  for (const r of records) {
    r.severity = statuses.indexOf(r.texts[places.status]);
    r.used = Math.max(...[used, used + 1].map((place) => number(r.texts[place]) || 0));
  }
  records.sort((a, b) => a.severity - b.severity || (a.used === b.used ? 0 : b.used - a.used));
  let found = records, shown = PAGE, sorted = null;

  function show() {
    const rows = found.slice(0, shown).map((r) => r.row.cloneNode(true));
    explorer.tBodies[0].replaceChildren(...rows);
    const n = (x) => x.toLocaleString("en");
    byId("count").textContent =
      `${n(found.length)} of ${n(records.length)} cells found` +
      (rows.length < found.length ? `, ${n(rows.length)} of them shown.` : ".");
    more.hidden = rows.length === found.length;
  }

  function filter() {
    const words = byId("text").value.toLowerCase().split(/\s+/).filter(Boolean);
    const wanted = Object.entries(places).filter(([id]) => byId(id) && byId(id).value);
    const op = byId("op").value;
    found = records.filter(
      (r) =>
        (!op || r.op === op) &&
        wanted.every(([id, place]) => r.texts[place] === byId(id).value) &&
        words.every((word) => r.all.includes(word)),
    );
    if (sorted) found.sort(sorted);
    shown = PAGE;
    show();
  }

  sortable(explorer, (column, down, numeric) => {
    sorted = order((r) => r.texts[column], down, numeric);
    filter();
  });
  form.addEventListener("input", filter);
  form.addEventListener("submit", (event) => event.preventDefault());
  form.addEventListener("reset", () => setTimeout(filter));
  more.addEventListener("click", () => {
    shown += PAGE;
    show();
  });
  document.querySelectorAll("a[data-status]").forEach((link) => {
    link.addEventListener("click", () => {
      form.reset();
      byId("status").value = link.dataset.status;
      filter();
    });
  });
  form.hidden = byId("found").hidden = false;
  filter();

  // A link to an operation opens what the page has of it.
  function open() {
    const part = byId(decodeURIComponent(location.hash.slice(1)));
    if (!part || !part.classList.contains("part")) return;
    part.querySelector("details").open = true;
    part.scrollIntoView();
  }
  addEventListener("hashchange", open);
  document.addEventListener("click", (event) => {
    const link = event.target.closest("a[href^='#']");
    if (link && link.hash === location.hash) open();
  });
  open();
})();
