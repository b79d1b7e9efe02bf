"""scripts/layers.py, the lint of includes: it says nothing of the sources as they are, and finds what it is there for."""

import shutil
import subprocess
import sys

import pytest
from conftest import ROOT


def layers(folder):
    return subprocess.run([sys.executable, ROOT / "scripts/layers.py", folder], capture_output=True, text=True, check=False)


@pytest.mark.parametrize(
    "file, line, fault",
    [
        ("base/text.h", '#include "config/settings.h"', "base/text.h: 'base' may not include config/settings.h"),
        ("sample/sql.h", '#include "table/table.h"', "'sample' may not include table/table.h"),
        ("pipeline/run.cpp", '#include "engine/duckdb/client.h"', "'pipeline' may not include engine/duckdb/client.h"),
        ("quality/model/ast.h", '#include "quality/model/result.h"\n#include "quality/scan.h"', "rooms in a circle: "),
        ("base/error.h", '#include "base/files.h"', "files in a circle: "),
        ("table/table.cpp", "#include <duckdb.h>", "'table' may not include duckdb.h"),
    ],
)
def test_a_wrong_include_is_found(tmp_path, file, line, fault):
    assert layers(ROOT / "src").returncode == 0
    shutil.copytree(ROOT / "src", tmp_path / "src")
    with (tmp_path / "src" / file).open("a") as source:
        source.write(line + "\n")
    found = layers(tmp_path / "src")
    assert found.returncode == 1 and fault in found.stderr, found.stderr
