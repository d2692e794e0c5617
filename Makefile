# Balcão's verbs. The work is done in deploy/local/; `make help` lists them.

PYTHON ?= python3
VERBS := help setup run test lint types format bench migrate shell messages schema clean

.DEFAULT_GOAL := help
.PHONY: $(VERBS)
# Verbs given together run one after the other, whatever -j says.
.NOTPARALLEL:

$(VERBS):
	@$(PYTHON) -m deploy.local $@
