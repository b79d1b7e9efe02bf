"""A library of C that the program loads before any other (LD_PRELOAD), so that calls of the system fail as a test wants."""

import shutil
import subprocess
from pathlib import Path

import pytest


def compiled(folder: Path, source: str, untested: str) -> Path:
    """The library; skips the test, saying what was not tested, where there is no compiler."""
    compiler = shutil.which("cc") or shutil.which("gcc")
    if not compiler:
        pytest.skip(f"LOUD: there is no C compiler, {untested}")
    (folder / "fault.c").write_text(source)
    subprocess.run([compiler, "-shared", "-fPIC", "-o", folder / "fault.so", folder / "fault.c", "-ldl"], check=True)
    return folder / "fault.so"
