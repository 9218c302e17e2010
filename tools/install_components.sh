#!/bin/sh
# Installs the Debian packages that the tests start as real components, where they are missing and it may.
set -eu
missing=""
command -v chromium >/dev/null 2>&1 || missing="$missing chromium"
command -v dcmdump >/dev/null 2>&1 || missing="$missing dcmtk"
ls /usr/lib/postgresql/*/bin/postgres >/dev/null 2>&1 || missing="$missing postgresql"
fc-list :lang=zh 2>/dev/null | grep -q . || missing="$missing fonts-noto-cjk"
[ -z "$missing" ] && exit 0
if command -v apt-get >/dev/null 2>&1 && [ "$(id -u)" = 0 ]; then
    echo "Installing the tests' components:$missing"
    apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq $missing >/dev/null && exit 0
fi
if [ "${CI:-}" = true ]; then
    echo "In CI every component must be there; missing:$missing" >&2
    exit 1
fi
echo "Some tests are not run because components are missing:$missing (install them, on Debian: apt-get install$missing)."
