// The table of events: those around the cursor, of all that pass the filters.

const table = { rows: null, count: 0, shown: 14, first: 0 };

// The rows that pass, in order of time; null means all.
function filterRows() {
  const { events: e, n } = view.store;
  if (view.device < 0 && view.kind < 0 && view.fate < 0 && view.tag < 0 && !view.marked) {
    table.rows = null; table.count = n;
  } else {
    const found = new Rows(1024), mine = view.device >= 0 ? view.store.rowsOf[view.device] : null, marked = view.marked ? markedRows() : null;
    const count = mine ? mine.length : n;
    for (let i = 0; i < count; i++) {
      const row = mine ? mine.room[i] : i;
      if ((view.kind < 0 || e.kind[row] === view.kind) && (view.fate < 0 || e.fate[row] === view.fate) && (view.tag < 0 || e.tag[row] === view.tag) && (!marked || marked.has(row))) found.push(row);
    }
    table.rows = found.room; table.count = found.length;
  }
  $("found").textContent = `${table.count.toLocaleString("en")} events`;
}

const rowAt = (i) => (table.rows ? table.rows[i] : i);

function placeUntil(t) {
  const m = view.store.events.t_ms;
  return countUntil(t, table.count, (i) => m[rowAt(i)]) - 1;
}

function markedRows() {
  if (!table.marked) table.marked = new Set([...view.store.marks.event, ...view.store.marks.other]);
  return table.marked;
}

// The rows of the page's table are made once, and filled again at every step.
function makeRows() {
  const body = $("table");
  body.replaceChildren();
  for (let i = 0; i < table.shown; i++) {
    const line = document.createElement("tr");
    for (let k = 0; k < 6; k++) line.append(document.createElement("td"));
    const button = document.createElement("button");
    button.type = "button";
    button.onclick = () => openRow(Number(line.dataset.row), true);
    line.cells[0].append(button);
    const dot = document.createElement("span");
    dot.className = "dot";
    line.cells[3].append(dot, document.createTextNode(""));
    body.append(line);
  }
}

function drawTable() {
  const store = view.store, e = store.events, body = $("table"), last = placeUntil(view.t);
  const first = Math.max(0, Math.min(last - 5, table.count - table.shown));
  const marked = markedRows();
  for (let i = 0; i < table.shown; i++) {
    const line = body.rows[i], place = first + i;
    line.hidden = place >= table.count;
    if (line.hidden) continue;
    const row = rowAt(place), badge = store.devices[e.device[row]], kind = store.kinds[e.kind[row]];
    line.dataset.row = row;
    line.className = (place <= last ? "past" : "future") + (marked.has(row) ? " marked" : "");
    if (place === last) line.setAttribute("aria-current", "true"); else line.removeAttribute("aria-current");
    line.cells[0].firstChild.textContent = words(e.t_ms[row], false);
    line.cells[1].textContent = store.names[e.device[row]];
    line.cells[1].title = badge.id;
    line.cells[2].textContent = fixed(e.number[row]);
    line.cells[3].firstChild.style.background = `var(--${kind})`;
    line.cells[3].lastChild.textContent = kind;
    line.cells[4].textContent = store.says(row);
    line.cells[5].textContent = e.fate[row] ? store.document.fates[e.fate[row]] : "";
  }
}

function stepEvent(by) {
  const here = placeUntil(view.t), m = view.store.events.t_ms;
  let place = by > 0 ? here + 1 : here;
  if (by < 0) while (place >= 0 && m[rowAt(place)] >= view.t) place--;
  if (place >= 0 && place < table.count) setMoment(m[rowAt(place)]);
}

function stepMark(by) {
  const { t_ms } = view.store.marks, n = t_ms.length;
  if (!n) { $("mark-words").textContent = "no finding and no difference"; return; }
  // Several may be in the same millisecond.
  const place = t_ms[sides.current] === view.t ? sides.current + by : by > 0 ? countUntil(view.t, n, (i) => t_ms[i]) : countUntil(view.t - 0.5, n, (i) => t_ms[i]) - 1;
  goToMark(Math.min(n - 1, Math.max(0, place)));
}

function goToMark(place) {
  const { t_ms, text, device, what } = view.store.marks;
  sides.current = place;
  setMoment(t_ms[place]);
  drawSides();
  $("mark-words").textContent = `${what[place] ? "difference" : "finding"} ${place + 1} of ${t_ms.length}, ${view.store.devices[device[place]]?.id ?? ""}: ${view.store.document.texts[text[place]]}`;
}

function options(id, names) {
  const select = $(id);
  for (const [value, name] of names) {
    const option = document.createElement("option");
    option.value = value; option.textContent = name;
    select.append(option);
  }
}

function fillFilters() {
  const store = view.store;
  for (const [id, key] of [["by-device", "device"], ["by-kind", "kind"], ["by-fate", "fate"], ["by-tag", "tag"]]) { $(id).length = 1; $(id).dataset.key = key; }
  options("by-device", store.devices.map((one, d) => [d, one.worker ? `${one.worker} ${one.id}` : one.id]));
  const kinds = new Set(); for (let i = 0; i < store.n; i++) kinds.add(store.events.kind[i]);
  options("by-kind", store.kinds.map((name, k) => [k, name]).filter(([k]) => store.document.live || kinds.has(k)));
  options("by-fate", store.document.fates.map((name, k) => [k, name]));
  options("by-tag", store.document.tags.map((one, k) => [k, one.name === one.mac ? one.mac : `${one.name} ${one.mac}`]));
  for (const id of ["by-device", "by-kind", "by-fate", "by-tag"]) $(id).value = String(view[$(id).dataset.key]);
}

function startTable() {
  fillFilters();
  $("by-device").onchange = (c) => setDevice(Number(c.target.value));
  for (const [id, key] of [["by-kind", "kind"], ["by-fate", "fate"], ["by-tag", "tag"]]) {
    $(id).onchange = (c) => { view[key] = Number(c.target.value); changed("filter"); };
  }
  $("by-mark").onchange = (c) => { view.marked = c.target.checked; changed("filter"); };
  $("filters").onsubmit = (s) => s.preventDefault();
  $("rows").addEventListener("keydown", (k) => {
    if (k.key === "ArrowDown") { k.preventDefault(); k.stopPropagation(); stepEvent(1); }
    if (k.key === "ArrowUp") { k.preventDefault(); k.stopPropagation(); stepEvent(-1); }
    if (k.key === "Enter" && k.target === $("rows")) { const row = rowAt(placeUntil(view.t)); if (row !== undefined) openRow(row, true); }
  });
  makeRows();
  filterRows();
}
