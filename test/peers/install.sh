#!/usr/bin/env bash
# Brings the senders of test/peers: rsyslog with its modules, syslog-ng beside it, and the
# JavaScript clients. Where this is root on Debian it installs what is missing;
# elsewhere it says what to install and fails.
set -euo pipefail
cd "$(dirname "$0")"

# rsyslog and syslog-ng conflict as packages: one is installed, the other unpacked.
syslog_ng_packages="syslog-ng-core libivykis0 libnet1 libpcre3 libwrap0"
cache=$PWD/.cache

debian_root() { [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null && [ -e /etc/debian_version ]; }

updated=
update() {
  [ -n "$updated" ] || apt-get update -qq
  updated=1
}

have_modules() { ls /usr/lib/*/rsyslog/lmnsd_gtls.so /usr/lib/*/rsyslog/omelasticsearch.so >/dev/null 2>&1; }

if ! command -v rsyslogd >/dev/null || ! have_modules || ! command -v logger >/dev/null; then
  if ! debian_root; then
    echo "peers: install first: rsyslog, rsyslog-gnutls, rsyslog-elasticsearch, bsdutils (logger)" >&2
    exit 1
  fi
  update
  DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends rsyslog rsyslog-gnutls rsyslog-elasticsearch bsdutils >/dev/null
fi

if ! command -v syslog-ng >/dev/null && [ ! -x "$cache/syslog-ng/usr/sbin/syslog-ng" ]; then
  if ! debian_root; then
    echo "peers: install first: syslog-ng" >&2
    exit 1
  fi
  update
  rm -rf "$cache/deb" "$cache/syslog-ng.part"
  mkdir -p "$cache/deb" "$cache/syslog-ng.part"
  (
    cd "$cache/deb"
    # Without a sandboxed downloader: the folder may be closed to other users.
    # shellcheck disable=SC2086
    apt-get -qq -o APT::Sandbox::User=root download $syslog_ng_packages
  )
  for deb in "$cache"/deb/*.deb; do dpkg -x "$deb" "$cache/syslog-ng.part"; done
  rm -rf "$cache/deb"
  mv "$cache/syslog-ng.part" "$cache/syslog-ng"
fi

if [ ! -e js/node_modules/.stamp ] || [ js/package-lock.json -nt js/node_modules/.stamp ]; then
  (cd js && npm ci --no-audit --no-fund --ignore-scripts --silent)
  touch js/node_modules/.stamp
fi
