"""Random checks files through this program and the real Soda Core, 100 of them; skipped where that is not installed (scripts/setup.sh oracle)."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

HERE = Path(__file__).resolve().parent
CACHE = Path(os.environ.get("MOVIES_ETL_CACHE") or Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "movies-etl")
SODA = CACHE / "venv-oracle" / "bin" / "python"
BINARY = Path(os.environ.get("MOVIES_ETL_BINARY") or HERE.parents[1] / "build" / "release" / "movies-etl").resolve()
BATCH = 25


@pytest.mark.skipif(not SODA.exists(), reason="LOUD: there is no Soda Core to compare with: scripts/setup.sh oracle")
@pytest.mark.parametrize("first", range(1, 101, BATCH))
def test_random_checks_have_the_answers_of_soda_core(first):
    command = [sys.executable, HERE / "compare.py", "--soda", SODA, "--binary", BINARY, "--cases", str(BATCH), "--seed", str(first)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=600)
    assert done.returncode == 0, done.stdout[-4000:] + done.stderr[-2000:]


def test_the_cases_hold_numbers_in_texts():
    import generate

    texts = [generate.case(seed)[0] for seed in range(1, 101)]
    assert sum("(typed" in text for text in texts) >= 10
