"""movies-etl on a Spark Connect server of its own. usage: spark_engine_job.py <movies-etl> <config file>.

Starting and ending the server counts, as it does for pyspark_job.py: what is compared is a day from nothing to published and checked.
"""

import os
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import pyspark

DAY = "2021-01-01"
SERVER = Path(__file__).resolve().parents[2] / "scripts/spark.sh"
STARTED = "Spark Connect server started at"


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def main() -> int:
    binary, config = sys.argv[1:]
    port = free_port()
    with tempfile.TemporaryDirectory() as state:
        log = Path(state) / "log"
        environment = {
            **os.environ,
            "SPARK_HOME": str(Path(pyspark.__file__).parent),
            "SPARK_PORT": str(port),
            "SPARK_STATE": state,
            "SPARK_MEMORY": os.environ.get("BENCH_SPARK_MEMORY", "8g"),
        }
        with log.open("wb") as out:
            server = subprocess.Popen([SERVER, "run"], env=environment, stdout=out, stderr=out)
        try:
            while STARTED not in log.read_text(errors="replace"):
                if server.poll() is not None:
                    sys.exit(f"the server ended: {log.read_text(errors='replace')[-500:]}")
                time.sleep(0.1)
            command = [binary, "run", "--execution-date", DAY, "--config-file-path", config, "--output", "json"]
            return subprocess.run([*command, "--engine", "spark", "--spark-remote", f"sc://127.0.0.1:{port}"]).returncode
        finally:  # waited for, so that its CPU seconds are this process's
            server.terminate()
            server.wait()


if __name__ == "__main__":
    sys.exit(main())
