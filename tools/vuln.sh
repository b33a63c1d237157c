#!/usr/bin/env bash
# Checks the binary's code against the vulnerability database: the copy beside the
# repository where there is one, else the public database.
set -euo pipefail
cd "$(dirname "$0")/.."
shared=${FENGSUI_SHARED:-../shared}
if [ -f "$shared/vulndb.tar.gz" ]; then
  dir=$(mktemp -d)
  trap 'rm -rf "$dir"' EXIT
  tar -xzf "$shared/vulndb.tar.gz" -C "$dir"
  index=$(find "$dir" -name index -type d | head -n 1)
  "$GOVULNCHECK" -db "file://$(dirname "$index")" ./...
else
  "$GOVULNCHECK" ./...
fi
