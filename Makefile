# The same on every system: python3 bootstrap.py demo | test | quick | coverage
PYTHON ?= python3

.PHONY: demo test quick coverage docs clean
demo test quick coverage:
	@$(PYTHON) bootstrap.py $@
docs:
	@.venv/bin/python -m docs.generate
clean:
	rm -rf .venv demo-output models/*.gguf models/manifest.json
