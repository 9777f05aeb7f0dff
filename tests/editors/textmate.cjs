// Reads texts as VS Code does: a JSON list on standard input, one list of [start, end, scope] for each on standard output.
// Offsets are in units of UTF-16; scope is the innermost one.
const fs = require("fs");
const path = require("path");
const [modules, grammar] = process.argv.slice(2);
const textmate = require(path.join(modules, "vscode-textmate"));
const oniguruma = require(path.join(modules, "vscode-oniguruma"));

async function main() {
    const wasm = fs.readFileSync(path.join(modules, "vscode-oniguruma", "release", "onig.wasm"));
    await oniguruma.loadWASM(wasm.buffer.slice(wasm.byteOffset, wasm.byteOffset + wasm.byteLength));
    const registry = new textmate.Registry({
        onigLib: Promise.resolve({
            createOnigScanner: (patterns) => new oniguruma.OnigScanner(patterns),
            createOnigString: (text) => new oniguruma.OnigString(text),
        }),
        loadGrammar: async () => textmate.parseRawGrammar(fs.readFileSync(grammar, "utf-8"), grammar),
    });
    const agp = await registry.loadGrammar("source.agp");
    const texts = JSON.parse(fs.readFileSync(0, "utf-8"));
    const all = texts.map((text) => {
        let state = textmate.INITIAL;
        let at = 0;
        const found = [];
        for (const line of text.split("\n")) {
            const read = agp.tokenizeLine(line, state);
            for (const token of read.tokens) {
                found.push([at + token.startIndex, at + Math.min(token.endIndex, line.length), token.scopes.at(-1), token.scopes[1] ?? ""]);
            }
            state = read.ruleStack;
            at += line.length + 1;
        }
        return found;
    });
    process.stdout.write(JSON.stringify(all));
}
main();
