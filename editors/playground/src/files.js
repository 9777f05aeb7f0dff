// The files of the policy set: which there are, which is shown, and their names.

import { element, tabs } from "./elements.js";
import { editorIn, setDiagnostics, stateOf } from "./editor.js";
import { MAX_FILES, is_directory, is_name } from "./share.js";

export class Files {
  constructor(changed) {
    this.changed = changed;
    this.states = new Map();
    this.found = new Map(); // what is underlined, by file
    this.shown = null;
    this.editor = editorIn(document.getElementById("editor"), stateOf("policy.agp", "", () => {}));
    document.getElementById("add").onclick = () => this.#named("", (name) => this.#add(name));
    document.getElementById("rename").onclick = () => this.#named(this.shown, (name) => this.#rename(name));
    document.getElementById("remove").onclick = () => this.#remove();
  }

  get texts() {
    this.#keep();
    return Object.fromEntries([...this.states].map(([name, state]) => [name, state.doc.toString()]));
  }

  get documents() {
    this.#keep();
    return new Map([...this.states].map(([name, state]) => [name, state.doc]));
  }

  load(texts) {
    this.states = new Map(Object.entries(texts).map(([name, text]) => [name, this.#state(name, text)]));
    this.found = new Map();
    this.shown = null;
    this.show([...this.states.keys()].find((name) => !name.endsWith("_test.agp")) ?? [...this.states.keys()][0]);
  }

  show(name) {
    this.#keep();
    this.shown = name;
    this.editor.setState(this.states.get(name));
    this.#underline();
    this.#list();
  }

  // Show a place: a file, and a range in it.
  go(name, from, to) {
    if (!this.states.has(name)) return;
    if (name !== this.shown) this.show(name);
    this.editor.dispatch({ selection: { anchor: from, head: to }, scrollIntoView: true });
    this.editor.focus();
  }

  // Put a text in the place of another, as one change that can be undone.
  replace(text) {
    const { doc } = this.editor.state;
    const old = doc.toString();
    if (old === text) return;
    let start = 0;
    while (start < old.length && old[start] === text[start]) start += 1;
    let end = 0;
    while (end < Math.min(old.length, text.length) - start && old.at(-1 - end) === text.at(-1 - end)) end += 1;
    this.editor.dispatch({ changes: { from: start, to: old.length - end, insert: text.slice(start, text.length - end) } });
  }

  underline(found) {
    this.found = found;
    this.#underline();
    this.#list();
  }

  #state(name, text) {
    return stateOf(name, text, () => this.changed());
  }

  #keep() {
    if (this.shown !== null && this.states.has(this.shown)) this.states.set(this.shown, this.editor.state);
  }

  #underline() {
    const length = this.editor.state.doc.length;
    const found = (this.found.get(this.shown) ?? []).filter(({ to }) => to <= length);
    this.editor.dispatch(setDiagnostics(this.editor.state, found));
  }

  #list() {
    const names = [...this.states.keys()].map((name) => {
      const errors = (this.found.get(name) ?? []).filter(({ severity }) => severity === "error").length;
      const note = errors ? { kind: "error", text: `${errors} ${errors === 1 ? "error" : "errors"}` } : null;
      return { id: name, title: name, note, controls: "editor" };
    });
    tabs(document.getElementById("files"), names, this.shown, (name) => this.show(name));
    document.getElementById("remove").disabled = this.states.size < 2;
    document.getElementById("add").disabled = this.states.size >= MAX_FILES;
  }

  #add(name) {
    this.states.set(name, this.#state(name, ""));
    this.show(name);
    this.editor.focus();
    this.changed();
  }

  #rename(name) {
    this.#keep();
    const state = this.#state(name, this.editor.state.doc.toString());
    this.states = new Map([...this.states].map(([key, value]) => (key === this.shown ? [name, state] : [key, value])));
    this.shown = null;
    this.show(name);
    this.changed();
  }

  #remove() {
    if (this.editor.state.doc.length && !confirm(`Remove ${this.shown} with all that is in it?`)) return;
    this.states.delete(this.shown);
    this.shown = null;
    this.show([...this.states.keys()][0]);
    this.changed();
  }

  #named(before, take) {
    const dialog = document.getElementById("naming");
    const field = document.getElementById("name");
    const problem = document.getElementById("naming-problem");
    field.value = before;
    problem.textContent = "";
    document.getElementById("leave").onclick = () => dialog.close();
    document.getElementById("take").onclick = (event) => {
      const name = field.value.trim();
      const others = [...this.states.keys()].filter((other) => other !== before);
      const why = !is_name(name)
        ? "A name ends in .agp, or is agpc.toml, and has letters, digits, _, - and . in it."
        : others.includes(name)
          ? "There is a file of this name."
          : is_directory(name, others)
            ? "A file cannot be a directory, too."
            : "";
      problem.textContent = why;
      if (why) return event.preventDefault();
      if (name !== before) take(name);
    };
    dialog.showModal();
    field.select();
  }
}
