# Every target sets up what it needs; `make help` lists them.
.DEFAULT_GOAL := help
SHELL := /bin/bash
PYTHON := .venv/bin/python
DATA ?= ../shared/data
SHIPPED := __init__.py analysis kansenkaart_plugin processing_algorithms
export PYTHONDONTWRITEBYTECODE := 1

.PHONY: help setup env demo real real-ranking test lint format bench country proof docs i18n models test-new test-trixie package

help: ## list the targets
	@grep -E '^[a-z0-9-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z0-9-]+):.*## /\1\t/' | expand -t 14

setup: ## prepare a fresh Debian 12 or 13: QGIS 3.40, .venv/ and .dev/plugins/kansenkaart
	@bash dev/setup.sh

env: setup ## print what qgis_process needs: eval "$$(make -s env)"
	@bash dev/env.sh

demo: setup ## make a kansenkaart of the demo province in build/demo/
	@$(PYTHON) dev/demo.py

real: setup ## run the chain on real Dutch open data (DATA=folder) into build/real/
	@$(PYTHON) dev/real.py "$(DATA)"

real-ranking: setup ## rank real Dutch places by strategy; writes docs/strategies.md
	@eval "$$(bash dev/env.sh)" && $(PYTHON) dev/real_strategies.py "$(DATA)"

test: setup ## run all quick tests
	@eval "$$(bash dev/env.sh)" && \
	    $(PYTHON) -m pytest -n auto --dist loadfile --no-loadscope-reorder -m "not proof and not bench" $(ARGS)

# QGS201 and 202 are experimental: they guess from a method's name whose it is.
lint: setup ## check style, formatting and what QGIS 4 (Qt 6) no longer takes
	@$(PYTHON) -m ruff check . && $(PYTHON) -m ruff format --check .
	@$(PYTHON) -m flake8 --isolated --select QGS --extend-ignore QGS2 $(SHIPPED)
	@$(PYTHON) dev/qt6.py $(SHIPPED)

format: setup ## bring the code into the agreed format
	@$(PYTHON) -m ruff check --fix . ; $(PYTHON) -m ruff format .

bench: setup ## measure speed against QGIS's own algorithms, scikit-learn and OR-tools
	@eval "$$(bash dev/env.sh)" && $(PYTHON) dev/bench.py

country: setup ## time and memory of twelve demo provinces; writes docs/country.md
	@$(PYTHON) dev/country.py

proof: setup ## slow tests, oracles and screenshots; writes docs/proof.md
	@eval "$$(bash dev/env.sh)" && $(PYTHON) dev/proof.py

docs: setup ## make docs/help/, docs/methode.md's tables and all their pictures afresh
	@eval "$$(bash dev/env.sh)" && $(PYTHON) dev/docs.py && $(PYTHON) dev/help_pictures.py
	@bash dev/desktop.sh docs/images

i18n: setup ## all words in both languages, side by side in build/i18n/ for Qt Linguist
	@$(PYTHON) dev/i18n.py

test-trixie: ## run all quick tests on Debian 13 with QGIS 3.44, in a folder of its own
	@bash dev/debian.sh trixie-backports make test

test-new: setup ## run test/analysis with the newest numpy, pandas, geopandas and shapely
	@bash dev/test_new.sh

models: setup ## make resources/models afresh, after a change of algorithms
	@eval "$$(bash dev/env.sh)" && QT_HASH_SEED=0 $(PYTHON) dev/models.py

package: setup ## build/kansenkaart-<version>.zip, to install in QGIS
	@bash dev/package.sh
