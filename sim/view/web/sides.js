// Differences: two columns, what each side logged, in words; the one at the cursor stands out.

const SIDES_SHOWN = 8;
const sides = { current: -1 };

const sidesOf = (i) => (view.store.document.sides ? view.store.document.sides.marks[i] : null);

function startSides() {
  const { sides: told } = view.store.document;
  $("sides").hidden = !told || !told.marks.length;
  if ($("sides").hidden) return;
  $("left-name").textContent = told.names[0]; $("right-name").textContent = told.names[1];
  $("sides-inner").onkeydown = (k) => {
    if (k.key === "ArrowDown") { k.preventDefault(); k.stopPropagation(); stepMark(1); }
    if (k.key === "ArrowUp") { k.preventDefault(); k.stopPropagation(); stepMark(-1); }
  };
  drawSides();
}

function drawSides() {
  const { sides: told, texts } = view.store.document;
  if (!told || !told.marks.length) return;
  const count = told.marks.length, at = Math.max(0, sides.current);
  const first = Math.max(0, Math.min(at - 2, count - SIDES_SHOWN)), rows = [];
  for (let i = first; i < Math.min(count, first + SIDES_SHOWN); i++) rows.push(sidesRow(i, told.marks[i], texts[i]));
  $("sides-table").replaceChildren(...rows);
  $("sides-title").textContent = `Differences: ${at + 1} of ${count.toLocaleString("en")}`;
}

function sidesRow(i, mark, text) {
  const line = document.createElement("tr"), head = document.createElement("td"), button = document.createElement("button");
  button.type = "button";
  button.textContent = `${i + 1}. ${text.split(/[:\n]/, 1)[0]}`;
  button.onclick = () => goToMark(i);
  head.append(button);
  line.append(head, sideCell(mark && mark.left, mark, 1), sideCell(mark && mark.right, mark, 2));
  if (i === sides.current) line.setAttribute("aria-current", "true");
  return line;
}

function sideCell(side, mark, place) {
  const cell = document.createElement("td");
  if (!side) { cell.textContent = "not logged"; cell.className = "absent"; return cell; }
  const head = document.createElement("b");
  head.textContent = side.event;
  cell.append(head, ` at ${side.at}`, document.createElement("br"));
  if (!mark.fields.length) { cell.append(side.says); return cell; }
  for (const field of mark.fields) {
    const one = document.createElement("span");
    one.className = "differs"; one.textContent = `${field[0]} ${field[place]}`;
    cell.append(one, " ");
  }
  return cell;
}

// A table of the fields of one difference, for the event that is open.
function sidesTable(found) {
  const table = document.createElement("table"), names = (view.store.document.sides || { names: ["", ""] }).names;
  const head = table.createTHead().insertRow(), body = table.createTBody();
  for (const name of ["", ...names]) { const th = document.createElement("th"); th.scope = "col"; th.textContent = name || "field"; head.append(th); }
  const rows = found.fields.length ? found.fields : [["event", ...[found.left, found.right].map((one) => (one ? `${one.event} at ${one.at}: ${one.says}` : "not logged"))]];
  for (const row of rows) { const line = body.insertRow(); for (const text of row) line.insertCell().textContent = text; }
  table.className = "both";
  return table;
}

// Where a marked event stands on the map: where it says, or where its badge said it was before.
function markPlace(row, out) {
  if (row < 0) return false;
  const e = view.store.events;
  let at = row;
  if (e.x_m[at] !== e.x_m[at]) {
    const d = e.device[row], place = view.store.fixBefore(d, e.t_ms[row]);
    if (place < 0) return false;
    at = view.store.fixesOf[d].room[place];
  }
  out[0] = mapX(e.x_m[at]); out[1] = mapY(e.y_m[at]);
  return true;
}

const MARKS_ON_MAP = 400;
function drawMapMarks(c) {
  const { event, other, t_ms } = view.store.marks, n = t_ms.length, one = [0, 0], two = [0, 0];
  c.strokeStyle = c.fillStyle = colour("mark");
  const near = Math.max(0, countUntil(view.t, n, (i) => t_ms[i]) - MARKS_ON_MAP / 2);
  for (let i = near; i < Math.min(n, near + MARKS_ON_MAP); i++) {
    const current = i === sides.current, first = markPlace(event[i], one), second = markPlace(other[i], two);
    c.lineWidth = current ? 2.4 : 1; c.globalAlpha = current ? 1 : 0.55;
    if (first) diamond(c, one, current ? 9 : 5);
    if (second) diamond(c, two, current ? 9 : 5);
    if (current && first && second) { c.beginPath(); c.moveTo(one[0], one[1]); c.lineTo(two[0], two[1]); c.stroke(); }
  }
  c.globalAlpha = 1;
}

function diamond(c, [x, y], r) {
  c.beginPath(); c.moveTo(x, y - r); c.lineTo(x + r, y); c.lineTo(x, y + r); c.lineTo(x - r, y); c.closePath(); c.stroke();
}
