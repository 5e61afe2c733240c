# The same on every system: python3 bootstrap.py demo | test | quick | coverage | wheelhouse
PYTHON ?= python3

.PHONY: demo test quick coverage wheelhouse docs clean
demo test quick coverage:
	@$(PYTHON) bootstrap.py $@
wheelhouse:
	@$(PYTHON) bootstrap.py $@ $(if $(FOLDER),"$(FOLDER)")
docs:
	@.venv/bin/python -m docs.generate
clean:
	rm -rf .venv demo-output models/*.gguf models/manifest.json
