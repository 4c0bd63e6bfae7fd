// The picture in memory: columns as typed arrays, and for each badge the rows it has, in order.

const TYPES = {
  "<f8": Float64Array, "<f4": Float32Array, "<u4": Uint32Array, "<i4": Int32Array,
  "<u2": Uint16Array, "<i2": Int16Array, "<u1": Uint8Array, "|u1": Uint8Array,
};

// A list of row numbers that grows at its end.
class Rows {
  constructor(room = 16) { this.room = new Int32Array(room); this.length = 0; }
  push(row) {
    if (this.length === this.room.length) {
      const more = new Int32Array(Math.max(16, this.length * 2));
      more.set(this.room);
      this.room = more;
    }
    this.room[this.length++] = row;
  }
  cut(row) { while (this.length && this.room[this.length - 1] >= row) this.length--; }
}

// How many of the first `n` places have a moment up to `t`.
function countUntil(t, n, momentAt) {
  let low = 0, high = n;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (momentAt(middle) <= t) low = middle + 1; else high = middle;
  }
  return low;
}

function unframed(buffer) {
  const length = new DataView(buffer).getUint32(0, true);
  const document = JSON.parse(new TextDecoder().decode(new Uint8Array(buffer, 4, length)));
  const start = 4 + length, tables = {};
  for (const [table, columns] of Object.entries(document.layout)) {
    tables[table] = {};
    for (const [name, [kind, offset, size]] of Object.entries(columns)) {
      tables[table][name] = new TYPES[kind](buffer, start + offset, size);
    }
  }
  return { document, tables };
}

class Store {
  constructor(buffer) {
    const { document, tables } = unframed(buffer);
    this.take(document);
    this.events = tables.events;
    this.n = document.rows;
    this.lanes(tables);
    this.levels = tables.levels;
    this.rowsOf = []; this.fixesOf = []; this.bounds = [Infinity, Infinity, -Infinity, -Infinity];
    this.regroup();
  }

  take(document) {
    this.document = document;
    this.span = document.span;
    this.devices = document.devices;
    this.names = namesOf(document.devices);
    this.kinds = document.kinds;
    this.epoch = document.epoch || 0;
  }

  lanes(tables) {
    this.spans = tables.spans; this.samples = tables.samples; this.marks = tables.marks;
    this.spanStarts = starts(this.spans.device, this.spans.lane, this.document);
    this.sampleStarts = starts(this.samples.device, this.samples.lane, this.document);
  }

  regroup() {
    const { device } = this.events, n = this.n;
    const counts = new Uint32Array(65536);
    for (let i = 0; i < n; i++) counts[device[i]]++;
    this.rowsOf = this.devices.map((_, d) => new Rows(counts[d]));
    this.fixesOf = this.devices.map(() => new Rows());
    this.group(0);
  }

  group(from) {
    const { device, x_m, y_m, true_x_m, true_y_m } = this.events, b = this.bounds;
    while (this.rowsOf.length < this.devices.length) { this.rowsOf.push(new Rows()); this.fixesOf.push(new Rows()); }
    for (let i = from; i < this.n; i++) {
      this.rowsOf[device[i]].push(i);
      const known = x_m[i] === x_m[i];
      if (known) this.fixesOf[device[i]].push(i);
      const x = known ? x_m[i] : true_x_m[i], y = known ? y_m[i] : true_y_m[i];
      if (x === x) {
        if (x < b[0]) b[0] = x; if (y < b[1]) b[1] = y; if (x > b[2]) b[2] = x; if (y > b[3]) b[3] = y;
      }
    }
  }

  // Events that came while the page was open; those before the last ones are put in their place.
  append(more, count) {
    const e = this.events, t = e.t_ms, old = this.n;
    let earliest = Infinity;
    for (let i = 0; i < count; i++) earliest = Math.min(earliest, more.t_ms[i]);
    const from = countUntil(earliest, old, (i) => t[i]);
    if (old + count > t.length) {
      for (const name of Object.keys(e)) {
        const wider = new e[name].constructor(Math.max(1024, (old + count) * 2));
        wider.set(e[name].subarray(0, old));
        e[name] = wider;
      }
    }
    const tail = old - from, order = new Int32Array(tail + count).map((_, i) => i), moment = new Float64Array(tail + count);
    moment.set(e.t_ms.subarray(from, old)); moment.set(more.t_ms.subarray(0, count), tail);
    order.sort((a, b) => moment[a] - moment[b] || a - b);
    for (const name of Object.keys(e)) {
      const both = new e[name].constructor(tail + count);
      both.set(e[name].subarray(from, old)); both.set(more[name].subarray(0, count), tail);
      for (let i = 0; i < order.length; i++) e[name][from + i] = both[order[i]];
    }
    for (const rows of this.rowsOf) rows.cut(from);
    for (const rows of this.fixesOf) rows.cut(from);
    this.n = old + count;
    this.group(from);
  }

  // What became of events that were told before.
  settle({ at, fate, lag_s }) {
    const found = new Map(), e = this.events;
    for (let i = 0; i < at.length; i++) found.set(at[i], i);
    for (let row = 0; row < this.n; row++) {
      const i = found.get(e.at[row]);
      if (i !== undefined) { e.fate[row] = fate[i]; e.lag_s[row] = lag_s[i]; }
    }
  }

  rowUntil(t) { const m = this.events.t_ms; return countUntil(t, this.n, (i) => m[i]) - 1; }

  fixBefore(d, t) {
    const rows = this.fixesOf[d], m = this.events.t_ms;
    return countUntil(t, rows.length, (i) => m[rows.room[i]]) - 1;
  }

  // Where a badge truly is: on the straight way between what is known before and after.
  truePlace(d, t, out) {
    const rows = this.rowsOf[d], m = this.events.t_ms, xs = this.events.true_x_m, ys = this.events.true_y_m;
    let a = countUntil(t, rows.length, (i) => m[rows.room[i]]) - 1, b = a + 1;
    while (a >= 0 && xs[rows.room[a]] !== xs[rows.room[a]]) a--;
    while (b < rows.length && xs[rows.room[b]] !== xs[rows.room[b]]) b++;
    if (a < 0 && b >= rows.length) return false;
    const p = rows.room[a < 0 ? b : a], q = rows.room[b >= rows.length ? a : b];
    const share = m[q] > m[p] ? Math.min(1, Math.max(0, (t - m[p]) / (m[q] - m[p]))) : 0;
    out[0] = xs[p] + share * (xs[q] - xs[p]); out[1] = ys[p] + share * (ys[q] - ys[p]);
    return true;
  }

  says(row) {
    const e = this.events, kind = this.kinds[e.kind[row]], v = e.value[row];
    const tag = e.tag[row] >= 0 ? this.document.tags[e.tag[row]].name : "";
    switch (kind) {
      case "gps": return `±${fixed(e.accuracy_m[row], 1)} m${v === v ? `, ${fixed(v, 1)} km/h` : ""}`;
      case "gps_no_fix": return `none in ${fixed(v)} s`;
      case "ble_proximity": case "ble_lost": return `${tag} ${fixed(v)} dBm`;
      case "motion": return `${["", "moving", "still"][e.state[row]]} after ${fixed(v)} s`;
      case "low_battery": return `${fixed(v)} %`;
      case "reboot": return `${fixed(v)} in the queue`;
      case "shift_start": case "shift_end": return this.devices[e.device[row]].worker;
      default: return "";
    }
  }
}

// A badge is called by its worker, and where two would be called the same by its id or side.
function namesOf(devices) {
  const times = {};
  for (const one of devices) times[one.worker] = (times[one.worker] || 0) + 1;
  return devices.map((one) => (one.worker && times[one.worker] === 1 ? one.worker : one.id.split(" ").slice(1).join(" ") || one.id));
}

function fixed(value, digits = 0) { return value === value ? value.toFixed(digits) : "?"; }

// Where each badge's rows of each lane begin: spans and samples lie by badge, lane and time.
function starts(device, lane, document) {
  const lanes = document.lanes.length, all = document.devices.length * lanes;
  const found = new Int32Array(all + 1);
  for (let i = 0; i < device.length; i++) found[device[i] * lanes + lane[i] + 1]++;
  for (let i = 0; i < all; i++) found[i + 1] += found[i];
  return found;
}

async function inflated(id) {
  const coded = document.getElementById(id).textContent;
  const bytes = Uint8Array.from(atob(coded), (c) => c.charCodeAt(0));
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("deflate"));
  return new Response(stream).arrayBuffer();
}
