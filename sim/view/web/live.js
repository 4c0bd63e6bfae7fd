// Something alive: what has come since is asked for, and the page goes along while it is at the end.

const live = { asking: false, seen: 0 };

async function askNews() {
  if (live.asking) return;
  live.asking = true;
  try {
    const answer = await fetch(`news?epoch=${view.store.epoch}&rows=${view.store.n}`);
    if (answer.status === 200) takeNews(await answer.arrayBuffer());
    if (view.store.live) $("live").textContent = "live";
  } catch { $("live").textContent = "no longer live: badge view has ended"; clearInterval(live.timer); }
  live.asking = false;
}

function takeNews(buffer) {
  const { document: news, tables } = unframed(buffer), store = view.store;
  if (news.whole) { takeWhole(buffer); return; }
  const had = store.document.site;
  const atEnd = view.t >= store.span[1] - 1500;
  const known = store.devices.length, tags = store.document.tags.length;
  store.take({ ...store.document, ...news, span: widened(store.span, news) });
  if (news.rows) store.append(tables.events, news.rows);
  if (tables.settled) store.settle(tables.settled);
  if (tables.spans) store.lanes(tables);
  if (news.notes) tellNotes();
  options("by-device", store.devices.slice(known).map((one, i) => [known + i, one.id]));
  options("by-tag", store.document.tags.slice(tags).map((one, i) => [tags + i, one.name]));
  if (atEnd && !view.playing) view.t = store.span[1];
  if (lanes.to >= store.span[1] - (lanes.to - lanes.from) * 0.02 || known !== store.devices.length || lanes.to - lanes.from < 2000) { lanes.to = store.span[1]; lanes.from = Math.min(lanes.from, store.span[0]); }
  else lanes.to = Math.max(lanes.to, store.span[1]);
  if (known === 0) openFirstLanes();
  if (known !== store.devices.length || (!had && store.document.site)) { map.stale = true; fitMap(); }
  table.marked = null;
  live.seen = store.n;
  changed("news");
}

// What was there counts no more: the clock was learnt, or the run has come to its end.
function takeWhole(buffer) {
  const badge = view.device >= 0 ? view.store.devices[view.device].id : "", atEnd = view.t >= view.store.span[1] - 1500;
  const store = (view.store = new Store(buffer));
  store.live = store.document.live;
  closeAbout();
  view.device = store.devices.findIndex((one) => one.id === badge);
  view.t = atEnd ? store.span[1] : Math.min(store.span[1], Math.max(store.span[0], view.t));
  fillFilters(); tellNotes(); openFirstLanes(); fitMap(); drawReport(); startSides();
  table.marked = null;
  $("title").textContent = store.document.title;
  if (!store.live) { clearInterval(live.timer); $("live").textContent = "it has ended; this is all of it"; }
  changed("news"); ask("fleet", "layout", "lanes");
}

function widened([from, to], news) {
  const [first, last] = news.span || [from, to];
  if (!view.store.n) return [news.first ?? first, Math.max(news.last ?? last, (news.first ?? first) + 1000)];
  return [Math.min(from, first, news.first ?? from), Math.max(to, last, news.last ?? to)];
}

function startLive() {
  if (!view.store.document.live) return;
  view.store.live = true;
  $("live").hidden = false;
  view.t = view.store.span[1];
  live.timer = setInterval(askNews, 250);
}
