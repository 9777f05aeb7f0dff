// Opens a page in a real browser, as wide and as bright as it is asked, and says as JSON what it saw there.
// Arguments: where npm packages are, the browser, the page, and for each look
// `WIDTH:SCHEME`, or `WIDTH:SCHEME:axe` to have axe go through all of it, which takes long of a long page.

import { createRequire } from "node:module";
import { readFileSync } from "node:fs";

const [, , packages, browser, page, ...looks] = process.argv;
const require = createRequire(`${packages}/`);
const { chromium } = require("playwright-core");
const axe = readFileSync(`${packages}/axe-core/axe.min.js`, "utf8");

const program = await chromium.launch({ executablePath: browser, args: ["--no-sandbox"] });
const seen = [];
for (const look of looks) {
  const [width, colorScheme, thorough] = look.split(":");
  const tab = await program.newPage({ viewport: { width: Number(width), height: 800 }, colorScheme });
  const said = [];
  const asked = [];
  tab.on("console", (message) => said.push(message.text()));
  tab.on("pageerror", (error) => said.push(String(error)));
  tab.on("request", (request) => asked.push(request.url()));
  await tab.goto(`file://${page}`);
  const wide = await tab.evaluate("document.documentElement.scrollWidth");
  const background = await tab.evaluate("getComputedStyle(document.body).backgroundColor");

  // With the keyboard alone: to the first node of the picture, and from there to what the page says of it.
  let presses = 0;
  let node = null;
  while (node === null && presses < 60) {
    await tab.keyboard.press("Tab");
    presses += 1;
    node = await tab.evaluate("document.activeElement.classList.contains('node') ? document.activeElement.getAttribute('href') : null");
  }
  const faded = await tab.evaluate("[...document.querySelectorAll('.line')].filter((each) => getComputedStyle(each).opacity < 0.5).length");
  const outline = await tab.evaluate("getComputedStyle(document.activeElement.querySelector('rect') ?? document.activeElement).strokeWidth");
  await tab.keyboard.press("Enter");
  const shown = await tab.evaluate(`(() => {
    const target = document.querySelector(${JSON.stringify(node)});
    const place = target.getBoundingClientRect();
    return target.checkVisibility() && place.top < innerHeight && place.bottom > 0;
  })()`);

  await tab.close();
  let found = { violations: [] };
  if (thorough === "axe") {
    const bare = await program.newPage({ viewport: { width: Number(width), height: 800 }, colorScheme, bypassCSP: true });
    await bare.goto(`file://${page}`);
    await bare.evaluate(axe);
    found = await bare.evaluate("axe.run(document, { resultTypes: ['violations'] })");
    await bare.close();
  }
  seen.push({
    look, wide: wide <= Number(width), background, said, asked: asked.length, presses, node, faded, outline, shown,
    violations: found.violations.map((each) => `${each.id}: ${each.nodes[0].html.slice(0, 200)}`),
  });
}
await program.close();
console.log(JSON.stringify(seen));
