#!/usr/bin/env bash
# Prints what the hot paths cost: Go benchmarks with allocations, then the whole
# binary: start to ready, resident memory when idle, events per second with fsync.
set -euo pipefail
cd "$(dirname "$0")/.."
time=${BENCHTIME:-1s}
packages=$(git ls-files '*_test.go' | xargs grep -lE '^func Benchmark' | xargs -n1 dirname | sort -u | sed 's#^#./#')
# shellcheck disable=SC2086 # one word a package
go test -run '^$' -bench . -benchmem -benchtime "$time" $packages
[ -x bin/fengsui ] || make --no-print-directory build
go test -tags bench -count=1 -run '^TestBench' -v ./test/bench
