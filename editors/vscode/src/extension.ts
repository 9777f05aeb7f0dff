/** The extension: starts the language server, and offers what it and `agpc` can be asked. */

import * as vscode from "vscode";

import { registerCommands } from "./commands";
import { Server } from "./server";
import { Status } from "./status";
import { registerTasks } from "./tasks";

let server: Server | undefined;

export async function activate(context: vscode.ExtensionContext): Promise<Server> {
    const output = vscode.window.createOutputChannel("AGP", { log: true });
    const status = new Status();
    server = new Server(output, status);
    context.subscriptions.push(output, status, server);
    registerCommands(context, server);
    registerTasks(context, server);
    context.subscriptions.push(
        vscode.workspace.onDidGrantWorkspaceTrust(() => server?.restart()),
        vscode.workspace.onDidChangeConfiguration(async (change) => {
            if (change.affectsConfiguration("agp.server")) {
                await server?.restart();
            }
        }),
    );
    await server.start();
    return server; // what the tests look at
}

export async function deactivate(): Promise<void> {
    await server?.stop();
}
