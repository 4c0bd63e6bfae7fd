// The page begins: the picture is read, everything is drawn once, then only what has changed.

const due = { map: false, lanes: false, table: false, fleet: false, layout: false, frames: 0 };

function drawDue() {
  due.asked = false;
  if (due.layout) layLanes();
  drawTime();
  if (due.map) drawMap();
  if (due.lanes || lanes.stale) drawLanes(); else moveCursor();
  if (due.table) { drawTable(); tellLanes(); }
  if (due.fleet) drawFleet();
  due.map = due.lanes = due.table = due.fleet = due.layout = false;
  due.frames++;
}

function ask(...parts) {
  for (const part of parts) due[part] = true;
  if (!due.asked) { due.asked = true; requestAnimationFrame(drawDue); }
}

function heard(what) {
  if (what === "play") {
    // While it plays, the map has every frame, the words four a second.
    if (followLanes()) due.lanes = true;
    const now = performance.now();
    if (now - clock.told > 250) { clock.told = now; due.table = true; keepAddress(); }
    due.map = true;
    drawDue();
    return;
  }
  if (what === "t") { if (followLanes()) due.lanes = true; ask("map", "table"); keepAddress(); }
  if (what === "device") { filterRows(); ask("map", "layout", "lanes", "table", "fleet"); keepAddress(); }
  if (what === "filter") { filterRows(); ask("table", "fleet"); keepAddress(); }
  if (what === "map") ask("map");
  if (what === "colours") { drawCurves(); map.stale = true; map.sprites = {}; ask("map", "lanes", "table", "fleet"); }
  if (what === "news") {
    filterRows(); ask("map", "layout", "lanes", "table");
    const now = performance.now();
    if (now - (fleet.drawn || 0) > 2000) { fleet.drawn = now; ask("fleet"); }
  }
}

function tellNotes() {
  const { notes } = view.store.document;
  $("notes").hidden = !notes.length;
  $("notes").replaceChildren(...notes.map((text) => { const li = document.createElement("li"); li.textContent = text; return li; }));
}

async function begin() {
  view.offline = document.getElementById("picture") !== null;
  const buffer = view.offline ? await inflated("picture") : await (await fetch("picture")).arrayBuffer();
  const store = (view.store = new Store(buffer));
  document.title = `${store.document.title} – badge view`;
  $("title").textContent = store.document.title;
  tellNotes();
  view.t = store.span[0];
  view.listeners.push(heard);
  startTable(); startLanes(); startMap(); startTime(); startLive(); drawReport(); startSides(); startFleet();
  addEventListener("resize", () => { map.stale = true; ask("map", "lanes", "fleet"); drawCurves(); });
  addEventListener("hashchange", readAddress);
  const said = readAddress();
  if (!said && !store.live) {
    if (store.marks.t_ms.length) goToMark(0); else if (store.n) setMoment(store.events.t_ms[0]);
  }
  due.map = due.table = due.fleet = due.lanes = true;
  drawDue();
  document.documentElement.dataset.ready = "yes";
}

begin().catch((error) => {
  $("notes").hidden = false;
  $("notes").textContent = `This picture cannot be shown: ${error.message}`;
  document.documentElement.dataset.ready = "failed";
  throw error;
});
