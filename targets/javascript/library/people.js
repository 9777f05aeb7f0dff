/** What rules ask for together, of people who are enough: each approval of an answer is by people of its own. */

import { readTime } from "./times.js";

const MOST_APPROVALS = 4; // to how many one answer may come; what would rest on more is never permitted

/** Give rules by their identities, which are ASCII. */
export function sorted(rules) {
  return [...rules].sort((a, b) => (a.id < b.id ? -1 : Number(a.id > b.id)));
}

/** Give what rules ask for together, each with the identity of its rule. */
export function askedBy(rules) {
  return sorted(rules).flatMap(({ id, requirements, unlessEvidence }) =>
    (requirements ?? unlessEvidence).map((requirement) => ({ rule: id, requirement })),
  );
}

/** What one request shows, looked up once for each requirement. */
export class Shown {
  #call;
  #userDeclared;
  #found = new Map();

  constructor(call, userDeclared) {
    this.#call = call;
    this.#userDeclared = userDeclared;
  }

  /** Give the evidence that counts. */
  of(requirement) {
    if (!this.#found.has(requirement)) {
      this.#found.set(requirement, requirement.shown(this.#call, this.#userDeclared));
    }
    return this.#found.get(requirement);
  }

  /** Whether it is enough, by itself. */
  isThere(requirement) {
    const found = this.of(requirement);
    return requirement.count === 1
      ? found.length > 0
      : new Set(found.map((each) => each.get("by"))).size >= requirement.count;
  }

  /** Whether anybody could still give it. */
  canBeGiven(requirement) {
    return requirement.canBeGiven(this.#call, this.#userDeclared);
  }
}

/** Give what is not there; where each is and the people are too few, approvals that lack somebody. */
export function missing(asked, shown) {
  const lacking = asked.filter(({ requirement }) => !shown.isThere(requirement));
  if (lacking.length > 0) {
    return lacking;
  }
  const approvals = asked.filter(isApproval);
  const short = subsets(approvals).filter(
    (some) => some.length > 1 && lack(some.map(whole), shown, new Set()),
  );
  return short.find((some) => short.every((other) => some.length <= other.length)) ?? [];
}

/** Whether one answer may not rest on so many approvals. */
export function hasTooManyApprovals(asked) {
  return asked.filter(isApproval).length > MOST_APPROVALS;
}

/** Give how many pieces of evidence are asked for. */
export function pieces(asked) {
  return asked.reduce((sum, { requirement }) => sum + requirement.count, 0);
}

/**
 * Give the least evidence that is enough, the oldest first, then by its `id`.
 *
 * Each requirement in turn takes the oldest, but for people without whom later ones would lack somebody.
 */
export function restsOn(asked, shown) {
  const found = [];
  const approved = new Set();
  for (const [place, each] of asked.entries()) {
    const { rule, requirement } = each;
    const later = asked.slice(place + 1).filter(isApproval).map(whole);
    let left = requirement.count;
    for (const evidence of [...shown.of(requirement)].sort(byAge)) {
      if (isApproval(each)) {
        const person = evidence.get("by");
        const rest = left > 1 ? [{ requirement, count: left - 1 }, ...later] : later;
        const taken = new Set([...approved, person]);
        if (approved.has(person) || subsets(rest).some((some) => lack(some, shown, taken))) {
          continue;
        }
        approved.add(person);
      }
      found.push({ evidence, entry: entryOf(rule, requirement, evidence) });
      left -= 1;
      if (left === 0) {
        break;
      }
    }
  }
  return found.sort(byEntry).map(({ entry }) => entry);
}

function isApproval({ requirement }) {
  return requirement.kind === "approval";
}

function whole({ requirement }) {
  return { requirement, count: requirement.count };
}

/** Whether approvals have fewer people together than they ask for, leaving some people out. */
function lack(approvals, shown, but) {
  const people = new Set();
  let wanted = 0;
  for (const { requirement, count } of approvals) {
    for (const each of shown.of(requirement)) {
      if (!but.has(each.get("by"))) {
        people.add(each.get("by"));
      }
    }
    wanted += count;
  }
  return people.size < wanted;
}

/**
 * Give all sets of a few things that are not empty, in the order of the things: those of one size as
 * one counts them. If no set of approvals lacks somebody, each can be by people of its own (P. Hall).
 */
function subsets(things) {
  const found = [];
  const add = (start, some) => {
    for (let at = start; at < things.length; at += 1) {
      const more = [...some, things[at]];
      found.push(more);
      add(at + 1, more);
    }
  };
  add(0, []);
  return found;
}

/** Say which evidence it is; of a step-up it is the method that says by what. */
function entryOf(rule, { kind }, evidence) {
  const by = evidence.get(kind === "step_up" ? "method" : "by");
  const id = evidence.get("id") ?? null;
  const found = { rule, kind, by, at: evidence.get("at") };
  return id === null ? found : { ...found, id };
}

function byAge(a, b) {
  const keys = ["id", "by", "at"];
  const text = (each, key) => (typeof each.get(key) === "string" ? each.get(key) : "");
  return inOrder(
    byTime(a.get("at"), b.get("at")),
    ...keys.map((key) => order(text(a, key), text(b, key))),
  );
}

function byEntry(a, b) {
  return inOrder(
    byTime(a.entry.at, b.entry.at),
    order(a.entry.id ?? "", b.entry.id ?? ""),
    order(a.entry.by, b.entry.by),
    order(a.entry.rule, b.entry.rule),
    order(a.entry.kind, b.entry.kind),
    order(a.entry.at, b.entry.at),
  );
}

function byTime(a, b) {
  const [left, right] = [readTime(a), readTime(b)];
  return left < right ? -1 : Number(left > right);
}

function inOrder(...comparisons) {
  return comparisons.find((each) => each !== 0) ?? 0;
}

/** Compare texts by their code points, which `<` does not do beyond U+FFFF. */
function order(a, b) {
  const [left, right] = [[...a], [...b]];
  for (let at = 0; at < left.length && at < right.length; at += 1) {
    if (left[at] !== right[at]) {
      return left[at].codePointAt(0) - right[at].codePointAt(0);
    }
  }
  return left.length - right.length;
}
