/** What can be asked from the palette and the menus; `agpc` answers. */

import { execFile } from "node:child_process";
import * as path from "node:path";
import * as vscode from "vscode";

import { folders, type Server } from "./server";
import { taskOf } from "./tasks";

const SCHEME = "agpc-answer";
const CAPABILITY = /[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)*(?:\.\*)?/;
const TEST = /^\s*test\s+("(?:[^"\\]|\\.)*")/;

export function registerCommands(context: vscode.ExtensionContext, server: Server): void {
    const answers = new Answers();
    const add = (name: string, run: (...args: never[]) => unknown): void => {
        context.subscriptions.push(vscode.commands.registerCommand(name, run));
    };
    server.onAnswer = (title, markdown) => answers.showMarkdown(title, markdown);
    context.subscriptions.push(vscode.workspace.registerTextDocumentContentProvider(SCHEME, answers));
    add("agp.restart", () => server.restart());
    add("agp.output", () => server.show());
    add("agp.whoCan", (capability?: string) => whoCan(server, answers, capability));
    add("agp.matrix", () => ask(server, answers, "Matrix", "agpc.matrix", {}, (files) => ["matrix", ...files]));
    add("agp.diff", (base?: string) => diff(server, answers, base));
    add("agp.runTest", (name?: string) => runTest(server, name));
}

async function whoCan(server: Server, answers: Answers, given?: string): Promise<void> {
    const capability = given ?? (await vscode.window.showInputBox({
        title: "Who can…",
        prompt: "A capability, such as ledger.post",
        value: wordAtCursor(),
        validateInput: (text) => (text.startsWith("-") || text === "" ? "a name of a capability" : undefined),
    }));
    if (capability !== undefined && capability !== "") {
        const title = `Who can ${capability}`;
        await ask(server, answers, title, "agpc.whoCan", { capability }, (files) => ["who-can", "--witness", "--", capability, ...files]);
    }
}

async function diff(server: Server, answers: Answers, given?: string): Promise<void> {
    const base = given ?? (await vscode.window.showInputBox({
        title: "Diff against branch…",
        prompt: "Say who can do what that they could not do at this branch, tag or commit",
        value: vscode.workspace.getConfiguration("agp").get<string>("diff.base", "main"),
        validateInput: (text) => (text.startsWith("-") || text === "" ? "a branch, a tag or a commit" : undefined),
    }));
    if (base !== undefined && base !== "") {
        await ask(server, answers, `Diff against ${base}`, "agpc.diff", { revision: base }, (files) => ["diff", "--", base, ...files]);
    }
}

/** Run one test of the file at hand, or all of them, as a task. */
async function runTest(server: Server, given?: string): Promise<void> {
    const document = vscode.window.activeTextEditor?.document;
    if (document === undefined && given === undefined) {
        void vscode.window.showInformationMessage("Open a file of the policy first: its tests are offered");
        return;
    }
    const name = given ?? (document && (await chooseTest(document)));
    if (name === undefined) {
        return;
    }
    const found = await server.program();
    if (found.program === undefined) {
        void vscode.window.showErrorMessage(found.problem);
        return;
    }
    await saveAll();
    const options = name === "" ? [] : ["-k", name];
    const folder = document && vscode.workspace.getWorkspaceFolder(document.uri);
    const task = await taskOf(server, { type: "agpc", command: "test", options, paths: scope() }, folder);
    if (task !== undefined) {
        await vscode.tasks.executeTask(task);
    }
}

async function chooseTest(document: vscode.TextDocument): Promise<string | undefined> {
    const at = vscode.window.activeTextEditor?.selection.active.line ?? 0;
    const tests: (vscode.QuickPickItem & { line: number; test: string })[] = [];
    for (let line = 0; line < document.lineCount; line++) {
        const written = TEST.exec(document.lineAt(line).text)?.[1];
        if (written !== undefined) {
            const test = written.slice(1, -1).replace(/\\(.)/g, "$1");
            tests.push({ label: test, description: `line ${line + 1}`, line, test });
        }
    }
    const here = tests.findLast((each) => each.line <= at);
    const sorted = here === undefined ? tests : [here, ...tests.filter((each) => each !== here)];
    const all = { label: "$(run-all) All tests of the set", line: 0, test: "" };
    const chosen = await vscode.window.showQuickPick([...sorted, all], { title: "Run test…", matchOnDescription: true });
    return chosen?.test;
}

/** Ask the server, which knows what is not saved; or where it is not there `agpc`, of what is on disk. */
async function ask(
    server: Server,
    answers: Answers,
    title: string,
    command: string,
    given: Record<string, string>,
    args: (files: string[]) => string[],
): Promise<void> {
    const uri = vscode.window.activeTextEditor?.document.uri.toString();
    if (uri !== undefined && server.offers(command)) {
        await vscode.commands.executeCommand(command, { uri, ...given }); // the client shows what comes back
        return;
    }
    const found = await server.program();
    if (found.program === undefined) {
        void vscode.window.showErrorMessage(found.problem);
        return;
    }
    await saveAll();
    const program = found.program;
    const text = await vscode.window.withProgress(
        { location: vscode.ProgressLocation.Notification, title: `AGP: ${title}`, cancellable: true },
        (_, cancelled) => run(program, args(scope()), cancelled),
    );
    if (text !== undefined) {
        await answers.show(title, text);
    }
}

function run(program: string, args: string[], cancelled: vscode.CancellationToken): Promise<string | undefined> {
    return new Promise((resolve) => {
        const options = { cwd: directory(), maxBuffer: 64 << 20, env: { ...process.env, NO_COLOR: "1", PYTHONUTF8: "1" } };
        const child = execFile(program, args, options, (error, stdout, stderr) => {
            const nothing = error && stdout === "" && stderr === "" ? error.message : "";
            resolve(cancelled.isCancellationRequested ? undefined : stdout + stderr + nothing);
        });
        cancelled.onCancellationRequested(() => child.kill());
    });
}

/** What is asked about: the folder of the file at hand, or the file where it is in no folder. */
function scope(): string[] {
    const uri = vscode.window.activeTextEditor?.document.uri;
    if (uri?.scheme !== "file") {
        return folders().slice(0, 1);
    }
    const folder = vscode.workspace.getWorkspaceFolder(uri)?.uri.fsPath;
    return [folder === undefined ? uri.fsPath : path.dirname(uri.fsPath)];
}

function directory(): string | undefined {
    const uri = vscode.window.activeTextEditor?.document.uri;
    return uri?.scheme === "file" ? path.dirname(uri.fsPath) : folders()[0];
}

function wordAtCursor(): string {
    const editor = vscode.window.activeTextEditor;
    const range = editor?.document.getWordRangeAtPosition(editor.selection.active, CAPABILITY);
    return editor && range ? editor.document.getText(range) : "";
}

async function saveAll(): Promise<void> {
    const changed = vscode.workspace.textDocuments.filter((each) => each.languageId === "agp" && each.isDirty && !each.isUntitled);
    await Promise.all(changed.map((each) => each.save()));
}

/** Answers of `agpc`, as documents that can be read, searched and copied, and not changed. */
class Answers implements vscode.TextDocumentContentProvider {
    private readonly changed = new vscode.EventEmitter<vscode.Uri>();
    private readonly texts = new Map<string, string>();
    readonly onDidChange = this.changed.event;

    provideTextDocumentContent(uri: vscode.Uri): string {
        return this.texts.get(uri.toString()) ?? "";
    }

    async showMarkdown(title: string, text: string): Promise<void> {
        const uri = vscode.Uri.from({ scheme: SCHEME, path: `/${title}.md` });
        this.texts.set(uri.toString(), text);
        this.changed.fire(uri);
        await vscode.commands.executeCommand("markdown.showPreviewToSide", uri);
    }

    async show(title: string, text: string): Promise<void> {
        const uri = vscode.Uri.from({ scheme: SCHEME, path: `/${title.replace(/[\\/]/g, "_")}` });
        this.texts.set(uri.toString(), text);
        this.changed.fire(uri);
        const document = await vscode.workspace.openTextDocument(uri);
        await vscode.window.showTextDocument(document, { viewColumn: vscode.ViewColumn.Beside, preview: true, preserveFocus: true });
    }
}
