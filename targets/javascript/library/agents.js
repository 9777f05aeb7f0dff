/** Which agents and families a SPIFFE ID belongs to, without trying each pattern in turn. */

const LONGEST = 2048; // characters of a SPIFFE ID
const EXCEPT = " except "; // behind a pattern, before the IDs and patterns that a family leaves out
const REMEMBERED = 4096; // identities of families; a full memory is emptied, so that nobody grows it
const SEGMENT = /^[A-Za-z0-9._-]+$/;

/** The patterns that share the segments up to here. */
class Node {
  literal = new Map();
  anySegment = null;
  here = []; // patterns that end here
  below = []; // patterns with a last `**` after here
}

/** The declared agents and families, found by SPIFFE ID. */
export class Agents {
  #root = new Node();
  #leftOut = new Node();
  #byId = new Map();
  #byPattern = new Map();
  #alike = new Map(); // lists of names, so that equal ones are one, by which groups are found

  /** Take the name, the SPIFFE IDs and the patterns of each agent and family. */
  constructor(declared) {
    for (const [name, , patterns] of declared) {
      for (const pattern of patterns) {
        const [whole, leftOut] = pattern.split(EXCEPT);
        const one = { name }; // what one pattern leaves out another of the name may let in
        this.#add(this.#root, whole, one);
        for (const each of leftOut === undefined ? [] : leftOut.split(", ")) {
          this.#add(this.#leftOut, each, one);
        }
      }
    }
    const members = new Map();
    for (const [name, ids] of declared) {
      for (const id of ids) {
        members.set(id, [...(members.get(id) ?? []), name]);
      }
    }
    for (const [id, names] of members) {
      this.#byId.set(id, this.#shared([...names, ...this.#fitting(id)]));
    }
  }

  /** Give the sorted names of the agents and families that an identity belongs to. */
  namesOf(agent) {
    let found = this.#byId.get(agent) ?? this.#byPattern.get(agent);
    if (found === undefined) {
      found = this.#shared(this.#fitting(agent));
      if (found.length > 0) {
        // What matches nothing would only push out what does.
        if (this.#byPattern.size >= REMEMBERED) {
          this.#byPattern.clear();
        }
        this.#byPattern.set(agent, found);
      }
    }
    return found;
  }

  /** Sort names, and give the one list of them. */
  #shared(names) {
    const sorted = [...new Set(names)].sort();
    const key = JSON.stringify(sorted);
    const found = this.#alike.get(key);
    if (found !== undefined) {
      return found;
    }
    if (this.#alike.size >= REMEMBERED) {
      this.#alike.clear();
    }
    this.#alike.set(key, sorted);
    return sorted;
  }

  /** Give the names whose patterns an identity fits, and do not leave it out; some perhaps more than once. */
  #fitting(agent) {
    const leftOut = new Set(this.#match(this.#leftOut, agent));
    const fitting = this.#match(this.#root, agent).filter((each) => !leftOut.has(each));
    return fitting.map(({ name }) => name);
  }

  /** Put a pattern in: `*` is one segment, a last `**` one or more. */
  #add(root, pattern, one) {
    const segments = pattern.split("/");
    const below = segments[segments.length - 1] === "**";
    let node = root;
    for (const segment of below ? segments.slice(0, -1) : segments) {
      if (segment === "*") {
        node.anySegment ??= new Node();
        node = node.anySegment;
      } else {
        if (!node.literal.has(segment)) {
          node.literal.set(segment, new Node());
        }
        node = node.literal.get(segment);
      }
    }
    (below ? node.below : node.here).push(one);
  }

  /** Give the patterns that an identity fits, or that leave it out. */
  #match(root, agent) {
    if (isTooLong(agent)) {
      return [];
    }
    const found = [];
    const segments = agent.split("/");
    let cleanFrom = segments.length; // from here on a wildcard may stand for every segment
    while (cleanFrom > 0 && isSegment(segments[cleanFrom - 1])) {
      cleanFrom -= 1;
    }
    let nodes = [root];
    for (const [at, segment] of segments.entries()) {
      const after = [];
      for (const node of nodes) {
        if (cleanFrom <= at) {
          found.push(...node.below);
        }
        const literal = node.literal.get(segment);
        if (literal !== undefined) {
          after.push(literal);
        }
        if (node.anySegment !== null && isSegment(segment)) {
          after.push(node.anySegment);
        }
      }
      nodes = after;
    }
    for (const node of nodes) {
      found.push(...node.here);
    }
    return found;
  }
}

/** Whether text is a path segment of a SPIFFE ID (SPIFFE-ID, section 2.2). */
function isSegment(text) {
  return text !== "." && text !== ".." && SEGMENT.test(text);
}

/** Whether text has too many characters; one of more than 16 bits has two units. */
function isTooLong(text) {
  return text.length > LONGEST && (text.length > 2 * LONGEST || [...text].length > LONGEST);
}
