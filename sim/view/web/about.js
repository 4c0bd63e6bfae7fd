// All there is about one event: its JSON, its truth, and why it was logged.

async function aboutOf(at) {
  if (!view.offline) return (await fetch(`about?at=${at}`)).json();
  const row = rowOfAt(at), chunk = Math.floor(row / 500), id = `details-${chunk}`;
  if (!document.getElementById(id)) return { lost: "this file leaves the events' JSON out: there are too many; badge view shows it" };
  const all = JSON.parse(new TextDecoder().decode(await inflated(id)));
  return all[row - chunk * 500];
}

function rowOfAt(at) {
  const places = view.store.events.at;
  for (let i = 0; i < view.store.n; i++) if (places[i] === at) return i;
  return -1;
}

function openRow(row, focus = false) {
  const e = view.store.events;
  view.at = e.at[row];
  setMoment(e.t_ms[row]);
  return showAbout(row, focus);
}

function openAt(at) {
  const row = rowOfAt(at);
  if (row >= 0) { view.at = at; showAbout(row, false); }
}

function closeAbout() {
  if ($("about").hidden) return;
  $("about").hidden = true; view.at = -1;
  keepAddress();
  $("rows").focus({ preventScroll: true });
}

async function showAbout(row, focus) {
  const store = view.store, e = store.events, at = e.at[row];
  const kind = store.kinds[e.kind[row]], badge = store.devices[e.device[row]];
  $("about-title").textContent = `Event ${fixed(e.number[row])} of ${badge.id}: ${kind} at ${words(e.t_ms[row])}`;
  const found = await aboutOf(at);
  if (view.at !== at) return;
  const parts = [];
  if (found.lost) parts.push(part("Not there", paragraph(found.lost)));
  if (found.difference) parts.push(part("Difference", paragraph(found.difference, "about-difference")));
  if (found.sides) parts.push(part("Both sides", sidesTable(found.sides)));
  if (found.findings) parts.push(part("Findings", list(found.findings)));
  parts.push(part("Why", whyOf(found)));
  if (found.event) parts.push(part("Event", json(found.event, "about-event")));
  if (found.truth) parts.push(part("Truth", json(found.truth, "about-truth")));
  if (found.wanted) parts.push(part("Should be", json(found.wanted, "about-wanted")));
  $("about-inner").replaceChildren(...parts);
  $("about").hidden = false;
  keepAddress();
  if (focus) { $("about-title").focus(); $("about").scrollIntoView({ block: "nearest" }); }
}

function part(title, content) {
  const box = document.createElement("div"), head = document.createElement("h3");
  head.textContent = title;
  box.append(head, content);
  return box;
}

function paragraph(text, id = "") {
  const p = document.createElement("p");
  p.textContent = text; if (id) p.id = id;
  return p;
}

function json(value, id) {
  const pre = document.createElement("pre");
  pre.id = id; pre.tabIndex = 0; pre.setAttribute("role", "region"); pre.setAttribute("aria-label", "JSON");
  pre.textContent = JSON.stringify(value, null, 2);
  return pre;
}

function list(items) {
  const ol = document.createElement("ol");
  ol.id = "about-why";
  for (const text of items) { const li = document.createElement("li"); li.textContent = text; ol.append(li); }
  return ol;
}

// The cause in words, in the order in which it happened; `badge explain` says the same.
function whyOf(found) {
  if (found.why_words && found.why_words.length) return list(found.why_words);
  return paragraph("not known: no recording of this badge is beside it (badge simulate --record, badge run --record)");
}
