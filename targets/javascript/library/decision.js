/** Decision documents: OpenID AuthZEN 1.0 evaluation responses, new for each call. */

const NO_ALLOW = "no allow applies";

/** Deny because nothing opens. */
export function nothingApplies(owner) {
  return documentOf("deny", [], [NO_ALLOW], [], [], null, [], owner);
}

/** Deny because of forbids. */
export function denied(forbids) {
  const reasons = forbids.map((rule) => rule.because || `forbidden by ${rule.id}`);
  return documentOf("deny", identities(forbids), reasons, [], [], null, [], forbids[0].owner);
}

/** Say what is missing, as pairs of a rule's identity and a requirement. */
export function challenged(applying, missing) {
  const requirements = missing.map(({ rule, requirement }) => requirement.describe(rule));
  return documentOf(
    "challenge",
    identities(applying),
    [],
    requirements,
    [],
    null,
    [],
    applying[0].owner,
  );
}

/** Permit, with the obligations of every allow that binds, the tightest of their terms, and what it rests on. */
export function permitted(permitting, binding, evidence) {
  const obligations = binding.flatMap((rule) =>
    rule.obligations.map(([name, properties]) => ({
      id: rule.id,
      type: name,
      properties: Object.fromEntries(properties),
    })),
  );
  const hasTerms = permitting.some((rule) => rule.credential !== null);
  return documentOf(
    "permit",
    identities(permitting),
    [],
    [],
    obligations,
    hasTerms ? tightest(binding) : null,
    evidence,
    permitting[0].owner,
  );
}

// Every field is given: a default would be looked for on Object.prototype, where others may write.
function documentOf(effect, rules, reasons, requirements, obligations, credential, evidence, owner) {
  return {
    decision: effect === "permit",
    context: {
      effect,
      rules,
      reasons,
      requirements,
      obligations,
      credential,
      evidence,
      owner: owner === null ? null : { name: owner.name, contact: owner.contact },
    },
  };
}

function identities(rules) {
  return rules.map((rule) => rule.id);
}

function tightest(rules) {
  let found = null;
  for (const { credential } of rules) {
    if (credential !== null) {
      const [ttl, renew] = credential;
      found = {
        ttl_seconds: Math.min(ttl, found?.ttl_seconds ?? ttl),
        renew: Math.min(renew, found?.renew ?? renew),
      };
    }
  }
  return found;
}
