/**
 * The combiner: a call of an agent that acts for others, decided for each of them, and the strictest
 * of the answers.
 *
 * An evaluator decides for one agent. What makes it several requests, and one answer of several, is here.
 */

import { fieldsOf } from "./call.js";
import { isIdentity, isText } from "./values.js";

const MOST_LINKS = 8;
const OF_A_LINK = ["meters", "sources"];

/** What `delegate` declares. */
export class Chains {
  #agents;
  #declared;
  #delegates;

  /** Take [delegator, intent, delegate, intent], which name agents and families. */
  constructor(agents, declared) {
    this.#agents = agents;
    this.#declared = new Set(declared.map((each) => JSON.stringify(each)));
    this.#delegates = new Set(
      declared.map(([, , delegate, intent]) => JSON.stringify([delegate, intent])),
    );
  }

  /** Whether an agent of these names may act for another one, so that its requests say for whom. */
  areNeeded(names, intent) {
    return this.#delegates.size > 0 && names.some((name) => this.#delegates.has(JSON.stringify([name, intent])));
  }

  /** Give a request for the caller and each agent of its chain; null if nothing declares it. */
  requests(request, context) {
    const chain = context.get("delegation");
    const task = fieldsOf(context.get("task"));
    if (!Array.isArray(chain) || chain.length > MOST_LINKS || !chain.every(isLink)) {
      return null;
    }
    const subject = request.get("subject");
    let below = [subject.get("id"), task.get("intent")];
    for (const link of chain) {
      const above = [link.get("agent"), link.get("task").get("intent")];
      if (!this.#isDeclared(above, below)) {
        return null;
      }
      below = above;
    }

    const agents = [subject.get("id"), ...chain.map((link) => link.get("agent"))];
    const approvals = thatCount(context.get("approvals"), agents, task.get("id"));
    const shared = new Map(context);
    shared.delete("delegation");
    const found = [withContext(request, shared, approvals, task.get("id"))];
    for (const link of chain) {
      const own = new Map(shared);
      for (const name of OF_A_LINK) {
        own.delete(name);
      }
      for (const name of ["task", ...OF_A_LINK]) {
        if (link.has(name)) {
          own.set(name, link.get(name));
        }
      }
      const asked = withContext(request, own, approvals, link.get("task").get("id"));
      const caller = [
        ["type", "agent"],
        ["id", link.get("agent")],
        ["properties", link.get("properties") ?? null],
      ];
      found.push(asked.set("subject", new Map(caller)));
    }
    return found;
  }

  #isDeclared([delegator, forIntent], [delegate, intent]) {
    const delegates = this.#agents.namesOf(delegate);
    return this.#agents
      .namesOf(delegator)
      .some((one) =>
        delegates.some((other) =>
          this.#declared.has(JSON.stringify([one, forIntent, other, intent ?? null])),
        ),
      );
  }
}

/** Whether this is an agent with its own task, which has an id and an intent. */
function isLink(link) {
  if (!(link instanceof Map) || !isText(link.get("agent"))) {
    return false;
  }
  const properties = link.get("properties") ?? null;
  const task = link.get("task");
  return (
    (properties === null || properties instanceof Map) &&
    task instanceof Map &&
    isIdentity(task.get("id")) &&
    isText(task.get("intent"))
  );
}

/** Give the approvals of the task at hand that no agent of the chain gave; null if there is no list. */
function thatCount(approvals, agents, task) {
  if (!Array.isArray(approvals)) {
    return null;
  }
  return approvals.filter(
    (each) =>
      each instanceof Map &&
      !agents.includes(each.get("by")) &&
      isIdentity(task) &&
      each.get("task") === task,
  );
}

/** Give a request with another context, in which the approvals are for the task of the link. */
function withContext(request, context, approvals, task) {
  if (approvals !== null) {
    context.set(
      "approvals",
      approvals.map((each) => new Map(each).set("task", task)),
    );
  }
  return new Map(request).set("context", context);
}

// --- The answer to all ----------------------------------------------------------------------------

/** Give the strictest of some answers, with what all say that give it. */
export function strictest(decisions) {
  const answers = decisions.map((each) => each.context);
  const effect = ["deny", "challenge", "permit"].find((word) =>
    answers.some((each) => each.effect === word),
  );
  const found = answers.filter((each) => each.effect === effect);
  return {
    decision: effect === "permit",
    context: {
      effect,
      rules: [...new Set(found.flatMap((each) => each.rules))].sort(),
      reasons: reasonsOf(found),
      requirements: once(found.flatMap((each) => each.requirements)),
      obligations: obligationsOf(found),
      credential: found.every((each) => each.credential !== null) ? tightest(found) : null,
      evidence: once(found.flatMap((each) => each.evidence)),
      owner: ownerOf(found),
    },
  };
}

/** Give the owner of the first rule; where nobody has a rule, all have the resource's. */
function ownerOf(answers) {
  let first = null;
  for (const each of answers) {
    if (each.rules.length > 0 && (first === null || each.rules[0] < first.rules[0])) {
      first = each;
    }
  }
  return (first ?? answers[0]).owner;
}

/** Give those of the forbids, by identity, and then that to somebody nothing is allowed. */
function reasonsOf(answers) {
  const byRule = new Map();
  const others = new Set();
  for (const { rules, reasons } of answers) {
    for (const [at, reason] of reasons.entries()) {
      if (at < rules.length) {
        byRule.set(rules[at], reason);
      } else {
        others.add(reason);
      }
    }
  }
  return [...[...byRule.keys()].sort().map((rule) => byRule.get(rule)), ...others];
}

/** Give each once, by the identity of the rule, and of one rule in the order found. */
function once(items) {
  const found = new Map();
  for (const each of items) {
    const key = JSON.stringify(each);
    if (!found.has(key)) {
      found.set(key, each);
    }
  }
  return byIdentity([...found.values()], "rule");
}

/** Give those of each rule once, by its identity: a rule obliges to the same for each agent. */
function obligationsOf(answers) {
  const found = [];
  const seen = new Set();
  for (const { obligations } of answers) {
    found.push(...obligations.filter((each) => !seen.has(each.id)));
    for (const each of obligations) {
      seen.add(each.id);
    }
  }
  return byIdentity(found, "id");
}

function byIdentity(items, key) {
  return items.sort((one, other) => (one[key] < other[key] ? -1 : one[key] > other[key] ? 1 : 0));
}

function tightest(answers) {
  return {
    ttl_seconds: Math.min(...answers.map((each) => each.credential.ttl_seconds)),
    renew: Math.min(...answers.map((each) => each.credential.renew)),
  };
}
