// Drives a real VS Code: node vscode.cjs PLAYWRIGHT URL FILE; prints as JSON what it shows.
const [playwright, url, file] = process.argv.slice(2);
const { chromium } = require(playwright);

async function main() {
    const browser = await chromium.launch({ executablePath: "/usr/bin/chromium", args: ["--no-sandbox"] });
    const page = await browser.newPage({ viewport: { width: 1200, height: 800 } });
    const seen = {};
    const command = async (name) => {
        await page.keyboard.press("F1");
        await page.waitForSelector(".quick-input-widget input");
        await page.keyboard.type(name, { delay: 10 });
        await page.locator(".quick-input-list .monaco-list-row", { hasText: name }).first().click();
    };
    try {
        await page.goto(url);
        await page.locator(`.monaco-list-row[aria-label^="${file}"]`).dblclick({ timeout: 120000 });
        await page.waitForSelector(".view-lines .view-line", { timeout: 60000 });
        await page.waitForSelector(".squiggly-error", { timeout: 120000 });
        seen.mistake = true;
        await command("Show or Focus Hover").catch(() => {});
        seen.lens = await page.locator(".codelens-decoration", { hasText: /run|who can/ }).first().innerText({ timeout: 60000 });
        await page.keyboard.press("Escape");
        await command("Go to Next Problem (Error, Warning, Info)");
        seen.problem = await page.locator(".marker-widget, .zone-widget .message").first().innerText({ timeout: 60000 });
    } catch (error) {
        seen.error = String(error);
    }
    await browser.close();
    process.stdout.write(JSON.stringify(seen));
}
main();
