// Visits the playground in a real browser, and says as JSON what was seen there.
// Arguments: where npm packages are, the browser, the address of the page, and the name of the visit; what the visit
// is given comes on standard input.

import { createRequire } from "node:module";
import { readFileSync } from "node:fs";
import { deflateRawSync } from "node:zlib";

const [, , packages, browser, address, name] = process.argv;
const given = JSON.parse(readFileSync(0, "utf8"));
const require = createRequire(`${packages}/`);
const { chromium } = require("playwright-core");
const axe = readFileSync(`${packages}/axe-core/axe.min.js`, "utf8");
const LONG = { timeout: 240_000 };
const origin = new URL(address).origin;

const program = await chromium.launch({ executablePath: browser, args: ["--no-sandbox"] });
const context = await program.newContext({ viewport: { width: 1280, height: 900 }, acceptDownloads: true });
await context.grantPermissions(["clipboard-read", "clipboard-write"], { origin });
context.setDefaultTimeout(LONG.timeout);

async function open(fragment = "", { compiler = true } = {}) {
  const page = await context.newPage();
  if (!compiler) await page.route("**/*.gz", () => {}); // which are never answered
  const seen = { said: [], elsewhere: [], asked: 0 };
  page.on("console", (message) => seen.said.push(message.text()));
  page.on("pageerror", (error) => seen.said.push(String(error)));
  page.on("dialog", (dialog) => { seen.said.push(`dialog: ${dialog.message()}`); dialog.dismiss(); });
  page.on("request", (request) => {
    if (!request.url().startsWith("blob:")) seen.asked += 1;
    if (!request.url().startsWith(`${origin}/`) && !request.url().startsWith(`blob:${origin}/`)) seen.elsewhere.push(request.url());
  });
  await page.goto(`${address}${fragment}`);
  return { page, seen };
}

const checked = (page) => page.waitForSelector("body[data-checked=yes]", LONG);
const said = (page) => page.textContent("#said");

async function write(page, text) {
  await page.evaluate((text) => {
    const { editor } = globalThis.playground.page.files;
    editor.dispatch({ changes: { from: 0, to: editor.state.doc.length, insert: text } });
  }, text);
  await page.waitForSelector("body[data-checked=no]");
}

async function problems(page) {
  await axe_in(page);
  const found = await page.evaluate(() => globalThis.axe.run(document, { resultTypes: ["violations"] }));
  return found.violations.map((each) => `${each.id}: ${each.nodes[0].html.slice(0, 200)} ${each.nodes[0].failureSummary.slice(0, 300)}`);
}

async function axe_in(page) {
  if (!(await page.evaluate(() => "axe" in globalThis))) await page.evaluate(axe);
}

function fragment(value, version = "1") {
  const text = typeof value === "string" ? value : JSON.stringify(value);
  return `#${version}.${deflateRawSync(Buffer.from(text)).toString("base64url")}`;
}

const visits = {
  // What the engine of the page answers, asked as the page asks it.
  async answers() {
    const { page, seen } = await open();
    await checked(page);
    const found = [];
    for (const question of given) found.push(await page.evaluate((each) => globalThis.playground.compiler.ask(each), question));
    return { found, seen };
  },

  // A person at work, at first with a network and then without.
  async work() {
    const { page, seen } = await open("#example=finance");
    await checked(page);
    const steps = { first: await said(page), words: await page.evaluate(() => globalThis.playground.page.files.editor.contentDOM.querySelectorAll(".hl-keyword").length) };
    await page.evaluate(() => globalThis.playground.compiler.pieces.schema());
    await context.setOffline(true);
    const asked = seen.asked;

    await write(page, given.mistaken);
    await checked(page);
    steps.findings = await page.locator(".findings li").allInnerTexts();
    steps.underlined = await page.locator(".cm-lintRange-error").allInnerTexts();
    await page.locator(".findings .place").first().click();
    steps.selected = await page.evaluate(() => { const { state } = globalThis.playground.page.files.editor; return state.sliceDoc(state.selection.main.from, state.selection.main.to); });
    await page.locator(".findings li button.link").first().click();
    await page.waitForSelector(".explained pre");
    steps.explained = await page.textContent(".explained pre");

    await page.evaluate(() => globalThis.playground.page.files.editor.focus());
    await page.keyboard.press("Control+z");
    await page.waitForSelector("body[data-checked=no]");
    await checked(page);
    steps.undone = await said(page);

    await page.click("#tab-ask");
    await page.click("#decide");
    await page.waitForSelector("#answer .effect");
    steps.effect = await page.textContent("#answer .effect");
    await page.click("#explain");
    await page.waitForSelector("#answer pre[aria-label='agpc explain']");
    steps.explain = await page.textContent("#answer pre[aria-label='agpc explain']");
    await page.waitForSelector("#templates optgroup option", { state: "attached" });
    await page.selectOption("#templates", given.template);
    await page.waitForTimeout(500);
    await page.waitForSelector("body[data-state=ready]", LONG);
    await page.click("#decide");
    await page.waitForSelector("#answer .effect");
    steps.template = await page.textContent("#answer .effect");

    await page.click("#tab-matrix");
    await page.waitForSelector("#view-matrix tbody tr");
    steps.matrix = await page.evaluate(() => [...document.querySelectorAll("#view-matrix tr")].map((row) => [...row.cells].map((cell) => cell.textContent)));
    await page.click("#tab-tests");
    await page.waitForSelector("#view-tests pre");
    steps.tests = await page.textContent("#view-tests pre");

    await page.click("#tab-compile");
    await page.check("input[value=ir]");
    await page.click("#compile");
    await page.waitForSelector("#made option", { state: "attached" });
    steps.made = await page.locator("#made option").allTextContents();
    await page.selectOption("#made", "ir/policy.json");
    const [download] = await Promise.all([page.waitForEvent("download"), page.click("#save")]);
    await download.saveAs(given.archive);

    await page.click("#tab-problems");
    await page.click("#format");
    await page.waitForSelector("body[data-state=ready]", LONG);
    steps.formatted = await said(page);
    await page.click("#share");
    await page.waitForTimeout(500);
    steps.shared = await page.evaluate(() => navigator.clipboard.readText());

    await page.evaluate(() => { globalThis.playground.compiler.limit = 1; });
    await write(page, given.mistaken);
    await page.waitForSelector("#said:has-text('stopped after')");
    steps.stopped = await said(page);
    await page.evaluate(() => { globalThis.playground.compiler.limit = 200_000; });
    await write(page, given.mistaken + "\n");
    await checked(page);
    steps.anew = await page.locator(".findings li").count();
    await write(page, given.asserted);
    await checked(page);
    await page.click(".findings button:has-text('Ask with the request')");
    await page.evaluate(() => document.getElementById("answer").replaceChildren());
    await page.click("#decide");
    await page.waitForSelector("#answer .effect");
    steps.witness = await page.textContent("#answer .effect");
    return { steps, seen, offline: seen.asked - asked };
  },

  // A check that takes longer than somebody wants to wait; the page is used all the while.
  async stopping() {
    const { page, seen } = await open();
    await checked(page);
    await page.evaluate((files) => {
      globalThis.playground.compiler.limit = 600_000;
      globalThis.playground.page.files.load(files);
      globalThis.playground.page.edited();
    }, given.files);
    await page.waitForSelector("#stop:visible");
    const start = Date.now();
    await page.click("#files [role=tab]");
    const answered = Date.now() - start;
    await page.click("#stop");
    await page.waitForSelector("#said:has-text('stopped')");
    const stopped = await said(page);
    await page.evaluate((files) => {
      globalThis.playground.page.files.load(files);
      globalThis.playground.page.edited();
    }, given.small);
    await checked(page);
    return { stopped, answered, after: await said(page), seen };
  },

  // How it looks, wide and narrow, light and dark, and what keeps people from using it.
  async looks() {
    const found = [];
    const { page, seen } = await open("#example=finance");
    await checked(page);
    for (const { width, scheme, views } of given.looks) {
      await page.setViewportSize({ width, height: 844 });
      await page.emulateMedia({ colorScheme: scheme });
      for (const view of views) {
        await page.click(`#tab-${view}`);
        if (view === "matrix") await page.waitForSelector("#view-matrix tbody tr");
        if (view === "tests") await page.waitForSelector("#view-tests pre");
        const wide = await page.evaluate(() => document.documentElement.scrollWidth);
        found.push({ look: `${width} ${scheme} ${view}`, wide: wide <= width, high: await page.evaluate(() => document.getElementById("editor").offsetHeight < innerHeight), violations: await problems(page), background: await page.evaluate(() => getComputedStyle(document.body).backgroundColor) });
        if (given.pictures) await page.screenshot({ path: `${given.pictures}/${width}-${scheme}-${view}.png`, fullPage: width < 900 });
      }
    }
    // With the keyboard alone: out of the editor, and along the tabs.
    await page.setViewportSize({ width: 1280, height: 900 });
    await page.click("#tab-problems");
    await page.evaluate(() => globalThis.playground.page.files.editor.focus());
    await page.keyboard.press("Tab");
    const left = await page.evaluate(() => document.activeElement.closest("#editor") === null);
    await page.focus("#tab-problems");
    await page.keyboard.press("ArrowRight");
    const moved = await page.evaluate(() => document.activeElement.id);
    return { found, seen, left, moved };
  },

  // Addresses that anybody could have written.
  async addresses() {
    const found = {};
    for (const [key, { value, version, raw }] of Object.entries(given)) {
      const compiler = value?.checked !== undefined;
      const { page, seen } = await open(raw === undefined ? fragment(value, version) : `#${raw}`, { compiler });
      await page.waitForSelector("#files [role=tab]");
      await page.waitForTimeout(300);
      if (compiler) await checked(page);
      found[key] = {
        seen,
        warning: await page.locator("p.warning").allInnerTexts(),
        files: await page.locator("#files [role=tab]").allInnerTexts(),
        text: await page.evaluate(() => globalThis.playground.page.files.editor.state.doc.toString().slice(0, 500)),
        foreign: await page.evaluate(() => document.querySelectorAll("img:not(.cm-widgetBuffer), iframe, object, embed, base, body script").length),
        title: await page.title(),
        findings: !compiler ? [] : await page.locator(".findings li").allInnerTexts(),
      };
      await page.close();
    }
    return found;
  },

  // How long it takes, and how much is sent, until the first check is done; then the same again.
  async times() {
    const found = [];
    for (let round = 0; round < 2; round += 1) {
      const { page } = await open("#example=finance");
      await checked(page);
      found.push(await page.evaluate(() => ({
        checked: Math.round(performance.now()),
        sent: performance.getEntriesByType("resource").reduce((sum, each) => sum + each.transferSize, 0),
        said: document.querySelector("#said").textContent,
      })));
      await page.close();
    }
    return found;
  },
};

const result = await visits[name]();
await program.close();
console.log(JSON.stringify(result));
