// One request: how it is decided, and why.

import { element, outdated, printed } from "../elements.js";
import { jsonEditor } from "../editor.js";
import { exactly } from "../exact.js";

const REQUEST = "request.json";
const RECORD = "record.jsonl";

export function ask(page, root) {
  const templates = element("select", { id: "templates" }, element("option", { value: "" }, "choose …"));
  const decide = element("button", { type: "button", id: "decide" }, "Decide");
  const explain = element("button", { type: "button", id: "explain" }, "Explain");
  const found = element("div", { id: "answer", "aria-live": "polite" });
  const place = element("div", { class: "json" });
  const past = element("div", { class: "json" });
  const many = element("span", {});
  const before = element("details", {}, element("summary", {}, "What happened before (a record, one JSON object a line)", many), past);
  root.append(
    element("div", { class: "bar" }, element("label", {}, "Template ", templates), decide, explain),
    place,
    before,
    found,
  );
  const request = jsonEditor(place, "Request as JSON, in the shape of OpenID AuthZEN", () => page.edited());
  const record = jsonEditor(past, "Record of what happened before, as JSON lines", () => {
    const lines = record.text.split("\n").filter((line) => line.trim()).length;
    many.textContent = lines ? `: ${lines} ${lines === 1 ? "line" : "lines"}` : "";
    page.edited();
  });
  let known = "";

  function asked(command) {
    const beside = { [REQUEST]: request.text };
    const given = ["policies", "-r", REQUEST];
    if (record.text.trim()) {
      beside[RECORD] = record.text;
      given.push("--record", RECORD);
    }
    return page.run([command, ...given], { beside }, "ask");
  }

  function show(...answers) {
    found.replaceChildren(...answers);
    found.scrollIntoView({ block: "nearest" });
  }

  decide.onclick = async () => {
    const said = await asked("decide");
    if (said === null) return;
    const shown = [];
    if (said.status === 0) {
      const answer = exactly(said.output);
      const { effect } = answer.context;
      shown.push(element("p", { class: `effect ${effect}` }, effect), printed("Answer", JSON.stringify(answer, null, 2)));
    }
    show(...shown, ...page.errors(said), printed("agpc decide", said.output));
  };
  explain.onclick = async () => {
    const said = await asked("explain");
    if (said !== null) show(...page.errors(said), ...(said.output ? [printed("agpc explain", said.output)] : []));
  };

  // Requests that the policy's own words make: of its tests, and of calls that may be permitted.
  async function offered() {
    const now = JSON.stringify(page.files.texts);
    if (now === known) return;
    known = now;
    const [tests, table] = await Promise.all([
      page.run(["test", "policies", "--format", "json"], {}, "template-tests"),
      page.run(["matrix", "policies", "--format", "csv"], {}, "template-matrix"),
    ]);
    if (tests === null || table === null) return void (known = "");
    const names = tests.status === 0 || tests.status === 4 ? JSON.parse(tests.output).tests.map(({ name }) => name) : [];
    const capabilities = table.output.split("\n")[0].split(",").slice(2, -1);
    templates.replaceChildren(
      element("option", { value: "" }, "choose …"),
      element("optgroup", { label: "A call that may be permitted" }, ...capabilities.map((each) => element("option", { value: `call ${each}` }, each))),
      element("optgroup", { label: "The request of a test" }, ...[...new Set(names)].map((each) => element("option", { value: `test ${each}` }, each))),
    );
  }

  templates.onchange = async () => {
    const [, kind, name] = /^(call|test) (.*)$/s.exec(templates.value) ?? [];
    if (kind === "test") {
      const said = await page.run(["test", "policies", `--request=${name}`], {}, "template");
      if (said === null) return;
      if (said.status === 0) request.text = said.output;
      found.replaceChildren(...page.errors(said));
    } else if (kind === "call") {
      const said = await page.run(["who-can", name, "policies", "--format", "json", "--witness"], {}, "template");
      if (said === null) return;
      const ways = said.output ? exactly(said.output).answers.flatMap((each) => each.ways ?? []) : [];
      const witness = ways.find((each) => each.witness)?.witness;
      if (witness) request.text = JSON.stringify(witness, null, 2);
      found.replaceChildren(...page.errors(said), ...(witness ? [] : [element("p", {}, `No request for ${name} can be permitted.`)]));
    }
  };

  return {
    shown: offered,
    edited: () => outdated(found),
    get request() {
      return request.text;
    },
    get record() {
      return record.text;
    },
    load(given) {
      request.text = given.request;
      record.text = given.record;
      found.replaceChildren();
    },
  };
}
