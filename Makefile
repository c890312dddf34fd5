# One word per habit. Everything is installed into .venv; name another Python with PYTHON=python3.13.

# An empty environment has no PATH, and then make finds no programs.
ifeq ($(origin PATH),undefined)
export PATH := /usr/local/bin:/usr/bin:/bin
endif

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check
# What the tests of training run with; the extra itself takes any torch that TRL takes. They ask
# `transformers serve`, a server that others wrote.
TORCH ?= torch==2.13.0

CARDS := bundled synthesized
GOLDEN := tests/end_to_end/test_golden_traces.py tests/end_to_end/test_notebook.py

.PHONY: help quickstart setup test fix check lint golden cards bench dist release-check release-notes docs
.DELETE_ON_ERROR:

help:
	@echo "make quickstart   build a dataset of the bundled programs and look at it"
	@echo "make setup        create .venv with what the fast tests need (no torch)"
	@echo "make test         what must pass: lint, types, layers and all tests but gpu and network;"
	@echo "                  installs the extras docs, and train with $(TORCH)"
	@echo "make check        the same with the fast tests only, those of training if torch is there"
	@echo "make lint         ruff, format, mypy and the import layers alone"
	@echo "make fix          format, and mend what ruff can mend"
	@echo "make golden       refresh the golden files and the outputs of the notebook; review the diff"
	@echo "make cards        build the datasets of data_cards/ and write their cards (some minutes)"
	@echo "make bench        measure speed"
	@echo "make docs         build the documentation into build/docs, without a network"
	@echo "make dist         build the wheel and the sdist, check them, and test the wheel in a clean place"
	@echo "make release-check TAG=v0.2.0   the same, if tag, version, changelog and citation agree"
	@echo "make release-notes TAG=v0.2.0   what CHANGELOG.md says of it"

quickstart: $(VENV)/.core
	$(BIN)/stepcode build-dataset --out out/bundled
	$(BIN)/stepcode show out/bundled
	$(BIN)/stepcode show out/bundled --sample
	@echo
	@echo "The command is $(BIN)/stepcode; to type stepcode alone: . $(BIN)/activate"

setup: $(VENV)/.dev

test: lint $(VENV)/.docs $(VENV)/.train
	$(BIN)/pytest -q -n 2 --durations=25 -m "not gpu and not network"

check: lint
	$(BIN)/pytest -q

lint: $(VENV)/.dev
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/lint-imports

fix: $(VENV)/.dev
	$(BIN)/ruff check --fix
	$(BIN)/ruff format

golden: $(VENV)/.train
	$(BIN)/pytest -q --update-golden -m "not gpu" $(GOLDEN)
	git --no-pager diff --stat -- tests/golden examples

cards: $(VENV)/.core
	@for name in $(CARDS); do \
		$(BIN)/stepcode build-dataset $$name --out out/cards/$$name --overwrite || exit 1; \
		cp out/cards/$$name/README.md data_cards/$$name.md; \
	done

bench: $(VENV)/.train
	@for file in tests/bench/bench_*.py; do \
		echo "== $$file"; PYTHONPATH=.:cli:pipelines $(BIN)/python "$$file" || exit 1; \
	done

docs: $(VENV)/.docs
	$(BIN)/sphinx-build -q -W --keep-going -b html docs build/docs
	@echo "build/docs/index.html"

# The tests run once more on the installed wheel, from a folder where the source tree is out of reach:
# pytest would take a relative pythonpath as relative to its configuration, which lies beside it.
WHEEL_TEST := build/wheel-test

dist: $(VENV)/.dev
	rm -rf dist $(WHEEL_TEST)
	$(BIN)/hatchling build -d dist
	$(BIN)/python .ci/release.py dist
	$(BIN)/twine check --strict dist/*
	$(PYTHON) -m venv $(WHEEL_TEST)/venv
	$(WHEEL_TEST)/venv/bin/python -m pip install --quiet "$$(echo dist/*.whl)[dev]"
	cp -r tests $(WHEEL_TEST)/tests
	cd $(WHEEL_TEST) && venv/bin/pytest -q -n 2 -c "$(CURDIR)/pyproject.toml" --rootdir . \
		-o pythonpath="$(CURDIR)/$(WHEEL_TEST)" tests

# TAG is the tag that the release will have, such as v0.2.0.
release-check: $(VENV)/.dev
	@$(BIN)/python .ci/release.py check "$(TAG)"
	$(MAKE) dist

release-notes:
	@$(PYTHON) .ci/release.py notes "$(TAG)"

# A stamp is written only after a complete install, so an interrupted one is done again.
$(VENV)/.venv:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
		echo "stepcode needs Python 3.11 or newer; name one: make PYTHON=python3.12" >&2; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' || { \
		echo "this Python cannot make environments; on Debian and Ubuntu: apt install python3-venv" >&2; exit 1; }
	$(PYTHON) -m venv $(VENV)
	@touch $@

$(VENV)/.core: $(VENV)/.venv pyproject.toml
	$(PIP) install --quiet --editable .
	@touch $@

$(VENV)/.dev: $(VENV)/.venv pyproject.toml
	$(PIP) install --quiet --editable '.[dev,ray]'
	@touch $@ $(VENV)/.core

$(VENV)/.docs: $(VENV)/.dev
	$(PIP) install --quiet --editable '.[docs]'
	@touch $@

$(VENV)/.train: $(VENV)/.dev
	$(PIP) install --quiet --editable '.[train]' 'transformers[serving]' '$(TORCH)'
	@touch $@
