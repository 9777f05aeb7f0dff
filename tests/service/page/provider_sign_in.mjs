// Signs in with a provider, in a browser that runs no JavaScript, from the page of a service and back to it; says as JSON where it
// came to. Arguments: where npm packages are, the browser, the address of the service.

import { createRequire } from "node:module";

const [, , packages, browser, address] = process.argv;
const { chromium } = createRequire(`${packages}/`)("playwright-core");

const program = await chromium.launch({ executablePath: browser, args: ["--no-sandbox"] });
const context = await program.newContext({ javaScriptEnabled: false });
context.setDefaultTimeout(15000);
const tab = await context.newPage();
const seen = { said: [] };
tab.on("console", (message) => {
  if (message.location().url.startsWith(address)) seen.said.push(message.text());
});
const cookies = async () =>
  (await context.cookies(address)).map(({ name, httpOnly, sameSite }) => ({ name, httpOnly, sameSite }));
await context.addCookies([{ name: "agpc-session", value: "fixed", url: address }]);
await tab.goto(`${address}/trail`);
seen.asked = new URL(tab.url()).pathname;
await tab.getByRole("link", { name: "Sign in with your organisation" }).click();
await tab.getByLabel("login").fill("ann");
seen.away = new URL(tab.url()).host !== new URL(address).host;
await tab.getByLabel("amr").fill("mfa");
await tab.getByRole("button", { name: "In" }).click();
await tab.getByRole("heading", { name: "Tasks" }).waitFor(); // the page in between leads on by itself
seen.inside = new URL(tab.url()).pathname;
seen.name = await tab.getByText("signed in as").textContent();
seen.cookies = await cookies();
await tab.getByRole("button", { name: "Sign out" }).click();
await tab.getByRole("heading", { name: "Sign in" }).waitFor();
await tab.goto(`${address}/trail`);
seen.outside = new URL(tab.url()).pathname;
seen.left = await cookies();
await program.close();
console.log(JSON.stringify(seen));
