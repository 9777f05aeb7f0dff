/** One request, taken apart so that the conditions of rules can read it. */

import { readTime } from "./times.js";

const NO_FIELDS = new Map(); // INVARIANT: never written to; stands for every object not there
const UNREAD = Symbol("unread");

/** Give a value if it is an object, else one without fields. */
export function fieldsOf(value) {
  return value instanceof Map ? value : NO_FIELDS;
}

/**
 * A request whose five required strings are there.
 *
 * `agent`, `args`, `resource`, `task`, `user` and `context` hold the fields of each root, and are
 * empty where the request carries none or something else.
 */
export class Call {
  #now = UNREAD;

  constructor(request, capability, context, task) {
    const subject = request.get("subject");
    const resource = request.get("resource");
    this.request = request;
    this.capability = capability;
    this.context = context;
    this.task = task;
    this.agentId = subject.get("id");
    this.resourceId = resource.get("id");
    this.agent = fieldsOf(subject.get("properties"));
    this.args = fieldsOf(request.get("action").get("properties"));
    this.resource = fieldsOf(resource.get("properties"));
    this.user = fieldsOf(context.get("user"));
  }

  /** The time of the call in nanoseconds, undefined if unknown; read when first asked for. */
  get now() {
    if (this.#now === UNREAD) {
      this.#now = readTime(this.context.get("time"));
    }
    return this.#now;
  }
}
