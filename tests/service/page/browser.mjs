// Looks at pages of a service in a real browser, as wide and as bright as it is asked, and says as JSON what it saw.
// Arguments: where npm packages are, the browser, the address of the service, a directory for pictures or `-`, and for
// each look `PATH|WIDTH|SCHEME`.

import { createRequire } from "node:module";
import { readFileSync } from "node:fs";

const [, , packages, browser, address, pictures, ...looks] = process.argv;
const require = createRequire(`${packages}/`);
const { chromium } = require("playwright-core");
const axe = readFileSync(`${packages}/axe-core/axe.min.js`, "utf8");

const program = await chromium.launch({ executablePath: browser, args: ["--no-sandbox"] });

// Two tabs for all looks of a width and a scheme: one without JavaScript, as the pages have to work, and one for axe, which is JavaScript.
const opened = new Map();
async function tabs(width, colorScheme) {
  const options = { viewport: { width: Number(width), height: 800 }, colorScheme };
  const tab = await (await program.newContext({ ...options, javaScriptEnabled: false })).newPage();
  const examined = await (await program.newContext({ ...options, bypassCSP: true })).newPage();
  const heard = { said: [], failed: [] };
  tab.on("console", (message) => heard.said.push(message.text()));
  tab.on("pageerror", (error) => heard.said.push(String(error)));
  tab.on("dialog", (dialog) => { heard.said.push(`dialog ${dialog.message()}`); dialog.dismiss(); });
  tab.on("response", (response) => { if (response.status() >= 400) heard.failed.push(response.url()); });
  return { tab, examined, heard };
}

const seen = [];
for (const look of looks) {
  const [path, width, colorScheme] = look.split("|");
  const kind = `${width}|${colorScheme}`;
  if (!opened.has(kind)) opened.set(kind, await tabs(width, colorScheme));
  const { tab, examined, heard } = opened.get(kind);
  Object.assign(heard, { said: [], failed: [] });
  await tab.goto(`${address}${path}`);
  const wide = await tab.evaluate("document.documentElement.scrollWidth");
  const background = await tab.evaluate("getComputedStyle(document.body).backgroundColor");
  const styled = await tab.evaluate("getComputedStyle(document.body).fontSize");
  const title = await tab.title();

  // With the keyboard alone: how many stops there are, and whether each can be seen to be one.
  const stops = [];
  for (let presses = 0; presses < 40; presses += 1) {
    await tab.keyboard.press("Tab");
    const stop = await tab.evaluate(`(() => {
      const each = document.activeElement;
      if (each === document.body) return null;
      return { name: each.tagName, outline: getComputedStyle(each).outlineWidth, seen: each.checkVisibility() };
    })()`);
    if (stop === null) break;
    stops.push(stop);
  }
  if (pictures !== "-") await tab.screenshot({ path: `${pictures}/${look.replace(/[^a-z0-9]+/g, "-")}.png`, fullPage: true });

  await examined.goto(`${address}${path}`);
  await examined.evaluate("document.querySelectorAll('details').forEach((each) => { each.open = true; })");
  const unfolded = await examined.evaluate("document.documentElement.scrollWidth");
  await examined.evaluate(axe);
  const found = await examined.evaluate("axe.run(document, { resultTypes: ['violations'] })");
  seen.push({
    look, title, wide: wide <= Number(width) && unfolded <= Number(width), background, styled, ...heard, stops,
    violations: found.violations.map((each) => `${each.id}: ${each.nodes[0].html.slice(0, 200)} ${each.nodes[0].failureSummary}`),
  });
}
await program.close();
console.log(JSON.stringify(seen));
