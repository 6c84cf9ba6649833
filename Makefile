# The two commands that matter: `make serve` and `make test`. Both set up what they need in .venv.
# Another Python: make test PYTHON=python3.13

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
VERSION := $(shell $(PYTHON) -c 'import sys; print("%d.%d" % sys.version_info[:2])' 2>/dev/null)
# One stamp for each Python, so that a change of PYTHON or of pyproject.toml sets the environment up again.
READY := $(VENV)/.ready-$(VERSION)
NODE := tests/clients/node

.DEFAULT_GOAL := help

help: ## show this list
	@printf 'mockoai: an OpenAI-compatible server that misbehaves exactly as told\n\n'
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-9s %s\n", $$1, $$2}' $(MAKEFILE_LIST)
	@printf '\nOptions: ARGS="…" for the command behind a target, PYTHON=python3.13 for another Python\n'

$(READY): pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
	  echo "mockoai needs Python 3.11 or newer, and $(PYTHON) is '$(VERSION)'. Try: make PYTHON=python3.12" >&2; exit 1; }
	@$(PYTHON) -c 'import ensurepip' || { \
	  echo "$(PYTHON) cannot make virtual environments. On Debian: apt-get install python3-venv" >&2; exit 1; }
	@test "$$($(BIN)/python -c 'import sys; print("%d.%d" % sys.version_info[:2])' 2>/dev/null)" = "$(VERSION)" \
	  || $(PYTHON) -m venv --clear $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[dev]'
	@touch $@

setup: $(READY) ## create .venv with everything that development needs

serve: $(READY) ## run the server on http://127.0.0.1:8000/v1; pass options in ARGS
	@$(BIN)/mockoai serve $(ARGS)

test: $(READY) ## run the tests; pass pytest options in ARGS
	$(BIN)/python -m pytest -n auto -m 'not slow' $(ARGS)

slow: $(READY) ## run the tests that take longer
	$(BIN)/python -m pytest -m slow $(ARGS)

check: $(READY) ## lint, format and types
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

node: ## install the JavaScript clients that some tests use; needs Node and npm
	@if test -f $(NODE)/package-lock.json; then cd $(NODE) && npm ci --no-audit --no-fund; \
	elif test -f $(NODE)/package.json; then cd $(NODE) && npm install --no-audit --no-fund; \
	else echo 'no JavaScript clients to install'; fi

catalogue: $(READY) ## write scenarios/README.md anew
	$(BIN)/python -m tests.catalogue.index

bench: $(READY) ## measure speed, against two neighbours in the same run
	$(BIN)/python -m tests.bench $(ARGS)

matrix: $(READY) ## run real clients over the catalogue and write scenarios/CLIENTS.md
	$(BIN)/python -m tests.matrix $(ARGS)

clean: ## remove what make created
	rm -rf $(VENV) build dist .mypy_cache .pytest_cache .ruff_cache .hypothesis $(NODE)/node_modules
	find mockoai tests -name __pycache__ -type d -prune -exec rm -rf {} +

.PHONY: help setup serve test slow check node catalogue bench clean
