"""Spark with Delta's own jars, in a process of its own: another reader of the tables."""

import json
import os
import shutil
import subprocess
from pathlib import Path

CACHE = Path(os.environ.get("MOVIES_ETL_CACHE", Path(os.environ.get("XDG_CACHE_HOME", Path.home() / ".cache")) / "movies-etl"))
PYTHON = Path(os.environ.get("SPARK_VENV", CACHE / "venv-spark")) / "bin/python"
JARS = CACHE / "delta-jars"

SESSION = """
import json, sys
from pyspark.sql import SparkSession
spark = (
    SparkSession.builder.master("local[1]")
    .config("spark.jars", sys.argv[1])
    .config("spark.sql.extensions", "io.delta.sql.DeltaSparkSessionExtension")
    .config("spark.sql.catalog.spark_catalog", "org.apache.spark.sql.delta.catalog.DeltaCatalog")
    .config("spark.databricks.delta.snapshotPartitions", "1")
    .config("spark.sql.shuffle.partitions", "1")
    .config("spark.sql.session.timeZone", "UTC")
    .config("spark.driver.memory", "512m")
    .config("spark.driver.extraJavaOptions", "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC")
    .config("spark.ui.enabled", "false")
    .getOrCreate()
)
spark.sparkContext.setLogLevel("ERROR")
"""


def missing() -> str | None:
    """What is not there, as a sentence; None when read() can be called."""
    if not PYTHON.exists() or not shutil.which("java"):
        return f"there is no Spark at {PYTHON} or no java: run scripts/setup.sh spark-server"
    if not (JARS / "complete").exists():
        return f"there are no jars of Delta at {JARS}: run scripts/setup.sh delta"
    return None


def read(folder: Path, script: str, *arguments, seconds: int = 300) -> dict:
    """What the script leaves in `result`; it finds a session in `spark` and the arguments from sys.argv[2] on."""
    file = folder / "reader.py"
    file.write_text(SESSION + script + "\nprint('RESULT', json.dumps(result))\n")
    jars = ",".join(str(jar) for jar in sorted(JARS.glob("delta/*.jar")))
    kept = {name: value for name, value in os.environ.items() if not name.startswith("SPARK_")}
    done = subprocess.run(
        [PYTHON, file, jars, *map(str, arguments)], capture_output=True, text=True, timeout=seconds, cwd=folder, env={**kept, "SPARK_LOCAL_IP": "127.0.0.1"}
    )
    assert done.returncode == 0, done.stderr[-3000:]
    return json.loads(next(line for line in done.stdout.splitlines() if line.startswith("RESULT"))[7:])
