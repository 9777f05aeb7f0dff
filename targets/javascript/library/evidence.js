/**
 * Approvals and step-ups: whether a request carries the evidence that a rule requires.
 *
 * Evidence that is malformed is evidence that is not there.
 */

import { jsonEqual } from "./json_equal.js";
import { NANOSECONDS, readTime } from "./times.js";
import { isIdentity, isText } from "./values.js";

/** A stronger authentication of the user, at most `within` seconds ago; null is of any age. */
export class StepUp {
  constructor(method, within) {
    this.method = method;
    this.within = within;
  }

  /** Whether the request shows it. */
  isThere(call) {
    return objects(call.context.get("step_up")).some(
      (each) =>
        each.get("method") === this.method && hasCome(each.get("at"), this.within, call.now),
    );
  }

  /** Say what would meet it. */
  describe(rule) {
    return { rule, type: "step_up", method: this.method, within_seconds: this.within };
  }
}

/**
 * Approvals by `count` people, by role or identity, at most `within` seconds ago.
 *
 * Each is for one exact call, or, `perTask`, for every call of the capability in the task.
 */
export class Approval {
  constructor(by, count, within, perTask) {
    this.by = by;
    this.count = count;
    this.within = within;
    this.perTask = perTask;
  }

  /**
   * Whether the request shows it.
   *
   * Where the policy declares a `user` block, a request that names no user has no approval: it is
   * not clear who may not approve.
   */
  isThere(call, userDeclared) {
    const user = call.context.get("user");
    if (user === undefined || user === null) {
      if (userDeclared) {
        return false;
      }
    } else if (!(user instanceof Map) || !isIdentity(user.get("id"))) {
      return false;
    }
    const approvers = new Set();
    for (const each of objects(call.context.get("approvals"))) {
      if (this.#counts(each, call)) {
        approvers.add(each.get("by"));
      }
    }
    return approvers.size >= this.count;
  }

  /** Whether one approval is whole, for this call or task, and by one of those asked. */
  #counts(evidence, call) {
    const by = evidence.get("by");
    const roles = evidence.get("roles");
    const task = call.task.get("id");
    return (
      isIdentity(by) &&
      by !== call.agentId &&
      by !== call.user.get("id") &&
      Array.isArray(roles) &&
      roles.every(isText) &&
      this.by.some((each) => each === by || roles.includes(each)) &&
      hasCome(evidence.get("at"), this.within, call.now) &&
      isIdentity(task) &&
      evidence.get("task") === task &&
      evidence.get("capability") === call.capability &&
      (this.perTask || isOfThisCall(evidence, call))
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

/** Whether an approval names the resource and the arguments of the call. */
function isOfThisCall(evidence, call) {
  const args = evidence.get("args");
  return (
    evidence.get("resource") === call.resourceId &&
    args instanceof Map &&
    jsonEqual(args, call.request.get("action").get("properties"))
  );
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
