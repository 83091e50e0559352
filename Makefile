# Two commands do everything on a fresh machine with Python 3.11 or newer: make demo, make test.
PYTHON ?= python3
VENV ?= .venv
BIN = $(VENV)/bin
# Every extra of pyproject.toml that some test wants: the one place that names them all.
EXTRAS = dask,dev,docs,explore,js,ocr,operate,rar,wacz,validate,writers,xlsx
# A network that does not answer must not hold up what can do without it.
APT = apt-get --quiet -o Acquire::Retries=1 -o Acquire::http::Timeout=20 -o Acquire::https::Timeout=20
PIP = $(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt

.PHONY: demo test full player system slow lint format sample clean audit

demo: $(VENV)/core
	$(BIN)/gongkai demo

test: $(VENV)/dev
	$(BIN)/python -m pytest --numprocesses 2 -m "not slow"

# Every test, the slow ones too, with every extra; what still skips names the system program it wants (make system).
full: $(VENV)/full player
	PATH="$$PATH:$(abspath $(VENV))/player/bin" $(BIN)/python -m pytest --numprocesses 2 --dist worksteal

# The player that opens exported archives in a test, in an environment of its own: its packages do not fit ours.
player: $(VENV)/core
	$(PYTHON) -m venv $(VENV)/player
	$(VENV)/player/bin/python -m pip install --quiet --disable-pip-version-check pywb==2.10.0 || \
		echo "pywb could not be installed (see above): the test that wants it skips"

# The programs that some extras call (Debian): LibreOffice, Chromium, a Chinese font for documents that tests draw.
system:
	$(APT) update
	DEBIAN_FRONTEND=noninteractive $(APT) install --yes --no-install-recommends \
		libreoffice-writer-nogui libreoffice-calc-nogui chromium fonts-wqy-zenhei

slow: $(VENV)/dev
	$(BIN)/python -m pytest -m slow || [ $$? -eq 5 ] # 5: no test is marked slow

lint: $(VENV)/dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

# Known holes in what constraints.txt pins; it asks a database on the network, and fails where that does not answer.
audit: $(VENV)/dev
	$(BIN)/python -m pip install --quiet --disable-pip-version-check pip-audit
	$(BIN)/pip-audit --strict --requirement constraints.txt --no-deps --disable-pip

format: $(VENV)/dev
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

# The small release that lies in the repository, made anew by the demo.
sample: $(VENV)/core
	rm -rf build/demo data/sample
	$(BIN)/gongkai demo --folder build/demo
	cp -rL build/demo/releases/latest data/sample

clean:
	rm -rf $(VENV) data/archive data/releases .pytest_cache .mypy_cache .ruff_cache .hypothesis

$(VENV)/core: pyproject.toml constraints.txt
	$(PYTHON) -m venv $(VENV)
	$(PIP) --editable .
	touch $@

$(VENV)/dev: $(VENV)/core
	$(PIP) --editable '.[dev]'
	touch $@

$(VENV)/full: $(VENV)/dev
	$(PIP) --editable '.[$(EXTRAS)]'
	touch $@
