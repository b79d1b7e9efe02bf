# Every target sets up what it needs; a second call starts at once. `make help` lists them.
EXECUTION_DATE ?= 2021-01-01
ENV_FOR_DYNACONF ?= development
CONFIG ?= app_config.yaml
ARGS ?=
ROWS ?= 20000000
PEERS ?= default
BINARY := build/release/movies-etl
IMAGE := movies-etl

.PHONY: help
help: # List the targets.
	@awk -F ':.*# ' '/^[a-z-]+:.*# / {printf "  %-14s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

.PHONY: setup
setup: # Install what building and testing need: Debian packages, libduckdb, Rust, a Python environment.
	@scripts/setup.sh build
	@scripts/setup.sh test

.PHONY: build
build: # Build the program (build/release/movies-etl).
	@scripts/build.sh release

.PHONY: run-app
run-app: build # Run the pipeline for a day (example: EXECUTION_DATE=2021-01-01 ENV_FOR_DYNACONF=development make run-app).
	@ENV_FOR_DYNACONF=$(ENV_FOR_DYNACONF) $(BINARY) run --execution-date $(EXECUTION_DATE) --config-file-path $(CONFIG) $(ARGS)

.PHONY: test
test: # Run all tests: unit, command line, other readers (ARGS="-k NAME" for some of the latter two).
	@scripts/test.sh $(ARGS)

.PHONY: lint
lint: # Check formatting and run the linters of every language here.
	@scripts/setup.sh lint
	@scripts/lint.sh

.PHONY: package
package: # Build dist/movies-etl-*.tar.gz (relocatable) and .deb.
	@scripts/package.sh

.PHONY: docker-build
docker-build: # Build the Docker image.
	docker build . --tag $(IMAGE)

.PHONY: docker-run
docker-run: # Run the image on the sample day, the tables in ./data-lake-curated-dev.
	mkdir -p data-lake-curated-dev
	docker run --rm --user "$$(id -u):$$(id -g)" -v "$(CURDIR)/data-lake-curated-dev:/app/data-lake-curated-dev" $(IMAGE) run --execution-date $(EXECUTION_DATE)

.PHONY: bench
bench: build # Measure against DuckDB, Polars and (PEERS=all) Spark on a day of ROWS rows.
	@scripts/setup.sh test
	@bench/run.sh --rows $(ROWS) --peers $(PEERS) --binary $(BINARY)

.PHONY: clean
clean: # Remove what was built and the sample table; the cache of dependencies stays.
	rm -rf build dist data-lake-curated-dev
