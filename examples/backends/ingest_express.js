// A whole ingest for badges in Express and SQLite: `badge conform` finds nothing wrong with it.
//
// Run:   npm install express ajv lossless-json node-sqlite3-wasm
//        badge schema --out event.schema.json
//        PROVISIONING_KEY=change-me ADMIN_KEY=change-me-too node ingest_express.js
// Try:   badge conform http://127.0.0.1:8083 --store sqlite:///express-ingest.db \
//            --provisioning-key change-me --admin-key change-me-too
//
// The events are judged by the contract's own JSON Schema, so that this file holds no rule of it.
// None of the packages is compiled or downloads anything but itself.

"use strict";

const crypto = require("node:crypto");
const fs = require("node:fs");
const Ajv = require("ajv/dist/2020").default;
const express = require("express");
const lossless = require("lossless-json");
const { Database } = require("node-sqlite3-wasm");

const BATCH_MAX = 500;
const BODY_MAX = 1 << 20;
const FIELDS = ["device_id", "firmware_version", "event_type", "timestamp_utc", "payload"];

const db = new Database(process.env.DB || "express-ingest.db");
db.exec(`
pragma synchronous = full;
create table if not exists devices (
    device_id text primary key, company_id text, key_hash text, provisioned_at text, notes text);
create table if not exists raw_events (
    device_id text, sequence_number integer, event_type text, event_timestamp text,
    firmware_version text, payload text, received_at text,
    primary key (device_id, sequence_number));
create table if not exists tags (tag_mac text primary key, body text);
create table if not exists parcels (company_id text, parcel_id text, body text,
    primary key (company_id, parcel_id));
`);

class Refused extends Error {
  constructor(status, error, more = {}) {
    super(error);
    this.status = status;
    this.body = { error, ...more };
  }
}

const now = () => new Date().toISOString().replace(/\.\d+Z$/, "Z");
const isObject = (value) => typeof value === "object" && value !== null && !Array.isArray(value);
const isText = (value) => typeof value === "string";

// Keys: kept hashed, compared in constant time.

const hashed = (key) => crypto.createHash("sha512").update(key, "utf8").digest();
const given = (request) => request.get("X-Actual-Api-Key") || "";
const unauthorized = () => new Refused(401, "Invalid or missing API key");

const needs = (role) => (request, _response, next) => {
  const right = crypto.timingSafeEqual(hashed(given(request)), hashed(process.env[role]));
  next(right ? undefined : unauthorized());
};

function ownerOf(request) {
  const named = /^ak_([0-9A-F]{8})_/.exec(given(request));
  const id = named ? `ACT-${named[1]}` : "";
  const row = db.get("select key_hash from devices where device_id = ?", [id]);
  const kept = row ? Buffer.from(row.key_hash, "hex") : Buffer.alloc(64);
  if (!crypto.timingSafeEqual(hashed(given(request)), kept) || !row) throw unauthorized();
  return id;
}

// Bodies.

const utf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

// JavaScript's numbers end at 2^53: a larger whole number becomes a BigInt, nothing is rounded.
function numberOf(text) {
  if (/^-?\d+$/.test(text) && !Number.isSafeInteger(Number(text))) return BigInt(text);
  const number = Number(text);
  if (!Number.isFinite(number)) throw new RangeError(`${text} is too large`);
  return number;
}

function documentOf(request) {
  try {
    const text = utf8.decode(Buffer.isBuffer(request.body) ? request.body : Buffer.alloc(0));
    JSON.parse(text); // strictly JSON
    return lossless.parse(text, undefined, numberOf);
  } catch {
    throw new Refused(400, "The body is not JSON", { code: "invalid_json", accepted: 0 });
  }
}

// A batch, or what a Notehub route posts: one object around an event or around `events`.
function batchOf(read) {
  const wrong = (status, error, code) => new Refused(status, error, { code, accepted: 0 });
  let events = read;
  if (isObject(read) && isObject(read.body)) {
    events = Array.isArray(read.body.events) ? read.body.events : [read.body];
  }
  if (!Array.isArray(events)) throw wrong(400, "The body is no JSON array", "not_a_batch");
  if (events.length > BATCH_MAX) {
    const words = `Batch limit is ${BATCH_MAX} events. Received ${events.length}.`;
    throw wrong(413, words, "too_many");
  }
  if (events.length === 0) throw wrong(400, "The batch is empty", "empty_batch");
  const ids = new Set(events.filter(isObject).map((one) => one.device_id).filter(isText));
  if (ids.size > 1) throw wrong(400, "Several device_ids", "mixed_devices");
  return events;
}

// Judging: by the schema, and by what its library cannot see.

const schema = JSON.parse(fs.readFileSync(process.env.SCHEMA || "event.schema.json", "utf8"));
const ajv = new Ajv({ strict: false, validateFormats: false });
const isEvent = ajv.compile({ $ref: "#/$defs/Event", $defs: schema.$defs });
const LARGEST = 2n ** 63n - 1n;

// The first thing wrong with an event, in words; null: it is right.
function faultOf(event) {
  if (!isObject(event)) return "event: not an object";
  const missing = FIELDS.find((name) => !Object.hasOwn(event, name));
  if (missing) return `Missing required field: ${missing}`;
  const number = event.sequence_number;
  if (typeof number === "bigint" && (number < 1n || number > LARGEST)) {
    return "sequence_number: out of range";
  }
  // Ajv knows no BigInt: a large number in its place stands for it.
  const plain = typeof number === "bigint" ? { ...event, sequence_number: 1 } : event;
  if (!isEvent(plain)) {
    const error = isEvent.errors[0];
    return `${error.instancePath || "event"}: ${error.message}`.slice(0, 200);
  }
  return isMoment(event.timestamp_utc) ? null : "timestamp_utc: no such moment";
}

function isMoment(text) {
  const at = new Date(text);
  return !Number.isNaN(at.getTime()) && at.toISOString().slice(0, 19) === text.slice(0, 19);
}

const told = (number) =>
  typeof number === "bigint" || Number.isInteger(number) ? number : null;

// The API.

const app = express();
app.disable("x-powered-by");
app.disable("etag");
const answer = (response, status, body) =>
  response.status(status).type("application/json").send(lossless.stringify(body));
// Express's own reader answers a body that is too large once it has ended, which may be never.
async function raw(request, response, next) {
  const wrong = (status, words) => {
    response.set("Connection", "close"); // the rest of the body is not wanted
    next(new Refused(status, words, { accepted: 0 }));
  };
  if ((request.get("Content-Encoding") || "identity") !== "identity") {
    return wrong(415, "Compressed bodies are not read");
  }
  const tooLong = () => wrong(413, `Body limit is ${BODY_MAX} bytes.`);
  if (Number(request.get("Content-Length") || 0) > BODY_MAX) return tooLong();
  const parts = [];
  let size = 0;
  try {
    for await (const part of request.iterator({ destroyOnReturn: false })) {
      size += part.length;
      if (size > BODY_MAX) return tooLong();
      parts.push(part);
    }
  } catch {
    return wrong(400, "The body was cut off");
  }
  request.body = Buffer.concat(parts);
  return next();
}

app.post("/api/events", (request, _response, next) => {
  request.owner = ownerOf(request); // before its body is read
  next();
}, raw, (request, response) => {
  const events = batchOf(documentOf(request));
  const faults = events.map(faultOf);
  const good = events.filter((_, at) => faults[at] === null);
  if (good.some((event) => event.device_id !== request.owner)) throw unauthorized();
  const listed = events
    .map((event, at) => ({ sequence_number: told(event?.sequence_number), reason: faults[at] }))
    .filter((one) => one.reason !== null);
  if (good.length === 0) {
    const words = `All events were refused: ${listed[0].reason}`;
    throw new Refused(400, words, { code: "all_rejected", accepted: 0 });
  }
  const text = "insert or ignore into raw_events values (?, ?, ?, ?, ?, ?, ?)";
  const insert = db.prepare(text);
  db.exec("begin immediate"); // all of the batch or nothing of it; the first content stands
  try {
    for (const one of good) {
      const payload = lossless.stringify(one.payload);
      insert.run([one.device_id, one.sequence_number, one.event_type, one.timestamp_utc,
        one.firmware_version, payload, now()]);
    }
    db.exec("commit");
  } catch (error) {
    db.exec("rollback");
    throw error;
  } finally {
    insert.finalize();
  }
  const body = { accepted: good.length, rejected: listed.length, rejected_events: listed };
  answer(response, listed.length ? 207 : 202, body);
});

app.post("/api/devices", needs("PROVISIONING_KEY"), raw, (request, response) => {
  const wrong = (error) => new Refused(400, error, { code: "invalid_request" });
  const made = documentOf(request);
  const known = ["device_id", "company_id", "notes_device_uid", "notes"];
  if (!isObject(made) || !Object.keys(made).every((name) => known.includes(name))) {
    throw wrong("Expected device_id and company_id");
  }
  if (!isText(made.device_id) || !/^ACT-[0-9A-F]{8}$/.test(made.device_id)) {
    throw wrong("device_id: ACT- and eight hexadecimal digits");
  }
  if (!isText(made.company_id) || !made.company_id) throw wrong("company_id: a name");
  const key = `ak_${made.device_id.slice(4)}_${crypto.randomBytes(24).toString("hex")}`;
  const at = now();
  insertOnce("insert into devices values (?, ?, ?, ?, ?)",
    [made.device_id, made.company_id, hashed(key).toString("hex"), at, lossless.stringify(made)]);
  answer(response, 201, {
    device_id: made.device_id, company_id: made.company_id, status: "inventory",
    provisioned_at: at, api_key: key,
  });
});

app.get("/api/devices/:id/status", needs("ADMIN_KEY"), (request, response) => {
  const id = request.params.id;
  const device = db.get("select company_id from devices where device_id = ?", [id]);
  if (!device) throw new Refused(404, "There is no device of this id", { code: "not_found" });
  const last = (kinds, column) => db.get(`select ${column} as found from raw_events
    where device_id = ? and event_type like ? order by sequence_number desc limit 1`,
    [id, kinds])?.found;
  const shift = JSON.parse(last("shift_%", "payload") || "{}");
  const battery = JSON.parse(last("low_battery", "payload") || "{}");
  const seen = db.get("select max(received_at) as at from raw_events where device_id = ?", [id]).at;
  answer(response, 200, {
    device_id: id,
    company_id: device.company_id,
    status: seen ? "active" : "inventory",
    current_worker_id: "end_reason" in shift ? null : shift.worker_id ?? null,
    firmware_version: last("%", "firmware_version") ?? null,
    last_seen_at: seen,
    last_seen_minutes_ago: seen ? Math.floor((Date.now() - new Date(seen)) / 60_000) : null,
    battery_pct: battery.battery_pct ?? null,
  });
});

app.post("/api/equipment-tags", needs("ADMIN_KEY"), raw, (request, response) => {
  const tag = documentOf(request);
  if (!isObject(tag) || !/^[0-9A-F]{2}(:[0-9A-F]{2}){5}$/.test(tag.tag_mac)) {
    const words = "tag_mac: AA:BB:CC:DD:EE:FF in capital letters";
    throw new Refused(400, words, { code: "invalid_request" });
  }
  insertOnce("insert into tags values (?, ?)", [tag.tag_mac, lossless.stringify(tag)]);
  answer(response, 201, { ...tag, status: "active", created_at: now() });
});

app.post("/api/parcels", needs("ADMIN_KEY"), raw, (request, response) => {
  const parcel = documentOf(request);
  if (!isObject(parcel) || !isPolygon(parcel.geojson)) {
    throw new Refused(400, "geojson: a Polygon with closed rings", { code: "invalid_request" });
  }
  const ids = [parcel.company_id, parcel.parcel_id];
  insertOnce("insert into parcels values (?, ?, ?)", [...ids, lossless.stringify(parcel)]);
  answer(response, 201, { parcel_id: ids[1], company_id: ids[0], loaded_at: now() });
});

app.get("/api/health", (_request, response) => answer(response, 200, { status: "ok" }));

// What nobody took, and what went wrong.

app.use((request, _response, next) => {
  const known = ["/api/events", "/api/devices", "/api/equipment-tags", "/api/parcels"];
  next(known.includes(request.path)
    ? new Refused(405, "Method not allowed")
    : new Refused(404, "There is nothing here"));
});

app.use((error, _request, response, _next) => {
  if (error instanceof Refused) return answer(response, error.status, error.body);
  if (error.status >= 400 && error.status < 500) { // of Express: a path that is none
    return answer(response, error.status, { error: error.message });
  }
  console.error(error);
  return answer(response, 503, { error: "the store is away", accepted: 0 });
});

function insertOnce(text, values) {
  try {
    db.run(text, values);
  } catch (error) {
    if (!/UNIQUE constraint/.test(error.message)) throw error;
    throw new Refused(409, "This exists", { code: "already_exists" });
  }
}

// RFC 7946 3.1.6: rings of four positions or more, closed, on the globe.
function isPolygon(shape) {
  if (!isObject(shape) || shape.type !== "Polygon") return false;
  if (!Array.isArray(shape.coordinates) || shape.coordinates.length === 0) return false;
  return shape.coordinates.every((ring) => Array.isArray(ring) && ring.length >= 4
    && String(ring[0]) === String(ring.at(-1))
    && ring.every(([lon, lat]) => Math.abs(lon) <= 180 && Math.abs(lat) <= 90));
}

const server = app.listen(Number(process.env.PORT || 8083), "127.0.0.1", () => {
  console.log(`listening on http://127.0.0.1:${server.address().port}`);
});
server.requestTimeout = 30_000; // a body that does not come
for (const signal of ["SIGINT", "SIGTERM"]) {
  process.on(signal, () => server.close(() => { db.close(); process.exit(0); }).closeAllConnections());
}
