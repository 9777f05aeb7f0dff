/**
 * AuthZEN requests as requests of Cedar, by the `request.json` of the same policy.
 *
 * The translation decides as much as the policies do: one that is looser opens what the policy
 * denies. Both functions give `[asked, entities]`, or null for a request that is denied without
 * asking. Neither throws, whatever the request is.
 */

import { writeAddress } from "./address_text.js";
import { readAddress } from "./library/addresses.js";
import { Agents } from "./library/agents.js";
import { objectsAt } from "./library/arguments.js";
import { readDomain, readEmail, readUrl } from "./library/hosts.js";
import { copied, isTooDeep } from "./library/json_data.js";
import { parsed } from "./library/json_text.js";
import { age, NANOSECONDS, readDate, readDuration, readTime } from "./library/times.js";
import {
  isText,
  readBool,
  readInt,
  readJson,
  readMember,
  readNumber,
  readRank,
  readText,
} from "./library/values.js";

const ABSENT = Symbol("absent");
const MALFORMED = Symbol("malformed");
const FORMS = { date: readDate, domain: readDomain, email: readEmail, url: readUrl }; // of which Cedar is told only that they are there
const UNSEEN = ["json", "list", "record", ...Object.keys(FORMS)]; // elements that Cedar is not given
const TIME = { type: "time" };
const FAMILIES = new WeakMap(); // of each `request.json`, its families, found by SPIFFE ID

/** Translate a request that the program holds. */
export function translate(how, request) {
  let found;
  try {
    found = copied(request);
  } catch {
    return null; // a getter's error
  }
  return translated(how, found);
}

/** Translate the JSON text of a request; what is not strict JSON is denied. */
export function translateText(how, text) {
  let found;
  try {
    found = parsed(text);
  } catch {
    return null;
  }
  return translated(how, found);
}

function translated(how, request) {
  if (!(request instanceof Map) || isTooDeep(request)) {
    return null;
  }
  const agent = textAt(request, "subject", "id");
  const kind = textAt(request, "resource", "type");
  const id = textAt(request, "resource", "id");
  const name = textAt(request, "action", "name");
  if (textAt(request, "subject", "type") !== "agent" || [agent, id].includes(undefined)) {
    return null;
  }
  const chain = walk(request, ["context", "delegation"]);
  if (chain !== ABSENT && !(Array.isArray(chain) && chain.length === 0)) {
    return null; // nobody there decides for each agent of a chain
  }
  const resource = own(how.resources, kind);
  const action = resource && own(resource.actions, name);
  if (action === undefined || !areDeclared(action, request.get("action").get("properties"))) {
    return null;
  }

  const malformed = [];
  const context = record(request, how.context, malformed);
  const time = read(request, ["context", "time"], TIME);
  if (time === MALFORMED) {
    malformed.push("now");
  } else if (time !== ABSENT) {
    context.set("now", time);
  }
  const task = record(request, how.task, malformed);
  const intent = walk(request, ["context", "task", "intent"]);
  if (how.intents.includes(intent)) {
    task.set("intent", intent);
  }
  const ages = new Map();
  const now = readTime(walk(request, ["context", "time"]));
  for (const [key, path] of Object.entries(how.ages)) {
    const since = age(now, readTime(walk(request, path)));
    if (since !== undefined) {
      ages.set(key, seconds(since));
    }
  }
  const principal = { type: how.principal.type, id: agent };
  const about = { type: resource.type, id };
  const parents = familiesOf(how)
    .namesOf(agent)
    .map((each) => ({ type: how.principal.family, id: each }));
  const entities = [
    {
      uid: principal,
      attrs: plain(record(request, how.principal.attributes, malformed)),
      parents,
    },
    { uid: about, attrs: plain(record(request, resource.attributes, malformed)), parents: [] },
  ];
  context.set("ages", plain(ages));
  context.set("args", plain(record(request, action.args, malformed)));
  context.set("task", plain(task));
  context.set("user", plain(record(request, how.user, malformed)));
  for (const [kind, facts] of Object.entries(how.facts ?? {})) {
    context.set(kind, plain(record(request, facts, malformed)));
  }
  context.set("malformed", malformed);
  const asked = {
    principal,
    action: { type: action.type, id: action.id },
    resource: about,
    context: plain(context),
  };
  return [asked, entities];
}

/** Whether nobody slipped an argument in, or a field into a record of the arguments. */
function areDeclared(action, given) {
  if (given === undefined || given === null) {
    return true;
  }
  if (!(given instanceof Map)) {
    return false;
  }
  const types = new Map(action.args.map((each) => [each.from.at(-1), each]));
  return [...given].every(([name, value]) => {
    const type = types.get(name);
    return type === undefined ? action.open === true : hasDeclaredFields(type, value);
  });
}

/** Whether records at a place, or in lists there, have no field but those declared. */
function hasDeclaredFields(type, value) {
  if (type.type === "list") {
    return hasDeclaredFields(type.of, value);
  }
  if (type.type !== "record") {
    return true;
  }
  const fields = new Map(type.fields.map((each) => [each.name, each]));
  return objectsAt(value).every((each) =>
    [...each].every(
      ([name, inner]) => fields.has(name) && hasDeclaredFields(fields.get(name), inner),
    ),
  );
}

/** A name that a request gives is none of an object's own unless it is written there. */
function own(object, name) {
  return name !== undefined && Object.hasOwn(object, name) ? object[name] : undefined;
}

/** An object whose keys may be called anything, `__proto__` too. */
function plain(map) {
  return Object.fromEntries(map);
}

function familiesOf(how) {
  let found = FAMILIES.get(how);
  if (found === undefined) {
    found = new Agents(
      Object.entries(how.families).map(([name, { ids, patterns }]) => [name, ids, patterns]),
    );
    FAMILIES.set(how, found);
  }
  return found;
}

/** Give a string that every request has to have, undefined if it is not there. */
function textAt(request, part, name) {
  const holder = request.get(part);
  const value = holder instanceof Map ? holder.get(name) : undefined;
  return isText(value) ? value : undefined;
}

/** Give what can be read of some attributes; the keys of what is malformed are added to a list. */
function record(request, attributes, malformed) {
  const found = new Map();
  for (const each of attributes) {
    const raw = walk(request, each.from);
    put(found, each.name, each.key, each, raw, readRaw(raw, each), malformed);
  }
  return found;
}

/** Put one value where it belongs; of a record, all that can be read of it. */
function put(holder, name, key, type, raw, value, malformed) {
  if (value === MALFORMED) {
    malformed.push(key);
  }
  if (type.type !== "record") {
    if (value !== MALFORMED && value !== ABSENT) {
      holder.set(name, value);
    }
    return;
  }
  const inner = new Map();
  for (const each of type.fields) {
    let below = MALFORMED;
    if (raw === ABSENT) {
      below = ABSENT;
    } else if (raw instanceof Map) {
      below = raw.get(each.name) ?? ABSENT;
    }
    const named = `${key}.${each.key ?? each.name}`; // in quotes where it is no word
    put(inner, each.as, named, each, below, readRaw(below, each), malformed);
  }
  if (raw instanceof Map) {
    holder.set(name, plain(inner));
  }
}

/** What stands at a path: ABSENT behind a null or a gap, MALFORMED behind what is not an object. */
function walk(request, path) {
  let value = request;
  for (const step of path) {
    if (value === undefined || value === null) {
      return ABSENT;
    }
    if (!(value instanceof Map)) {
      return MALFORMED;
    }
    value = value.get(step);
  }
  return value ?? ABSENT;
}

function read(request, path, type) {
  return readRaw(walk(request, path), type);
}

function readRaw(raw, type) {
  return raw === ABSENT || raw === MALFORMED ? raw : (cedarValue(raw, type) ?? MALFORMED);
}

/** Give a JSON value as a Cedar value of a type, undefined if it is malformed. */
function cedarValue(value, type) {
  switch (type.type) {
    case "string":
      return readText(value);
    case "bool":
      return readBool(value);
    case "enum":
      return readMember(type.members)(value);
    case "level":
      return readRank(type.members)(value);
    case "json":
      return readJson(value) === undefined ? undefined : true;
    case "int": {
      const whole = readInt(value);
      return whole === undefined ? undefined : whole + 0; // no negative zero
    }
    case "number": {
      const double = readNumber(value);
      return double === undefined ? undefined : order(double);
    }
    case "time": {
      const instant = readTime(value);
      return instant === undefined ? undefined : seconds(instant);
    }
    case "duration": {
      const length = readDuration(value);
      return length === undefined ? undefined : Number(length / NANOSECONDS);
    }
    case "ip": {
      const address = readAddress(value);
      return address === undefined
        ? undefined
        : { __extn: { fn: "ip", arg: writeAddress(address) } };
    }
    case "date":
    case "domain":
    case "email":
    case "url":
      return FORMS[type.type](value) === undefined ? undefined : true;
    case "or nothing":
      return isNothing(value) ? {} : something(cedarValue(value, type.of));
    case "list":
      return cedarList(value, type.of);
    case "record":
      return isWhole(value, type.fields) ? value : undefined; // `put` reads its fields
    default:
      return undefined; // a type that this translation does not know: nothing may be read of it
  }
}

/** Whether a meter says of its value that there is none. */
function isNothing(value) {
  return value instanceof Map && value.size === 1 && value.get("none") === true;
}

/** Give the value of a meter that has one. */
function something(value) {
  return value === undefined ? undefined : { value };
}

/** The bits of a double's size, with its sign: whole numbers in the order of the doubles. */
function order(double) {
  const bits = new DataView(new ArrayBuffer(8));
  bits.setFloat64(0, Math.abs(double));
  const [high, low] = [bits.getUint32(0), bits.getUint32(4)];
  if (double >= 0) {
    return { high, low };
  }
  return low === 0 ? { high: -high, low } : { high: -high - 1, low: 2 ** 32 - low };
}

/** A time or an age as whole seconds, rounded down, and the nanoseconds after them. */
function seconds(nanoseconds) {
  const rest = ((nanoseconds % NANOSECONDS) + NANOSECONDS) % NANOSECONDS;
  return { s: Number((nanoseconds - rest) / NANOSECONDS), ns: Number(rest) };
}

/** A list of scalars as a set; of any other well-formed one, only that it is there. */
function cedarList(value, of) {
  if (!Array.isArray(value)) {
    return undefined;
  }
  const found = [];
  for (const each of value) {
    const element = each === null ? undefined : cedarValue(each, of);
    if (element === undefined) {
      return undefined;
    }
    found.push(element);
  }
  return UNSEEN.includes(of.type) ? true : found;
}

/** Whether a value is an object that has its fields, each of its type. */
function isWhole(value, fields) {
  return (
    value instanceof Map &&
    fields.every((each) => {
      const inner = value.get(each.name) ?? ABSENT;
      return inner === ABSENT ? each.optional : cedarValue(inner, each) !== undefined;
    })
  );
}
