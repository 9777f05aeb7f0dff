/**
 * Requests in the form that everything here reads: objects are Maps, so that `__proto__`,
 * `constructor` and `toString` are names like any other, and lists are arrays.
 */

/** Stands for what JSON cannot carry: undefined, a function, a Date, an instance of a class. */
export const NOT_JSON = Symbol("not JSON");

/** Stands for an integer that no double equals, such as 2^53 + 1, or one that may have been one. */
export const INEXACT = Symbol("an integer that no double equals");

/**
 * Copy what a program passes as JSON data.
 *
 * Each property is read once, so that no getter, proxy or later change can show two readers two
 * things. Iterative, since data may nest deeper than the stack. A getter's error is thrown on.
 *
 * A whole number beyond ±(2^53 − 1) becomes INEXACT: JSON.parse rounds 2^53 + 1 to 2^53, and nobody
 * can tell afterwards.
 */
export function copied(source) {
  const copies = new Map(); // by the object copied; one that stands twice is copied once
  const outermost = [];
  const frames = [];
  let frame = { source: null, keys: null, at: 0, length: 1, copy: outermost };
  let value = source;
  for (;;) {
    let found = value;
    if (typeof value === "object" && value !== null) {
      found = copies.get(value);
      if (found === undefined) {
        const inner = begun(value);
        if (inner === null) {
          found = NOT_JSON;
        } else {
          copies.set(value, inner.copy); // at once: what holds itself has no end of levels, as here
          frames.push(frame);
          frame = inner;
        }
      }
    } else {
      found = scalar(value);
    }
    if (found !== undefined) {
      put(frame, found);
    }
    while (frame.at === frame.length) {
      if (frame.source === null) {
        return outermost[0];
      }
      const done = frame;
      frame = frames.pop();
      put(frame, done.copy);
    }
    if (frame.keys !== null) {
      value = frame.source[frame.keys[frame.at]];
    } else if (Object.hasOwn(frame.source, frame.at)) {
      value = frame.source[frame.at];
    } else {
      value = undefined;
      frame.length = frame.at + 1; // a hole: the list is none, however long it says it is
    }
  }
}

/** Begin to copy an object; null if it is no JSON object and no list. */
function begun(source) {
  if (Array.isArray(source)) {
    return { source, keys: null, at: 0, length: source.length, copy: [] };
  }
  const prototype = Object.getPrototypeOf(source);
  if (prototype !== null && Object.getPrototypeOf(prototype) !== null) {
    return null; // an instance of a class
  }
  const keys = Object.keys(source);
  return { source, keys, at: 0, length: keys.length, copy: new Map() };
}

function put(frame, value) {
  if (frame.keys === null) {
    frame.copy.push(value);
  } else {
    frame.copy.set(frame.keys[frame.at], value);
  }
  frame.at += 1;
}

function scalar(value) {
  switch (typeof value) {
    case "number":
      return Number.isInteger(value) && !Number.isSafeInteger(value) ? INEXACT : value;
    case "string":
    case "boolean":
      return value;
    default:
      return value === null ? null : NOT_JSON;
  }
}

const MOST_LEVELS = 64; // of objects and lists in a request, which is the first itself

/** Whether objects and lists stand in each other on more levels than a request may have. */
export function isTooDeep(value) {
  let level = [value];
  for (let depth = 0; depth < MOST_LEVELS; depth += 1) {
    const inner = new Set(); // what stands in many places is looked at once
    for (const outer of level) {
      for (const each of outer.values()) {
        if (each instanceof Map || Array.isArray(each)) {
          inner.add(each);
        }
      }
    }
    if (inner.size === 0) {
      return false;
    }
    level = inner;
  }
  return true;
}
