#!/bin/sh
# The documentation builds without a warning, and every page is reachable from the navigation.
set -eu
cd "$(dirname "$0")/.."
.venv/bin/zensical build --clean --strict >/tmp/salus-docs.$$ 2>&1 || { cat /tmp/salus-docs.$$; rm -f /tmp/salus-docs.$$; exit 1; }
rm -f /tmp/salus-docs.$$
for page in $(find docs -name '*.md' | sed 's#^docs/##' | sort); do
    case "$page" in decisions/[0-9]*) grep -q "$(basename "$page")" docs/decisions/index.md && continue ;; esac
    grep -q "\"$page\"" zensical.toml || { echo "docs/$page is not in the navigation of zensical.toml" >&2; exit 1; }
done
