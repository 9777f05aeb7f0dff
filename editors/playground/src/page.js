// The page: what is edited, what is asked of the compiler, and where its answers are shown.

import EXAMPLES from "examples.json";
import { Compiler, Stopped } from "./compiler.js";
import { element, printed, tabs } from "./elements.js";
import { Files } from "./files.js";
import { Pieces } from "./pieces.js";
import { underlined } from "./places.js";
import { packed, unpacked, Unreadable } from "./share.js";
import { ask } from "./views/ask.js";
import { compile } from "./views/compile.js";
import { matrix } from "./views/matrix.js";
import { problems } from "./views/problems.js";
import { tests } from "./views/tests.js";

const PAUSE = 250; // milliseconds without an edit before a check
const MAX_CHECKED = 2_000_000; // characters of all files
const FIRST = "coding";
const VIEWS = { problems: "Problems", ask: "Ask", matrix: "Matrix", tests: "Tests", compile: "Compile" };

const said = document.getElementById("said");
const stop = document.getElementById("stop");
const examples = document.getElementById("examples");
let shown = "problems";
let note = null;
let timer = null;
let checks = 0;

const page = {
  files: new Files(() => page.edited()),

  say(text) {
    said.textContent = text;
  },

  // Run a command on the files of the page. The answer is null where it was asked again, or was stopped.
  async run(args, { beside = {}, schema = false } = {}, kind = args[0]) {
    try {
      return await compiler.ask({ kind: "run", files: page.files.texts, arguments: args, beside, schema }, kind);
    } catch (error) {
      page.say(error instanceof Stopped ? `agpc ${args[0]} was not finished: ${error.message}` : String(error.message));
      return null;
    }
  },

  // What a command said beside its output.
  errors({ errors, status }) {
    return errors ? [printed(`What was said, with exit status ${status}`, errors)] : [];
  },

  request(text) {
    views.ask.load({ request: text, record: "" });
    choose("ask");
  },

  // Something was typed: check, when typing pauses, and keep all of it in the address.
  edited() {
    clearTimeout(timer);
    document.body.dataset.checked = "no";
    for (const each of Object.values(views)) each.edited?.();
    timer = setTimeout(() => {
      check();
      keep();
    }, PAUSE);
  },
};

const pieces = new Pieces(PIECES, (share) => page.say(`Loading the compiler: ${Math.round(share * 100)} %`));
const compiler = new Compiler(pieces, LOCK, (state, why) => {
  document.body.dataset.state = state;
  clearTimeout(stop.timer);
  if (state === "working") stop.timer = setTimeout(() => (stop.hidden = false), 1_000);
  else stop.hidden = true;
  if (state === "loading") page.say("Starting the compiler");
  if (state === "failed") page.say(`The compiler cannot be loaded: ${why}`);
});

const views = {
  ask: ask(page, document.getElementById("view-ask")),
  matrix: matrix(page, document.getElementById("view-matrix")),
  tests: tests(page, document.getElementById("view-tests")),
  compile: compile(page, document.getElementById("view-compile")),
};
const report = problems(page, document.getElementById("view-problems"));

async function check() {
  const files = page.files.texts;
  const documents = page.files.documents;
  const number = ++checks;
  if (Object.values(files).reduce((sum, text) => sum + text.length, 0) > MAX_CHECKED) {
    return unchecked(`The policies are more than this page checks (${MAX_CHECKED / 1_000_000} million characters): use the agpc command.`);
  }
  const start = performance.now();
  let found;
  try {
    found = await compiler.ask({ kind: "check", files }, "check");
  } catch (error) {
    return void (number === checks && unchecked(`The policies were not checked: ${error.message}`));
  }
  if (found === null || number !== checks) return;
  found.places = found.json.startsWith("{") ? JSON.parse(found.json) : { diagnostics: [] };
  const { diagnostics } = found.places;
  report(found);
  page.files.underline(underlined(diagnostics, documents));
  const errors = diagnostics.filter(({ severity }) => severity === "error").length;
  note = diagnostics.length ? { kind: errors ? "error" : "warning", text: String(diagnostics.length) } : null;
  list();
  page.say(`${found.output.trim() || "The check failed"} (${((performance.now() - start) / 1000).toFixed(2)} s)`);
  document.body.dataset.checked = "yes";
  if (shown !== "problems" && shown !== "compile") views[shown].shown?.();
}

// What was found in other policies than those that are there is not shown of these.
function unchecked(why) {
  note = null;
  report(null);
  page.files.underline(new Map());
  list();
  page.say(why);
}

function list() {
  const names = Object.entries(VIEWS).map(([id, title]) => ({ id, title, note: id === "problems" ? note : null, controls: `view-${id}` }));
  tabs(document.getElementById("views"), names, shown, choose);
}

function choose(id) {
  shown = id;
  for (const each of Object.keys(VIEWS)) document.getElementById(`view-${each}`).hidden = each !== id;
  list();
  views[id]?.shown?.();
}

function state() {
  return { files: page.files.texts, request: views.ask.request, record: views.ask.record };
}

// The address has all that was written, so that loading the page again loses nothing.
async function keep() {
  const fragment = await packed(state());
  if (fragment !== null) history.replaceState(null, "", `#${fragment}`);
  return fragment;
}

function load(given) {
  page.files.load(given.files);
  views.ask.load(given);
  clearTimeout(timer);
  check();
}

async function opened() {
  const fragment = location.hash.slice(1);
  const example = /^example=([a-z0-9/-]{1,60})$/.exec(fragment)?.[1];
  if (fragment === "" || (example !== undefined && Object.hasOwn(EXAMPLES, example))) {
    examples.value = example ?? FIRST;
    return load(EXAMPLES[examples.value]);
  }
  try {
    const given = await unpacked(fragment);
    examples.value = "";
    load(given);
  } catch (error) {
    if (!(error instanceof Unreadable)) throw error;
    examples.value = FIRST;
    load(EXAMPLES[FIRST]);
    warn(`The link cannot be opened: ${error.message}. This is an example.`);
  }
}

function warn(text) {
  const shown = element("p", { class: "warning", role: "alert" }, text, " ", element("button", { type: "button", onclick: () => shown.remove() }, "Close"));
  document.querySelector("main").before(shown);
}

examples.append(element("option", { value: "", disabled: true, hidden: true }, "none"), ...Object.keys(EXAMPLES).map((name) => element("option", { value: name }, name)));
examples.onchange = async () => {
  const chosen = examples.value;
  if (document.body.dataset.checked === "no") await keep();
  history.pushState(null, "", `#example=${chosen}`); // the way back leads to what was there before
  load(EXAMPLES[chosen]);
};
document.getElementById("format").onclick = async () => {
  const name = page.files.shown;
  const before = page.files.texts[name];
  if (!name.endsWith(".agp")) return void page.say(`${name} is not formatted by agpc`);
  let found;
  try {
    found = await compiler.ask({ kind: "run", files: page.files.texts, arguments: ["fmt", "-"], input: before }, "fmt");
  } catch (error) {
    return void page.say(`${name} was not formatted: ${error.message}`);
  }
  if (found === null || page.files.shown !== name || page.files.texts[name] !== before) return;
  if (found.status !== 0) return void page.say(`${name} was not formatted: ${found.errors.split("\n")[0]}`);
  page.files.replace(found.output);
  page.say(found.output === before ? `${name} is formatted` : `${name} was formatted`);
};
document.getElementById("share").onclick = async () => {
  const fragment = await keep();
  if (fragment === null) return void page.say("These policies are too large for a link.");
  try {
    await navigator.clipboard.writeText(location.href);
    page.say("The link was copied. All of the policies are in it; it goes to nobody but those you give it to.");
  } catch {
    page.say("The link is in the address bar.");
  }
};
stop.onclick = () => compiler.stop();
document.getElementById("about").textContent = `agpc ${VERSION} in this page: nothing that you write leaves it.`;
addEventListener("hashchange", opened);
list();
opened();
pieces.schema().catch(() => {}); // so that the page has all that it needs; asked for again where it failed

globalThis.playground = { compiler, page }; // for tests, and for the curious
