"""How the program is linked and compiled: what an attacker finds who has a folder, or a bug."""

import json
import re
import subprocess

from conftest import BINARY, ROOT


def readelf(binary, *options: str) -> str:
    return subprocess.run(["readelf", "--wide", *options, binary], capture_output=True, text=True, check=True).stdout


def flaws(binary) -> list[str]:
    """What a program lacks; of the package's too (test_package.py)."""
    dynamic, segments, symbols = readelf(binary, "--dynamic"), readelf(binary, "--segments"), readelf(binary, "--dyn-syms")
    searched = [place for path in re.findall(r"\((?:RUNPATH|RPATH)\).*\[(.*)\]", dynamic) for place in path.split(":")]
    guards = {
        f"every place of its search path is absolute or beside it: {searched}": searched
        and all(place.startswith(("/", "$ORIGIN/")) for place in searched),
        "its position is random": re.search(r"FLAGS_1.*\bPIE\b", dynamic),
        "its symbols are bound at the start": re.search(r"BIND_NOW|FLAGS_1.*\bNOW\b", dynamic),
        "its addresses are read-only then": "GNU_RELRO" in segments,
        "its stack is not code": not re.search(r"GNU_STACK.*\bRWE\b", segments) and "GNU_STACK" in segments,
        "its stack is guarded": "__stack_chk_fail" in symbols,
        "calls of libc are checked": re.search(r"__\w+_chk@", symbols),
    }
    return [what for what, holds in guards.items() if not holds]


def test_the_program_is_guarded():
    assert flaws(BINARY) == []


def test_every_file_of_ours_is_compiled_with_guards():
    """The archives of Debian are, so the program's symbols alone would not tell."""
    commands = json.loads((BINARY.parent / "compile_commands.json").read_text())
    ours = [c for c in commands if c["file"].startswith(f"{ROOT}/src/")]
    assert len(ours) > 50
    sanitized = any("-fsanitize" in c["command"] for c in ours)  # what a sanitizer finds is more, and it forbids _FORTIFY_SOURCE
    for flag in ["-fstack-protector-strong", "-fPI"] + ([] if sanitized else ["-D_FORTIFY_SOURCE="]):
        assert [c["file"] for c in ours if flag not in c["command"]] == [], flag


def test_no_library_of_the_working_folder_is_loaded(tmp_path):
    linked = re.findall(r"Shared library: \[(.*)\]", readelf(BINARY, "--dynamic"))
    assert "libduckdb.so" in linked
    for name in linked:
        (tmp_path / name).write_text("not a library: loading this fails")
    done = subprocess.run([BINARY, "--version"], cwd=tmp_path, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr


def test_a_build_without_spark_says_where_to_get_it(workspace):
    workspace.write_day([{"movie_id": 1, "user_id": 1}])
    done = workspace.run("--engine", "spark", "--spark-remote", "sc://127.0.0.1:1")
    if (BINARY.parent / "libmetl_spark.a").exists():
        assert "this build has no Spark engine" not in done.err
    else:
        assert done.code == 78
        assert "this build has no Spark engine" in done.err and "SPARK=1 make build" in done.err and "the image" in done.err
