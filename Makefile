# `make` alone lists the targets. Each checks for the tools it needs and says
# what to install.
SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help

HOST_ARCH := $(if $(filter aarch64 arm64,$(shell uname -m)),arm64,x86_64)
# What the functions are built for: arm64 as deployed, or x86_64.
ARCH ?= arm64
GOARCH_x86_64 := amd64
GOARCH_arm64 := arm64
FUNCTIONS := $(notdir $(wildcard functions/*))
GOLANGCI_LINT := build/tools/golangci-lint
GOLANGCI_LINT_VERSION := v2.15.0
GOTESTSUM := build/tools/gotestsum
GOTESTSUM_VERSION := v1.13.0
CDK := infra/node_modules/.bin/cdk
# The same for everything that is built: each package is compiled once.
export CGO_ENABLED := 0
export GOFLAGS := -trimpath -buildvcs=false
# The oldest that we run on; jsii warns of it where nobody can act on it.
export JSII_SILENCE_WARNING_END_OF_LIFE_NODE_VERSION := 20

.PHONY: help
help: ## list the targets
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## /\1\t/' | expand -t 16

.PHONY: run
run: tools-for-run ## the whole system on this machine: local AWS, deployed stack, API on http://127.0.0.1:8080
	@echo "        compiling (two to three minutes on a cold cache)"
	@$(MAKE) --no-print-directory -j2 packages cdk-cli
	@go build -o build/run ./infra/run && exec build/run

# All that a run needs, at once: one package takes a minute, and nothing else is to
# wait for it.
.PHONY: packages
packages:
	@go list -export -tags lambda.norpc ./infra/run ./infra $(FUNCTIONS:%=./functions/%) >/dev/null

.PHONY: demo
demo: ## play the life of a custom cloud against a running `make run`
	@echo "        compiling"
	@go build -o build/demo ./infra/demo && exec build/demo

.PHONY: invoke
invoke: ## run one built function with one event: FUNCTION=api EVENT=events/api/health.200.json
	@$(MAKE) --no-print-directory functions ARCH=$(HOST_ARCH)
	@go build -o build/invoke ./infra/invoke && exec build/invoke $(INVOKE_FLAGS) "$(FUNCTION)" "$(EVENT)"

.PHONY: test
test: tools-for-tests $(GOTESTSUM) ## every test, from a clean checkout, on free loopback ports; at the end, that those of docs/coverage.md ran
	@$(MAKE) --no-print-directory functions cdk-app cdk-cli ARCH=$(HOST_ARCH)
	@$(GOTESTSUM) --format pkgname --format-hide-empty-pkg --jsonfile build/tests.json -- -timeout 14m ./...
	@COVERAGE_LOG=../build/tests.json go test -count=1 ./docs

.PHONY: proof
proof: tools-for-tests ## the network engine under faults, races, lost runs, many clouds: five minutes and more
	@$(MAKE) --no-print-directory functions cdk-app cdk-cli ARCH=$(HOST_ARCH)
	@PROOF=1 go test -timeout 1h -count=1 -v ./infra/networkproof

.PHONY: sweep
sweep: tools-for-tests ## the complete fault sweep, and 50 clouds at once: an hour or two (SWEEP_PART=1/4 runs a quarter)
	@$(MAKE) --no-print-directory functions cdk-app cdk-cli ARCH=$(HOST_ARCH)
	@PROOF=1 SWEEP=complete go test -timeout 6h -count=1 -v -run TestFaultSweep ./infra/networkproof
	@PROOF=1 SWEEP=complete go test -timeout 1h -count=1 -v -run TestManyCloudsAtOnce ./infra/networkproof
	@NETWORK_SWEEP=1 go test -timeout 2h -count=1 ./shared/network

.PHONY: bench
bench: bench-build ## measure speed and scale into bench/results.md: an hour (BENCH_FLAGS="-only start,api,scale": minutes)
	@build/bench/bench -out bench/results.md $(BENCH_FLAGS)

.PHONY: bench-check
bench-check: bench-build ## measure the same, and fail where a limit does not hold
	@build/bench/bench -check $(BENCH_FLAGS)

.PHONY: bench-build
bench-build: tools-for-tests
	@$(MAKE) --no-print-directory functions cdk-app cdk-cli ARCH=$(HOST_ARCH)
	@go build -tags lambda.norpc -ldflags='-s -w' -o build/bench/bare ./bench/bare
	@go build -o build/bench/bench ./bench

.PHONY: check
check: fmt vet lint ## format, vet and lint

.PHONY: fmt
fmt: ## fail on files that gofmt would change
	@files=$$(git ls-files -co --exclude-standard '*.go' | xargs -r gofmt -l); \
	    if [ -n "$$files" ]; then echo "not gofmt-ed:"; echo "$$files"; exit 1; fi

.PHONY: vet
vet: ## go vet
	@go vet ./...

.PHONY: lint
lint: $(GOLANGCI_LINT) ## golangci-lint, staticcheck among it
	@$(GOLANGCI_LINT) run ./...

# From its own module, so that a linter's dependencies are none of ours.
$(GOLANGCI_LINT):
	@echo "installing golangci-lint $(GOLANGCI_LINT_VERSION) into build/tools (minutes on a cold cache)"
	@GOBIN=$(CURDIR)/build/tools go install github.com/golangci/golangci-lint/v2/cmd/golangci-lint@$(GOLANGCI_LINT_VERSION)

# It prints a line for each package and the whole of what failed or was skipped,
# and keeps what every test came to.
$(GOTESTSUM):
	@GOBIN=$(CURDIR)/build/tools go install gotest.tools/gotestsum@$(GOTESTSUM_VERSION)

.PHONY: functions
functions: ## build the function binaries for ARCH (arm64, x86_64) into build/ARCH/functions
	@mkdir -p build/$(ARCH)/bin
	@GOOS=linux GOARCH=$(GOARCH_$(ARCH)) go build -tags lambda.norpc -ldflags='-s -w' \
	    -o build/$(ARCH)/bin/ $(FUNCTIONS:%=./functions/%)
	@for f in $(FUNCTIONS); do mkdir -p build/$(ARCH)/functions/$$f; \
	    cmp -s build/$(ARCH)/bin/$$f build/$(ARCH)/functions/$$f/bootstrap || \
	    cp build/$(ARCH)/bin/$$f build/$(ARCH)/functions/$$f/bootstrap; done

.PHONY: cdk-app
cdk-app:
	@go build -o build/cdk-app ./infra

.PHONY: cdk-cli
cdk-cli: infra/node_modules/.package-lock.json

infra/node_modules/.package-lock.json: infra/package-lock.json
	@command -v npm >/dev/null || { echo "npm is missing: install Node.js 20 or newer (https://nodejs.org)"; exit 1; }
	@npm --prefix infra ci --no-audit --no-fund --silent
	@touch $@

# What a deployment has to be told; there are no defaults for these. CONTEXT takes
# the rest: CONTEXT="-c alarmEmail=… -c domainName=…".
DEPLOY_CONTEXT = -c env=$(ENV) -c architecture=$(ARCH) \
    -c managementCidrs=$(MANAGEMENT_CIDRS) -c managementPorts=$(MANAGEMENT_PORTS) -c mailSender=$(MAIL_SENDER) $(CONTEXT)
ENV ?= sandbox
ifdef TEMPLATE_BUCKET
DEPLOY_CONTEXT += -c templateBucket=$(TEMPLATE_BUCKET)
endif

# What the CLI takes the stacks from: the app, or an assembly made before.
CDK_APP ?= build/cdk-app
# The stack that `make destroy` may take; the customer access role is in another.
MAIN_STACK := byoc

.PHONY: synth
synth: functions cdk-app cdk-cli ## the CloudFormation templates, in cdk.out
	@$(CDK) synth --strict --quiet --app $(CDK_APP) $(DEPLOY_CONTEXT)

.PHONY: deploy
deploy: functions cdk-app cdk-cli $(if $(TEMPLATE_BUCKET),publish-template) ## deploy to the AWS account of your credentials (DEPLOY_FLAGS: further ones of cdk deploy)
	@$(CDK) deploy --all $(DEPLOY_FLAGS) --app $(CDK_APP) $(DEPLOY_CONTEXT)

.PHONY: diff
diff: functions cdk-app cdk-cli ## what a deployment would change
	@$(CDK) diff $(DIFF_FLAGS) --app $(CDK_APP) $(DEPLOY_CONTEXT)

.PHONY: destroy
destroy: functions cdk-app cdk-cli ## remove the main stack; the role that customers trust stays (DESTROY_FLAGS=--force asks nothing)
	@$(CDK) destroy $(MAIN_STACK) --exclusively $(DESTROY_FLAGS) --app $(CDK_APP) $(DEPLOY_CONTEXT)

.PHONY: publish-template
publish-template: ## put the CloudFormation template into TEMPLATE_BUCKET, for customers' quick-create links
	@go run ./infra/publishtemplate -bucket $(TEMPLATE_BUCKET)

.PHONY: operator-token
operator-token: ## print a new operator token for ENV's deployment, with your AWS credentials
	@go run ./infra/operatortoken -env $(ENV)

# Before anything is compiled; what runs it looks at the versions of moto and Python.
.PHONY: tools-for-run
tools-for-run: tools-to-build
	@[ -n "$(LOCAL_AWS_UPSTREAM)" ] || command -v moto_server >/dev/null || { \
	    echo "moto_server is missing: install Python 3.10 or newer (https://www.python.org), then: pip install 'moto[server]==5.2.1'"; exit 1; }

.PHONY: tools-to-build
tools-to-build:
	@for t in go node npm; do command -v $$t >/dev/null || { echo "$$t is missing: install Go 1.26 (https://go.dev/dl) and Node.js 20 or newer with npm (https://nodejs.org)"; exit 1; }; done
	@v=$$(node --version); n=$${v#v}; [ "$${n%%.*}" -ge 20 ] || { echo "Node.js $$v is too old: install Node.js 20 or newer (https://nodejs.org)"; exit 1; }

.PHONY: tools-for-tests
tools-for-tests: tools-to-build
	@python3 -c 'import moto.server, importlib.metadata as m; assert m.version("moto").startswith("5.2.")' 2>/dev/null || { \
	    echo "moto 5.2 is missing, installing it with pip"; \
	    python3 -m pip install --quiet 'moto[server]==5.2.1' || { \
	    echo "moto is missing and could not be installed: install Python 3.10 or newer, then: pip install 'moto[server]==5.2.1'"; exit 1; }; }
	@command -v terraform >/dev/null || echo "SKIPPED: terraform is not on the PATH, so its tests are skipped (https://developer.hashicorp.com/terraform/install)"
	@command -v aws >/dev/null || echo "SKIPPED: the AWS CLI is not on the PATH, so the tests of printed commands are skipped and rights that no call used are not looked for (pip install awscli)"
	@command -v cfn-lint >/dev/null || echo "SKIPPED: cfn-lint is not on the PATH, so its tests are skipped (pip install cfn-lint)"
