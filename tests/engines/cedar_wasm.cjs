// Decides a case with @cedar-policy/cedar-wasm, which is looked for as Node does.
const cedar = require("@cedar-policy/cedar-wasm/nodejs");

module.exports = ({ policies, schema, requests }) => {
  const validated = cedar.validate({
    validationSettings: { mode: "strict" },
    schema,
    policies: { staticPolicies: policies },
  });
  const problems =
    validated.type === "success" ? validated.validationErrors : validated.errors;
  const parsed = [
    cedar.preparsePolicySet("policies", { staticPolicies: policies }),
    cedar.preparseSchema("schema", schema),
  ];
  problems.push(...parsed.flatMap((each) => each.errors ?? []));
  const decisions = requests.map(([asked, entities]) => {
    const answer = cedar.statefulIsAuthorized({
      ...asked,
      entities,
      preparsedSchemaName: "schema",
      preparsedPolicySetId: "policies",
      validateRequest: true,
    });
    if (answer.type !== "success") return { errors: answer.errors };
    const { decision, diagnostics } = answer.response;
    return { permits: decision === "allow", errors: diagnostics.errors };
  });
  return { problems, decisions };
};
