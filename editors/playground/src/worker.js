// The compiler in a thread of its own: Python, the `agpc` package, and one function that answers a question.
// It is given the pieces that it is made of, and fetches nothing.

import createPyodideModule from "pyodide/pyodide.asm.mjs";
import { loadPyodide } from "pyodide/pyodide.mjs";
import engine from "./engine.py";

const INDEX = "https://playground.invalid/"; // where Pyodide thinks that it came from
const TYPES = { "pyodide.asm.wasm": "application/wasm", "python_stdlib.zip": "application/zip" };

let answer = null;
let python = null;

async function start(pieces) {
  const given = new Map([
    [`${INDEX}pyodide.asm.wasm`, pieces.python],
    [`${INDEX}python_stdlib.zip`, pieces.library],
  ]);
  self.fetch = async (address) => {
    const bytes = given.get(String(address));
    if (bytes === undefined) throw new Error("the compiler has no network");
    given.delete(String(address));
    return new Response(bytes, { headers: { "Content-Type": TYPES[String(address).slice(INDEX.length)] } });
  };
  python = await loadPyodide({
    indexURL: INDEX,
    packageBaseUrl: INDEX,
    lockFileContents: pieces.lock,
    createPyodideModule,
    stdin: () => null,
    env: { HOME: "/home", PYTHONDONTWRITEBYTECODE: "1", PYTHONHASHSEED: "0", COLUMNS: "80" },
  });
  python.FS.mkdirTree("/agpc");
  python.FS.writeFile("/agpc/agpc.zip", new Uint8Array(pieces.agpc));
  python.runPython("import sys; sys.path[:0] = ['/agpc/agpc.zip', '/agpc/schema']");
  python.FS.writeFile("/agpc/playground_engine.py", engine);
  python.runPython("sys.path.insert(0, '/agpc')");
  answer = python.pyimport("playground_engine").answer;
}

self.onmessage = async ({ data }) => {
  try {
    if (data.pieces !== undefined) {
      await start(data.pieces);
      self.postMessage({ ready: true });
    } else if (data.schema !== undefined) {
      python.FS.mkdirTree("/agpc/schema");
      python.unpackArchive(data.schema, "zip", { extractDir: "/agpc/schema" });
      python.runPython("import importlib; importlib.invalidate_caches()");
    } else {
      self.postMessage({ id: data.id, answer: answer(data.question) });
    }
  } catch (error) {
    self.postMessage({ id: data.id, failed: String(error.message ?? error).slice(0, 20_000) });
  }
};
