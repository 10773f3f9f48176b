# Two commands matter: `make demo` shows the product, `make test` proves it. `make help` lists the rest.

PYTHON ?= python3
# Where `make check-shared` finds the large public files that are not part of the repository.
ENTREPOT_PUBLIC_DATA ?= ../shared/data

RUN := .venv/bin
DEV := .venv-dev/bin
PIP_INSTALL := -m pip --disable-pip-version-check --no-input install -qq
CAP := src/entrepot/testing/cap/project
ITSELF := --no-deps --no-build-isolation --no-index --editable .

.PHONY: help demo demo-erp demo-live demo-real test test-spark check-shared soak soak-aggregates soak-delivery soak-domains soak-kills soak-erasure soak-money soak-sync removals bench lint types contracts sql checks format requirements clean tools-present
# pytest closes `make test`, so the parts run one after the other.
.NOTPARALLEL:
.DEFAULT_GOAL := help

help: ## list the commands
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  make \1\t\2/p' $(MAKEFILE_LIST) | expand -t 22

demo: .venv/.stamp ## make a sample company, import, reconcile and report it under demo/
	@$(RUN)/entrepot demo --out demo

demo-live: .venv/.stamp ## the demo, its China cell synced from simulated marketplaces over HTTP, under demo-live/
	@$(RUN)/entrepot demo --live --orders 4000 --out demo-live

demo-real: .venv/.stamp ## real data under demo-real/: UCI Online Retail, and what lies in ENTREPOT_PUBLIC_DATA
	@$(RUN)/python -m tools.demo_real --out demo-real --data "$(ENTREPOT_PUBLIC_DATA)"

demo-erp: .venv/.stamp .venv-tryton/.listed ## a month of the demo's books in a real Tryton under demo-erp/, read back and tied out
	@$(RUN)/python -m tools.demo_erp --out demo-erp

test: lint types contracts checks sql .venv-tryton/.listed .cap/.listed ## everything that must hold before a change lands
	$(DEV)/python -m pytest

test-spark: .venv-dev/.stamp .venv-spark/.listed ## the tests of the second engine on a local Apache Spark instead of Sail
	$(DEV)/python -m tools.spark_local --java .venv-spark/bin/python -- $(DEV)/python -m pytest -n 0 tests/proof tests/engine tests/connectors/live/test_engines.py tests/connectors/test_translation.py tests/residency/border/test_engines.py --deselect tests/engine/test_engines.py::test_a_server_that_went_away_is_tried_again_later
	$(DEV)/python -m tools.spark_local --java .venv-spark/bin/python -- $(DEV)/python -m pytest -n 0 tests/delivery -k sail_engine

check-shared: .venv-dev/.stamp ## run over large public files: make check-shared ENTREPOT_PUBLIC_DATA=folder
	ENTREPOT_PUBLIC_DATA="$(ENTREPOT_PUBLIC_DATA)" $(DEV)/python -m pytest -m shared

soak: .venv-dev/.stamp ## import damaged files by the thousand: make soak FILES=100000 (two hours of one core; goes on where it was stopped)
	$(DEV)/python -m entrepot.testing.damage --files $(or $(FILES),100000) --log .soak.jsonl

removals: .venv-dev/.stamp ## take out each code-list row and posting rule in turn: something must break (an hour)
	PYTHONPATH=src $(DEV)/python -m tests.proof.removals --page

soak-kills: .venv-dev/.stamp ## kill imports at random moments fifty times: the same tables as undisturbed
	$(DEV)/python -m entrepot.testing.kills --kills $(or $(KILLS),50)

soak-aggregates: .venv-dev/.stamp ## attack the sums that a thousand random datasets let out, each attack with its control
	PYTHONPATH=src $(DEV)/python -m tests.residency.aggregates.aggregates_soak --datasets $(or $(DATASETS),1000)

soak-domains: .venv-dev/.stamp ## ten thousand random histories of a domain that two cells change (goes on where it was stopped)
	PYTHONPATH=src $(DEV)/python -m tests.residency.domains.domains_soak --histories $(or $(HISTORIES),10000) --seed $(or $(SEED),1)

soak-sync: .venv-dev/.stamp ## ten days with 11.11 at every platform, every fault on, two workers, kill -9 (goes on where it was stopped)
	$(DEV)/python -m entrepot.testing.sync_soak --days $(or $(DAYS),10) --orders $(or $(ORDERS),300) --seed $(or $(SEED),1) $(if $(PLATFORM),--platform $(PLATFORM))

soak-delivery: .venv-dev/.stamp .venv-tryton/.listed .cap/.listed ## each fault at each step, workers killed at each point, races: every ERP (ADAPTER=odoo for one; goes on where it was stopped)
	PYTHONPATH=src $(DEV)/python -m tests.delivery.delivery_soak --runs $(or $(RUNS),1) --seed $(or $(SEED),1) $(if $(ADAPTER),--adapter $(ADAPTER))

soak-money: .venv-dev/.stamp ## a million random operations of money against the invariants (ten minutes)
	PYTHONPATH=src $(DEV)/python -m tests.ledger.money_soak

soak-erasure: .venv-dev/.stamp ## erase a thousand persons of a sample company and search the whole folder for them
	$(DEV)/python -m entrepot.testing.erasure --persons $(or $(PERSONS),1000)

bench: .venv/.stamp .venv-dev/.stamp .venv-tryton/.listed .venv-dlt/.listed .venv-singer/.listed .venv-airbyte/.listed ## measure beside something else, an hour on two quiet cores, into docs/benchmarks.md (goes on where it was stopped; ONLY=trades,pnl for some)
	$(DEV)/python -m bench $(if $(ONLY),--only $(ONLY))

lint: .venv-dev/.stamp ## style
	$(DEV)/ruff check .
	$(DEV)/ruff format --check .

types: .venv-dev/.stamp ## mypy, strict
	$(DEV)/mypy

contracts: .venv-dev/.stamp ## which room may import which
	PYTHONPATH=src $(DEV)/lint-imports --no-logo

checks: .venv-dev/.stamp ## our own small checks in tools/
	$(DEV)/python -m tools.run_all

sql: .venv-dev/.stamp ## every SQL file is in the dialect
	find src -name '*.sql' -not -path '*/templates/*' -print0 | sort -z | xargs -0 -r $(DEV)/python -m entrepot.engine.dialect

format: .venv-dev/.stamp ## let ruff put the files in order
	$(DEV)/ruff check --fix .
	$(DEV)/ruff format .

requirements: .venv-dev/.stamp ## compile requirements/*.txt anew; UPGRADE=--upgrade takes newer versions
	$(call compile,product)
	$(call compile,dev)
	$(DEV)/uv pip compile --quiet --generate-hashes --universal --python-version 3.11 --no-emit-index-url \
		--custom-compile-command "make requirements" $(UPGRADE) --output-file requirements/spark.txt requirements/spark.in
	$(DEV)/uv pip compile --quiet --generate-hashes --universal --python-version 3.11 --no-emit-index-url \
		--custom-compile-command "make requirements" $(UPGRADE) --output-file requirements/tryton.txt requirements/tryton.in
	$(DEV)/uv pip compile --quiet --generate-hashes --universal --python-version 3.11 --no-emit-index-url \
		--custom-compile-command "make requirements" $(UPGRADE) --output-file requirements/dlt.txt requirements/dlt.in
	$(DEV)/uv pip compile --quiet --generate-hashes --universal --python-version 3.11 --no-emit-index-url \
		--custom-compile-command "make requirements" $(UPGRADE) --output-file requirements/singer.txt requirements/singer.in
	$(DEV)/uv pip compile --quiet --generate-hashes --universal --python-version 3.11 --no-emit-index-url \
		--custom-compile-command "make requirements" $(UPGRADE) --output-file requirements/airbyte.txt requirements/airbyte.in
	$(DEV)/uv pip compile --quiet --generate-hashes --universal --python-version 3.11 --no-emit-index-url \
		--custom-compile-command "make requirements" $(UPGRADE) --output-file requirements/cap.txt requirements/cap.in
	@! grep -nE 'https?:|index-url|find-links' requirements/*.txt

clean: ## remove environments, caches and the demo
	rm -rf .venv .venv-dev .venv-spark .venv-tryton .venv-dlt .venv-singer .venv-airbyte .cap .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis build dist demo demo-erp demo-live demo-real
	rm -rf src/*.egg-info
	find src tests tools -name __pycache__ -type d -prune -exec rm -rf {} +

# A version that is already in the .txt stays unless UPGRADE asks for newer ones.
define compile
$(DEV)/uv pip compile --quiet --generate-hashes --universal --python-version 3.11 --no-emit-index-url \
	--custom-compile-command "make requirements" $(UPGRADE) \
	--output-file requirements/$(1).txt pyproject.toml requirements/$(1).in
endef

# An environment is rebuilt when its list has changed; a change of the description only installs the package again.
.venv/.listed: requirements/product.txt | tools-present
	@echo "Setting up .venv from requirements/product.txt (about a minute, once)"
	@rm -rf .venv
	@$(PYTHON) -m venv .venv
	@$(RUN)/python $(PIP_INSTALL) --require-hashes -r requirements/product.txt
	@touch $@

.venv-dev/.listed: requirements/dev.txt | tools-present
	@echo "Setting up .venv-dev from requirements/dev.txt (two minutes, once)"
	@rm -rf .venv-dev
	@$(PYTHON) -m venv .venv-dev
	@$(DEV)/python $(PIP_INSTALL) --require-hashes -r requirements/dev.txt
	@touch $@

.venv-tryton/.listed: requirements/tryton.txt | tools-present
	@echo "Setting up .venv-tryton from requirements/tryton.txt (an ERP to deliver to, half a minute, once)"
	@rm -rf .venv-tryton
	@$(PYTHON) -m venv .venv-tryton
	@.venv-tryton/bin/python $(PIP_INSTALL) --require-hashes -r requirements/tryton.txt
	@touch $@

# Node.js from the Python index, then SAP's packages; their list names no registry, so the machine's own is asked.
.cap/.listed: requirements/cap.txt $(CAP)/package.json $(CAP)/package-lock.json | tools-present
	@echo "Setting up .cap from $(CAP) (SAP's runtime to deliver to, and a second reader, half a minute, once)"
	@rm -rf .cap
	@$(PYTHON) -m venv .cap/node
	@.cap/node/bin/python $(PIP_INSTALL) --require-hashes -r requirements/cap.txt
	@cp $(CAP)/package.json $(CAP)/package-lock.json .cap
	@cd .cap && node/bin/npm ci --silent --ignore-scripts --no-audit --no-fund
	@touch $@

.venv-dlt/.listed: requirements/dlt.txt | tools-present
	@echo "Setting up .venv-dlt from requirements/dlt.txt (dlt, to measure beside, half a minute, once)"
	@rm -rf .venv-dlt
	@$(PYTHON) -m venv .venv-dlt
	@.venv-dlt/bin/python $(PIP_INSTALL) --require-hashes -r requirements/dlt.txt
	@touch $@

.venv-singer/.listed: requirements/singer.txt | tools-present
	@echo "Setting up .venv-singer from requirements/singer.txt (the SDK of Singer taps, to measure beside, half a minute, once)"
	@rm -rf .venv-singer
	@$(PYTHON) -m venv .venv-singer
	@.venv-singer/bin/python $(PIP_INSTALL) --require-hashes -r requirements/singer.txt
	@touch $@

.venv-airbyte/.listed: requirements/airbyte.txt | tools-present
	@echo "Setting up .venv-airbyte from requirements/airbyte.txt (the SDK of Airbyte sources, to measure beside, half a minute, once)"
	@rm -rf .venv-airbyte
	@$(PYTHON) -m venv .venv-airbyte
	@.venv-airbyte/bin/python $(PIP_INSTALL) --require-hashes -r requirements/airbyte.txt
	@touch $@

.venv-spark/.listed: requirements/spark.txt | tools-present
	@echo "Setting up .venv-spark from requirements/spark.txt (a Spark and a Java, 500 MB)"
	@rm -rf .venv-spark
	@$(PYTHON) -m venv .venv-spark
	@.venv-spark/bin/python $(PIP_INSTALL) --require-hashes -r requirements/spark.txt
	@touch $@

.venv/.stamp .venv-dev/.stamp: %/.stamp: %/.listed pyproject.toml
	@$*/bin/python $(PIP_INSTALL) $(ITSELF)
	@touch $@

tools-present:
	@missing=""; \
	command -v git >/dev/null 2>&1 || missing="$$missing git"; \
	if ! command -v $(PYTHON) >/dev/null 2>&1; then missing="$$missing python3 python3-venv"; \
	elif ! $(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))'; then \
		echo "Entrepot needs Python 3.11 or newer; $(PYTHON) is $$($(PYTHON) -V 2>&1)."; \
		echo "Debian 12 and newer have it. Name another one with: make demo PYTHON=python3.12"; exit 1; \
	elif ! $(PYTHON) -c 'import ensurepip, venv' >/dev/null 2>&1; then missing="$$missing python3-venv"; fi; \
	if [ -n "$$missing" ]; then \
		echo "Missing:$$missing"; echo "On Debian or Ubuntu: sudo apt-get install$$missing"; exit 1; fi
