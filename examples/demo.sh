#!/usr/bin/env bash
# `make demo`: three decisions with their reasons, then what enforces the policy; on one screen.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

policy=examples/finance
record=$policy/record.jsonl
out=${OUT:-build/finance}
mkdir -p "$(dirname "$out")"

for request in "$policy"/requests/*.json; do
    printf '$ agpc explain %s --record %s --request %s\n' "$policy" "$record" "$request"
    agpc explain "$policy" --record "$record" --request "$request" --rules 1
done

printf '$ agpc test %s\n' "$policy"
agpc test "$policy" | tail -n 1
printf '\n$ agpc compile %s --target python,rego,aws-iam,ir --out %s\n' "$policy" "$out"
agpc compile "$policy" --target python,rego,aws-iam,ir --out "$out" >"$out.ledger" 2>&1 || { cat "$out.ledger"; exit 1; }
tail -n 1 "$out.ledger"
for target in aws-iam/identity ir python/agp_policy rego; do
    printf '  %s: %s\n' "$out/$target/" "$(cd "$out/$target" && printf '%s ' *)"
done
printf 'What each target enforces of each rule, and what it leaves to another, is in %s.\n' "$out.ledger"
