#!/usr/bin/env bash
# Formats, vets and tests the Go packages that the working tree changes.
set -euo pipefail
cd "$(dirname "$0")/.."
mapfile -t files < <({ git diff --name-only HEAD; git ls-files --others --exclude-standard; } | grep '\.go$' | sort -u)
[ ${#files[@]} -gt 0 ] || { echo "quick: no Go file changed"; exit 0; }
mapfile -t there < <(for f in "${files[@]}"; do [ -f "$f" ] && echo "$f"; done)
gofmt -w "${there[@]}"
mapfile -t dirs < <(printf './%s\n' "${there[@]}" | xargs -n1 dirname | sort -u)
go vet "${dirs[@]}"
go test -short "${dirs[@]}"
