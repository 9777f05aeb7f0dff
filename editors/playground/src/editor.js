// The editors of the page: of a policy, of JSON, and of what was made, which is only read.

import { defaultKeymap, history, historyKeymap } from "@codemirror/commands";
import { json } from "@codemirror/lang-json";
import { bracketMatching, foldKeymap } from "@codemirror/language";
import { lintGutter, lintKeymap, setDiagnostics } from "@codemirror/lint";
import { highlightSelectionMatches, searchKeymap } from "@codemirror/search";
import { Compartment, EditorState } from "@codemirror/state";
import { drawSelection, EditorView, highlightActiveLine, highlightSpecialChars, keymap, lineNumbers } from "@codemirror/view";
import { agp, colours } from "./agp.js";

const NONCE = "agpc-playground"; // of the style that the editor makes; see the policy in index.html
const INVISIBLE = /[\u202a-\u202c\u2068\u{e0000}-\u{e007f}]/gu; // that it does not show by itself

const shared = [
  EditorView.cspNonce.of(NONCE),
  lineNumbers(),
  highlightSpecialChars({ addSpecialChars: INVISIBLE }),
  EditorState.lineSeparator.of("\n"), // a carriage return stays where it is, and is shown
  drawSelection(),
  colours,
  bracketMatching(),
];

function labelled(label) {
  return EditorView.contentAttributes.of({ "aria-label": label, tabindex: "0", spellcheck: "false", autocapitalize: "off" });
}

function languageOf(name) {
  return name.endsWith(".agp") ? agp : /\.jsonl?$/.test(name) ? json() : [];
}

// The state of a file of the set, which keeps its history while another is shown.
export function stateOf(name, text, changed) {
  return EditorState.create({
    doc: text,
    extensions: [
      shared,
      history(),
      highlightActiveLine(),
      highlightSelectionMatches(),
      lintGutter(),
      languageOf(name),
      labelled(`Text of ${name}`),
      keymap.of([...defaultKeymap, ...historyKeymap, ...searchKeymap, ...foldKeymap, ...lintKeymap]),
      EditorView.updateListener.of((update) => update.docChanged && changed()),
    ],
  });
}

export function editorIn(parent, state) {
  return new EditorView({ parent, state });
}

// A smaller editor for JSON, with a text that can be asked for and set.
export function jsonEditor(parent, label, changed) {
  const view = new EditorView({
    parent,
    state: EditorState.create({
      extensions: [
        shared,
        history(),
        json(),
        EditorView.lineWrapping,
        labelled(label),
        keymap.of([...defaultKeymap, ...historyKeymap]),
        EditorView.updateListener.of((update) => update.docChanged && changed()),
      ],
    }),
  });
  return {
    view,
    get text() {
      return view.state.doc.toString();
    },
    set text(text) {
      view.dispatch({ changes: { from: 0, to: view.state.doc.length, insert: text } });
    },
  };
}

// Shows a text that nobody edits.
export function reader(parent, label) {
  const language = new Compartment();
  const view = new EditorView({
    parent,
    state: EditorState.create({
      extensions: [shared, language.of([]), labelled(label), EditorState.readOnly.of(true), EditorView.lineWrapping],
    }),
  });
  return (name, text) => {
    const { state } = view;
    view.dispatch({ changes: { from: 0, to: state.doc.length, insert: text }, effects: language.reconfigure(languageOf(name)) });
    view.scrollDOM.scrollTop = 0;
  };
}

export { setDiagnostics };
