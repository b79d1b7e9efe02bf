#!/usr/bin/env python3
"""clang-tidy over the sources of a build folder, without those that were clean before.

A clean file leaves a stamp in the cache. Its name is a hash over all that the finding depends on: the file, every header of this
project that it includes (ninja knows them from the compiler), how it is compiled, .clang-tidy and the linter's version. A file
whose headers ninja does not know is checked each time.

usage: tidy.py CLANG_TIDY BUILD_FOLDER CACHE_FOLDER FILE...
"""

import hashlib
import json
import os
import re
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


def compile_commands(build: Path) -> dict[str, dict]:
    """By source file; without the precompiled headers, which only gcc reads, and without the compiler's own -Werror: .clang-tidy says
    what fails, and clang warns of gcc's standard library."""
    commands = json.loads((build / "compile_commands.json").read_text())
    for entry in commands:
        entry["command"] = re.sub(r"-include \S*cmake_pch\.hxx|-Winvalid-pch|-Werror\b", "", entry["command"])
    return {str(Path(entry["file"]).relative_to(ROOT)): entry for entry in commands if Path(entry["file"]).is_relative_to(ROOT)}


def headers(build: Path) -> dict[str, list[Path]]:
    """The project's own headers, those of the bridge in the build folder too, by object file."""
    found: dict[str, list[Path]] = {}
    current = None
    for line in subprocess.run(["ninja", "-C", build, "-t", "deps"], capture_output=True, text=True, check=True).stdout.splitlines():
        if line.startswith("    ") and current:
            path = (build / line.strip()).resolve()
            if path.is_relative_to(ROOT):
                found[current].append(path)
        elif "#deps" in line:
            current = line.split(":")[0] if line.endswith("(VALID)") else None
            if current:
                found[current] = []
    return found


def key(version: str, entry: dict, included: list[Path]) -> str:
    digest = hashlib.sha256((version + entry["command"].replace(str(ROOT), "")).encode())
    for path in [ROOT / ".clang-tidy", *sorted(included)]:
        digest.update(str(path.relative_to(ROOT)).encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()


def main() -> int:
    linter, build, cache = sys.argv[1], Path(sys.argv[2]).resolve(), Path(sys.argv[3])
    cache.mkdir(parents=True, exist_ok=True)
    version = subprocess.run([linter, "--version"], capture_output=True, text=True, check=True).stdout
    commands, included = compile_commands(build), headers(build)
    todo = []
    for file in sys.argv[4:]:
        entry = commands[file]
        object_file = entry.get("output") or re.search(r" -o (\S+)", entry["command"])[1]
        stamp = cache / key(version, entry, included[object_file]) if object_file in included else None
        if not stamp or not stamp.exists():
            todo.append((file, stamp))
    print(f"{len(todo)} of {len(sys.argv) - 4} files to check", flush=True)

    def check(file: str, stamp: Path | None) -> bool:
        done = subprocess.run([linter, "--quiet", "-p", database, file], cwd=ROOT, capture_output=True, text=True)
        if done.returncode != 0:
            print(done.stdout + done.stderr, flush=True)
        elif stamp:
            stamp.touch()
        return done.returncode == 0

    with tempfile.TemporaryDirectory() as database, ThreadPoolExecutor(len(os.sched_getaffinity(0))) as pool:
        Path(database, "compile_commands.json").write_text(json.dumps(list(commands.values())))
        clean = list(pool.map(lambda item: check(*item), todo))
    return 0 if all(clean) else 1


if __name__ == "__main__":
    sys.exit(main())
