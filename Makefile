# Two commands matter: `make run` and `make test`. Only Python 3.11 or newer is needed.

PYTHON ?= python3
# Servers, those under test included, run from an environment that has requirements.txt alone: what they import is there
# for operators, too, and not only because some tool of development brings it along.
RUN := .venv-run
VENV := .venv
# Tests start a hundred servers: each would compile the code anew.
unexport PYTHONDONTWRITEBYTECODE
BIN := $(VENV)/bin

.DEFAULT_GOAL := help
.PHONY: help run test coverage lint format mutants bench bench-grouping lock venv-run clean

help: ## Say what can be made
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 18

run: $(RUN)/requirements.txt ## Install, migrate, and serve on http://127.0.0.1:8000 (HOST, PORT, DATA_DIR, DATABASE_URL, REDIS_URL)
	@$(RUN)/bin/python manage.py serve

test: $(VENV)/dev $(RUN)/requirements.txt ## Run all tests, on SQLite + disk, then on a real PostgreSQL + Redis
	$(BIN)/python -m pytest -n 3 --dist loadgroup
	STACKTALE_PROFILE=servers $(BIN)/python -m pytest -n 3 --dist loadgroup --ignore tests/grouping

coverage: $(VENV)/dev ## Say which lines of grouping its tests run: the total, and the ten files with the least
	$(BIN)/python -m coverage run -m pytest -q tests/grouping tests/tracker/test_tags.py
	@$(BIN)/python -m coverage report | head -12
	@$(BIN)/python -m coverage report | tail -1

mutants: $(VENV)/dev ## Break 200 places of grouping, one at a time, and name those that no test notices (SEED)
	$(BIN)/python -m tests.mutants grouping --sample 200 --seed $(or $(SEED),1)

lint: $(VENV)/dev ## Check style, types, templates and the floors between packages
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/djlint web/templates --lint --quiet

format: $(VENV)/dev ## Format the code
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

bench: $(VENV)/dev $(RUN)/requirements.txt ## Measure throughput, latency, memory and bytes per event
	$(BIN)/python -m tests.bench

bench-grouping: $(VENV)/dev ## Measure grouping against labelled events
	$(BIN)/python -m tests.bench.grouping

lock: $(VENV)/dev ## Pin the requirements again from pyproject.toml
	$(BIN)/uv pip compile pyproject.toml -o requirements.txt $(LOCK)
	$(BIN)/uv pip compile pyproject.toml --group dev -o requirements-dev.txt $(LOCK)

LOCK := --quiet --universal --python-version 3.11 --generate-hashes --no-header --no-emit-index-url --no-annotate

venv-run: $(RUN)/requirements.txt ## Make the virtual environment that servers run from

clean: ## Remove what was installed; ./data stays
	rm -rf $(VENV) $(RUN) staticfiles

# Made from scratch and not added to, so that nothing stays that is no longer required. The copy says what it was made of.
$(RUN)/requirements.txt: requirements.txt
	@echo "Installing the pinned requirements into $(RUN) …"
	@$(PYTHON) -m venv --clear $(RUN)
	@$(RUN)/bin/pip install --quiet --disable-pip-version-check --require-hashes -r requirements.txt
	@cp requirements.txt $@

.PHONY: demo dev

demo: $(RUN)/requirements.txt ## Make a demo with 20,000 events in ./data-demo, from scratch each time, and serve it
	@rm -rf data-demo
	@$(DEMO) $(RUN)/bin/python manage.py demo
	@$(DEMO) $(RUN)/bin/python manage.py serve

DEMO := DATA_DIR=data-demo DATABASE_URL= REDIS_URL=

dev: $(RUN)/requirements.txt ## Serve in debug mode, and start again whenever the code changes
	@$(RUN)/bin/python manage.py dev

$(VENV)/dev: requirements-dev.txt
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@echo "Installing the pinned requirements for development into $(VENV) …"
	@$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.txt
	@touch $@
