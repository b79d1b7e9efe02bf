"""Random checks through this program and through the real Soda Core: outcome, value and name of every check, and the exit code.

usage: compare.py --soda PYTHON --binary PATH [--cases N] [--seed S] [--keep FOLDER]
"""

import argparse
import json
import math
import os
import subprocess
import sys
import tempfile
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import duckdb
import generate

HERE = Path(__file__).resolve().parent
BATCH = 25
TIMEOUT = 600  # seconds for a batch


def write_case(folder: Path, seed: int) -> None:
    text, variables, tables = generate.case(seed)
    folder.mkdir(parents=True)
    (folder / "checks.yml").write_text(text)
    (folder / "variables.json").write_text(json.dumps(variables))
    connection = duckdb.connect()
    for name, rows in tables.items():
        connection.execute(f"CREATE TABLE {name} (" + ", ".join(f'"{c}" {t}' for c, t in generate.COLUMNS.items()) + ")")
        for row in rows:
            connection.execute(f"INSERT INTO {name} VALUES ({', '.join('?' * len(row))})", list(row.values()))
        connection.execute(f"COPY {name} TO '{folder}/{name}.parquet' (FORMAT parquet)")


def run_ours(binary: Path, folder: Path) -> dict:
    command = [str(binary), "check", "--compat", "--format", "json", str(folder / "checks.yml")]
    for name in ("t0", "t1"):
        command += ["--dataset", f"{name}={folder}/{name}.parquet"]
    for name, value in json.loads((folder / "variables.json").read_text()).items():
        command += ["-v", f"{name}={value}"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, cwd=folder)
    result = json.loads(done.stdout)
    return {
        "exit_code": done.returncode,
        "checks": [
            [int(c["location"].split(":")[-2]), c["dataset"] or None, c["name"], c["outcome"], c["value"]]
            for c in result["checks"]
            if c["outcome"] != "not_evaluated"
        ],
        "errors": [e["message"] for e in result["errors"]],
    }


def run_soda(python: Path, folders: list[Path], home: Path) -> None:
    soda = home / ".soda"
    soda.mkdir(exist_ok=True)
    (soda / "config.yml").write_text("send_anonymous_usage_stats: false\nuser_cookie_id: none\n")
    subprocess.run([python, HERE / "soda_worker.py", *folders], env={**os.environ, "HOME": str(home)}, timeout=TIMEOUT, check=True)


def same(ours, theirs) -> bool:
    if isinstance(ours, (int, float)) and isinstance(theirs, (int, float)):
        return math.isclose(ours, theirs, rel_tol=1e-9, abs_tol=1e-9)
    return ours == theirs


def differences(ours: dict, theirs: dict) -> list[str]:
    out = []
    left = sorted(ours["checks"], key=lambda c: (c[0], str(c[1]), c[2]))
    right = sorted(theirs["checks"], key=lambda c: (c[0], str(c[1]), c[2]))
    for check in [c for c in left if [c[0], c[1], c[2]] not in [r[:3] for r in right]]:
        out.append(f"only here: {check}")
    for check in [c for c in right if [c[0], c[1], c[2]] not in [l[:3] for l in left]]:
        out.append(f"only in Soda Core: {check}")
    if not out:
        for own, other in zip(left, right):
            if own[3] != other[3] or not same(own[4], other[4]):
                out.append(f"line {own[0]} {own[2]}: here {own[3]} {own[4]}, Soda Core {other[3]} {other[4]}")
    if ours["exit_code"] != theirs["exit_code"]:
        out.append(f"exit code here {ours['exit_code']}, Soda Core {theirs['exit_code']}")
    return out


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--soda", type=Path, required=True)
    parser.add_argument("--binary", type=Path, required=True)
    parser.add_argument("--cases", type=int, default=500)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--keep", type=Path, help="folder for the cases, which stay there")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        root = arguments.keep or Path(temporary)
        folders = [root / f"{seed:05}" for seed in range(arguments.seed, arguments.seed + arguments.cases)]
        for folder in folders:
            write_case(folder, int(folder.name))
        batches = [folders[i : i + BATCH] for i in range(0, len(folders), BATCH)]
        with ThreadPoolExecutor(2) as pool:
            list(pool.map(lambda batch: run_soda(arguments.soda, batch, Path(temporary)), batches))
            results = list(pool.map(lambda folder: run_ours(arguments.binary.resolve(), folder), folders))
        bad = 0
        checks = Counter()
        for folder, ours in zip(folders, results):
            theirs = json.loads((folder / "soda.json").read_text())
            checks.update(c[3] for c in theirs["checks"])
            found = differences(ours, theirs)
            if not found:
                continue
            bad += 1
            print(f"--- seed {folder.name}\n" + "\n".join(found))
            print(f"errors here: {ours['errors']}\nerrors in Soda Core: {theirs['errors']}")
    print(f"{len(folders)} cases, {sum(checks.values())} checks ({dict(checks)}): {bad} cases differ")
    return 1 if bad else 0


sys.exit(main())
