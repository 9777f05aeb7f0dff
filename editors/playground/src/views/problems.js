// What `agpc check` says: each finding leads to its place, and to the page that says what it means.

import { element, printed } from "../elements.js";
import { exactly } from "../exact.js";
import { offset } from "../places.js";

export function problems(page, root) {
  const list = element("ol", { class: "findings" });
  const told = element("div", {});
  const text = element("details", {}, element("summary", {}, "As agpc check prints it"), told);
  const explained = element("div", { class: "explained" });
  root.append(list, explained, text);

  function place(label) {
    return `${label.file.replace(/^policies\//, "")}:${label.line}:${label.column}`;
  }

  function go(label) {
    const name = label.file.replace(/^policies\//, "");
    const doc = page.files.documents.get(name);
    if (doc !== undefined) page.files.go(name, offset(doc, label.line, label.column), offset(doc, label.end_line, label.end_column));
  }

  async function explain(code) {
    const found = await page.run(["rule", code], {}, "rule");
    if (found === null) return;
    explained.replaceChildren(printed(`What ${code} means`, found.output || found.errors));
    explained.firstChild.scrollIntoView({ block: "nearest" });
  }

  function finding({ code, severity, message, labels, notes, help }, requests) {
    const [first, ...others] = labels;
    return element(
      "li",
      { class: severity },
      element("p", {}, element("strong", { class: severity }, severity), " ", element("button", { type: "button", class: "link", onclick: () => explain(code), title: "What it means" }, code), " ", message),
      ...(first ? [element("p", {}, element("button", { type: "button", class: "link place", onclick: () => go(first) }, place(first)), first.text ? ` ${first.text}` : "")] : []),
      ...others.map((label) => element("p", {}, element("button", { type: "button", class: "link place", onclick: () => go(label) }, place(label)), ` ${label.text}`)),
      ...notes.map((note) => element("p", {}, `note: ${note}`)),
      ...(help ? [element("p", {}, `help: ${help}`)] : []),
      ...requests.map((each) => element("p", {}, element("button", { type: "button", onclick: () => page.request(JSON.stringify(each, null, 2)) }, "Ask with the request that shows it"))),
    );
  }

  return (found) => {
    if (found === null) {
      list.replaceChildren(element("li", {}, "The policies were not checked."));
      return void [explained, told].forEach((each) => each.replaceChildren());
    }
    const { diagnostics } = found.places;
    const exact = diagnostics.length ? exactly(found.json).diagnostics : [];
    list.replaceChildren(...diagnostics.slice(0, 200).map((each, at) => finding(each, exact[at].witnesses)));
    explained.replaceChildren();
    if (diagnostics.length > 200) list.append(element("li", {}, `and ${diagnostics.length - 200} more`));
    if (diagnostics.length === 0) list.append(element("li", {}, found.status === 0 ? "Nothing was found." : "The check itself failed."));
    told.replaceChildren(printed("agpc check", found.errors + found.output));
    if (diagnostics.length === 0 && found.status !== 0) text.open = true;
  };
}
