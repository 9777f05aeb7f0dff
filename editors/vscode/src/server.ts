/** The language server: one process of `agpc lsp` for the window. */

import { spawn, type ChildProcess } from "node:child_process";
import * as os from "node:os";
import * as path from "node:path";
import * as vscode from "vscode";
import { CloseAction, ErrorAction, LanguageClient, type LanguageClientOptions } from "vscode-languageclient/node";

import { Comebacks } from "./comebacks";
import { find, type Found } from "./program";
import type { Status } from "./status";

const PAUSE = 1000; // milliseconds before a server that ended is started again

const HELP = vscode.Uri.parse("https://github.com/agpc/agpc/blob/main/docs/editors.md");

const TITLES: Record<string, string> = {
    "agpc.whoCan": "Who can",
    "agpc.matrix": "Matrix",
    "agpc.diff": "Diff",
    "agpc.runTests": "Tests",
    "agpc.rulesMeeting": "Rules that meet",
    "agpc.coverage": "Coverage",
    "agpc.explain": "Explanation",
};

function isAnswer(value: unknown): value is { markdown: string } {
    return typeof value === "object" && value !== null && "markdown" in value && typeof value.markdown === "string";
}

export class Server implements vscode.Disposable {
    client: LanguageClient | undefined;
    /** Shows what a command of the server gave back, such as that of a lens. */
    onAnswer: (title: string, markdown: string) => Promise<void> = async () => {};
    private process: ChildProcess | undefined;
    private complaint = "";
    private stopping = false;
    private starting = false;
    private turn: Promise<void> = Promise.resolve();
    private readonly comebacks = new Comebacks();
    private comingBack: NodeJS.Timeout | undefined;

    constructor(
        private readonly output: vscode.LogOutputChannel,
        private readonly status: Status,
    ) {}

    /** The `agpc` of this window, and where it was found. */
    async program(): Promise<Found> {
        const settings = vscode.workspace.getConfiguration("agp");
        return find({
            setting: settings.get<string>("server.path", ""),
            folders: folders(),
            trusted: vscode.workspace.isTrusted,
            interpreter: vscode.workspace.isTrusted ? await selectedInterpreter() : undefined,
            path: (process.env["PATH"] ?? "").split(path.delimiter),
        });
    }

    start(): Promise<void> {
        return this.inTurn(() => this.begin());
    }

    /** One after the other: what is started meanwhile would be left behind. */
    private inTurn(step: () => Promise<void>): Promise<void> {
        this.turn = this.turn.then(step, step);
        return this.turn;
    }

    private async begin(): Promise<void> {
        const found = await this.program();
        if (found.program === undefined) {
            this.status.failed(found.problem);
            void this.complain(found.problem);
            return;
        }
        this.output.info(`starting ${found.program} lsp (from the ${found.from})`);
        this.complaint = "";
        this.stopping = false;
        this.starting = true;
        const program = found.program;
        const options: LanguageClientOptions = {
            documentSelector: [
                { language: "agp", scheme: "file" },
                { language: "agp", scheme: "untitled" },
            ],
            outputChannel: this.output,
            middleware: {
                executeCommand: async (command, args, next) => {
                    const answer: unknown = await next(command, args);
                    if (isAnswer(answer)) {
                        await this.onAnswer(TITLES[command] ?? command, answer.markdown);
                    }
                    return answer;
                },
            },
            initializationFailedHandler: () => false,
            errorHandler: {
                error: () => ({ action: ErrorAction.Continue, handled: true }),
                closed: () => {
                    if (!this.stopping && !this.starting) {
                        this.ended();
                    }
                    return { action: CloseAction.DoNotRestart, handled: true };
                },
            },
        };
        this.client = new LanguageClient("agp", "AGP", async () => this.spawn(program), options);
        try {
            await this.client.start();
            this.status.running(program, this.client.initializeResult?.serverInfo?.version);
        } catch (error) {
            this.client = undefined;
            if (!this.stopping) {
                void this.failed(program, String(error)); // nobody waits until a message is read
            }
        } finally {
            this.starting = false;
        }
    }

    /** Whether the server is there, and has a command. */
    offers(command: string): boolean {
        return this.client?.initializeResult?.capabilities.executeCommandProvider?.commands.includes(command) ?? false;
    }

    stop(): Promise<void> {
        this.stopping = true;
        clearTimeout(this.comingBack);
        if (this.starting) {
            this.process?.kill(); // it may never answer
        }
        return this.inTurn(() => this.end());
    }

    private async end(): Promise<void> {
        const client = this.client;
        this.client = undefined;
        this.status.stopped();
        if (client !== undefined) {
            await client.stop(2000).catch(() => this.process?.kill());
        }
    }

    async restart(): Promise<void> {
        this.comebacks.forget();
        await Promise.all([this.stop(), this.start()]);
    }

    show(): void {
        this.output.show();
    }

    dispose(): void {
        clearTimeout(this.comingBack);
        this.process?.kill();
    }

    private spawn(program: string): ChildProcess {
        const args = vscode.workspace.getConfiguration("agp").get<string[]>("server.arguments", []);
        // Not in the workspace: what is there could be taken for a module or a library of the program.
        const child = spawn(program, ["lsp", ...args], { cwd: os.homedir(), stdio: "pipe", shell: false });
        child.stderr.setEncoding("utf-8");
        child.stderr.on("data", (text: string) => {
            this.complaint = (this.complaint + text).slice(-4000);
            this.output.info(text.trimEnd());
        });
        child.on("error", (error) => (this.complaint += error.message));
        this.process = child;
        return child;
    }

    /** The server went by itself after it had been there: it is started anew, which also finds a newer agpc. */
    private ended(): void {
        this.client = undefined;
        const problem = `agpc lsp ended: ${lastLine(this.complaint) || "it said nothing"}`;
        this.status.failed(problem);
        if (!this.comebacks.another(Date.now())) {
            void this.complain(`${problem}; it has ended too often to be started again by itself`);
            return;
        }
        this.output.error(problem);
        void vscode.window.showWarningMessage(`${problem}; it is started again`);
        this.comingBack = setTimeout(() => void this.start(), PAUSE);
    }

    private failed(program: string, error: string): Promise<void> {
        const said = lastLine(this.complaint) || error;
        const problem = /No such command/.test(this.complaint)
            ? `${program} is too old to have a language server: install a newer agpc`
            : `${program} lsp did not start: ${said}`;
        this.status.failed(problem);
        return this.complain(problem);
    }

    private async complain(problem: string): Promise<void> {
        this.output.error(problem);
        const chosen = await vscode.window.showErrorMessage(problem, "How to Install", "Set the Path", "Try Again", "Show Output");
        if (chosen === "How to Install") {
            await vscode.env.openExternal(HELP);
        } else if (chosen === "Set the Path") {
            await vscode.commands.executeCommand("workbench.action.openSettings", "agp.server.path");
        } else if (chosen === "Try Again") {
            await this.restart();
        } else if (chosen === "Show Output") {
            this.show();
        }
    }
}

export function folders(): string[] {
    const found = vscode.workspace.workspaceFolders ?? [];
    return found.filter((each) => each.uri.scheme === "file").map((each) => each.uri.fsPath);
}

function lastLine(text: string): string {
    return text.trim().split(/\r?\n/).at(-1) ?? "";
}

/** What the Python extension has selected; undefined where there is none. */
async function selectedInterpreter(): Promise<string | undefined> {
    interface Python {
        environments?: { getActiveEnvironmentPath?: () => { path?: string } };
    }
    const extension = vscode.extensions.getExtension<Python>("ms-python.python");
    try {
        const python = await extension?.activate();
        const found = python?.environments?.getActiveEnvironmentPath?.().path;
        return found !== undefined && path.isAbsolute(found) ? found : undefined;
    } catch {
        return undefined;
    }
}
