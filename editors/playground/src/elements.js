// Elements of the page. Whatever text they are given is text: nothing here, or anywhere on the page, reads HTML.

export function element(name, attributes = {}, ...children) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (key.startsWith("on")) made.addEventListener(key.slice(2), value);
    else if (value === true) made.setAttribute(key, "");
    else if (value !== false && value !== undefined) made.setAttribute(key, value);
  }
  made.append(...children);
  return made;
}

// Say of answers that something was edited since; `renewed` takes that back.
export function outdated(answers) {
  if (answers.textContent === "" || answers.querySelector(":scope > .outdated")) return;
  answers.prepend(element("p", { class: "outdated" }, "This is of what was there before the last edit."));
}

export function renewed(answers) {
  answers.querySelector(":scope > .outdated")?.remove();
}

// What a command printed: can be scrolled with the keyboard, and is read as it stands.
export function printed(label, text) {
  return element("pre", { class: "printed", tabindex: "0", role: "region", "aria-label": label }, text);
}

export function offer(name, bytes, type) {
  const address = URL.createObjectURL(new Blob([bytes], { type }));
  element("a", { href: address, download: name }).click();
  setTimeout(() => URL.revokeObjectURL(address), 10_000);
}

// A list of tabs, with the arrow keys between them, as people who use no mouse know it.
export function tabs(list, names, chosen, choose) {
  const focused = list.contains(document.activeElement);
  list.replaceChildren(
    ...names.map(({ id, title, note, controls }) =>
      element(
        "button",
        { type: "button", role: "tab", id: `tab-${id}`, "data-id": id, "aria-selected": String(id === chosen), "aria-controls": controls, tabindex: id === chosen ? "0" : "-1", onclick: () => choose(id) },
        title,
        ...(note ? [element("span", { class: `note ${note.kind}` }, note.text)] : []),
      ),
    ),
  );
  if (focused) list.querySelector("[aria-selected=true]")?.focus();
  list.onkeydown = (event) => {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    const at = names.findIndex(({ id }) => id === chosen);
    const to = event.key === "Home" ? 0 : event.key === "End" ? names.length - 1 : step && (at + step + names.length) % names.length;
    if (to === undefined) return;
    event.preventDefault();
    choose(names[to].id);
  };
}
