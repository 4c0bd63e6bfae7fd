// Lanes: a line a badge when folded, a line a lane when open.  Only what is in sight is drawn.

const lanes = { from: 0, to: 1, open: new Set(), tops: [], height: 0, width: 0, stale: true };
const NAMES_PX = 112, FOLDED_PX = 18, LANE_PX = 17, HEAD_PX = 18, OPEN_AT_FIRST = 3, SHOWN_MAX = 440;
const HEIGHTS = { rssi: 40, queue: 26, battery: 26 };
const TONES = ["calm", "good", "look", "bad"];

const laneX = (t) => NAMES_PX + (lanes.width - NAMES_PX - 6) * (t - lanes.from) / (lanes.to - lanes.from);
const laneT = (x) => lanes.from + (x - NAMES_PX) / (lanes.width - NAMES_PX - 6) * (lanes.to - lanes.from);

function lanesOf(d) {
  const all = view.store.document.lanes, found = [];
  all.forEach((name, l) => {
    const i = d * all.length + l;
    const there = view.store.spanStarts[i + 1] > view.store.spanStarts[i] || view.store.sampleStarts[i + 1] > view.store.sampleStarts[i];
    if (there || name === "gps") found.push(l);
  });
  return found;
}

function layLanes() {
  let top = 20;
  const shown = view.device >= 0 ? [view.device] : view.store.devices.map((_, d) => d);
  lanes.tops = shown.map((d) => {
    const mine = lanes.open.has(d) ? lanesOf(d) : [];
    const names = view.store.document.lanes;
    const height = mine.length ? HEAD_PX + mine.reduce((sum, l) => sum + (HEIGHTS[names[l]] || LANE_PX), 4) : FOLDED_PX;
    const one = { d, top, height, mine };
    top += height;
    return one;
  });
  lanes.height = top + 4;
  $("lanes-inner").style.height = `${lanes.height}px`;
  nameLanes();
  lanes.stale = true;
}

function inSight() {
  const scroll = $("lanes-scroll"), from = scroll.scrollTop, to = from + SHOWN_MAX;
  return lanes.tops.filter((one) => one.top + one.height >= from && one.top <= to);
}

// The names are buttons: with a keyboard, too, a badge is opened and folded.
function nameLanes() {
  const box = $("lane-names"), kept = document.activeElement && document.activeElement.dataset ? document.activeElement.dataset.d : undefined;
  box.replaceChildren(...inSight().map(({ d, top, mine }) => {
    const button = document.createElement("button"), badge = view.store.devices[d];
    button.type = "button"; button.dataset.d = d;
    button.textContent = view.store.names[d];
    button.title = `${badge.worker} ${badge.id}`;
    button.style.top = `${top}px`; button.style.height = `${FOLDED_PX}px`;
    button.setAttribute("aria-expanded", String(mine.length > 0));
    button.setAttribute("aria-pressed", String(d === view.device));
    button.onclick = () => { if (lanes.open.has(d)) lanes.open.delete(d); else lanes.open.add(d); layLanes(); drawLanes(); };
    return button;
  }));
  if (kept !== undefined) { const again = box.querySelector(`[data-d="${kept}"]`); if (again) again.focus({ preventScroll: true }); }
}

function drawLanes() {
  const scroll = $("lanes-scroll"), canvas = $("lanes-canvas");
  lanes.width = scroll.clientWidth;
  const height = Math.min(lanes.height, SHOWN_MAX);
  canvas.style.width = `${lanes.width}px`; canvas.style.height = `${height}px`;
  const c = fitted(canvas, lanes.width, height), offset = scroll.scrollTop;
  c.fillStyle = colour("panel"); c.fillRect(0, 0, lanes.width, height);
  c.save(); c.translate(0, -offset);
  for (const one of inSight()) {
    if (one.mine.length) drawOpen(c, one); else drawFolded(c, one);
  }
  drawMarks(c);
  c.restore();
  drawAxis(c);
  lanes.stale = false;
  moveCursor();
}

function drawAxis(c) {
  const width = lanes.width - NAMES_PX, span = lanes.to - lanes.from;
  const steps = [1, 2, 5, 10, 30, 60, 120, 300, 600, 1800, 3600, 7200, 14400, 43200, 86400, 604800].map((s) => s * 1000);
  const step = steps.find((s) => s / span * width > 80) || 2592000000;
  c.fillStyle = colour("panel"); c.fillRect(0, 0, lanes.width, 18);
  c.fillStyle = colour("soft"); c.strokeStyle = colour("line"); c.lineWidth = 1; c.font = "11px system-ui, sans-serif"; c.textAlign = "center";
  const base = view.store.document.utc ? 0 : view.store.span[0];
  for (let t = Math.ceil((lanes.from - base) / step) * step + base; t <= lanes.to; t += step) {
    const x = laneX(t);
    c.beginPath(); c.moveTo(x, 15); c.lineTo(x, 18); c.stroke();
    if (x > NAMES_PX + 24 && x < lanes.width - 26) c.fillText(words(t, false), x, 12);
  }
  c.textAlign = "left";
}

function spansOf(d, l, each) {
  const store = view.store, i = d * store.document.lanes.length + l, s = store.spans;
  const first = store.spanStarts[i], after = store.spanStarts[i + 1];
  // From the left edge back over what may still last; spans of one lane seldom overlap by many.
  let k = first + countUntil(lanes.from, after - first, (j) => s.t0_ms[first + j]);
  k = Math.max(first, k - 40);
  for (; k < after && s.t0_ms[k] <= lanes.to; k++) if (s.t1_ms[k] >= lanes.from) each(k);
}

function drawFolded(c, { d, top }) {
  const store = view.store, y = top + 3, h = FOLDED_PX - 6;
  const shift = store.document.lanes.indexOf("shift");
  c.fillStyle = colour("line"); c.fillRect(NAMES_PX, y + h / 2, lanes.width - NAMES_PX - 6, 1);
  c.globalAlpha = 0.25;
  spansOf(d, shift, (k) => {
    if (store.spans.tone[k] === 0) return;
    c.fillStyle = colour(TONES[store.spans.tone[k]]);
    const x = Math.max(laneX(store.spans.t0_ms[k]), NAMES_PX);
    c.fillRect(x, y, Math.max(1, laneX(store.spans.t1_ms[k]) - x), h);
  });
  c.globalAlpha = 1;
  ticks(c, d, y, h, null);
}

// What a badge logged: from the levels of detail when a bin is narrower than a pixel, else row by row.
function ticks(c, d, y, h, only) {
  const store = view.store, { seen } = store.levels, bins = seen.length / Math.max(1, store.devices.length);
  const [first, last] = store.span, width = (last - first) / bins;
  const px = lanes.width - NAMES_PX - 6;
  const order = ["gps", "upload_heartbeat", "motion", "gps_no_fix", "ble_lost", "ble_proximity", "shift_start", "shift_end", "low_battery", "reboot", "other"];
  const bits = order.map((name) => 1 << store.kinds.indexOf(name));
  const tone = new Int8Array(px + 2).fill(-1);
  const put = (x, kinds) => {
    for (let k = order.length - 1; k >= 0; k--) {
      if ((kinds & bits[k]) && (!only || only.includes(order[k]))) { if (k > tone[x]) tone[x] = k; return; }
    }
  };
  if (!store.live && width * px <= lanes.to - lanes.from) {
    const a = Math.max(0, Math.floor((lanes.from - first) / width)), b = Math.min(bins - 1, Math.ceil((lanes.to - first) / width));
    for (let i = a; i <= b; i++) {
      const kinds = seen[d * bins + i];
      const x = Math.round(px * (first + (i + 0.5) * width - lanes.from) / (lanes.to - lanes.from));
      if (kinds && x >= 0 && x <= px) put(x, kinds);
    }
  } else {
    const rows = store.rowsOf[d], m = store.events.t_ms, kind = store.events.kind;
    for (let i = countUntil(lanes.from - 1, rows.length, (j) => m[rows.room[j]]); i < rows.length; i++) {
      const row = rows.room[i];
      if (m[row] > lanes.to) break;
      const x = Math.round(px * (m[row] - lanes.from) / (lanes.to - lanes.from));
      if (x >= 0 && x <= px) put(x, 1 << kind[row]);
    }
  }
  for (let x = 0; x <= px; x++) {
    if (tone[x] < 0) continue;
    c.fillStyle = colour(order[tone[x]]);
    c.fillRect(NAMES_PX + x, tone[x] < 2 ? y + h * 0.4 : y, 1.2, tone[x] < 2 ? h * 0.6 : h);
  }
}

function drawOpen(c, { d, top, mine }) {
  const store = view.store, names = store.document.lanes;
  c.fillStyle = colour("line"); c.fillRect(0, top, lanes.width, 1);
  ticks(c, d, top + 4, HEAD_PX - 6, null);
  let y = top + HEAD_PX;
  for (const l of mine) {
    const name = names[l], h = HEIGHTS[name] || LANE_PX;
    c.fillStyle = colour("soft"); c.font = "11px system-ui, sans-serif"; c.fillText(name, 14, y + h / 2 + 4);
    if (name === "gps") ticks(c, d, y + 2, h - 4, ["gps", "gps_no_fix"]);
    else if (name in HEIGHTS) drawSamples(c, d, l, name, y + 2, h - 4);
    if (!(name in HEIGHTS)) drawSpans(c, d, l, y + 3, h - 6);
    y += h;
  }
}

function drawSpans(c, d, l, y, h) {
  const s = view.store.spans, words = view.store.document.words;
  c.font = "10px system-ui, sans-serif";
  let lastX = -1, lastTone = -1;
  spansOf(d, l, (k) => {
    const a = Math.max(laneX(s.t0_ms[k]), NAMES_PX), b = Math.min(laneX(s.t1_ms[k]), lanes.width - 6);
    if (b - a < 0.5 && Math.round(a) === lastX && s.tone[k] <= lastTone) return;
    lastX = Math.round(a); lastTone = s.tone[k];
    c.fillStyle = colour(TONES[s.tone[k]]); c.globalAlpha = s.tone[k] ? 0.75 : 0.6;
    c.fillRect(a, y, Math.max(1.5, b - a - 0.5), h);
    c.globalAlpha = 1;
    if (b - a > 46) {
      c.save(); c.beginPath(); c.rect(a, y - 3, b - a, h + 6); c.clip();
      c.fillStyle = colour("ink"); c.fillText(words[s.label[k]], a + 3, y + h - 2.5); c.restore();
    }
  });
}

function drawSamples(c, d, l, name, y, h) {
  const store = view.store, s = store.samples, i = d * store.document.lanes.length + l;
  const first = store.sampleStarts[i], after = store.sampleStarts[i + 1];
  let low = Infinity, high = -Infinity;
  if (name === "rssi") { low = -100; high = -40; } else if (name === "battery") { low = 0; high = 100; } else {
    low = 0; for (let k = first; k < after; k++) high = Math.max(high, s.value[k]); high = Math.max(high, 1);
  }
  const at = (v) => y + h - (Math.min(high, Math.max(low, v)) - low) / (high - low) * h;
  if (name === "rssi") {
    const limit = store.document.facts.threshold_dbm;
    if (limit != null) { c.strokeStyle = colour("bad"); c.setLineDash([4, 3]); c.lineWidth = 1; c.beginPath(); c.moveTo(NAMES_PX, at(limit)); c.lineTo(lanes.width - 6, at(limit)); c.stroke(); c.setLineDash([]); c.fillStyle = colour("bad"); c.fillText(`${limit}`, lanes.width - 26, at(limit) - 2); }
  } else { c.fillStyle = colour("soft"); c.font = "10px system-ui, sans-serif"; c.fillText(String(Math.round(high)), NAMES_PX - 22, y + 9); }
  let k = first + countUntil(lanes.from, after - first, (j) => s.t_ms[first + j]);
  if (k > first && name !== "rssi") k--;
  c.beginPath(); c.strokeStyle = colour("accent"); c.lineWidth = 1.3;
  let before = null, drawn = -1;
  for (; k < after && s.t_ms[k] <= lanes.to; k++) {
    const x = Math.max(laneX(s.t_ms[k]), NAMES_PX), v = at(s.value[k]);
    if (name === "rssi") {
      const place = Math.round(x) * 64 + Math.round(v);
      if (place === drawn) continue;
      drawn = place; c.fillStyle = hue(s.tag[k] < 0 ? 0 : s.tag[k]); c.fillRect(x - 1, v - 1, 2, 2);
    } else { if (before === null) c.moveTo(x, v); else { c.lineTo(x, before); c.lineTo(x, v); } before = v; }
  }
  if (before !== null) { c.lineTo(Math.min(laneX(lanes.to), lanes.width - 6), before); c.stroke(); }
}

function drawMarks(c) {
  const { t_ms, device } = view.store.marks;
  const tops = new Map(lanes.tops.map((one) => [one.d, one]));
  c.fillStyle = colour("mark");
  for (let i = 0; i < t_ms.length; i++) {
    const x = laneX(t_ms[i]), both = sidesOf(i);
    if (x < NAMES_PX || x > lanes.width) continue;
    if (i === sides.current) { c.globalAlpha = 0.25; c.fillRect(x - 2, 18, 4, lanes.height); c.globalAlpha = 1; }
    const names = both ? view.store.document.sides.names : null;
    for (const one of both ? lanes.tops : [tops.get(device[i])]) {
      if (!one) continue;
      c.beginPath(); c.moveTo(x, one.top + 8); c.lineTo(x + 4, one.top); c.lineTo(x - 4, one.top); c.closePath();
      // Hollow where that side has nothing.
      const here = !both || (view.store.devices[one.d].id === names[0] ? both.left : both.right);
      if (here) c.fill(); else { c.strokeStyle = colour("mark"); c.lineWidth = 1.2; c.stroke(); }
    }
  }
}

function moveCursor() {
  const x = laneX(view.t), line = $("cursor");
  line.hidden = x < NAMES_PX || x > lanes.width;
  line.style.transform = `translateX(${x}px)`;
}

function tellLanes() {
  const d = view.device >= 0 ? view.device : 0, store = view.store, told = [];
  if (!store.devices.length) return;
  store.document.lanes.forEach((name, l) => {
    const i = d * store.document.lanes.length + l, s = store.spans;
    const now = [];
    for (let k = store.spanStarts[i]; k < store.spanStarts[i + 1] && s.t0_ms[k] <= view.t; k++) if (s.t1_ms[k] > view.t || s.t1_ms[k] === store.span[1]) now.push(store.document.words[s.label[k]]);
    const p = store.samples, first = store.sampleStarts[i], m = countUntil(view.t, store.sampleStarts[i + 1] - first, (j) => p.t_ms[first + j]);
    if (name !== "rssi" && m > 0) now.push(String(Math.round(p.value[first + m - 1])));
    if (now.length) told.push(`${name} ${now.join(", ")}`);
  });
  $("lane-words").textContent = `${store.names[d]}: ${told.join("; ") || "nothing yet"}`;
}

function zoomLanes(factor) {
  const [first, last] = view.store.span, whole = last - first;
  const width = Math.min(whole, Math.max(2000, (lanes.to - lanes.from) * factor));
  const share = Math.min(1, Math.max(0, (view.t - lanes.from) / (lanes.to - lanes.from)));
  lanes.from = Math.min(last - width, Math.max(first, view.t - share * width));
  lanes.to = lanes.from + width;
  drawLanes();
}

// A cursor that left the sight takes it along.
function followLanes() {
  const width = lanes.to - lanes.from, [first, last] = view.store.span;
  if (view.t >= lanes.from && view.t <= lanes.to) return false;
  lanes.from = Math.min(last - width, Math.max(first, view.t - width / 2));
  lanes.to = lanes.from + width;
  return true;
}

function openFirstLanes() {
  const { devices, span } = view.store;
  [lanes.from, lanes.to] = span;
  lanes.open.clear();
  devices.forEach((_, d) => { if (devices.length <= OPEN_AT_FIRST) lanes.open.add(d); });
  if (devices.length > OPEN_AT_FIRST && devices.length <= 12) lanes.open.add(0);
}

function startLanes() {
  const store = view.store, canvas = $("lanes-canvas"), scroll = $("lanes-scroll");
  openFirstLanes();
  let drag = false;
  const at = (p) => { const x = p.clientX - canvas.getBoundingClientRect().left; if (x >= NAMES_PX) setMoment(laneT(x)); };
  canvas.addEventListener("pointerdown", (p) => { drag = true; canvas.setPointerCapture(p.pointerId); at(p); });
  canvas.addEventListener("pointermove", (p) => { if (drag) at(p); });
  canvas.addEventListener("pointerup", () => { drag = false; });
  canvas.addEventListener("wheel", (w) => { if (!w.ctrlKey) return; w.preventDefault(); zoomLanes(w.deltaY < 0 ? 1 / 1.3 : 1.3); }, { passive: false });
  scroll.addEventListener("scroll", () => { nameLanes(); drawLanes(); });
  $("lanes-in").onclick = () => zoomLanes(0.5);
  $("lanes-out").onclick = () => zoomLanes(2);
  $("lanes-all").onclick = () => { [lanes.from, lanes.to] = view.store.span; drawLanes(); };
  $("fold").onclick = () => { lanes.open.clear(); layLanes(); drawLanes(); };
  $("legend").replaceChildren(...store.kinds.filter((kind) => kind !== "other").map((kind) => {
    const item = document.createElement("li"), dot = document.createElement("span");
    dot.className = "dot"; dot.style.background = `var(--${kind})`;
    item.append(dot, kind);
    return item;
  }));
  layLanes();
}
