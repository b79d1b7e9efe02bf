"""Soda Core on DuckDB, over the same Parquet files. usage: soda_job.py <checks file> <folder of Parquet files> <dataset>."""

import json
import logging
import sys

import duckdb
from soda.scan import Scan


def main() -> None:
    checks, folder, dataset = sys.argv[1:]
    logging.disable(logging.CRITICAL)
    connection = duckdb.connect()
    connection.execute(f"CREATE VIEW {dataset} AS SELECT * FROM read_parquet('{folder}/**/*.parquet', hive_partitioning = true)")
    scan = Scan()
    scan.set_data_source_name("bench")
    scan.add_duckdb_connection(connection, data_source_name="bench")
    scan.add_variables({"table": dataset, "run_date": "2021-01-01"})
    scan.add_sodacl_yaml_file(checks)
    code = scan.execute()
    outcomes = [check["outcome"] for check in scan.get_scan_results()["checks"]]
    print(json.dumps({"soda_exit_code": code, "outcomes": {o: outcomes.count(o) for o in sorted(set(outcomes))}}))


main()
