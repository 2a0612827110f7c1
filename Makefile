# Matinee. `make` or `make help` says what there is.
SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
MAKEFLAGS += --no-print-directory

DATA ?= ./data
PORT ?= 8080
FILM ?=
export FILM DATA PORT

VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check --no-input
COMPILE := $(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes \
	--no-emit-index-url --no-emit-find-links --custom-compile-command "make lock"
PLAYERS := tests/e2e/players
PYTEST ?= $(BIN)/python -m pytest

.PHONY: help install run dev web test test-environment check bench lock clean

help: ## This list
	@awk 'BEGIN {FS = ":.*## "} /^[a-z-]+:.*## / {printf "  make %-10s %s\n", $$1, $$2}' $(MAKEFILE_LIST)
	@echo; echo "  make run FILM=film.mp4 DATA=./data PORT=8080   publish a film of yours instead of the sample"

install: $(VENV)/.installed ## The environment: .venv with .venv/bin/matinee and the built web pages
	@$(BIN)/python hatch_build.py

run: install ## Start the platform, publish a sample film (or FILM=...) and keep serving
	@if [ -n "$$FILM" ]; then exec $(BIN)/matinee up --data "$$DATA" --port "$$PORT" --publish "$$FILM"; \
	else exec $(BIN)/matinee up --data "$$DATA" --port "$$PORT" --publish-sample; fi

dev: $(VENV)/.installed-dev ## The environment for working on Matinee: install and the development tools

web: $(VENV)/.installed ## Build the viewer site and the console (src/matinee/apps/web_dist)
	$(BIN)/python hatch_build.py

test: test-environment ## Everything: format, lint, types, import contracts, web tests, all pytest suites
	@$(MAKE) static
	@$(BIN)/python hatch_build.py npm web test
	@# Browsers and whole platforms keep the processors to themselves; the others share them.
	$(PYTEST) tests --ignore=tests/e2e -n auto
	@# Browsers mostly wait for pictures, so two share the machine; what belongs together stays so.
	@# One misses a deadline now and then on a machine that is busy elsewhere; a fault of ours
	@# fails twice, the second time alone. Both runs stand in the log, so what passed only then shows.
	$(PYTEST) tests/e2e -n 2 --dist loadfile --no-loadscope-reorder || $(PYTEST) tests/e2e --last-failed

check: dev ## Format, lint, types, import contracts and unit tests: about a minute
	@$(MAKE) static
	$(PYTEST) tests/unit tests/golden -q -m "not slow and not integration and not e2e"

.PHONY: static
static:
	$(BIN)/ruff format --check --quiet
	$(BIN)/ruff check --quiet
	$(BIN)/mypy --no-error-summary
	$(BIN)/lint-imports --no-logo

test-environment: dev
	@scripts/test-packages.sh
	@$(BIN)/python hatch_build.py
	@$(BIN)/python hatch_build.py packages $(PLAYERS)

bench: test-environment ## Measure against the named peers and write the tables of docs/benchmarks.md
	$(BIN)/python -m benchmarks

lock: dev ## Resolve pyproject.toml again into requirements/*.txt
	$(COMPILE) $(LOCK) --extra dev pyproject.toml -o requirements/dev.txt
	$(COMPILE) $(LOCK) -c requirements/dev.txt pyproject.toml -o requirements/runtime.txt
	$(BIN)/python -c 'import tomllib; print(*tomllib.load(open("pyproject.toml", "rb"))["build-system"]["requires"], sep="\n")' \
		| $(COMPILE) $(LOCK) -c requirements/dev.txt - -o requirements/build.txt

clean: ## Remove everything that make and the tests made; films and titles (DATA) stay
	rm -rf $(VENV) src/matinee/apps/web_dist web/node_modules web/dist $(PLAYERS)/node_modules \
		.mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache .cache dist build test-results
	find src tests benchmarks -name __pycache__ -type d -prune -exec rm -rf {} +

$(VENV)/.created: scripts/create-venv.sh
	@scripts/create-venv.sh $(VENV)
	@touch $@

$(VENV)/.installed: $(VENV)/.created requirements/build.txt requirements/runtime.txt pyproject.toml
	@echo "Installing Matinee and its media tools into $(VENV)..."
	@$(PIP) install --quiet --require-hashes --only-binary :all: -r requirements/build.txt -r requirements/runtime.txt
	@$(PIP) install --quiet --no-deps --no-build-isolation --editable .
	@touch $@

$(VENV)/.installed-dev: $(VENV)/.installed requirements/dev.txt
	@echo "Installing the development tools into $(VENV)..."
	@$(PIP) install --quiet --require-hashes --only-binary :all: -r requirements/dev.txt
	@touch $@
