// What is looked at: the moment, the badge, the event, the filters.  The address holds it.

const $ = (id) => document.getElementById(id);

const view = {
  store: null, t: 0, speed: 60, playing: false, device: -1, at: -1,
  kind: -1, fate: -1, tag: -1, marked: false, offline: false,
  listeners: [], dirty: false,
};

function changed(what) {
  for (const listener of view.listeners) listener(what);
}

function setMoment(t) {
  const [first, last] = view.store.span;
  view.t = Math.min(last, Math.max(first, t));
  changed("t");
}

function setDevice(d) {
  view.device = d;
  $("by-device").value = String(d);
  changed("device");
}

function words(t, withDay = true) {
  if (!view.store.document.utc) {
    const s = (t - view.store.span[0]) / 1000, whole = Math.floor(s);
    return `+${String(Math.floor(whole / 3600)).padStart(2, "0")}:${String(Math.floor(whole / 60) % 60).padStart(2, "0")}:${String(whole % 60).padStart(2, "0")}`;
  }
  const text = new Date(t).toISOString();
  return withDay ? `${text.slice(0, 10)} ${text.slice(11, 19)} UTC` : text.slice(11, 19);
}

// "10:42" or "10:42:05" on the picture's first day or after it, or ISO; null if it is none.
function momentOf(text) {
  const first = view.store.span[0];
  const clock = /^(\d\d):(\d\d)(?::(\d\d(?:\.\d+)?))?$/.exec(text);
  if (!clock) {
    const t = Date.parse(text);
    return Number.isNaN(t) ? null : t;
  }
  const day = Math.floor(first / 86400000) * 86400000;
  const t = day + (+clock[1] * 3600 + +clock[2] * 60 + +(clock[3] || 0)) * 1000;
  return t < first - 1000 ? t + 86400000 : t;
}

let addressTimer = 0;
function keepAddress() {
  if (addressTimer) return;
  addressTimer = setTimeout(() => {
    addressTimer = 0;
    const parts = new URLSearchParams();
    parts.set("t", view.store.document.utc ? new Date(view.t).toISOString() : String(Math.round(view.t)));
    if (view.device >= 0) parts.set("badge", view.store.devices[view.device].id);
    if (view.at >= 0) parts.set("event", String(view.at));
    if (view.kind >= 0) parts.set("type", view.store.kinds[view.kind]);
    history.replaceState(null, "", `#${parts}`);
  }, 150);
}

function readAddress() {
  const parts = new URLSearchParams(location.hash.slice(1));
  const store = view.store;
  const badge = store.devices.findIndex((one) => one.id === parts.get("badge"));
  if (badge >= 0) setDevice(badge);
  const kind = store.kinds.indexOf(parts.get("type"));
  if (kind >= 0) { view.kind = kind; $("by-kind").value = String(kind); changed("filter"); }
  const text = parts.get("t");
  if (text !== null) {
    const t = store.document.utc ? momentOf(text) : Number(text);
    if (t !== null && !Number.isNaN(t)) setMoment(t);
  }
  if (parts.has("event")) openAt(Number(parts.get("event")));
  return text !== null;
}

const colours = {};
function colour(name) {
  if (!(name in colours)) colours[name] = getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();
  return colours[name];
}
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => {
  for (const name of Object.keys(colours)) delete colours[name];
  changed("colours");
});

// A canvas as wide as its place on the page, in the screen's own pixels.
function fitted(canvas, width, height) {
  const ratio = Math.min(window.devicePixelRatio || 1, 2);
  const w = Math.max(1, Math.round(width * ratio)), h = Math.max(1, Math.round(height * ratio));
  if (canvas.width !== w || canvas.height !== h) { canvas.width = w; canvas.height = h; }
  const context = canvas.getContext("2d");
  context.setTransform(ratio, 0, 0, ratio, 0, 0);
  return context;
}
