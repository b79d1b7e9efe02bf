"""scripts/kafka.sh, which `make kafka-up` and `make kafka-down` call."""

import os
import subprocess
from pathlib import Path

from owned import free_port

ROOT = Path(__file__).resolve().parents[2]


def test_a_broker_comes_up_once_and_leaves_nothing(tmp_path):
    state = tmp_path / "kafka"
    variables = {**os.environ, "KAFKA_PORT": str(free_port()), "KAFKA_CONTROLLER_PORT": str(free_port()), "KAFKA_STATE": str(state)}

    def call(command):
        return subprocess.run([ROOT / "scripts/kafka.sh", command], env=variables, capture_output=True, text=True, timeout=120)

    up = call("up")
    try:
        assert up.returncode == 0, up.stderr + (state / "log").read_text()
        pid = int((state / "pid").read_text())
        assert (state / "topics" / "meta.properties").exists()
        assert "runs already" in call("up").stdout
    finally:
        down = call("down")
    assert down.returncode == 0 and f"ended process {pid}" in down.stdout
    command = Path(f"/proc/{pid}/cmdline")  # empty for an ended process that nobody has waited for
    assert not command.exists() or command.read_bytes() == b""
    assert sorted(p.name for p in state.iterdir()) == ["log", "log4j2.properties", "server.properties"]
    assert "nothing runs" in call("down").stdout
