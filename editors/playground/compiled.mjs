// Compiles Python modules to the byte code of the Python that the playground runs, by that Python itself, and puts
// them into an archive. What lies in a folder `templates` is data;
// of other people's modules the documentation is left out. Arguments: where the npm packages are, and for each archive `DIRECTORY:OUT:KEPT`, where
// KEPT is a list, separated by commas, of paths below which the sources are kept beside the byte code.

import { createRequire } from "node:module";
import { pathToFileURL } from "node:url";

const [, , packages, ...archives] = process.argv;
const home = createRequire(`${packages}/`).resolve("pyodide/pyodide.mjs");
const { loadPyodide } = await import(pathToFileURL(home).href);
const python = await loadPyodide({
  indexURL: home.slice(0, -"pyodide.mjs".length),
  env: { HOME: "/home", PYTHONNODEBUGRANGES: "1" }, // where in a line a mistake of Python stands is half as much again
});
const pack = python.runPython(`
import os, py_compile, zipfile

EPOCH = (1980, 1, 1, 0, 0, 0)

def pack(directory, out, kept):
    with zipfile.ZipFile(out, "w", zipfile.ZIP_STORED) as archive:
        for root, folders, files in os.walk(directory):
            folders.sort()
            for name in sorted(files):
                path = os.path.join(root, name)
                inside = os.path.relpath(path, directory)
                if name.endswith(".py") and "templates" not in inside.split("/"):
                    made = "/tmp/made.pyc"
                    py_compile.compile(path, made, inside, doraise=True, optimize=0 if inside.startswith("agpc/") else 2, invalidation_mode=py_compile.PycInvalidationMode.UNCHECKED_HASH)
                    archive.writestr(zipfile.ZipInfo(inside + "c", EPOCH), open(made, "rb").read())
                    if not inside.startswith(tuple(kept)):
                        continue
                archive.writestr(zipfile.ZipInfo(inside, EPOCH), open(path, "rb").read())

pack
`);
python.FS.mkdirTree("/host");
python.FS.mount(python.FS.filesystems.NODEFS, { root: "/" }, "/host");
for (const archive of archives) {
  const [directory, out, kept] = archive.split(":");
  pack(`/host${directory}`, `/host${out}`, python.toPy(kept ? kept.split(",") : ["/"]));
}
