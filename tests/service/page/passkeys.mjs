// Somebody with a passkey, in a browser that has a virtual authenticator: makes it with a code, signs in, approves, refuses; then what somebody
// else might try. Says as JSON what was seen. Arguments: where npm packages are, the browser, the address of the service, the code, a
// directory for pictures or `-`, and the paths of three requests.

import { createRequire } from "node:module";
import { readFileSync } from "node:fs";

const [, , packages, browser, address, code, pictures, first, second, third] = process.argv;
const { chromium } = createRequire(`${packages}/`)("playwright-core");
const axe = readFileSync(`${packages}/axe-core/axe.min.js`, "utf8");

const program = await chromium.launch({ executablePath: browser, args: ["--no-sandbox"] });
const seen = { said: [], looks: [] };

async function withKey(context) {
  const tab = await context.newPage();
  tab.on("console", (message) => seen.said.push(message.text()));
  tab.on("pageerror", (error) => seen.said.push(String(error)));
  const control = await context.newCDPSession(tab);
  await control.send("WebAuthn.enable");
  const { authenticatorId } = await control.send("WebAuthn.addVirtualAuthenticator", {
    options: {
      protocol: "ctap2", transport: "internal", hasResidentKey: true, hasUserVerification: true,
      isUserVerified: true, automaticPresenceSimulation: true,
    },
  });
  return { tab, control, authenticatorId };
}

const main = (tab) => tab.locator("main").innerText();
const press = async (tab, name) => Promise.all([tab.waitForNavigation(), tab.getByRole("button", { name }).click()]);

async function look(name, context, path) {
  const bare = await program.newContext({ bypassCSP: true, storageState: await context.storageState() });
  const tab = await bare.newPage(); // which takes as long as all that is looked at in it
  for (const [width, colorScheme] of [[390, "dark"], [1280, "light"]]) {
    await tab.setViewportSize({ width, height: 800 });
    await tab.emulateMedia({ colorScheme });
    await tab.goto(`${address}${path}`);
    if (pictures !== "-") await tab.screenshot({ path: `${pictures}/${name}-${width}-${colorScheme}.png`, fullPage: true });
    const wide = await tab.evaluate("document.documentElement.scrollWidth");
    await tab.evaluate(axe);
    const found = await tab.evaluate("axe.run(document, { resultTypes: ['violations'] })");
    seen.looks.push({
      name, wide: wide <= width,
      violations: found.violations.map((each) => `${each.id}: ${each.nodes[0].html.slice(0, 200)}`),
    });
  }
  await bare.close();
}

const context = await program.newContext();
context.setDefaultTimeout(15000);
const { tab, control, authenticatorId } = await withKey(context);

await tab.goto(`${address}/enrol`);
await tab.getByLabel("Code").fill(code);
await press(tab, "Go on");
seen.for = await tab.locator("main strong").innerText();
await press(tab, "Make a passkey");
seen.made = await main(tab);
seen.credentials = (await control.send("WebAuthn.getCredentials", { authenticatorId })).credentials.length;

await tab.goto(`${address}/enrol`);
await tab.getByLabel("Code").fill(code);
await press(tab, "Go on");
seen.again = await main(tab);

await look("sign-in", context, "/sign-in");
await tab.goto(`${address}/sign-in`);
await press(tab, "Sign in with a passkey");
seen.inside = new URL(tab.url()).pathname;
if (seen.inside !== "/requests") console.error(await main(tab), JSON.stringify(seen));
await look("passkeys", context, "/passkeys");
await look("request", context, first);

let sent;
tab.on("request", (request) => { if (request.method() === "POST" && request.url().endsWith(first)) sent = request.postData(); });
await tab.goto(`${address}${first}`);
await tab.getByLabel("Message to the agent").fill("Go on,\nbut once.");
await press(tab, "Approve this call");
seen.approved = await main(tab);

await tab.goto(`${address}${second}`);
await tab.getByLabel("Message to the agent").fill("Ask the customer first.");
await press(tab, "Refuse");
seen.refused = await main(tab);

// Something between the page and the service has another answer signed than the one that is sent.
await tab.route(`**${third}/statement`, (route) => {
  const fields = new URLSearchParams(route.request().postData());
  fields.set("verdict", "refuse");
  return route.continue({ postData: fields.toString() });
});
await tab.goto(`${address}${third}`);
await press(tab, "Approve this call");
seen.wrong = await main(tab);
await tab.unroute(`**${third}/statement`);

// What was signed before is sent again, with another key, there and elsewhere.
seen.replayed = [];
for (const path of [first, third]) {
  const fields = new URLSearchParams(sent);
  fields.set("key", `again ${path}`);
  const post = async ([to, body]) => (await fetch(to, { method: "POST", body: new URLSearchParams(body) })).status;
  seen.replayed.push(await tab.evaluate(post, [path, fields.toString()]));
}

// Nobody is there whom the authenticator has verified.
await control.send("WebAuthn.setUserVerified", { authenticatorId, isUserVerified: false });
await tab.goto(`${address}${third}`);
await tab.getByRole("button", { name: "Approve this call" }).click();
await tab.locator("[role=alert]:visible").waitFor();
seen.unverified = await tab.locator("[role=alert]:visible").innerText();

// Somebody has the session, and not the passkey; with a browser that runs no script, and so asks for none.
const stolen = await program.newContext({ storageState: await context.storageState(), javaScriptEnabled: false });
const thief = await stolen.newPage();
await thief.goto(`${address}${third}`);
await press(thief, "Approve this call");
seen.stolen = await main(thief);
await thief.goto(`${address}/passkeys`);
seen.thief = await main(thief);

await program.close();
console.log(JSON.stringify(seen));
