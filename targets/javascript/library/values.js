/**
 * How the values of a request are read, and what is asked of them.
 *
 * A reader turns a JSON value into one that JavaScript compares as AGP does, or gives undefined for
 * what is missing, null or malformed. Text, bools and numbers stay themselves, levels become their
 * rank, lists lists of such values. A test of something that may be unknown answers true, false, or
 * undefined for unknown. Nothing here throws, whatever it is given.
 */

import { NOT_JSON } from "./json_data.js";

const BROKEN = /[\ud800-\udfff\ufffd]/u; // with `u`, a pair of surrogates is one character

/**
 * Whether a value is a string of whole Unicode text.
 *
 * An unpaired surrogate, and U+FFFD, which decoders put in the place of a broken byte, mean that
 * something was lost on the way: two different broken strings can look equal.
 */
export function isText(value) {
  return typeof value === "string" && !BROKEN.test(value);
}

/** Whether a value names somebody or something: text that is not empty. */
export function isIdentity(value) {
  return value !== "" && isText(value);
}

/** Read a string of whole Unicode text. */
export function readText(value) {
  return isText(value) ? value : undefined;
}

/** Read a bool. */
export function readBool(value) {
  return typeof value === "boolean" ? value : undefined;
}

/** Read a number that is whole and within ±(2^53 − 1). */
export function readInt(value) {
  return Number.isSafeInteger(value) ? value : undefined;
}

/** Read a number that is neither infinite nor NaN. */
export function readNumber(value) {
  return Number.isFinite(value) ? value : undefined;
}

/** Read any value that JSON can carry; only whether it is there matters. */
export function readJson(value) {
  return value === null || value === NOT_JSON ? undefined : value;
}

/** Make the reader of an enum: one of its members. */
export function readMember(members) {
  const known = new Set(members);
  return (value) => (known.has(value) ? value : undefined);
}

/** Make the reader of a level: the rank of a member, from 0 for the least. */
export function readRank(members) {
  const ranks = new Map(members.map((member, rank) => [member, rank]));
  return (value) => ranks.get(value);
}

/** Make the reader of what a meter gives that may be of nothing, which is below every value. */
export function readOrNothing(valueReader) {
  return (value) =>
    value instanceof Map && value.size === 1 && value.get("none") === true
      ? Number.NEGATIVE_INFINITY
      : valueReader(value);
}

/** Make the reader of a list; one wrong element makes it no list. */
export function readList(element) {
  return (value) => {
    if (!Array.isArray(value)) {
      return undefined;
    }
    const found = [];
    for (const each of value) {
      const read = element(each);
      if (read === undefined) {
        return undefined;
      }
      found.push(read);
    }
    return found;
  };
}

/** Read a list of text. */
export const readTexts = readList(readText);

/** Make the reader of a record from [name, reader, optional]; other fields are ignored. */
export function readRecord(fields) {
  return (value) => {
    if (!(value instanceof Map)) {
      return undefined;
    }
    for (const [name, reader, optional] of fields) {
      const inner = value.get(name);
      if (inner === undefined || inner === null ? !optional : reader(inner) === undefined) {
        return undefined;
      }
    }
    return value;
  };
}

/** Give what stands at a path of nested objects, undefined if there is nothing. */
export function inside(value, ...path) {
  let found = value;
  for (const step of path) {
    if (!(found instanceof Map)) {
      return undefined;
    }
    found = found.get(step);
  }
  return found;
}

/** Give the names of the arguments; what is no object is no list of names. */
export function namesOf(request) {
  const args = request.get("action").get("properties");
  if (args === undefined || args === null) {
    return [];
  }
  return args instanceof Map ? [...args.keys()] : undefined;
}

/** Give how many elements a list has. */
export function size(elements) {
  return elements === undefined ? undefined : elements.length;
}

/**
 * Give what stands at the end of a way through lists of records, undefined where a part of it is not of its type.
 * A step is `[]` for each element, `.name` for a field, or `?name` for one that is left out where it is absent.
 */
export function gathered(value, ...way) {
  let found = [value];
  for (const step of way) {
    if (step === "[]") {
      if (!found.every(Array.isArray)) {
        return undefined;
      }
      found = found.flat();
      continue;
    }
    if (!found.every((each) => each instanceof Map)) {
      return undefined;
    }
    found = found.map((each) => each.get(step.slice(1)));
    if (step[0] === "?") {
      found = found.filter((each) => each !== undefined && each !== null);
    }
  }
  return found;
}

/** Whether a path ends at nothing, or at null, and never at something that is no object. */
export function isAbsent(value, ...path) {
  let found = value;
  for (const step of path) {
    if (found === undefined || found === null) {
      return true;
    }
    if (!(found instanceof Map)) {
      return false;
    }
    found = found.get(step);
  }
  return found === undefined || found === null;
}

/** Whether every element of a list is in a set or another list. */
export function subsetOf(have, of) {
  if (have === undefined || of === undefined) {
    return undefined;
  }
  const others = of instanceof Set ? of : new Set(of);
  return have.every((each) => others.has(each));
}

/** Whether a list has every element of a set or another list. */
export function containsAll(have, of) {
  return of === undefined ? undefined : subsetOf([...of], have);
}

/** Whether a list has an element in common with a set or another list. */
export function containsAny(have, of) {
  if (have === undefined || of === undefined) {
    return undefined;
  }
  const others = of instanceof Set ? of : new Set(of);
  return have.some((each) => others.has(each));
}

/** Whether a path lies under another, given as segments; unknown if it is no clean absolute path. */
export function isUnder(value, outer) {
  if (value === undefined || !value.startsWith("/")) {
    return undefined;
  }
  const inner = value.slice(1).split("/");
  if (inner.some((segment) => segment === "" || segment === "." || segment === "..")) {
    return undefined;
  }
  return outer.every((segment, at) => inner[at] === segment);
}

/** Whether a path lies under a relative one, given as segments; unknown if it is no clean relative path. */
export function isUnderRelative(value, outer) {
  return value === undefined ? undefined : isUnder(`/${value}`, outer);
}

/** Whether a path lies under another; unknown if either is not clean, or only one is absolute. */
export function isUnderPath(value, outer) {
  if (value === undefined || outer === undefined) {
    return undefined;
  }
  if (outer === "/") {
    return isUnder(value, []);
  }
  const isAbsolute = outer.startsWith("/");
  const whole = isAbsolute ? outer : `/${outer}`;
  if (isUnder(whole, []) === undefined) {
    return undefined;
  }
  return (isAbsolute ? isUnder : isUnderRelative)(value, whole.slice(1).split("/"));
}
