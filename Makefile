# Two commands matter: `make run` and `make test`. Only Python 3.11 or newer is needed.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin

.DEFAULT_GOAL := help
.PHONY: help run test lint format bench bench-grouping lock clean

help: ## Say what can be made
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 18

run: $(VENV)/run staticfiles/.made ## Install, migrate, and serve on http://127.0.0.1:8000 (HOST, PORT, DATA_DIR, DATABASE_URL, REDIS_URL)
	@$(BIN)/python manage.py serve

test: $(VENV)/dev ## Run all tests, on SQLite + disk, then on a real PostgreSQL + Redis
	$(BIN)/python -m pytest -n 3 --dist loadgroup
	STACKTALE_PROFILE=servers $(BIN)/python -m pytest -n 3 --dist loadgroup --ignore tests/grouping

lint: $(VENV)/dev ## Check style, types, templates and the floors between packages
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/djlint web/templates --lint --quiet

format: $(VENV)/dev ## Format the code
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

bench: $(VENV)/dev ## Measure throughput, latency, memory and bytes per event
	$(BIN)/python -m tests.bench

bench-grouping: $(VENV)/dev ## Measure grouping against labelled events
	$(BIN)/python -m tests.bench.grouping

lock: $(VENV)/dev ## Pin the requirements anew from pyproject.toml
	$(BIN)/uv pip compile pyproject.toml -o requirements.txt $(LOCK)
	$(BIN)/uv pip compile pyproject.toml --group dev -o requirements-dev.txt $(LOCK)

LOCK := --quiet --universal --python-version 3.11 --generate-hashes --no-header --no-emit-index-url --no-annotate

clean: ## Remove what was installed; ./data stays
	rm -rf $(VENV) staticfiles

$(VENV)/run: requirements.txt
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@echo "Installing the pinned requirements into $(VENV) …"
	@$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes -r requirements.txt
	@touch $@

staticfiles/.made: $(VENV)/run $(shell find web/static -type f)
	@$(BIN)/python manage.py collectstatic --noinput --verbosity 0
	@touch $@

$(VENV)/dev: requirements-dev.txt
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@echo "Installing the pinned requirements for development into $(VENV) …"
	@$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.txt
	@touch $@ $(VENV)/run
