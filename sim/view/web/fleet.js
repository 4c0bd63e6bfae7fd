// The fleet: events by type over time, who is on shift, how late, what was refused.

const fleet = { stale: true };

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
  const high = box.height - 30, wide = (box.width - 6) / bars;
  for (let i = 0; i < bars; i++) {
    let y = high + 12;
    for (let k = 0; k < kinds; k++) {
      if (view.kind >= 0 && view.kind !== k) continue;
      const h = sums[k * bars + i] / most * high;
      if (!h) continue;
      c.fillStyle = colour(store.kinds[k]); c.fillRect(3 + i * wide, y - h, wide - 1, h); y -= h;
    }
  }
  drawOnShift(c, box.width, high);
  c.fillStyle = colour("soft"); c.font = "11px system-ui, sans-serif";
  c.fillText(`up to ${most.toLocaleString("en")} events a bar; line: badges on shift`, 4, 10);
  c.fillText(words(first, false), 3, box.height - 4);
  c.textAlign = "right"; c.fillText(words(last, false), box.width - 3, box.height - 4); c.textAlign = "left";
}

function drawOnShift(c, width, high) {
  const store = view.store, s = store.spans, lane = store.document.lanes.indexOf("shift"), n = store.devices.length;
  const [first, last] = store.span, steps = [];
  for (let d = 0; d < n; d++) {
    const i = d * store.document.lanes.length + lane;
    for (let k = store.spanStarts[i]; k < store.spanStarts[i + 1]; k++) if (s.tone[k]) steps.push([s.t0_ms[k], 1], [s.t1_ms[k], -1]);
  }
  steps.sort((a, b) => a[0] - b[0]);
  c.beginPath(); c.strokeStyle = colour("ink"); c.lineWidth = 1.2;
  let on = 0; const y = () => 12 + high - on / Math.max(1, n) * high;
  c.moveTo(3, y());
  for (const [t, by] of steps) { const x = 3 + (t - first) / (last - first) * (width - 6); c.lineTo(x, y()); on += by; c.lineTo(x, y()); }
  c.lineTo(width - 3, y()); c.stroke();
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
  for (const [reason, count] of Object.entries(store.document.facts.rejected || {})) parts.push(paragraph(`${count} refused: ${reason}`));
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
