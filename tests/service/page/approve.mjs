// Answers a request with a browser that runs no JavaScript: signs in, looks at it wide and narrow, and presses a button with
// the keyboard alone; says as JSON what it saw. Arguments: where npm packages are, the browser, the address of the service, the
// person's key, the path of the request, a directory for pictures or `-`, a name for them, and `approve`, `refuse` or `look`.

import { createRequire } from "node:module";
import { readFileSync } from "node:fs";

const [, , packages, browser, address, key, path, pictures, name, verdict] = process.argv;
const { chromium } = createRequire(`${packages}/`)("playwright-core");
const axe = readFileSync(`${packages}/axe-core/axe.min.js`, "utf8");

const program = await chromium.launch({ executablePath: browser, args: ["--no-sandbox"] });
const plain = await program.newContext({ javaScriptEnabled: false });
plain.setDefaultTimeout(15000);
const tab = await plain.newPage();
const seen = { said: [], looks: [] };
tab.on("console", (message) => seen.said.push(message.text()));
tab.on("dialog", (dialog) => { seen.said.push(`dialog ${dialog.message()}`); dialog.dismiss(); });
await tab.goto(`${address}${path}`);
await tab.getByLabel("API key").fill(key);
await Promise.all([tab.waitForNavigation(), tab.keyboard.press("Enter")]);
seen.inside = new URL(tab.url()).pathname;
seen.heading = await tab.getByRole("heading", { level: 1 }).textContent();
const signed = await plain.storageState();

const bare = await program.newContext({ bypassCSP: true, storageState: signed });
const look = await bare.newPage(); // a tab takes as long as all that is looked at in it
for (const [width, colorScheme] of [[390, "dark"], [1280, "light"]]) {
  await look.setViewportSize({ width, height: 800 });
  await look.emulateMedia({ colorScheme });
  await look.goto(`${address}${path}`);
  const wide = await look.evaluate("document.documentElement.scrollWidth");
  if (pictures !== "-") await look.screenshot({ path: `${pictures}/${name}-${width}-${colorScheme}.png`, fullPage: true });
  await look.evaluate("document.querySelectorAll('details').forEach((each) => { each.open = true; })");
  const opened = await look.evaluate("document.documentElement.scrollWidth");
  await look.evaluate(axe);
  const found = await look.evaluate("axe.run(document, { resultTypes: ['violations'] })");
  seen.looks.push({
    wide: wide <= width && opened <= width,
    violations: found.violations.map((each) => `${each.id}: ${each.nodes[0].html.slice(0, 200)}`),
  });
}
await bare.close();

if (verdict !== "look") {
  await tab.getByLabel("Message to the agent").focus();
  await tab.keyboard.type("Looked at it.");
  const buttons = [];
  for (let presses = 0; presses < 3; presses += 1) {
    await tab.keyboard.press("Tab");
    const at = await tab.evaluate("({ value: document.activeElement.value, outline: getComputedStyle(document.activeElement).outlineWidth })");
    buttons.push(at);
    if (at.value === verdict) break;
  }
  seen.buttons = buttons;
  await Promise.all([tab.waitForNavigation(), tab.keyboard.press("Enter")]);
  seen.after = new URL(tab.url()).pathname;
  seen.text = await tab.locator("main").textContent();
}
await program.close();
console.log(JSON.stringify(seen));
