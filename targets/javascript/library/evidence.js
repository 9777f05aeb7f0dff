/**
 * Approvals, confirmations and step-ups: whether a request carries the evidence that a rule requires.
 *
 * Evidence that is malformed is evidence that is not there.
 */

import { jsonEqual } from "./json_equal.js";
import { NANOSECONDS, readTime } from "./times.js";
import { isIdentity, isText } from "./values.js";

const WORKLOAD = "spiffe://";

/** A stronger authentication of the user, at most `within` seconds ago; null is of any age. */
export class StepUp {
  kind = "step_up";
  count = 1;

  constructor(method, within) {
    this.method = method;
    this.within = within;
  }

  /** Give the evidence that counts. */
  shown(call) {
    return objects(call.context.get("step_up")).filter(
      (each) => each.get("method") === this.method && isWhole(each, this.within, call.now),
    );
  }

  /** Whether anybody could still show it. */
  canBeGiven(call) {
    return call.now !== undefined;
  }

  /** Say what would meet it. */
  describe(rule) {
    return { rule, type: "step_up", method: this.method, within_seconds: this.within };
  }
}

/** A yes to this exact call of the person on whose behalf the agent acts, at most `within` seconds ago. */
export class Confirmation {
  kind = "confirmation";
  count = 1;

  constructor(within) {
    this.within = within;
  }

  /** Give the evidence that counts. */
  shown(call) {
    const person = confirmer(call);
    return objects(call.context.get("approvals")).filter(
      (each) =>
        person !== null &&
        each.get("by") === person &&
        isWhole(each, this.within, call.now) &&
        isFor(each, call, false),
    );
  }

  /** Whether anybody could still give it. */
  canBeGiven(call) {
    return call.now !== undefined && confirmer(call) !== null && canBeNamed(call, false);
  }

  /** Say what would meet it. */
  describe(rule) {
    return { rule, type: "confirmation", within_seconds: this.within };
  }
}

/**
 * Approvals by `count` people, by role or identity, at most `within` seconds ago.
 *
 * Each is for one exact call, or, `perTask`, for every call of the capability in the task.
 */
export class Approval {
  kind = "approval";

  constructor(by, count, within, perTask) {
    this.by = by;
    this.count = count;
    this.within = within;
    this.perTask = perTask;
  }

  /** Give the evidence that counts: that of nobody who acts, or is acted for. */
  shown(call, userDeclared) {
    if (!userIsKnown(call, userDeclared)) {
      return [];
    }
    const user = call.user.get("id");
    const agents = actors(call);
    return objects(call.context.get("approvals")).filter(
      (each) =>
        each.get("by") !== user &&
        !agents.includes(each.get("by")) &&
        isWhole(each, this.within, call.now) &&
        isFor(each, call, this.perTask) &&
        this.#isBy(each.get("by"), each.get("roles")),
    );
  }

  /** Whether it is by one of those asked for; a workload approves only by its very identity, which is no role. */
  #isBy(by, roles) {
    return (
      this.by.includes(by) ||
      (!by.startsWith(WORKLOAD) &&
        this.by.some((each) => !each.startsWith(WORKLOAD) && roles.includes(each)))
    );
  }

  /** Whether anybody could still give it. */
  canBeGiven(call, userDeclared) {
    return (
      call.now !== undefined && userIsKnown(call, userDeclared) && canBeNamed(call, this.perTask)
    );
  }

  /** Say what would meet it. */
  describe(rule) {
    return {
      rule,
      type: "approval",
      by: [...this.by],
      count: this.count,
      within_seconds: this.within,
      per_task: this.perTask,
    };
  }
}

/** Whether it is from the past, no more than `within` seconds old, and its `id` is one, if it has any. */
function isWhole(evidence, within, now) {
  const id = evidence.get("id") ?? null;
  return hasCome(evidence.get("at"), within, now) && (id === null || isIdentity(id));
}

/** Whether somebody said yes to this call, or to its capability in this task. */
function isFor(evidence, call, perTask) {
  const roles = evidence.get("roles");
  const task = call.task.get("id");
  return (
    isIdentity(evidence.get("by")) &&
    Array.isArray(roles) &&
    roles.every(isText) &&
    isIdentity(task) &&
    evidence.get("task") === task &&
    evidence.get("capability") === call.capability &&
    (perTask || isOfThisCall(evidence, call))
  );
}

/** Whether an approval names the resource and the arguments of the call. */
function isOfThisCall(evidence, call) {
  const args = evidence.get("args");
  return (
    evidence.get("resource") === call.resourceId &&
    args instanceof Map &&
    jsonEqual(args, call.request.get("action").get("properties"))
  );
}

/** Whether evidence could say that it is for this call, or for its task. */
function canBeNamed(call, perTask) {
  return (
    isIdentity(call.task.get("id")) &&
    (perTask || call.request.get("action").get("properties") instanceof Map)
  );
}

/** Give the agents that nobody may approve as: the one that acts, and those that it acts for. */
function actors(call) {
  const chain = objects(call.context.get("delegation")).map((each) => each.get("agent"));
  return [call.agentId, ...chain];
}

/**
 * Whether it is clear who may not approve. Where the policy declares a `user` block, a request that
 * names no user has no approval.
 */
function userIsKnown(call, userDeclared) {
  const user = call.context.get("user");
  if (user === undefined || user === null) {
    return !userDeclared;
  }
  return user instanceof Map && isIdentity(user.get("id"));
}

/** Give who may confirm: the user, if that is a person at all and does not act himself. */
function confirmer(call) {
  const user = call.user.get("id");
  if (!isIdentity(user) || user.startsWith(WORKLOAD) || actors(call).includes(user)) {
    return null;
  }
  return user;
}

/** Whether a time is in the past, and no longer ago than `within` seconds. */
function hasCome(at, within, now) {
  const time = readTime(at);
  if (time === undefined || now === undefined || time > now) {
    return false;
  }
  return within === null || now - time <= BigInt(within) * NANOSECONDS;
}

/** Give the objects in a list; none if it is no list. */
function objects(value) {
  return Array.isArray(value) ? value.filter((each) => each instanceof Map) : [];
}
