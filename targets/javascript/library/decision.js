/** Decision documents: OpenID AuthZEN 1.0 evaluation responses, new for each call. */

const NO_ALLOW = "no allow applies";

/** Deny because nothing opens. */
export function nothingApplies(owner = null) {
  return documentOf("deny", { reasons: [NO_ALLOW], owner });
}

/** Deny because of forbids. */
export function denied(forbids) {
  return documentOf("deny", {
    rules: identities(forbids),
    reasons: forbids.map((rule) => rule.because || `forbidden by ${rule.id}`),
    owner: forbids[0].owner,
  });
}

/** Say what is missing, as [rule, requirement]. */
export function challenged(applying, missing) {
  return documentOf("challenge", {
    rules: identities(applying),
    requirements: missing.map(([rule, requirement]) => requirement.describe(rule.id)),
    owner: applying[0].owner,
  });
}

/** Permit, with every applying allow's obligations and the tightest of their terms. */
export function permitted(permitting, applying) {
  return documentOf("permit", {
    rules: identities(permitting),
    obligations: applying.flatMap((rule) =>
      rule.obligations.map(([name, properties]) => ({
        id: rule.id,
        type: name,
        properties: Object.fromEntries(properties),
      })),
    ),
    credential: permitting.some((rule) => rule.credential !== null) ? tightest(applying) : null,
    owner: permitting[0].owner,
  });
}

function documentOf(
  effect,
  {
    rules = [],
    reasons = [],
    requirements = [],
    obligations = [],
    credential = null,
    owner = null,
  },
) {
  return {
    decision: effect === "permit",
    context: {
      effect,
      rules,
      reasons,
      requirements,
      obligations,
      credential,
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
