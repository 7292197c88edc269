# GNU make. Everything happens in two virtual environments, made on first use:
#   .venv      the package as a user installs it (make demo)
#   .venv-dev  the sources, editable, with the test tools and the C core required (all other targets)

PYTHON ?= python3
WORKERS ?= 2
VENV := .venv
DEV := .venv-dev
DEMO := build/demo
SANITIZED := build/sanitize/site

META := pyproject.toml setup.py
KERNELS := $(wildcard nlp_zero/core/*.c nlp_zero/core/*.h)
MODULES := $(wildcard nlp_zero/*.py nlp_zero/*/*.py)

# A file name as one word of the shell, whatever is in it.
quote = '$(subst ','\'',$(value $(1)))'

.DELETE_ON_ERROR:
.PHONY: help demo test lint check-slow sanitize bench clean

help: ## show this list
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  make \1|\2/p' Makefile | awk -F '|' '{ printf "%-20s %s\n", $$1, $$2 }'
	@echo '  make demo TEXT=file  the same on your own text file'

# ------------------------------------------------------------------------------------------ environments

$(VENV)/.installed: $(META) $(KERNELS) $(MODULES)
	@rm -rf build/release
	$(PYTHON) -m venv $(VENV)
	$(VENV)/bin/pip install --quiet .
	@touch $@

$(DEV)/.installed: $(META) $(KERNELS)
	$(PYTHON) -m venv $(DEV)
	NLP_ZERO_BUILD=require $(DEV)/bin/pip install --quiet --editable '.[dev]'
	@touch $@

# -------------------------------------------------------------------------------------------------- demo

$(DEMO)/text.txt: corpora/generate.py $(wildcard corpora/*.txt) $(VENV)/.installed
	$(VENV)/bin/python corpora/generate.py --size 2MB --seed 1 --output $(DEMO)

demo: export PATH := $(CURDIR)/$(VENV)/bin:$(PATH)

ifndef TEXT
demo: $(VENV)/.installed $(DEMO)/text.txt ## learn words from text, print the best, segment, score
	nlp-zero --version
	nlp-zero discover $(DEMO)/text.txt corpora/prose_power.txt corpora/prose_life.txt -o $(DEMO)/words.tsv
	head -n 21 $(DEMO)/words.tsv
	head -n 5 $(DEMO)/text.txt | nlp-zero segment -l $(DEMO)/words.tsv
	nlp-zero segment -l $(DEMO)/words.tsv $(DEMO)/text.txt -o $(DEMO)/predicted.txt
	nlp-zero evaluate $(DEMO)/segmented.txt $(DEMO)/predicted.txt
else
demo: $(VENV)/.installed
	@mkdir -p $(DEMO)
	nlp-zero --version
	nlp-zero discover $(call quote,TEXT) -o $(DEMO)/words.tsv
	head -n 21 $(DEMO)/words.tsv
	nlp-zero segment -l $(DEMO)/words.tsv $(call quote,TEXT) -o $(DEMO)/predicted.txt
	head -n 5 $(DEMO)/predicted.txt
endif
	@echo
	@echo 'All words are in $(DEMO)/words.tsv, the segmented text is $(DEMO)/predicted.txt.'

# ------------------------------------------------------------------------------------------------- checks

test: $(DEV)/.installed ## the whole test suite, on the C core and on the Python core (but for the browser's part)
	NLP_ZERO_CORE=c $(DEV)/bin/python -m pytest -n $(WORKERS)
	NLP_ZERO_CORE=python $(DEV)/bin/python -m pytest -n $(WORKERS) -m "not slow and not browser"

check-slow: $(DEV)/.installed ## more examples and faults than `make test`; goals for speed and memory (an hour; wants a quiet machine)
	HYPOTHESIS_PROFILE=thorough NLP_ZERO_CORE=c $(DEV)/bin/python -m pytest
	HYPOTHESIS_PROFILE=thorough NLP_ZERO_CORE=python $(DEV)/bin/python -m pytest
	$(DEV)/bin/python benchmarks/run.py --core c --check
	$(DEV)/bin/python benchmarks/memory.py --size 96MB --limit - 256MB --jobs 1 2 --runs 1 --check

lint: $(DEV)/.installed ## style and types
	$(DEV)/bin/ruff check .
	$(DEV)/bin/ruff format --check .
	$(DEV)/bin/mypy

# PYTHONSAFEPATH keeps the source tree, and its own extension, off the path; --capture=sys lets reports through.
sanitize: $(DEV)/.installed ## the tests of the C core under AddressSanitizer and UBSan
	@rm -rf build/sanitize
	NLP_ZERO_SANITIZE=1 NLP_ZERO_BUILD=require $(DEV)/bin/pip install --quiet --no-deps --target $(SANITIZED) .
	export PYTHONSAFEPATH=1 PYTHONPATH='$(CURDIR)/$(SANITIZED)' PYTHONMALLOC=malloc NLP_ZERO_CORE=c \
	    ASAN_OPTIONS=detect_leaks=0 UBSAN_OPTIONS=print_stacktrace=1 \
	    LD_PRELOAD="$$($(CC) -print-file-name=libasan.so)"; \
	$(DEV)/bin/python -c 'import nlp_zero.core._c as c; assert "sanitize" in c.__file__, c.__file__' && \
	$(DEV)/bin/python -m pytest -c pyproject.toml --capture=sys -m c_core tests

bench: $(DEV)/.installed ## measure speed, slope and memory; ARGS="..." is passed on
	$(DEV)/bin/python benchmarks/run.py $(ARGS)

clean: ## remove the environments and everything that was built
	rm -rf $(VENV) $(DEV) build dist *.egg-info .hypothesis .mypy_cache .pytest_cache .ruff_cache
	rm -f nlp_zero/core/_c*.so nlp_zero/core/_c*.pyd
	find nlp_zero tests benchmarks corpora -name __pycache__ -type d -prune -exec rm -rf {} +
