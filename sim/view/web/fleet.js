// The fleet: events by type over time, who is on shift, how late, what was refused.

const fleet = { stale: true };

// A click on the bars goes to that moment.
function startFleet() {
  const canvas = $("fleet-canvas");
  canvas.onclick = (p) => { const [first, last] = view.store.span; setMoment(first + (p.offsetX - 3) / (canvas.clientWidth - 6) * (last - first)); };
}

function drawFleet() {
  drawCounts();
  tellFleet();
}

function drawCounts() {
  const canvas = $("fleet-canvas"), box = canvas.getBoundingClientRect(), store = view.store;
  const c = fitted(canvas, box.width, box.height), kinds = store.kinds.length, bars = Math.max(20, Math.floor(box.width / 6));
  const [first, last] = store.span, sums = new Float64Array(kinds * bars), e = store.events;
  const add = (t, k, by) => { const i = Math.min(bars - 1, Math.max(0, Math.floor((t - first) / (last - first) * bars))); sums[k * bars + i] += by; };
  if (view.device >= 0 || store.live) {
    const some = view.device >= 0 ? store.rowsOf[view.device] : null, n = some ? some.length : store.n;
    for (let i = 0; i < n; i++) { const row = some ? some.room[i] : i; add(e.t_ms[row], e.kind[row], 1); }
  } else {
    const { counts } = store.levels, bins = counts.length / kinds;
    for (let k = 0; k < kinds; k++) for (let i = 0; i < bins; i++) if (counts[k * bins + i]) add(first + (i + 0.5) / bins * (last - first), k, counts[k * bins + i]);
  }
  let most = 1;
  for (let i = 0; i < bars; i++) { let all = 0; for (let k = 0; k < kinds; k++) if (view.kind < 0 || view.kind === k) all += sums[k * bars + i]; most = Math.max(most, all); }
  c.fillStyle = colour("panel"); c.fillRect(0, 0, box.width, box.height);
  const third = (box.height - 16) / 4, high = third * 2 - 16, wide = (box.width - 6) / bars;
  for (let i = 0; i < bars; i++) {
    let y = high + 12;
    for (let k = 0; k < kinds; k++) {
      if (view.kind >= 0 && view.kind !== k) continue;
      const h = sums[k * bars + i] / most * high;
      if (!h) continue;
      c.fillStyle = colour(store.kinds[k]); c.fillRect(3 + i * wide, y - h, wide - 1, h); y -= h;
    }
  }
  c.fillStyle = colour("soft"); c.font = "11px system-ui, sans-serif";
  c.fillText(`events by type, up to ${most.toLocaleString("en")} a bar`, 4, 10);
  drawStates(c, bars, wide, third * 2, third);
  drawLags(c, bars, wide, third * 3, third);
  c.fillText(words(first, false), 3, box.height - 4);
  c.textAlign = "right"; c.fillText(words(last, false), box.width - 3, box.height - 4); c.textAlign = "left";
}

// How many badges are moving, still, on shift (nobody says how they move) and off, bar by bar.
const STATES = [["moving", "good"], ["still", "look"], ["on shift", "accent"]];
function statesOver(bars) {
  const store = view.store, s = store.spans, names = store.document.lanes, words = store.document.words;
  const [first, last] = store.span, sums = STATES.map(() => new Float64Array(bars)), moment = (i) => first + (i + 0.5) / bars * (last - first);
  const at = (d, lane, t, good) => {
    const i = d * names.length + names.indexOf(lane), from = store.spanStarts[i], n = store.spanStarts[i + 1] - from;
    const k = from + countUntil(t, n, (j) => s.t0_ms[from + j]) - 1;
    return k >= from && s.t1_ms[k] > t && good(k) ? k : -1;
  };
  // Of thousands, every so manieth stands for its neighbours.
  const some = view.device >= 0 ? [view.device] : store.devices.map((_, d) => d), step = Math.ceil(some.length * bars / 60000);
  for (let n = 0; n < some.length; n += step) {
    for (let i = 0; i < bars; i++) {
      const d = some[n], t = moment(i);
      if (at(d, "shift", t, (k) => s.tone[k] > 0) < 0) continue;
      const k = at(d, "motion", t, () => true);
      sums[k < 0 ? 2 : words[s.label[k]] === "moving" ? 0 : 1][i] += step;
    }
  }
  return [sums, some.length];
}

function drawStates(c, bars, wide, top, high) {
  const [sums, all] = statesOver(bars), h = high - 16;
  for (let i = 0; i < bars; i++) {
    let y = top + high;
    STATES.forEach(([, tone], k) => {
      const part = Math.min(1, sums[k][i] / Math.max(1, all)) * h;
      c.fillStyle = colour(tone); c.fillRect(3 + i * wide, y - part, wide - 1, part); y -= part;
    });
  }
  title(c, `badges by state, of ${all.toLocaleString("en")}:`, STATES, top + 11);
}

// The slowest and the mean way from logged to accepted, by when it was logged.
function drawLags(c, bars, wide, top, high) {
  const store = view.store, e = store.events, [first, last] = store.span, h = high - 16;
  const most = new Float64Array(bars), sum = new Float64Array(bars), count = new Float64Array(bars);
  const mine = view.device >= 0 ? store.rowsOf[view.device] : null, n = mine ? mine.length : store.n;
  for (let i = 0; i < n; i++) {
    const row = mine ? mine.room[i] : i, lag = e.lag_s[row];
    if (lag !== lag || (view.kind >= 0 && e.kind[row] !== view.kind)) continue;
    const bar = Math.min(bars - 1, Math.max(0, Math.floor((e.t_ms[row] - first) / (last - first) * bars)));
    most[bar] = Math.max(most[bar], lag); sum[bar] += lag; count[bar]++;
  }
  const top_s = most.reduce((a, b) => Math.max(a, b), 0);
  if (!top_s) { title(c, "from logged to accepted: nobody says", [], top + 11); return; }
  for (let i = 0; i < bars; i++) {
    if (!count[i]) continue;
    const slow = most[i] / top_s * h, mean = sum[i] / count[i] / top_s * h, x = 3 + i * wide;
    c.fillStyle = colour("calm"); c.fillRect(x, top + high - slow, wide - 1, slow);
    c.fillStyle = colour("accent"); c.fillRect(x, top + high - mean - 1, wide - 1, 2);
  }
  title(c, `from logged to accepted, up to ${fixed(top_s / 60, 1)} min:`, [["slowest", "calm"], ["mean", "accent"]], top + 11);
}

function title(c, text, tones, y) {
  c.font = "11px system-ui, sans-serif"; c.textAlign = "left";
  let x = 4;
  c.fillStyle = colour("soft"); c.fillText(text, x, y); x += c.measureText(text).width + 8;
  for (const [name, tone] of tones) {
    c.fillStyle = colour(tone); c.fillRect(x, y - 8, 9, 9); x += 12;
    c.fillStyle = colour("soft"); c.fillText(name, x, y); x += c.measureText(name).width + 9;
  }
}

function tellFleet() {
  const store = view.store, e = store.events, kinds = new Float64Array(store.kinds.length), fates = new Float64Array(store.document.fates.length);
  const lag = store.devices.map(() => [0, 0, 0]);
  for (let i = 0; i < store.n; i++) {
    kinds[e.kind[i]]++; fates[e.fate[i]]++;
    if (e.lag_s[i] === e.lag_s[i]) { const l = lag[e.device[i]]; if (!l) continue; l[0]++; l[1] += e.lag_s[i]; l[2] = Math.max(l[2], e.lag_s[i]); }
  }
  const parts = [];
  parts.push(buttons("By type", store.kinds.map((name, k) => [name, kinds[k], () => { view.kind = view.kind === k ? -1 : k; $("by-kind").value = String(view.kind); changed("filter"); }, view.kind === k]).filter((one) => one[1])));
  if (fates.some((n, k) => k && n)) parts.push(buttons("By fate", store.document.fates.map((name, k) => [name, fates[k], () => { view.fate = view.fate === k ? -1 : k; $("by-fate").value = String(view.fate); changed("filter"); }, view.fate === k]).filter((one) => one[1])));
  const slow = lag.map(([n, sum, most], d) => [d, n ? sum / n : -1, most]).filter((one) => one[1] >= 0).sort((a, b) => b[1] - a[1]);
  if (slow.length) {
    const all = lag.reduce((a, l) => [a[0] + l[0], a[1] + l[1], Math.max(a[2], l[2])], [0, 0, 0]);
    parts.push(paragraph(`From logged to accepted: ${fixed(all[1] / all[0] / 60, 1)} min on average, at most ${fixed(all[2] / 60, 1)} min.`, "fleet-lag"));
    parts.push(buttons("The slowest badges, min on average", slow.slice(0, 5).map(([d, mean]) => [store.names[d], fixed(mean / 60, 1), () => setDevice(view.device === d ? -1 : d), view.device === d])));
  }
  const rejected = Object.entries(store.document.facts.rejected || {}), quarantined = store.document.fates.indexOf("quarantined");
  if (rejected.length) parts.push(buttons("Refused, by reason: all of them", rejected.map(([reason, count]) => [reason, count, () => { view.fate = view.fate === quarantined ? -1 : quarantined; $("by-fate").value = String(view.fate); changed("filter"); }, view.fate === quarantined])));
  $("fleet-words").replaceChildren(...parts);
}

function buttons(title, rows) {
  const box = document.createElement("div"), head = document.createElement("h3"), inner = document.createElement("div");
  head.textContent = title; head.style.cssText = "font-size:13px;margin:4px 0"; inner.className = "tools";
  for (const [name, count, act, pressed] of rows) {
    const button = document.createElement("button");
    button.type = "button"; button.textContent = `${name} ${typeof count === "number" ? count.toLocaleString("en") : count}`;
    button.setAttribute("aria-pressed", String(!!pressed)); button.onclick = act;
    inner.append(button);
  }
  box.append(head, inner);
  return box;
}
