# Every value a person gives (P=… RUN_NAME=…) is handed over as an environment variable: no shell ever reads it.
SHELL := /bin/sh
.DEFAULT_GOAL := help
.PHONY: help run setup build engine data test faults lint docs clean tracking tracking-down doctor
.DELETE_ON_ERROR:

# make exports what stands on its command line, and expands it for that: what a person types must not be expanded.
MAKEOVERRIDES :=

define hand-over
KNOWN_VARIABLES += $(1)
ifneq ($$(origin $(1)),undefined)
export $(2) = $$(value $(1))
unexport $(1)
endif
endef
$(eval $(call hand-over,P,SLIPWAY_PARAMETER))
$(eval $(call hand-over,RESUME,SLIPWAY_RESUME_RUN))
$(eval $(call hand-over,CONFIG,SLIPWAY_CONFIG))
$(eval $(call hand-over,RUN_NAME,SLIPWAY_RUN_NAME))
$(eval $(call hand-over,EXPERIMENT,SLIPWAY_EXPERIMENT_NAME))
$(eval $(call hand-over,RESTORE_EXPERIMENT,SLIPWAY_RESTORE_EXPERIMENT))
$(eval $(call hand-over,OFFLINE,SLIPWAY_OFFLINE))
$(eval $(call hand-over,OFFLINE_OK,SLIPWAY_OFFLINE_OK))
$(eval $(call hand-over,DETACH,SLIPWAY_DETACH))
$(eval $(call hand-over,GPUS,SLIPWAY_GPUS))
$(eval $(call hand-over,STORAGE,SLIPWAY_STORAGE))
$(eval $(call hand-over,ENGINE,SLIPWAY_ENGINE))
$(eval $(call hand-over,BASE_IMAGE,SLIPWAY_BASE_IMAGE))
$(eval $(call hand-over,MODEL,SLIPWAY_REGISTER_MODEL))
$(eval $(call hand-over,DRY_RUN,SLIPWAY_DRY_RUN))
$(eval $(call hand-over,ENV_FILE,SLIPWAY_ENV_FILE))
$(eval $(call hand-over,SECRET,SLIPWAY_SECRET))
$(eval $(call hand-over,QUIET,SLIPWAY_QUIET))
$(eval $(call hand-over,VERBOSE,SLIPWAY_VERBOSE))
$(eval $(call hand-over,DEBUG,SLIPWAY_DEBUG))
$(eval $(call hand-over,ROW,SLIPWAY_TEST_FAULTS))
$(eval $(call hand-over,FAULTS_TABLE,SLIPWAY_TEST_FAULTS_TABLE))

# Those of other programs may stand on the command line as well, and are handed on as they are typed. All others are slips.
OTHER_PROGRAMS := MLFLOW_% SLIPWAY_% DOCKER_% AWS_% AZURE_% GOOGLE_% CUDA_% NVIDIA_% TF_% NODE_% NPM_% npm_% PIP_% SSL_% \
  %_PROXY %_proxy PATH HOME TERM TMPDIR LANG LC_% NO_COLOR SHELL MAKEFLAGS
define hand-on
override $(1) := $$(value $(1))
export $(1)
endef
GIVEN := $(foreach name,$(.VARIABLES),$(if $(filter command,$(firstword $(origin $(name)))),$(name)))
$(foreach name,$(filter-out SHELL MAKEFLAGS,$(filter $(OTHER_PROGRAMS),$(GIVEN))),$(eval $(call hand-on,$(name))))
UNKNOWN_VARIABLES := $(sort $(filter-out $(KNOWN_VARIABLES) $(OTHER_PROGRAMS),$(GIVEN)))
ifneq ($(UNKNOWN_VARIABLES),)
unexport $(UNKNOWN_VARIABLES)
export KNOWN_VARIABLES UNKNOWN_VARIABLES
.PHONY: unknown-variables
help run setup build engine data test faults lint docs clean tracking tracking-down doctor: | unknown-variables
unknown-variables:
	@sh deploy/unknown-variables.sh
endif

STEP := sh deploy/step.sh
INSTALLED := node_modules/.package-lock.json
BUILT := dist/.built
SOURCES := $(shell find src trainer -name '*.ts' 2>/dev/null) package.json tsconfig.json tsconfig.build.json rolldown.config.mjs

help: ## Show the targets and their variables
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/\1 \2/p' Makefile | while read -r target text; do printf '  make %-14s %s\n' "$$target" "$$text"; done
	@printf '\nVariables of make run, each like the option of bin/slipway run that it stands for:\n'
	@printf '  %s\n' 'P="epochs=3 batch_size=64"  parameters' \
	  'CONFIG=runs/wide/config.yaml  a file of them; runs/RUN_NAME/config.yaml is taken where it is there' \
	  'RUN_NAME=first  EXPERIMENT=malaria  MODEL=cells' \
	  'RESUME=swift-heron-417  go on with a run that was interrupted' \
	  'RESTORE_EXPERIMENT=1  bring the experiment back where it was deleted, with its runs' \
	  'OFFLINE=1  speak to no tracking server: bin/slipway sync brings the run to one; OFFLINE_OK=1  only where it is away' \
	  'DETACH=1  launch without watching' \
	  'GPUS=all  ENGINE=docker|host|auto  STORAGE=/storage  BASE_IMAGE=node:24-slim' \
	  'ENV_FILE=/home/you/cells.env  SECRET=token=/home/you/token  what the program may read and nobody else sees' \
	  'DRY_RUN=1  say what would be done, and do nothing of it' \
	  'QUIET=1  VERBOSE=1  DEBUG=1  how much is said: one of them' \
	  'MLFLOW_TRACKING_URI=http://mlflow.example:5000  the server of your team'

run: build engine ## Train: build the image, run it, stream everything to MLflow
	@exec bin/slipway run .

doctor: build ## Look at everything a run needs, and say how to mend what is broken
	@exec bin/slipway doctor

setup: $(INSTALLED) ## Install the npm packages

build: $(BUILT) ## Compile the launcher

$(INSTALLED): package.json package-lock.json
	@sh deploy/check-node.sh
	@$(STEP) 'npm packages' npm ci --ignore-scripts --no-audit --no-fund --loglevel=error
	@touch $(INSTALLED)

$(BUILT): $(INSTALLED) $(SOURCES)
	@rm -rf dist
	@$(STEP) 'launcher compiled' node_modules/.bin/tsc -p tsconfig.build.json
	@$(STEP) 'launcher bundled' node_modules/.bin/rolldown --config
	@touch $(BUILT)

engine: ## Get a Docker engine: installs and starts one as root on Debian, unless ENGINE=host
	@sh deploy/install-engine.sh

data: ## Download the NIH malaria cells (337 MB) to the storage
	@sh deploy/fetch-data.sh

test: build engine ## Run everything that guards the project
	@$(STEP) 'lint' node_modules/.bin/biome check --error-on-warnings .
	@$(STEP) 'types' node_modules/.bin/tsc -p tsconfig.json --noEmit
	@exec node_modules/.bin/vitest run

faults: build engine ## Make every fault of the fault table on real parts, or one: ROW=name; ends with the table
	@sh deploy/fault-table.sh

lint: setup ## Check style and types
	@node_modules/.bin/biome check --error-on-warnings .
	@node_modules/.bin/tsc -p tsconfig.json --noEmit

docs: setup ## Make docs/api anew from the doc blocks
	@cd docs/generator && sh ../../deploy/step.sh 'packages of the generator' npm ci --ignore-scripts --no-audit --no-fund --loglevel=error
	@$(STEP) 'docs/api' docs/generator/node_modules/.bin/typedoc --options docs/generator/typedoc.json --treatWarningsAsErrors

tracking: build ## Start the tracking server that comes with Slipway
	@exec bin/slipway tracking up

tracking-down: build ## Stop it; its data stay
	@exec bin/slipway tracking down

clean: ## Remove what was installed and built here; runs and data stay
	@rm -rf dist node_modules docs/generator/node_modules coverage .ca
