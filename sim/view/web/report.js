// A report: what a load's latency did as curves, what failed as stories, and a table of all of it.

function drawReport() {
  const report = view.store.document.facts.report;
  if (!report) return;
  $("report").hidden = false;
  $("report-title").textContent = `Report: ${report.title}`;
  if (!view.store.n) document.body.classList.add("bare");
  $("report-words").replaceChildren(...(report.words || []).map((text) => paragraph(text)));
  $("report-curves").replaceChildren(...(report.curves || []).map(figureOf));
  drawCurves();
  $("report-stories").replaceChildren(...(report.stories || []).map(storyOf));
  const table = document.createElement("table"), head = table.createTHead().insertRow(), body = table.createTBody();
  for (const name of [...report.heads, ""]) { const th = document.createElement("th"); th.scope = "col"; th.textContent = name || "outcome"; head.append(th); }
  for (const row of report.rows) {
    const line = body.insertRow(), met = row[row.length - 1];
    if (met === false) line.className = "not-met";
    for (const cell of row.slice(0, -1)) line.insertCell().textContent = cell;
    line.insertCell().textContent = met === null ? "" : met ? "met" : "NOT met";
  }
  $("report-inner").replaceChildren(table);
}

// One failed check: asked, answered, expected, clause, and the line that asks again.
function storyOf(story, place) {
  const box = document.createElement("details"), head = document.createElement("summary"), list = document.createElement("dl");
  box.open = place < 20;
  head.textContent = story.title;
  for (const [name, text] of story.parts) {
    const dt = document.createElement("dt"), dd = document.createElement("dd"), pre = document.createElement("pre");
    dt.textContent = name; pre.textContent = text; pre.tabIndex = 0;
    pre.setAttribute("role", "region"); pre.setAttribute("aria-label", `${name}, ${story.title}`);
    dd.append(pre); list.append(dt, dd);
  }
  box.append(head, list);
  return box;
}

const curves = [];
const LINES = ["accent", "gps_no_fix", "mark", "good"];
const CHART = { left: 58, right: 12, top: 8, bottom: 34, height: 240 };

function figureOf(curve) {
  const figure = document.createElement("figure"), caption = document.createElement("figcaption"), canvas = document.createElement("canvas");
  const legend = document.createElement("ul"), words = paragraph("");
  caption.textContent = curve.title;
  curve.lines.forEach((line, i) => {
    const li = document.createElement("li"), dot = document.createElement("span");
    dot.className = "dot"; dot.dataset.colour = LINES[i % LINES.length]; li.append(dot, line.name); legend.append(li);
  });
  canvas.setAttribute("role", "img");
  canvas.setAttribute("aria-label", `${curve.title}. ${curve.lines.map((line) => { const ys = line.points.map((p) => p[1]); return `${line.name}: ${Math.min(...ys)} to ${Math.max(...ys)} ${curve.y}`; }).join("; ")}`);
  words.className = "words"; words.setAttribute("role", "status");
  words.textContent = `across: ${curve.x}; up: ${curve.y}`;
  canvas.addEventListener("pointermove", (event) => { words.textContent = readOut(curve, canvas, event.offsetX); });
  figure.append(caption, legend, canvas, words);
  curves.push({ curve, canvas, legend });
  return figure;
}

// Where a value lies: evenly across; latency up on a logarithmic scale, since one late answer in a
// thousand is what one looks for.
function scaleOf(curve, width) {
  const points = curve.lines.flatMap((line) => line.points);
  const xs = points.map((p) => p[0]), ys = points.map((p) => p[1]).filter((y) => y > 0);
  const x0 = Math.min(...xs), x1 = Math.max(...xs, x0 + 1e-9);
  const w = width - CHART.left - CHART.right, h = CHART.height - CHART.top - CHART.bottom;
  const low = Math.floor(Math.log10(Math.min(...ys, 1e9))), high = Math.max(Math.ceil(Math.log10(Math.max(...ys, 1e-3))), low + 1);
  const top = Math.max(...ys, 1e-9) * 1.05;
  const lines = curve.even ? evenly(0, top) : Array.from({ length: high - low + 1 }, (_, i) => [10 ** (low + i), `${+(10 ** (low + i)).toPrecision(1)}`]);
  const share = curve.even ? (y) => y / top : (y) => (Math.log10(Math.max(y, 10 ** low)) - low) / (high - low);
  return {
    x0, x1, lines,
    x: (x) => CHART.left + w * (x - x0) / (x1 - x0),
    y: (y) => CHART.top + h * (1 - share(y)),
    back: (px) => x0 + (px - CHART.left) / w * (x1 - x0),
  };
}

function drawCurves() {
  for (const { curve, canvas, legend } of curves) {
    if (!curve.lines.some((line) => line.points.length)) continue;
    const width = Math.max(260, canvas.parentElement.clientWidth);
    canvas.style.width = `${width}px`; canvas.style.height = `${CHART.height}px`;
    const c = fitted(canvas, width, CHART.height), at = scaleOf(curve, width);
    legend.querySelectorAll(".dot").forEach((dot) => { dot.style.background = colour(dot.dataset.colour); });
    c.fillStyle = colour("panel"); c.fillRect(0, 0, width, CHART.height);
    c.font = "11px system-ui, sans-serif"; c.strokeStyle = colour("line"); c.lineWidth = 1;
    c.fillStyle = colour("soft"); c.textAlign = "right";
    for (const [value, name] of at.lines) {
      c.beginPath(); c.moveTo(CHART.left, at.y(value)); c.lineTo(width - CHART.right, at.y(value)); c.stroke();
      c.fillText(name, CHART.left - 6, at.y(value) + 4);
    }
    c.textAlign = "center";
    for (const [x, name] of curve.ticks || evenly(at.x0, at.x1)) {
      if (x < at.x0 || x > at.x1) continue;
      c.beginPath(); c.moveTo(at.x(x), CHART.height - CHART.bottom); c.lineTo(at.x(x), CHART.height - CHART.bottom + 4); c.stroke();
      c.fillText(name, Math.min(at.x(x), width - CHART.right - 4 - 3 * name.length), CHART.height - CHART.bottom + 16);
    }
    c.fillText(curve.x, CHART.left + (width - CHART.left) / 2, CHART.height - 4);
    c.save(); c.translate(11, CHART.top + (CHART.height - CHART.bottom) / 2); c.rotate(-Math.PI / 2); c.fillText(curve.y, 0, 0); c.restore();
    curve.lines.forEach((line, i) => {
      c.strokeStyle = c.fillStyle = colour(LINES[i % LINES.length]); c.lineWidth = 2;
      c.beginPath();
      line.points.forEach(([x, y], n) => { if (n) c.lineTo(at.x(x), at.y(y)); else c.moveTo(at.x(x), at.y(y)); });
      c.stroke();
      if (line.points.length <= 60) for (const [x, y] of line.points) { c.beginPath(); c.arc(at.x(x), at.y(y), 2.5, 0, 7); c.fill(); }
    });
  }
}

function evenly(from, to) {
  const step = 10 ** Math.floor(Math.log10((to - from) / 2 || 1)), found = [];
  for (const wide of [step, step * 2, step * 5]) {
    if ((to - from) / wide > 8) continue;
    for (let x = Math.ceil(from / wide) * wide; x <= to; x += wide) found.push([x, `${+x.toPrecision(6)}`]);
    break;
  }
  return found;
}

function readOut(curve, canvas, px) {
  const at = scaleOf(curve, canvas.clientWidth), wanted = at.back(px);
  const near = (line) => line.points.reduce((a, b) => (Math.abs(b[0] - wanted) < Math.abs(a[0] - wanted) ? b : a));
  const lines = curve.lines.filter((line) => line.points.length);
  if (!lines.length) return "";
  const [x] = near(lines[0]);
  const tick = (curve.ticks || []).find((one) => Math.abs(one[0] - x) < 1e-9);
  return `${tick ? tick[1] : +x.toPrecision(6)} ${curve.x}: ${lines.map((line) => `${line.name} ${near(line)[1]} ${curve.y}`).join(", ")}`;
}
