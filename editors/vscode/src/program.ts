/** Which `agpc` is started: found without starting anything. */

import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";

const WINDOWS = process.platform === "win32";
const ENVIRONMENTS = [".venv", "venv"];

export interface Surroundings {
    /** What the settings name; empty if nothing. */
    setting: string;
    /** The folders of the workspace, as paths. */
    folders: readonly string[];
    /** Whether the workspace is trusted: if not, no program of it is started. */
    trusted: boolean;
    /** The interpreter that the Python extension has selected. */
    interpreter: string | undefined;
    /** The directories in which the system looks for programs. */
    path: readonly string[];
}

/** A program and where it was found; or why there is none, in words, with a way out. */
export type Found =
    | { program: string; from: "setting" | "workspace" | "interpreter" | "path" }
    | { program: undefined; problem: string };

export function find(around: Surroundings): Found {
    if (around.setting !== "") {
        return fromSetting(around);
    }
    if (around.trusted) {
        for (const folder of around.folders) {
            for (const environment of ENVIRONMENTS) {
                const program = inDirectory(path.join(folder, environment, WINDOWS ? "Scripts" : "bin"));
                if (program !== undefined) {
                    return { program, from: "workspace" };
                }
            }
        }
        if (around.interpreter !== undefined) {
            const program = inDirectory(path.dirname(around.interpreter));
            if (program !== undefined) {
                return { program, from: "interpreter" };
            }
        }
    }
    for (const directory of around.path) {
        // "" and "." stand for the directory that is worked in, which is the workspace's
        const program = path.isAbsolute(directory) ? inDirectory(directory) : undefined;
        if (program !== undefined && (around.trusted || !isInside(program, around.folders))) {
            return { program, from: "path" };
        }
    }
    const problem = around.trusted
        ? 'agpc was not found. Install it with its extra `lsp` into the environment of the project: docs/editors.md of agpc says how'
        : "agpc was not found on the path, and this workspace is not trusted, so that no program of it is started. " +
          'Trust the workspace, or install agpc for yourself, with its extra `lsp`: docs/editors.md of agpc says how';
    return { program: undefined, problem };
}

function fromSetting(around: Surroundings): Found {
    const written = around.setting.replace(/^~(?=[/\\]|$)/, os.homedir());
    const folder = around.folders[0] ?? "";
    const named = written.replace(/\$\{workspaceFolder\}/g, folder);
    const program = path.isAbsolute(named) ? named : path.join(folder, named);
    if (!around.trusted && isInside(program, around.folders)) {
        const problem = `agp.server.path names a program of this workspace, which is not trusted: ${program}`;
        return { program: undefined, problem };
    }
    if (!path.isAbsolute(program) || !isFile(program)) {
        return { program: undefined, problem: `agp.server.path names no file: ${program}` };
    }
    return { program, from: "setting" };
}

function inDirectory(directory: string): string | undefined {
    const program = path.join(directory, WINDOWS ? "agpc.exe" : "agpc");
    return isFile(program) ? program : undefined;
}

function isFile(name: string): boolean {
    try {
        return fs.statSync(name).isFile();
    } catch {
        return false;
    }
}

/** Whether a program is in one of the folders, links followed. */
function isInside(program: string, folders: readonly string[]): boolean {
    const real = (name: string): string => {
        try {
            return fs.realpathSync(name);
        } catch {
            return path.resolve(name);
        }
    };
    return folders.some((folder) =>
        [program, real(program)].some((name) => {
            const way = path.relative(real(folder), name);
            return way === "" || (way !== ".." && !way.startsWith(".." + path.sep) && !path.isAbsolute(way));
        }),
    );
}
