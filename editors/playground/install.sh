#!/usr/bin/env bash
# Installs what the playground is built from, pinned: npm packages by their lock file, wheels by their hashes.
# Arguments: a Python whose pip downloads, and the directory to install into.
set -euo pipefail
here="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)"
pip=("$1" -m pip --disable-pip-version-check download --quiet --require-hashes --no-deps --only-binary=:all: --python-version 3.14)
mkdir -p "$2"
cp "$here/package.json" "$here/package-lock.json" "$2"
(cd "$2" && npm ci --ignore-scripts --no-audit --no-fund --loglevel=error)
rm -rf "$2/wheels"
# Two platforms: that of Pyodide, and for MarkupSafe, of which only the Python is taken, one that has a wheel.
sed -n '/^markupsafe/,/--hash/p' "$here/../../requirements/playground.txt" >"$2/markupsafe.txt"
sed -e '/^#/d' -e '/^markupsafe/,/--hash/d' "$here/../../requirements/playground.txt" >"$2/browser.txt"
"${pip[@]}" --platform pyemscripten_2026_0_wasm32 -r "$2/browser.txt" -d "$2/wheels"
"${pip[@]}" --platform manylinux2014_x86_64 -r "$2/markupsafe.txt" -d "$2/wheels"
touch "$2/installed"
