/** First starts: calls that start a task where there is none yet, which a starter asks for, who is no agent. */

import { isText } from "./values.js";

/** The rules about first starts. */
export class Starts {
  #agents;
  #rules = new Map(); // by capability

  /** Take all rules. */
  constructor(agents, rules) {
    this.#agents = agents;
    for (const rule of rules.filter((each) => each.isFirstStart === true)) {
      this.#rules.set(rule.capabilities[0], rule);
    }
  }

  /** Give the rule by which an agent may be started; null unless a starter asks for it outside of tasks. */
  rule(capability, agent, context) {
    const rule = this.#rules.get(capability);
    if (rule === undefined || (context.get("task") ?? null) !== null) {
      return null;
    }
    const starter = context.get("starter") ?? null;
    const isStarter =
      isText(starter) &&
      starter !== "" &&
      starter !== agent &&
      this.#agents.namesOf(starter).length === 0;
    const isNamed = this.#agents.namesOf(agent).some((name) => rule.agents.includes(name));
    return isStarter && isNamed ? rule : null;
  }
}
