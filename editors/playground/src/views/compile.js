// What enforces the policies on each platform: the files that are made, and the ledger.

import { element, offer, outdated, printed, renewed } from "../elements.js";
import { reader } from "../editor.js";

export function compile(page, root) {
  const boxes = TARGETS.map((name) => element("label", { class: "box" }, element("input", { type: "checkbox", name: "target", value: name, ...(name === "rego" ? { checked: true } : {}) }), ` ${name}`));
  const start = element("button", { type: "button", id: "compile" }, "Compile");
  const save = element("button", { type: "button", id: "save", hidden: true }, "Download all (zip)");
  const ledger = element("div", {});
  const files = element("select", { id: "made", size: "6" });
  const text = element("div", { class: "made" });
  const picker = element("div", { hidden: true }, element("label", {}, "Files that were made", files), text);
  const result = element("div", {}, picker, ledger);
  root.append(element("fieldset", {}, element("legend", {}, "Targets"), ...boxes), element("div", { class: "bar" }, start, save), result);
  const show = reader(text, "Text of the file that was made");
  let made = {};
  let archive = "";

  start.onclick = async () => {
    const chosen = boxes.map((box) => box.querySelector("input")).filter((each) => each.checked).map((each) => each.value);
    if (chosen.length === 0) return void page.say("Choose a target first.");
    const found = await page.run(["compile", "policies", "-t", chosen.join(","), "-o", "build"], { schema: chosen.includes("ir") }, "compile");
    if (found === null) return;
    renewed(result);
    made = found.files;
    archive = found.archive;
    const names = Object.keys(made);
    files.replaceChildren(...names.map((name) => element("option", { value: name }, name)));
    picker.hidden = save.hidden = names.length === 0;
    ledger.replaceChildren(...page.errors(found), ...(found.output ? [element("h2", {}, "Ledger"), printed("Ledger: how each target enforces each rule", found.output)] : []));
    if (names.length === 0) return;
    files.value = names.find((name) => name !== "manifest.json") ?? names[0];
    files.onchange();
  };
  files.onchange = () => show(files.value, made[files.value]);
  save.onclick = () => offer("policies.zip", Uint8Array.from(archive.match(/../g), (each) => Number.parseInt(each, 16)), "application/zip");
  return { edited: () => Object.keys(made).length && outdated(result) };
}
