#!/bin/sh
# The documentation builds without a warning, the pages that the program writes are as it would write them, and every
# page is reachable from the navigation.
set -eu
cd "$(dirname "$0")/.."
log=$(mktemp)
trap 'rm -f "$log"' EXIT
if ! .venv/bin/zensical build --clean --strict >"$log" 2>&1; then
    sed -e 's/\x1b\[[0-9;]*m//g' -e '/^Traceback/,$d' "$log" >&2
    exit 1
fi
.venv/bin/python tools/write_reference.py --check
status=0
for page in $(cd docs && find . -name '*.md' | sed 's#^\./##' | sort); do
    case "$page" in
    decisions/[0-9]*) grep -qF "($(basename "$page"))" docs/decisions/index.md && continue ;;
    *) grep -qF "\"$page\"" zensical.toml && continue ;;
    esac
    echo "docs/$page is not in the navigation (zensical.toml; docs/decisions/index.md for a decision)" >&2
    status=1
done
exit $status
