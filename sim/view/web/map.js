// The map: the site once, on a canvas of its own; badges on top of it at every moment.

const map = { scale: 1, x: 0, y: 0, width: 0, height: 0, ground: document.createElement("canvas"), stale: true, sprites: {} };
const TRACK_MS = 900000, TRACKS_MAX = 40;

function fitMap() {
  const b = view.store.bounds.slice(), site = view.store.document.site;
  for (const area of (site && site.areas) || []) for (const [x, y] of area.rings[0]) widen(b, x, y);
  if (site && site.depot) widen(b, site.depot[0], site.depot[1]);
  if (!(b[2] >= b[0])) { b[0] = b[1] = -50; b[2] = b[3] = 50; }
  const wide = Math.max(b[2] - b[0], 20), high = Math.max(b[3] - b[1], 20);
  map.scale = 0.9 * Math.min(map.width / wide, map.height / high);
  map.x = (b[0] + b[2]) / 2; map.y = (b[1] + b[3]) / 2;
  map.stale = true;
}

function widen(b, x, y) {
  b[0] = Math.min(b[0], x); b[1] = Math.min(b[1], y); b[2] = Math.max(b[2], x); b[3] = Math.max(b[3], y);
}

const mapX = (x) => map.width / 2 + (x - map.x) * map.scale;
const mapY = (y) => map.height / 2 - (y - map.y) * map.scale;

function sizeMap() {
  const box = $("map-canvas").getBoundingClientRect();
  if (box.width === map.width && box.height === map.height) return;
  const first = map.width === 0;
  map.width = box.width; map.height = box.height; map.stale = true;
  if (first) fitMap();
}

function pathOf(c, ring) {
  c.beginPath();
  ring.forEach(([x, y], i) => (i ? c.lineTo(mapX(x), mapY(y)) : c.moveTo(mapX(x), mapY(y))));
  c.closePath();
}

function drawGround() {
  const c = fitted(map.ground, map.width, map.height), site = view.store.document.site;
  c.fillStyle = colour("panel"); c.fillRect(0, 0, map.width, map.height);
  const fills = { parcel: "parcel", indoor: "roof", tree_cover: "trees", urban: "roof", path: "road" };
  for (const area of (site && site.areas) || []) {
    pathOf(c, area.rings[0]);
    c.fillStyle = colour(fills[area.kind] || "parcel"); c.fill();
    c.strokeStyle = colour("parcel-line"); c.lineWidth = 1; c.stroke();
  }
  if ($("show-network").checked) drawField(c);
  c.font = "11px system-ui, sans-serif"; c.fillStyle = colour("soft"); c.textAlign = "left";
  map.labels = [];
  for (const area of (site && site.areas) || []) {
    const [x, y] = area.rings[0].reduce((a, p) => (p[1] > a[1] || (p[1] === a[1] && p[0] < a[0]) ? p : a));
    label(c, area.name, mapX(x) + 4, mapY(y) + 13, [0, 0, 0, 13, 0, -16, 0, 26]);
  }
  for (const zone of (site && site.coverage.zones) || []) hatched(c, zone.area, "look", `${zone.gain_db} dB`);
  if (site && site.depot) {
    c.fillStyle = colour("ink");
    c.fillRect(mapX(site.depot[0]) - 4, mapY(site.depot[1]) - 4, 8, 8);
    label(c, "depot", mapX(site.depot[0]) + 7, mapY(site.depot[1]) - 5, [0, 0, 0, 16]);
  }
  drawRuler(c);
  map.groundLabels = map.labels;
  map.stale = false;
}

// The network without outages: the fewer bars, the stronger the tint.
const BARS = [["bad", 0.42], ["bad", 0.22], ["look", 0.2], ["look", 0.06], null];
function drawField(c) {
  const site = view.store.document.site, field = site && site.coverage.field;
  if (!field) return;
  const column = (i) => Math.round(mapX(field.x_m + i * field.step_m)), line = (j) => Math.round(mapY(field.y_m + j * field.step_m));
  field.bars.forEach((row, j) => {
    for (let i = 0; i < row.length; i++) {
      const tint = BARS[row[i]];
      if (!tint) continue;
      c.fillStyle = colour(tint[0]); c.globalAlpha = tint[1];
      c.fillRect(column(i), line(j + 1), column(i + 1) - column(i), line(j) - line(j + 1));
    }
  });
  c.globalAlpha = 1; c.font = "11px system-ui, sans-serif"; c.textAlign = "left"; c.fillStyle = colour("soft");
  c.fillText("network, bars", map.width - 152, map.height - 9);
  BARS.forEach((tint, bars) => {
    const x = map.width - 74 + bars * 15;
    if (tint) { c.fillStyle = colour(tint[0]); c.globalAlpha = tint[1]; c.fillRect(x, map.height - 19, 14, 13); c.globalAlpha = 1; }
    c.fillStyle = colour("soft"); c.fillText(String(bars), x + 4, map.height - 9);
  });
}

function barsAt(x, y) {
  const site = view.store.document.site, field = site && site.coverage.field;
  if (!field) return null;
  const row = field.bars[Math.floor((y - field.y_m) / field.step_m)];
  return row ? row[Math.floor((x - field.x_m) / field.step_m)] ?? null : null;
}

// A name at the first of some places (dx, dy) where it covers no other; elsewhere it is left out.
function label(c, text, x, y, places) {
  const w = c.measureText(text).width;
  for (let k = 0; k < places.length; k += 2) {
    const left = x + places[k] + (places[k] < 0 ? -w : 0), low = y + places[k + 1];
    if (map.labels.some((b) => left < b[2] && left + w > b[0] && low - 10 < b[3] && low + 2 > b[1])) continue;
    map.labels.push([left, low - 10, left + w, low + 2]);
    c.fillText(text, left, low);
    return;
  }
}
const BESIDE = [8, 4, 8, -8, 8, 16, -8, 4, -8, -8, -8, 16];

function hatched(c, name, tone, text) {
  for (const area of view.store.document.site.areas) {
    if (name !== null && area.name !== name) continue;
    pathOf(c, area.rings[0]);
    c.strokeStyle = colour(tone); c.setLineDash([6, 4]); c.lineWidth = 2; c.stroke(); c.setLineDash([]);
    c.fillStyle = colour(tone);
    const [x, y] = area.rings[0].reduce((a, p) => (p[1] < a[1] ? p : a));
    c.fillText(text, mapX(x) + 4, mapY(y) - 4);
  }
}

function drawRuler(c) {
  const steps = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10000, 50000];
  const metres = steps.find((m) => m * map.scale >= 60) || 50000, w = metres * map.scale;
  c.strokeStyle = c.fillStyle = colour("ink"); c.lineWidth = 1.5;
  c.beginPath(); c.moveTo(10, map.height - 12); c.lineTo(10 + w, map.height - 12); c.stroke();
  c.fillText(`${metres} m, north is up`, 10, map.height - 17);
}

// A badge's mark, drawn once: copying it costs less than drawing it 500 times.
function sprite(name, fill) {
  const key = `${name} ${fill}`;
  if (map.sprites[key]) return map.sprites[key];
  const canvas = document.createElement("canvas"), c = fitted(canvas, 14, 14);
  c.beginPath(); c.arc(7, 7, name === "true" ? 4.5 : 5, 0, 7);
  if (name === "true") { c.strokeStyle = fill; c.lineWidth = 1.6; c.stroke(); } else {
    c.fillStyle = fill; c.fill(); c.strokeStyle = colour("panel"); c.lineWidth = 1.2; c.stroke();
  }
  return (map.sprites[key] = canvas);
}

const here = [0, 0];
const HUES = [212, 24, 150, 280, 340, 90, 45, 190, 310, 0];
function hue(d) {
  const dark = matchMedia("(prefers-color-scheme: dark)").matches;
  return `hsl(${HUES[d % HUES.length]} 70% ${dark ? 66 : 40}%)`;
}

function drawMap() {
  sizeMap();
  if (map.stale) drawGround();
  const store = view.store, e = store.events, t = view.t, n = store.devices.length;
  const c = fitted($("map-canvas"), map.width, map.height);
  c.drawImage(map.ground, 0, 0, map.width, map.height);
  map.labels = map.groundLabels.slice();
  const few = n <= TRACKS_MAX, showTrue = $("show-true").checked, tracks = $("show-tracks").checked;
  if (few) drawEquipment(c);
  for (let d = 0; d < n; d++) {
    const chosen = d === view.device, alone = view.device >= 0 && !chosen;
    const tone = few ? hue(d) : colour(chosen ? "mark" : "accent");
    c.globalAlpha = alone ? 0.35 : 1;
    const place = store.fixBefore(d, t), rows = store.fixesOf[d];
    if (tracks && place >= 0 && (few || chosen)) drawTrack(c, rows, place, tone, chosen);
    if (showTrue && store.truePlace(d, t, here)) {
      c.drawImage(sprite("true", few || chosen ? tone : colour("soft")), mapX(here[0]) - 7, mapY(here[1]) - 7, 14, 14);
    }
    if (place < 0) continue;
    const row = rows.room[place], x = mapX(e.x_m[row]), y = mapY(e.y_m[row]);
    if ((few || chosen) && e.accuracy_m[row] === e.accuracy_m[row]) {
      c.beginPath(); c.arc(x, y, Math.max(e.accuracy_m[row] * map.scale, 1), 0, 7);
      c.strokeStyle = tone; c.lineWidth = 1; c.stroke();
      c.globalAlpha *= 0.14; c.fillStyle = tone; c.fill(); c.globalAlpha = alone ? 0.35 : 1;
    }
    c.drawImage(sprite("said", tone), x - 7, y - 7, 14, 14);
    if (few || chosen) { c.fillStyle = colour("ink"); label(c, store.names[d], x, y, BESIDE); }
  }
  c.globalAlpha = 1;
  if (!few) drawEquipment(c);  // a crowd would cover it
  drawMapMarks(c);
  if (!view.playing || t - (map.told || 0) > 2000 || t < map.told) tellMap();
}

function drawTrack(c, rows, place, tone, whole) {
  const e = view.store.events, from = whole ? -Infinity : view.t - TRACK_MS;
  c.beginPath();
  let step = 1;
  if (whole && place > 4000) step = Math.ceil(place / 4000);
  for (let i = place, first = true; i >= 0; i -= step) {
    const row = rows.room[i];
    if (e.t_ms[row] < from) break;
    const x = mapX(e.x_m[row]), y = mapY(e.y_m[row]);
    if (first) c.moveTo(x, y); else c.lineTo(x, y);
    first = false;
  }
  c.strokeStyle = tone; c.lineWidth = whole ? 1.6 : 1.2; c.stroke();
}

function drawEquipment(c) {
  const site = view.store.document.site;
  if (!site) return;
  c.font = "11px system-ui, sans-serif";
  const ms = view.t - site.start_unix_ms;
  for (const outage of site.coverage.outages) {
    if (ms >= outage.t0_ms && ms < outage.t1_ms) {
      if (outage.area !== null) hatched(c, outage.area, "bad", "no network");
      else { c.strokeStyle = colour("bad"); c.lineWidth = 4; c.strokeRect(2, 2, map.width - 4, map.height - 4); c.fillStyle = colour("bad"); c.fillText("no network anywhere", 10, 18); }
    }
  }
  for (const piece of site.equipment) {
    const way = piece.way, i = Math.max(0, countUntil(ms, way.length, (k) => way[k][0]) - 1);
    const a = way[i], b = way[Math.min(i + 1, way.length - 1)];
    const share = b[0] > a[0] ? Math.min(1, Math.max(0, (ms - a[0]) / (b[0] - a[0]))) : 0;
    const x = mapX(a[1] + share * (b[1] - a[1])), y = mapY(a[2] + share * (b[2] - a[2]));
    c.beginPath(); c.arc(x, y, piece.reach_m * map.scale, 0, 7);
    c.strokeStyle = colour("ble_proximity"); c.setLineDash([3, 3]); c.lineWidth = 1; c.stroke(); c.setLineDash([]);
    c.fillStyle = colour("ink");
    c.beginPath(); c.moveTo(x, y - 5); c.lineTo(x + 5, y + 4); c.lineTo(x - 5, y + 4); c.fill();
    c.fillStyle = colour("soft"); label(c, piece.name, x, y - 1, BESIDE);
  }
}

// The same in words, for whoever does not see the canvas.
function tellMap() {
  const store = view.store, told = [];
  map.told = view.t;
  const some = view.device >= 0 ? [view.device] : store.devices.slice(0, 3).map((_, d) => d);
  for (const d of some) {
    const place = store.fixBefore(d, view.t), name = store.names[d];
    if (place < 0) { told.push(`${name}: no fix yet`); continue; }
    const row = store.fixesOf[d].room[place], e = store.events, age = Math.round((view.t - e.t_ms[row]) / 1000);
    let text = `${name}: fix ${age} s ago, ±${fixed(e.accuracy_m[row], 1)} m`;
    if (store.truePlace(d, view.t, here)) text += `, truly ${fixed(Math.hypot(here[0] - e.x_m[row], here[1] - e.y_m[row]), 1)} m from it`;
    const bars = barsAt(e.x_m[row], e.y_m[row]);
    if (bars !== null) text += `, network ${bars} of 4`;
    told.push(text);
  }
  if (view.device < 0 && store.devices.length > 3) told.push(`and ${store.devices.length - 3} more`);
  $("map-words").textContent = told.join("; ");
}

function zoomMap(factor, x = map.width / 2, y = map.height / 2) {
  const wx = map.x + (x - map.width / 2) / map.scale, wy = map.y - (y - map.height / 2) / map.scale;
  map.scale = Math.min(400, Math.max(0.0005, map.scale * factor));
  map.x = wx - (x - map.width / 2) / map.scale; map.y = wy + (y - map.height / 2) / map.scale;
  map.stale = true; changed("map");
}

function startMap() {
  const canvas = $("map-canvas");
  let drag = null;
  canvas.addEventListener("pointerdown", (p) => { drag = [p.clientX, p.clientY, 0]; canvas.setPointerCapture(p.pointerId); });
  canvas.addEventListener("pointermove", (p) => {
    if (!drag) return;
    map.x -= (p.clientX - drag[0]) / map.scale; map.y += (p.clientY - drag[1]) / map.scale;
    drag = [p.clientX, p.clientY, drag[2] + Math.abs(p.clientX - drag[0]) + Math.abs(p.clientY - drag[1])];
    map.stale = true; changed("map");
  });
  canvas.addEventListener("pointerup", (p) => {
    if (drag && drag[2] < 4) pick(p.offsetX, p.offsetY);
    drag = null;
  });
  canvas.addEventListener("wheel", (w) => { w.preventDefault(); zoomMap(w.deltaY < 0 ? 1.2 : 1 / 1.2, w.offsetX, w.offsetY); }, { passive: false });
  $("map-in").onclick = () => zoomMap(1.5);
  $("map-out").onclick = () => zoomMap(1 / 1.5);
  $("map-fit").onclick = () => { fitMap(); changed("map"); };
  $("show-network").onchange = () => { map.stale = true; changed("map"); };
  $("show-true").onchange = $("show-tracks").onchange = () => changed("map");
}

function pick(x, y) {
  const store = view.store, e = store.events;
  let best = -1, least = 15;
  for (let d = 0; d < store.devices.length; d++) {
    const place = store.fixBefore(d, view.t);
    if (place < 0) continue;
    const row = store.fixesOf[d].room[place], far = Math.hypot(mapX(e.x_m[row]) - x, mapY(e.y_m[row]) - y);
    if (far < least) { least = far; best = d; }
  }
  setDevice(best);
}
