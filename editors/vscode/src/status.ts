/** What the status bar says of the language server, beside AGP files. */

import * as vscode from "vscode";

export class Status implements vscode.Disposable {
    private readonly item = vscode.languages.createLanguageStatusItem("agp.server", { language: "agp" });

    constructor() {
        this.item.name = "AGP language server";
        this.stopped();
    }

    get text(): string {
        return this.item.text;
    }

    running(program: string, version: string | undefined): void {
        this.say(`agpc ${version ?? ""}`.trim(), program, vscode.LanguageStatusSeverity.Information, false);
        this.item.command = { command: "agp.restart", title: "Restart" };
    }

    failed(problem: string): void {
        this.say("agpc is not running", problem, vscode.LanguageStatusSeverity.Error, false);
        this.item.command = { command: "agp.output", title: "Show Output" };
    }

    stopped(): void {
        this.say("agpc", "starting", vscode.LanguageStatusSeverity.Information, true);
    }

    dispose(): void {
        this.item.dispose();
    }

    private say(text: string, detail: string, severity: vscode.LanguageStatusSeverity, busy: boolean): void {
        this.item.text = text;
        this.item.detail = detail;
        this.item.severity = severity;
        this.item.busy = busy;
    }
}
