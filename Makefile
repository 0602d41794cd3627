# Every command of the book. `make` alone lists them.

PYTHON ?= python3
PORT ?= 8000
VENV := .venv
PY := $(VENV)/$(if $(filter Windows_NT,$(OS)),Scripts/python.exe,bin/python)
BOOK := $(dir $(PY))jupyter-book
INSTALLED := $(VENV)/installed
UNFINISHED := $(VENV).unfinished
LIBRARIES := _build/conformance
OTTER := _build/otter
BUILT := _build/html/built
# On a terminal, Sphinx shows how far it is (where make is new enough to know what a terminal is).
QUIET := $(if $(MAKE_TERMOUT),,--quiet)
SOURCES := _config.yml _toc.yml index.md references.bib CITATION.cff $(wildcard chapters/*.* chapters/*/*.* chapters/practice/run/* \
           _static/* _templates/*.* _templates/*/*.* booktools/*.py booktools/*/results.json booktools/sphinx/*.* pgbook/*.py pgbook/*/*.py proofs/*.*)

.PHONY: help book editions pdf student handout epub slides assignments grade exam test fuzz notebooks train serve lab bench matrix versions mutants proofs conformance \
        lock licences linkcheck clean

help:  ## List these commands
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "make %-11s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

book: $(BUILT)  ## Build the HTML
	@echo "The book is built. Open _build/html/index.html, or run 'make serve'."

editions: pdf student handout epub slides  ## Make all five below, which the built book then offers (PDFs and EPUB need Chromium)

pdf: $(BUILT)  ## Print the whole book
	@echo "Printing the whole book"
	$(PY) -m booktools.pdf

student: $(BUILT)  ## Make the edition without solutions: pages, PDF, notebooks
	@echo "Building the pages once more, without solutions, and printing them"
	$(PY) -m booktools.student

handout: $(BUILT)  ## Print one sheet for each chapter, on A4 and on Letter
	@echo "Printing one sheet for each chapter, on A4 and on Letter"
	$(PY) -m booktools.handout

epub: $(BUILT)  ## Write the book for e-readers
	@echo "Writing the book for e-readers, with each formula drawn"
	$(PY) -m booktools.epub

slides: $(BUILT)  ## Make slides for each chapter, with notes for the speaker
	@echo "Making slides for each chapter"
	$(PY) -m booktools.slides

assignments: $(BUILT) $(OTTER)/installed  ## Make graded sheets and their hidden tests (CHAPTER=04, ONLY="4.4 4.5")
	PYTHONPATH="$(CURDIR)/$(OTTER)" $(PY) -m booktools.assignments $(CHAPTER) $(ONLY)

grade: $(OTTER)/installed  ## Grade a folder of graded sheets that were handed in (FOLDER=handed-in, LIMIT=600 seconds for each)
	PYTHONPATH="$(CURDIR)/$(OTTER)" $(PY) -m booktools.grading "$(FOLDER)" $(LIMIT)

exam: $(INSTALLED)  ## Write an exam (QUESTIONS="1.1 4.2", SEED=7: other numbers)
	$(PY) -m booktools.exam $(QUESTIONS) $(SEED)

test: $(BUILT)  ## Run all tests, nbval on every chapter included (SLOW=1: the slow ones too)
	$(PY) -m pytest -n logical --dist loadfile --no-loadscope-reorder $(if $(SLOW),-m "slow or not slow")

fuzz: $(INSTALLED)  ## Try many other random inputs of every property (FUZZ=1000 of each)
	FUZZ=$(or $(FUZZ),1000) $(PY) -m pytest $(patsubst %,tests/pgbook/test_%.py,digits policies categorical estimators exercises figures)

notebooks: $(INSTALLED)  ## Execute the chapters and keep their outputs (CHAPTER=03: one of them)
	$(PY) -m booktools.execute $(CHAPTER)

train: $(INSTALLED)  ## Train the small transformer of "A run you can open" again (minutes on two cores)
	@echo "Training: five to six minutes of processor time"
	$(PY) -m booktools.train

serve: $(BUILT)  ## Serve the built book at http://localhost:8000 (PORT=...: elsewhere)
	$(PY) -m http.server --bind 127.0.0.1 --directory _build/html $(PORT)

lab: $(INSTALLED)  ## Open the chapters in JupyterLab
	$(PY) -m jupyterlab --notebook-dir=. chapters

bench: $(BUILT)  ## Measure speed beside what a reader would otherwise use, and weigh every page, for "How fast, and why"
	$(PY) -m pytest booktools/bench -o addopts= -p no:xdist --benchmark-columns=min,median,stddev,rounds \
		--benchmark-json=_build/benchmarks.json
	$(PY) -m booktools.bench.report _build/benchmarks.json

matrix: $(INSTALLED)  ## Compare all outputs on other arithmetic and in other surroundings (ONLY=a word, FEW=1)
	$(PY) -m tests.nightly.matrix $(if $(FEW),--few) $(if $(ONLY),--only "$(ONLY)")

versions: $(INSTALLED)  ## Compare the texts on the oldest and newest versions pyproject.toml admits (ONLY=oldest)
	$(PY) -m tests.nightly.versions $(ONLY)

# One thread: mutmut forks, and a fork that waits for threads of its parent waits for ever.
mutants: $(INSTALLED)  ## Change pgbook in every small way and see that a test fails (ONLY=printing: one module)
	$(PY) -m pip install --quiet --upgrade --target _build/mutmut -c requirements.txt mutmut==3.8.1
	PYTHONPATH="$(CURDIR)/_build/mutmut" OMP_NUM_THREADS=1 $(PY) -m tests.nightly.mutants $(ONLY)

proofs: $(INSTALLED)  ## Prove the statements of proofs/, check the proofs independently, list the axioms (needs Coq)
	@echo "Proving every statement, and checking each proof once more"
	$(PY) -m booktools.proofs

conformance: $(LIBRARIES)/installed  ## Compare the losses of TRL, verl and others with the equations (RECORD=1: write it down)
	PYTHONPATH=. $(LIBRARIES)/bin/python -W ignore -m booktools.conformance $(if $(RECORD),--record)

lock: $(INSTALLED)  ## Pin every version anew in requirements.txt
	@echo "Asking the index for the newest versions"
	$(PY) -m uv pip compile --quiet --upgrade --universal --python-version 3.11 --all-extras --no-header \
		--no-annotate pyproject.toml --output-file requirements.txt

licences: $(INSTALLED)  ## List the licence of every package in LICENSES-THIRD-PARTY.md
	$(PY) -m booktools.licences

linkcheck: $(INSTALLED)  ## Check that the links in the book still answer
	$(BOOK) build --builder linkcheck .

clean:  ## Remove what was built
	rm -f $(BUILT)
	rm -rf _build .pytest_cache .hypothesis .ruff_cache

$(INSTALLED): requirements.txt pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || { \
		echo "This book needs Python 3.11 or newer, but '$(PYTHON)' is" \
		"$$($(PYTHON) --version 2>/dev/null || echo missing); name a newer one: make PYTHON=python3.12 $(MAKECMDGOALS)" >&2; \
		exit 1; }
	@rm -f $@ && touch $(UNFINISHED)
	@echo "Making $(VENV), a virtual environment of $$($(PYTHON) --version)"
	@$(PYTHON) -m venv $(if $(wildcard $(UNFINISHED)),--clear) $(VENV)
	@$(PY) -m booktools.install
	@touch $@
	@rm $(UNFINISHED)

# The libraries have an environment of their own: the book needs none of them.
$(LIBRARIES)/installed: booktools/conformance/requirements.txt
	@$(PYTHON) -c 'import sys; sys.exit(not (3, 11) <= sys.version_info < (3, 13))' 2>/dev/null || { \
		echo "verl needs Python 3.11 or 3.12, but '$(PYTHON)' is $$($(PYTHON) --version 2>/dev/null || echo missing);" \
		"name one: make PYTHON=python3.12 conformance" >&2; exit 1; }
	@$(PYTHON) -m venv --clear $(LIBRARIES)
	@$(LIBRARIES)/bin/python -m booktools.install $< || { \
		echo "The libraries could not be installed (above stands why), so they were not compared." \
		"Nothing else of the book needs them." >&2; exit 1; }
	@touch $@

# otter-grader lies beside what the book needs; it brings only what is not there already.
$(OTTER)/installed: booktools/otter.txt $(INSTALLED)
	@echo "Installing otter-grader, for graded sheets alone"
	@rm -rf $(OTTER)
	@$(PY) -m pip install --quiet --no-deps --target $(OTTER) --requirement $<
	@touch $@

# Sphinx notices a changed chapter by itself, but not a changed extension. A failed build leaves
# nothing behind: its cached pages would hide the warning the next time. Nor is anything kept of a build
# that was stopped: to Sphinx, a page that was written by half is a page that is written. Not in parallel:
# Sphinx forks, and the JavaScript that draws the explorers' pictures (vl-convert) hangs in a fork.
$(BUILT): $(INSTALLED) $(SOURCES)
	@echo "Building the pages: about a minute, the first time or after a change to all of them"
	@test -e $@ || rm -rf _build
	@rm -f $@
	@$(BOOK) build $(QUIET) -W -n --keep-going $(if $(filter _% CITATION.cff booktools/% proofs/%,$?),--all) . \
		|| { rm -rf _build; exit 1; }
	@touch $@
