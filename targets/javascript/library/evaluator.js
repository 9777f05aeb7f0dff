/**
 * Decides requests under a compiled policy, at a cost that does not grow with its rules.
 *
 * Rules are found by capability, then agent, then intent, in Maps. What was found is remembered, so
 * that most requests pay one look-up and the conditions of the few rules that are about them.
 */

import { Agents } from "./agents.js";
import { Arguments } from "./arguments.js";
import { Call, fieldsOf } from "./call.js";
import { Chains, strictest } from "./chain.js";
import { challenged, denied, nothingApplies, permitted } from "./decision.js";
import { copied, isTooDeep } from "./json_data.js";
import { parsed } from "./json_text.js";
import { askedBy, hasTooManyApprovals, missing, pieces, restsOn, Shown, sorted } from "./people.js";
import { Forbid } from "./rules.js";
import { Starts } from "./starts.js";
import { isText } from "./values.js";

const REMEMBERED = 16_384; // groups of rules; a full memory is emptied, so that no request grows it

const NO_ARGUMENTS = new Arguments([]);
const EVERYONE = Symbol("everyone"); // not text, so that no declared name is one of them
const DECLARED = Symbol("declared");

/** A policy, ready to decide. */
export class Evaluator {
  #rules;
  #starts;
  #agents;
  #chains;
  #intents;
  #owners;
  #resources;
  #userDeclared;
  #byCapability = new Map();
  #groups = new Map(); // by action, then names, then intent
  #groupCount = 0;

  /** Take a policy. INVARIANT: its rules are sorted by identity, as decisions list them. */
  constructor(vocabulary, rules) {
    this.#rules = rules;
    this.#agents = new Agents(vocabulary.agents);
    this.#chains = new Chains(this.#agents, vocabulary.delegations);
    this.#intents = new Set(vocabulary.intents);
    this.#owners = new Map(vocabulary.owners);
    this.#userDeclared = vocabulary.userDeclared;
    const declared = new Map(
      vocabulary.arguments.map(([resource, action, pairs, isOpen]) => [
        `${resource}.${action}`,
        new Arguments(pairs, isOpen),
      ]),
    );
    this.#resources = new Map(
      vocabulary.resources.map(([resource, actions]) => [
        resource,
        new Map(
          actions.map((action) => [action, newAction(resource, `${resource}.${action}`, declared)]),
        ),
      ]),
    );
    for (const [resource, tool, action] of vocabulary.tools) {
      const actions = this.#resources.get(resource);
      actions.set(tool, actions.get(action));
    }
    this.#starts = new Starts(this.#agents, rules);
    for (const [number, rule] of rules.entries()) {
      // What opens first starts is about nothing that another rule can be about.
      for (const capability of rule.isFirstStart === true ? [] : rule.capabilities) {
        listIn(this.#byCapability, capability).push(number);
      }
    }
  }

  /** Decide a request that a program holds. Never throws: what cannot be read is denied. */
  decide(request) {
    let data;
    try {
      data = copied(request);
    } catch {
      return nothingApplies(null); // a getter or a proxy threw
    }
    return this.#decide(data);
  }

  /** Decide a request as JSON text. Never throws: what is no JSON is denied. */
  decideText(text) {
    let data;
    try {
      data = parsed(text);
    } catch {
      return nothingApplies(null);
    }
    return this.#decide(data);
  }

  #decide(request) {
    if (!(request instanceof Map)) {
      return nothingApplies(null);
    }
    const subject = fieldsOf(request.get("subject"));
    const agent = subject.get("id");
    const name = fieldsOf(request.get("action")).get("name");
    const resource = fieldsOf(request.get("resource"));
    const kind = resource.get("type");
    if (
      subject.get("type") !== "agent" ||
      ![agent, name, kind, resource.get("id")].every(isText)
    ) {
      return nothingApplies(null);
    }
    const owner = this.#owners.get(kind) ?? null;
    const context = fieldsOf(request.get("context"));
    const asked = (context.get("delegation") ?? null) === null ? [request] : this.#chain(request);
    if (asked === null) {
      return nothingApplies(owner);
    }
    if (asked.length > 1) {
      return strictest(asked.map((each) => this.#decideOne(each, kind, name, owner)));
    }
    const intent = fieldsOf(context.get("task")).get("intent");
    if (asked[0] === request && this.#chains.areNeeded(this.#agents.namesOf(agent), intent)) {
      return nothingApplies(owner);
    }
    return this.#decideOne(asked[0], kind, name, owner);
  }

  /** Give a request for each agent of a chain, the caller first; null if nothing declares it. */
  #chain(request) {
    return isTooDeep(request) ? null : this.#chains.requests(request, request.get("context"));
  }

  /** Decide for one agent, whatever chain it is in. */
  #decideOne(request, kind, name, owner) {
    const agent = request.get("subject").get("id");
    const action = this.#resources.get(kind)?.get(name);
    if (action === undefined) {
      return nothingApplies(owner);
    }
    const context = fieldsOf(request.get("context"));
    const task = fieldsOf(context.get("task"));
    const declared = task.get("intent");
    const intent = this.#intents.has(declared) ? declared : null;
    const { forbids, allows } = this.#group(action, this.#agents.namesOf(agent), intent);
    const first = this.#starts.rule(action.capability, agent, context);
    const call = new Call(request, action.capability, context, task);

    const closing = forbids.filter((rule) => closes(rule, call));
    const asking = closing.filter(isAsking);
    const shown = new Shown(call, this.#userDeclared);
    const standing = closing.filter(
      (rule) => !isAsking(rule) || missing(askedBy([rule]), shown).length > 0,
    );
    const deny = () =>
      standing.length === 0 || isTooDeep(request) ? nothingApplies(owner) : denied(standing);
    if (standing.length > 0 && !standing.every((rule) => canBeLifted(rule, shown))) {
      return deny();
    }
    const applying =
      task.get("state") === "active" ? allows.filter((rule) => allowApplies(rule, call)) : [];
    if (first !== null && allowApplies(first, call)) {
      applying.push(first);
    }
    if (
      applying.length === 0 ||
      isTooDeep(request) ||
      !action.arguments.declare(request.get("action").get("properties"))
    ) {
      return deny();
    }
    const binding = allows.filter((rule) => binds(rule, call));
    if (asking.length === 0 && applying.every((rule) => rule.requirements.length === 0)) {
      return permitted(applying, binding, []);
    }
    const open = applying.filter((rule) => !hasTooManyApprovals(askedBy([...asking, rule])));
    if (open.length === 0) {
      return denied(asking);
    }
    const lacking = new Map(
      open.map((rule) => [rule, missing(askedBy([...asking, rule]), shown)]),
    );
    const permitting = open.filter((rule) => lacking.get(rule).length === 0);
    if (permitting.length > 0) {
      const ways = permitting.map((rule) => askedBy([...asking, rule]));
      const least = Math.min(...ways.map(pieces));
      const way = ways.find((each) => pieces(each) === least);
      return permitted(permitting, binding, restsOn(way, shown));
    }
    const met = open.filter((rule) => missing(askedBy([rule]), shown).length === 0);
    const nearest = met.length > 0 ? met : open;
    return challengedBy(
      asking,
      open,
      nearest.flatMap((rule) => lacking.get(rule)),
    );
  }

  /** Find the rules for an action, an agent's names and an intent, and remember them. */
  #group(action, names, intent) {
    const group = this.#groups.get(action)?.get(names)?.get(intent);
    if (group !== undefined) {
      return group;
    }
    const rules = this.#rulesFor(action, names, intent);
    const found = {
      forbids: rules.filter((rule) => rule instanceof Forbid),
      allows: rules.filter((rule) => !(rule instanceof Forbid)),
    };
    if (this.#groupCount >= REMEMBERED) {
      this.#groups.clear();
      this.#groupCount = 0;
    }
    this.#groupCount += 1;
    mapIn(mapIn(this.#groups, action), names).set(intent, found);
    return found;
  }

  #rulesFor(action, names, intent) {
    action.byAgent ??= this.#arranged(action);
    const numbers = new Set();
    for (const agent of names.length > 0 ? [EVERYONE, DECLARED, ...names] : [EVERYONE]) {
      const byIntent = action.byAgent.get(agent);
      for (const each of intent === null ? [EVERYONE] : [EVERYONE, DECLARED, intent]) {
        for (const number of byIntent?.get(each) ?? []) {
          numbers.add(number);
        }
      }
    }
    return [...numbers].sort((a, b) => a - b).map((number) => this.#rules[number]);
  }

  /** Arrange the rules about an action by agent and intent. */
  #arranged(action) {
    const byAgent = new Map();
    for (const capability of ["any", `${action.resource}.*`, action.capability]) {
      for (const number of this.#byCapability.get(capability) ?? []) {
        const rule = this.#rules[number];
        const anyone = [rule instanceof Forbid ? EVERYONE : DECLARED];
        for (const agent of rule.agents ?? anyone) {
          for (const intent of rule.intents ?? anyone) {
            listIn(mapIn(byAgent, agent), intent).push(number);
          }
        }
      }
    }
    return byAgent;
  }
}

/** Make a declared action; the rules about it are arranged once they are needed. */
function newAction(resource, capability, declared) {
  const found = declared.get(capability) ?? NO_ARGUMENTS;
  return { resource, capability, arguments: found, byAgent: null };
}

/** Whether a forbid applies, evidence aside, and it may be time for it. */
function closes(rule, call) {
  return (
    (rule.applies === null || rule.applies(call)) &&
    (rule.window === null || !rule.window.excludes(call.now))
  );
}

/** Whether evidence lifts a forbid. */
function isAsking(rule) {
  return rule.unlessEvidence.length > 0;
}

/** Whether somebody could still lift a forbid: it is a question, and no wall. */
function canBeLifted(rule, shown) {
  return isAsking(rule) && rule.unlessEvidence.every((each) => shown.canBeGiven(each));
}

/** Say what is missing of what forbids and allows ask for. */
function challengedBy(asking, open, lacking) {
  const isMissing = ({ rule, requirement }) =>
    lacking.some((each) => each.rule === rule && each.requirement === requirement);
  const asked = asking.filter((rule) => lacking.some((each) => each.rule === rule.id));
  const rules = sorted([...asked, ...open]);
  return challenged(rules, askedBy(rules).filter(isMissing));
}

/** Whether every condition of an allow is true, and its time has come. */
function allowApplies(rule, call) {
  return (
    (rule.applies === null || rule.applies(call)) &&
    (rule.validity === null || rule.validity.holds(call.now)) &&
    (rule.window === null || rule.window.holds(call.now))
  );
}

/** Whether an allow asks something of every permit of a call, applying or not. */
function binds(rule, call) {
  return (
    (rule.binds === null || rule.binds(call)) &&
    (rule.validity === null || !rule.validity.excludes(call.now)) &&
    (rule.window === null || !rule.window.excludes(call.now))
  );
}

function listIn(map, key) {
  if (!map.has(key)) {
    map.set(key, []);
  }
  return map.get(key);
}

function mapIn(map, key) {
  if (!map.has(key)) {
    map.set(key, new Map());
  }
  return map.get(key);
}
