# `make run` serves the app, `make test` checks everything; both install what they need into .venv and only once.
PYTHON ?= $(shell command -v python3.11 || command -v python3)
VENV := .venv
PY := $(VENV)/bin/python
PIP := $(PY) -m pip --disable-pip-version-check --quiet
DEBIAN_PACKAGES := chromium mariadb-server fonts-noto-cjk libgl1 libglib2.0-0
SYSTEM := chromium, mariadb-server, fonts-noto-cjk, libgl1 and libglib2.0-0

.PHONY: run install test check soak system bench clean

run: $(VENV)/.serve
	@$(PY) -m core db upgrade
	@exec $(PY) -m streamlit run app.py

install: $(VENV)/.full

test: system check
	$(PY) -m pytest -n 2 --dist loadfile --durations=20

check: $(VENV)/.test
	$(PY) -m ruff check .
	$(PY) -m ruff format --check .
	$(PY) -m mypy
	$(PY) -c "from importlinter.cli import lint_imports_command; lint_imports_command()"

soak: system $(VENV)/.test
	EODI_SOAK=1 $(PY) -m pytest -m soak --durations=20 -s

bench: $(VENV)/.full
	$(PY) -m tests.benchmarks.identify
	$(PY) -m tests.benchmarks.batch
	$(PY) -m tests.benchmarks.importing
	$(PY) -m tests.benchmarks.labelling
	$(PY) -m tests.benchmarks.review
	$(PY) -m tests.benchmarks.drawing
	$(PY) -m tests.benchmarks.crawling --photos 300
	$(PY) -m tests.benchmarks.gallery

$(PY):
	@"$(PYTHON)" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || \
	  { echo "Python 3.11 or newer is needed: install python3.11 and run make again."; exit 1; }
	"$(PYTHON)" -m venv $(VENV)
	$(PIP) install --upgrade pip

$(VENV)/.serve: requirements-serve.txt constraints.txt | $(PY)
	@echo "Installing what the app needs (once, about a minute) …"
	$(PIP) install -r requirements-serve.txt
	@touch $@

$(VENV)/.full: requirements.txt $(VENV)/.serve
	@echo "Installing what training needs (once, several minutes) …"
	$(PIP) install -r requirements.txt
	@touch $@

$(VENV)/.test: requirements-test.txt $(VENV)/.full
	$(PIP) install -r requirements-test.txt
	@touch $@

# Browser, database server, Korean glyphs and what opencv links to: installed here as root on Debian, named elsewhere.
system:
	@if command -v chromium >/dev/null && command -v mariadbd >/dev/null && fc-list 2>/dev/null | grep -qi "noto.*cjk"; then :; \
	elif [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
	  apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $(DEBIAN_PACKAGES) >/dev/null; \
	else echo "For every test, install $(SYSTEM); tests that need a missing one are skipped and say so."; fi

clean:
	rm -rf $(VENV) .pytest_cache .mypy_cache .ruff_cache .import_linter_cache
