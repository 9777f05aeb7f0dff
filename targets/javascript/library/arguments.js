/**
 * Which arguments a call may have: an allow is not about a call with one that nobody declared.
 *
 * INVARIANT: what is not declared closes also if it is null. Whoever sends a call on may do something
 * with a name that is there, whatever it holds.
 */

/** The parameters of one action; of one that is open any others may be there, too. */
export class Arguments {
  #fields;
  #isOpen;

  /** Take pairs of a name, and of such pairs within it where it is a record or a list of them, else null. */
  constructor(pairs, isOpen = false) {
    this.#fields = fieldsOf(pairs);
    this.#isOpen = isOpen;
  }

  /** Whether every argument is declared, and every field of the records in them. */
  declare(given) {
    if (given === undefined || given === null) {
      return true;
    }
    if (!(given instanceof Map)) {
      return false;
    }
    for (const [name, value] of given) {
      const inner = this.#fields.get(name);
      if (inner === undefined ? !this.#isOpen : inner !== null && !areDeclared(inner, value)) {
        return false;
      }
    }
    return true;
  }
}

function fieldsOf(pairs) {
  return new Map(pairs.map(([name, inner]) => [name, inner === null ? null : fieldsOf(inner)]));
}

/** Whether all that the objects at a place hold, and those in lists there, is declared. */
function areDeclared(fields, value) {
  for (const each of objectsAt(value)) {
    for (const [name, inside] of each) {
      const inner = fields.get(name);
      if (inner === undefined || (inner !== null && !areDeclared(inner, inside))) {
        return false;
      }
    }
  }
  return true;
}

/** Give the objects at a place, and those in lists there; what stands in many places comes once. */
export function objectsAt(value) {
  const found = new Set([value]);
  for (const each of found) {
    if (Array.isArray(each)) {
      each.forEach((inner) => found.add(inner)); // which are visited, too
    }
  }
  return [...found].filter((each) => each instanceof Map);
}
