// Decides the cases on standard input with @cedar-policy/cedar-wasm, which is looked for as Node does.
const cedar = require("@cedar-policy/cedar-wasm/nodejs");
const cases = JSON.parse(require("node:fs").readFileSync(0, "utf8"));

const answers = cases.map(({ policies, schema, requests }) => {
  const validated = cedar.validate({
    validationSettings: { mode: "strict" },
    schema,
    policies: { staticPolicies: policies },
  });
  const problems =
    validated.type === "success" ? validated.validationErrors : validated.errors;
  const decisions = requests.map(([asked, entities]) => {
    const answer = cedar.isAuthorized({
      ...asked,
      entities,
      schema,
      policies: { staticPolicies: policies },
      validateRequest: true,
    });
    if (answer.type !== "success") return { errors: answer.errors };
    const { decision, diagnostics } = answer.response;
    return { permits: decision === "allow", errors: diagnostics.errors };
  });
  return { problems, decisions };
});
process.stdout.write(JSON.stringify(answers));
