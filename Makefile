# The four commands: run, test, check, bench. They need Python 3.11 or newer with venv, and make.

PORT ?= 5000
VENV := .venv
BIN := $(VENV)/bin
STAMPS := $(VENV)/.stamps
PYTHON ?= $(shell for p in python3 python3.13 python3.12 python3.11; do \
	$$p -c 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$p && break; done)
PIP := $(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes
PYTEST := $(BIN)/python -m pytest

.PHONY: run test check bench lint static clean

run: $(STAMPS)/run $(BIN)/consulta static
	@exec $(BIN)/consulta run --port $(PORT)

test: $(STAMPS)/dev $(BIN)/consulta static
	$(PYTEST) -q -n 2 --dist loadfile --no-loadscope-reorder -m "not browser and not drill"
	@echo "Left out: browser journeys and drills. To run them: make check"

# One run of everything, so that its closing line counts everything.
check: lint static
	@command -v chromium-headless-shell chromium >/dev/null || { echo "make check: a browser is missing (apt-get install chromium-headless-shell)" >&2; exit 1; }
	$(PYTEST) -q -n 2 --dist loadfile --no-loadscope-reorder

lint: $(STAMPS)/dev $(BIN)/consulta
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

bench: $(STAMPS)/dev $(BIN)/consulta static
	@command -v wrk >/dev/null || { echo "make bench: wrk is missing (apt-get install wrk)" >&2; exit 1; }
	$(BIN)/python -m bench

# Browsers get the files that are already compressed.
static: $(STAMPS)/run
	@$(BIN)/python -m whitenoise.compress -q static

clean:
	rm -rf $(VENV)

$(STAMPS)/venv:
	@test -n "$(PYTHON)" || { echo "make: Python 3.11 or newer with venv is needed" >&2; exit 1; }
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@mkdir -p $(STAMPS) && touch $@

$(STAMPS)/run: requirements.txt | $(STAMPS)/venv
	$(PIP) -r requirements.txt
	@touch $@

$(STAMPS)/dev: requirements-dev.txt | $(STAMPS)/run
	$(PIP) -r requirements-dev.txt
	@touch $@

# The console command: the project is used from where it is, so a path entry and three lines are enough.
$(BIN)/consulta: Makefile | $(STAMPS)/run
	@$(BIN)/python -c "import site, pathlib; pathlib.Path(site.getsitepackages()[0], 'consulta.pth').write_text('$(CURDIR)\n')"
	@printf '%s\n' '#!/bin/sh' 'exec "$$(dirname "$$0")/python" -P -m consulta.commands "$$@"' > $@
	@chmod +x $@
