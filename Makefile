# Salus. `make` alone lists what there is.
# A data folder shared between checkouts is found by itself; name another one with SALUS_DATA_DIR.
export SALUS_DATA_DIR ?= $(realpath $(CURDIR)/../shared/data)
PYTHON ?= python3
BIN := .venv/bin
UV := UV_FIND_LINKS="$${UV_FIND_LINKS-$${PIP_FIND_LINKS-}}" $(BIN)/uv

.DEFAULT_GOAL := help
.PHONY: help setup web components up test check bench screenshots docs fix lock clean

help:  ## this list
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:[^#]*## */\t/' | expand -t 14

setup: .venv/.ready  ## virtual environment with pinned dependencies

.venv/.ready: pyproject.toml constraints.txt
	@test -x $(BIN)/python || $(PYTHON) -m venv .venv
	@$(BIN)/python -m pip install -q --disable-pip-version-check uv
	@$(UV) pip install -q --python $(BIN)/python -c constraints.txt -e ".[all]" --group dev
	@touch $@

web: src/salus/console/static/index.html  ## the page, built from web/ into the package

src/salus/console/static/index.html: .venv/.ready $(shell find web -type f -not -path '*/node_modules/*' 2>/dev/null)
	@sh tools/build_web.sh

components:  ## Debian packages that the tests start (PostgreSQL, Chromium, dcmtk)
	@sh tools/install_components.sh

up: setup web  ## set up, build what is missing, serve at http://127.0.0.1:8080
	@$(BIN)/salus up

test: setup web components  ## all tests, with the coverage gate
	@$(BIN)/python -m pytest -n 2 --dist worksteal --cov --cov-report=term:skip-covered --cov-fail-under=90

check: setup web  ## lint, types, import contracts, docs, the page's source
	@$(BIN)/ruff format --check .
	@$(BIN)/ruff check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports
	@sh tools/check_docs.sh
	@PATH="$(CURDIR)/$(BIN):$$PATH" npm --prefix web run --silent check

bench: setup  ## measurements that docs/performance quotes, of what `make up` has built
	@$(BIN)/python -m benchmarks

screenshots: setup web components  ## the README's pictures, of what `make up` has deployed
	@$(BIN)/python tools/take_screenshots.py

docs: setup  ## the documentation site, into site/; its pictures come from `make screenshots`
	@$(BIN)/zensical build --strict

fix: setup  ## format, and mend what can be mended by machine
	@$(BIN)/ruff check --fix .
	@$(BIN)/ruff format .

lock: setup  ## choose dependencies anew (writes constraints.txt)
	@UV_FIND_LINKS= $(BIN)/uv pip compile pyproject.toml --all-extras --group dev --universal --python-version 3.11 \
	  --no-header --no-annotate --no-emit-index-url -q -c constraints.in -o constraints.txt

clean:  ## remove what was built (keeps .salus, where packages and keys live)
	@rm -rf .venv build dist site src/salus/console/static web/node_modules
