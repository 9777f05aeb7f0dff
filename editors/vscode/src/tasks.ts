/** Tasks of type `agpc`: `agpc check`, `agpc test` and `agpc ci`, and their problems. */

import * as vscode from "vscode";

import type { Server } from "./server";

export interface Definition extends vscode.TaskDefinition {
    type: "agpc";
    command: string;
    paths?: string[];
    options?: string[];
}

export function registerTasks(context: vscode.ExtensionContext, server: Server): void {
    const provider: vscode.TaskProvider = {
        provideTasks: async () => {
            const made: vscode.Task[] = [];
            for (const folder of vscode.workspace.workspaceFolders ?? []) {
                for (const command of ["check", "test"]) {
                    const task = await taskOf(server, { type: "agpc", command }, folder);
                    if (task !== undefined) {
                        made.push(task);
                    }
                }
            }
            return made;
        },
        resolveTask: async (task) => {
            const definition = task.definition as Definition;
            const folder = typeof task.scope === "object" ? task.scope : undefined;
            return taskOf(server, definition, folder, definition);
        },
    };
    context.subscriptions.push(vscode.tasks.registerTaskProvider("agpc", provider));
}

/** A task that runs `agpc`; undefined where there is none. */
export async function taskOf(
    server: Server,
    wanted: Definition,
    folder: vscode.WorkspaceFolder | undefined,
    definition: Definition = { ...wanted },
): Promise<vscode.Task | undefined> {
    const found = await server.program();
    if (found.program === undefined) {
        return undefined;
    }
    const args = [wanted.command, ...(wanted.options ?? []), ...(wanted.paths ?? (wanted.command === "ci" ? [] : ["."]))];
    const environment = { NO_COLOR: "1", PYTHONUTF8: "1" };
    const options: vscode.ProcessExecutionOptions = { env: environment };
    if (folder !== undefined) {
        options.cwd = folder.uri.fsPath;
    }
    const execution = new vscode.ProcessExecution(found.program, args, options);
    const scope = folder ?? vscode.TaskScope.Workspace;
    const task = new vscode.Task(definition, scope, wanted.command, "agpc", execution, "$agpc");
    task.group = wanted.command === "test" ? vscode.TaskGroup.Test : vscode.TaskGroup.Build;
    return task;
}
