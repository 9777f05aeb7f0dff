/** Rules in the form that the evaluator takes. */

/**
 * A rule that opens.
 *
 * `agents` and `intents` are declared names, null for any declared one. `applies` is null where
 * nothing is left to ask: else it tells whether every condition is true, and every revocation false.
 * `binds` is null where there is nothing to ask, too: else it tells whether the rule's condition is not
 * false, so that what it asks belongs to a permit.
 * `isFirstStart` is whether it is about starting a task where there is none yet, and about nothing else.
 * `credential` is [seconds to live, renewals], `obligations` are [name, [[property, value], ...]].
 */
export class Allow {
  constructor({
    id,
    capabilities,
    agents = null,
    intents = null,
    applies = null,
    binds = null,
    validity = null,
    window = null,
    requirements = [],
    obligations = [],
    credential = null,
    owner = null,
    isFirstStart = false,
  }) {
    this.id = id;
    this.capabilities = capabilities;
    this.agents = agents;
    this.intents = intents;
    this.applies = applies;
    this.isFirstStart = isFirstStart;
    this.binds = binds;
    this.validity = validity;
    this.window = window;
    this.requirements = requirements;
    this.obligations = obligations;
    this.credential = credential;
    this.owner = owner;
  }
}

/**
 * A rule that closes.
 *
 * `agents` and `intents` are declared names, null for all, declared or not. `applies` is null where
 * it always does: else it tells whether `when` is not false and `unless` is not true. It does not apply
 * where it is known to be outside of its `window`. `unlessEvidence` lifts it where all of it is there,
 * by people who are enough.
 */
export class Forbid {
  constructor({
    id,
    capabilities,
    agents = null,
    intents = null,
    applies = null,
    window = null,
    unlessEvidence = [],
    because = null,
    owner = null,
  }) {
    this.id = id;
    this.capabilities = capabilities;
    this.agents = agents;
    this.intents = intents;
    this.applies = applies;
    this.window = window;
    this.unlessEvidence = unlessEvidence;
    this.because = because;
    this.owner = owner;
  }
}
