/** Deep equality of JSON data. */

import { isText } from "./values.js";

/**
 * Whether two values are equal: `1` equals `1.0`, and `true` equals only `true`.
 *
 * What JSON cannot carry, and broken text (`isText`), equals nothing. Iterative, since a request
 * may nest deeper than the stack; a pair is compared once, since an object may stand many times.
 */
export function jsonEqual(left, right) {
  const compared = new Map();
  const pending = [[left, right]];
  while (pending.length > 0) {
    const [a, b] = pending.pop();
    if (a instanceof Map && b instanceof Map) {
      if (a.size !== b.size) {
        return false;
      }
      if (isNew(compared, a, b)) {
        for (const [key, value] of a) {
          if (!b.has(key) || !isText(key)) {
            return false;
          }
          pending.push([value, b.get(key)]);
        }
      }
    } else if (Array.isArray(a) && Array.isArray(b)) {
      if (a.length !== b.length) {
        return false;
      }
      if (isNew(compared, a, b)) {
        for (let at = 0; at < a.length; at += 1) {
          pending.push([a[at], b[at]]);
        }
      }
    } else if (a !== b || !isWhole(a)) {
      return false;
    }
  }
  return true;
}

/** Whether a pair has not been compared before. */
function isNew(compared, a, b) {
  const others = compared.get(a);
  if (others === undefined) {
    compared.set(a, new Set([b]));
    return true;
  }
  const size = others.size;
  return others.add(b).size > size;
}

/** Whether a value without parts is one that JSON carries unharmed. */
function isWhole(value) {
  return (
    value === null || typeof value === "boolean" || isText(value) || Number.isFinite(value)
  );
}
