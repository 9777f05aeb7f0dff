#!/usr/bin/env bash
# `make demo`: from a policy to what enforces it, and three decisions with their reasons.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

run() {
    printf '\n$ %s\n' "$*"
    "$@"
}

policy=examples/finance
out=${OUT:-build/finance}

run agpc check "$policy"
run agpc test "$policy"
run agpc compile "$policy" --target python,rego,aws-iam,ir --out "$out"
printf '\n'
find "$out" -type f -not -path '*/runtime/*' | sort
for request in "$policy"/requests/*.json; do
    run agpc explain "$policy" --request "$request"
done
