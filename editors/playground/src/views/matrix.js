// Agents by capabilities, with what it takes.

import { element, printed } from "../elements.js";

export function matrix(page, root) {
  const said = element("div", {});
  root.append(said);

  async function shown() {
    const found = await page.run(["matrix", "policies", "--format", "csv"], {}, "matrix");
    if (found === null) return;
    const [heads, ...rows] = table(found.output);
    said.replaceChildren(...page.errors(found));
    if (heads === undefined) return;
    said.append(
      element(
        "div",
        { class: "wide", tabindex: "0", role: "region", "aria-label": "Matrix" },
        element(
          "table",
          {},
          element("caption", {}, "Which agent may use which capability, at best, over all intents"),
          element("thead", {}, element("tr", {}, ...heads.map((each) => element("th", { scope: "col" }, each)))),
          element("tbody", {}, ...rows.map((row) => element("tr", {}, ...row.map((each, at) => (at === 0 ? element("th", { scope: "row" }, each) : element("td", { class: each.replaceAll(" ", "-").replace(/[^a-z-]/g, "") }, each)))))),
        ),
      ),
      element("details", {}, element("summary", {}, "As CSV"), printed("agpc matrix --format csv", found.output)),
    );
  }

  return { shown };
}

// The rows of a text of comma-separated values.
export function table(text) {
  const rows = [];
  let row = [];
  for (const [, quoted, plain, end] of text.matchAll(/(?:"((?:[^"]|"")*)"|([^,"\r\n]*))(,|\r?\n|$)/g)) {
    if (quoted === undefined && plain === "" && end === "" && row.length === 0) break;
    row.push(quoted === undefined ? plain : quoted.replaceAll('""', '"'));
    if (end !== ",") {
      rows.push(row);
      row = [];
    }
  }
  return rows;
}
