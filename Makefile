# Every target sets up what it needs; a second call starts at once. `make help` lists them.
EXECUTION_DATE ?= 2021-01-01
ENV_FOR_DYNACONF ?= development
CONFIG ?= app_config.yaml
ARGS ?=
ROWS ?= 20000000
PEERS ?= default
CASES ?= 500
SEED ?= 1
FUZZ_SECONDS ?= 60
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
test: # Run the tests that need no server: unit, command line, other readers (ARGS="-k NAME" for some of the latter two).
	@scripts/test.sh few $(ARGS)

.PHONY: test-all
test-all: # Run every test, those with servers too: Spark, S3, Azure, a Hive metastore, Kafka. Fetches some 1.5 GB the first time.
	@scripts/test.sh all $(ARGS)

.PHONY: fresh
fresh: # Try all of this on bare Debian 12 roots, as a newcomer's machine, the image and the packages meet it (root, 30 minutes).
	@scripts/fresh.sh

.PHONY: test-oracle
test-oracle: build # Compare CASES random checks files with the real Soda Core 3.5.6 (SEED of the first).
	@scripts/setup.sh test
	@scripts/setup.sh oracle
	@scripts/test-oracle.sh --cases $(CASES) --seed $(SEED) --binary $(BINARY)

.PHONY: spark-up
spark-up: # Start a local Spark Connect server (SPARK_PORT=15002, SPARK_MEMORY=1g); docs/spark.md.
	@scripts/setup.sh spark-server
	@scripts/spark.sh up

.PHONY: spark-down
spark-down: # Stop it.
	@scripts/spark.sh down

.PHONY: kafka-up
kafka-up: # Start a local Kafka broker (KAFKA_PORT=9092, KAFKA_MEMORY=512m); docs/feed.md.
	@scripts/setup.sh feed
	@scripts/kafka.sh up

.PHONY: kafka-down
kafka-down: # Stop it, and forget its topics.
	@scripts/kafka.sh down

.PHONY: fuzz
fuzz: # Fuzz the reading of checks files, the targets side by side for FUZZ_SECONDS.
	@scripts/fuzz.sh $(FUZZ_SECONDS)

.PHONY: lint
lint: # Check formatting and run the linters of every language here.
	@scripts/setup.sh lint
	@scripts/lint.sh

.PHONY: package
package: # Build dist/: a relocatable tar.gz, a .deb and a wheel.
	@scripts/package.sh

.PHONY: docker-build
docker-build: # Build the Docker image.
	docker build . --tag $(IMAGE)

.PHONY: docker-run
docker-run: # Run the image on the sample day, the tables in ./data-lake-curated-dev.
	mkdir -p data-lake-curated-dev
	docker run --rm --user "$$(id -u):$$(id -g)" -v "$(CURDIR)/data-lake-curated-dev:/app/data-lake-curated-dev" $(IMAGE) run --execution-date $(EXECUTION_DATE)

.PHONY: bench
bench: build # Measure against DuckDB, Polars and (PEERS=all) Spark, ours and PySpark, on a day of ROWS rows.
	@scripts/setup.sh test
	@bench/run.sh --rows $(ROWS) --peers $(PEERS) --binary $(BINARY)

.PHONY: bench-checks
bench-checks: build # Measure the checks against Soda Core 3.5.6 on a day of ROWS rows.
	@scripts/setup.sh test
	@scripts/setup.sh oracle
	@bench/checks.sh --rows $(ROWS) --binary $(BINARY)

.PHONY: bench-storage
bench-storage: build # Measure a day of ROWS rows from S3 to S3 against disk to disk, and count the requests.
	@scripts/setup.sh test
	@scripts/setup.sh s3
	@scripts/bench-storage.sh --rows $(ROWS) --binary $(BINARY)

.PHONY: bench-merge
bench-merge: build # Measure a merge into a table of 5 million rows against delta-rs and, where setup.sh brought them, Spark and Delta.
	@scripts/setup.sh test
	@bench/merge.sh --binary $(BINARY)

.PHONY: bench-tables
bench-tables: build # Measure checks of a table of many days, and a run on a log of many versions.
	@scripts/setup.sh test
	@bench/tables.sh --binary $(BINARY)

.PHONY: clean
clean: # Remove what was built and the sample table; the cache of dependencies stays.
	rm -rf build dist data-lake-curated-dev
