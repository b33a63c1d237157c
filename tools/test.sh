#!/usr/bin/env bash
# Every test of the project, in the order of their cost. Installs the browser
# from the distribution when it is absent and this is root.
set -euo pipefail
cd "$(dirname "$0")/.."

step() { printf '\n== %s (%ds)\n' "$1" "$SECONDS"; }

need_browser() {
  command -v chromium >/dev/null && fc-list :lang=zh 2>/dev/null | grep -q . && return
  if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
    apt-get update -qq
    DEBIAN_FRONTEND=noninteractive apt-get install -y -qq chromium fonts-noto-cjk fontconfig >/dev/null
  else
    echo "test: install Chromium and a Chinese font first: apt-get install chromium fonts-noto-cjk" >&2
    exit 1
  fi
}

step "browser"
need_browser
step "console: types, lint, unit tests"
make --no-print-directory test-web
step "console and binary"
make --no-print-directory build
step "go, with race"
make --no-print-directory test-go
step "browser tests"
make --no-print-directory e2e
printf '\nall tests passed in %d s\n' "$SECONDS"
