// Signs in on the page of a service with a browser that runs no JavaScript, looks, and signs out again; says as JSON
// where it came to. Arguments: where npm packages are, the browser, the address of the service, a wrong key, the key.

import { createRequire } from "node:module";

const [, , packages, browser, address, wrong, key] = process.argv;
const { chromium } = createRequire(`${packages}/`)("playwright-core");

const program = await chromium.launch({ executablePath: browser, args: ["--no-sandbox"] });
const context = await program.newContext({ javaScriptEnabled: false });
context.setDefaultTimeout(15000);
const tab = await context.newPage();
const seen = {};
const leads = (step) => Promise.all([tab.waitForNavigation(), step]);
const give = async (text) => {
  await tab.getByLabel("API key").fill(text);
  await leads(tab.keyboard.press("Enter"));
};
await tab.goto(`${address}/trail`);
seen.asked = new URL(tab.url()).pathname;
await give(wrong);
seen.refused = await tab.getByRole("alert").textContent();
await give(key);
seen.inside = new URL(tab.url()).pathname;
seen.title = await tab.title();
seen.cookies = (await context.cookies()).map(({ name, httpOnly, sameSite }) => ({ name, httpOnly, sameSite }));
await leads(tab.getByRole("link", { name: "Trail" }).click());
seen.heading = await tab.getByRole("heading", { level: 1 }).textContent();
await leads(tab.getByRole("button", { name: "Sign out" }).click());
seen.outside = new URL(tab.url()).pathname;
await tab.goto(`${address}/trail`);
seen.again = new URL(tab.url()).pathname;
await program.close();
console.log(JSON.stringify(seen));
