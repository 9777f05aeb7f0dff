// The tests that the policies hold.

import { element, printed } from "../elements.js";

export function tests(page, root) {
  const run = element("button", { type: "button", id: "test" }, "Run again");
  const coverage = element("button", { type: "button", id: "coverage" }, "Coverage");
  const said = element("div", { "aria-live": "polite" });
  root.append(element("div", { class: "bar" }, run, coverage), said);

  async function shown(...options) {
    const found = await page.run(["test", "policies", ...options], {}, "test");
    if (found !== null) said.replaceChildren(...page.errors(found), ...(found.output ? [printed("agpc test", found.output)] : []));
  }

  run.onclick = () => shown();
  coverage.onclick = () => shown("--coverage");
  return { shown: () => shown() };
}
