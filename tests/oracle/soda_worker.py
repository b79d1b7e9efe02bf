"""Runs cases through the real Soda Core, in its own Python environment. usage: soda_worker.py FOLDER...

Each folder holds checks.yml, variables.json and the tables as *.parquet; what Soda Core answers goes to soda.json.
"""

import json
import logging
import sys
from pathlib import Path

import duckdb
from soda.scan import Scan


def run(folder: Path) -> dict:
    connection = duckdb.connect()
    for file in folder.glob("*.parquet"):
        connection.execute(f"CREATE TABLE {file.stem} AS SELECT * FROM '{file}'")
    scan = Scan()
    scan.set_data_source_name("db")
    scan.add_duckdb_connection(connection, data_source_name="db")
    scan.add_variables(json.loads((folder / "variables.json").read_text()))
    scan.add_sodacl_yaml_file(str(folder / "checks.yml"))
    code = scan.execute()
    results = scan.get_scan_results()
    return {
        "exit_code": code,
        "checks": [
            [c["location"]["line"], c["table"], c["name"], c["outcome"], (c.get("diagnostics") or {}).get("value")]
            for c in results["checks"]
            if c["outcome"] is not None
        ],
        "errors": [log["message"] for log in results["logs"] if log["level"] in ("error", "LogLevel.ERROR", "ERROR")],
    }


def main() -> None:
    logging.disable(logging.CRITICAL)
    for name in sys.argv[1:]:
        folder = Path(name)
        (folder / "soda.json").write_text(json.dumps(run(folder)))


main()
