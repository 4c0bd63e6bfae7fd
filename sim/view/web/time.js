// Time: play, pause, scrub, step; keys for all of it.

const clock = { last: 0, told: 0 };

function play(on) {
  view.playing = on;
  $("play").setAttribute("aria-pressed", String(on));
  $("play").textContent = on ? "❚❚ pause" : "▶ play";
  clock.last = 0;
  if (on) {
    if (view.t >= view.store.span[1] && !view.store.live) setMoment(view.store.span[0]);
    requestAnimationFrame(tick);
  }
}

function tick(now) {
  if (!view.playing) return;
  if (clock.last) {
    const t = view.t + (now - clock.last) * view.speed, last = view.store.span[1];
    view.t = Math.min(t, last);
    changed("play");
    if (t >= last && !view.store.live) play(false);
  }
  clock.last = now;
  requestAnimationFrame(tick);
}

function setSpeed(speed) { view.speed = speed; $("speed").value = String(speed); }

function drawTime() {
  $("clock").textContent = words(view.t);
  const scrub = $("scrub"), [first, last] = view.store.span;
  scrub.value = String((view.t - first) / (last - first) * 1000);
  scrub.setAttribute("aria-valuetext", words(view.t));
}

const KEYS = {
  " ": () => play(!view.playing), ",": () => stepEvent(-1), ".": () => stepEvent(1),
  "[": () => stepMark(-1), "]": () => stepMark(1), "+": () => zoomLanes(0.5), "=": () => zoomLanes(0.5), "-": () => zoomLanes(2),
  0: () => $("lanes-all").click(), 1: () => setSpeed(1), 2: () => setSpeed(10), 3: () => setSpeed(60), 4: () => setSpeed(200), 5: () => setSpeed(600),
  ArrowLeft: (k) => setMoment(view.t - (k.shiftKey ? 60000 : 1000)), ArrowRight: (k) => setMoment(view.t + (k.shiftKey ? 60000 : 1000)),
  d: () => setDevice(view.device + 1 < view.store.devices.length ? view.device + 1 : -1), D: () => setDevice(-1),
  e: () => { const row = rowAt(placeUntil(view.t)); if (row !== undefined && row >= 0) openRow(row, true); },
  Escape: closeAbout,
};

function startTime() {
  $("play").onclick = () => play(!view.playing);
  $("speed").onchange = (c) => { view.speed = Number(c.target.value); };
  $("back").onclick = () => setMoment(view.t - 1000);
  $("on").onclick = () => setMoment(view.t + 1000);
  $("event-before").onclick = () => stepEvent(-1);
  $("event-next").onclick = () => stepEvent(1);
  $("mark-before").onclick = () => stepMark(-1);
  $("mark-next").onclick = () => stepMark(1);
  $("scrub").step = "any";
  $("scrub").oninput = (c) => { const [first, last] = view.store.span; setMoment(first + Number(c.target.value) / 1000 * (last - first)); };
  document.addEventListener("keydown", (k) => {
    if (k.ctrlKey || k.metaKey || k.altKey) return;
    const on = k.target.tagName;
    // What the element itself does with a key comes first: a list chooses, a button is pressed.
    if (on === "SELECT" || (on === "BUTTON" && k.key === " ") || (on === "SUMMARY" && k.key === " ") || (on === "INPUT" && k.target.type === "checkbox" && k.key === " ")) return;
    if (on === "INPUT" && k.target.type === "range" && k.key.startsWith("Arrow")) { k.preventDefault(); }
    const act = KEYS[k.key];
    if (act) { k.preventDefault(); act(k); }
  });
}
