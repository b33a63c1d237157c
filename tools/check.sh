#!/usr/bin/env bash
# What has to hold before a change lands: tests, then everything that reads the code.
set -euo pipefail
cd "$(dirname "$0")/.."
step() { printf '\n==== %s (%ds)\n' "$1" "$SECONDS"; }

step "README's test command"
command=$(sed -n '/<!-- test command -->/,/```$/p' README.md | sed -n '/^make/p')
[ "$command" = "make test" ] || { echo "check: README.md names no test command" >&2; exit 1; }
$command

step "format"
unformatted=$(gofmt -l $(git ls-files '*.go'))
[ -z "$unformatted" ] || { echo "check: not formatted: $unformatted" >&2; exit 1; }

step "generated files"
make --no-print-directory generate
git diff --exit-code -- api web/src/api || { echo "check: generated files differ, run make generate" >&2; exit 1; }

step "lint"
make --no-print-directory lint
step "licences"
make --no-print-directory licences
step "vulnerabilities"
make --no-print-directory vuln
step "short fuzz"
FUZZTIME=${FUZZTIME:-1000x} make --no-print-directory fuzz
printf '\nall checks passed in %d s\n' "$SECONDS"
