# The two commands that matter: `make serve` and `make test`. Both set up what they need in .venv.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready

.DEFAULT_GOAL := help

help: ## show this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-8s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

$(READY): pyproject.toml
	$(PYTHON) -m venv $(VENV)
	$(BIN)/pip install --quiet --disable-pip-version-check --editable '.[dev]'
	@touch $@

setup: $(READY) ## create .venv with everything that development needs

serve: $(READY) ## run the server on http://127.0.0.1:8000/v1; pass options in ARGS
	$(BIN)/mockoai serve $(ARGS)

test: $(READY) ## run the tests; pass pytest options in ARGS
	$(BIN)/pytest -n auto -m 'not slow' $(ARGS)

check: $(READY) ## lint, format and types
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

bench: $(READY) ## measure speed, against two neighbours in the same run
	$(BIN)/python -m tests.bench $(ARGS)

clean: ## remove what make created
	rm -rf $(VENV) build dist .mypy_cache .pytest_cache .ruff_cache .hypothesis node_modules

.PHONY: help setup serve test check bench clean
