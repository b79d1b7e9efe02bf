"""Measures `movies-etl check` against Soda Core 3.5.6 on DuckDB: the shipped checks and a file of 60, on one curated day.

Both read the same Parquet files, each in a process of its own, round after round in turn; medians are compared, and the outcomes too.
"""

import argparse
import json
import statistics
import sys
from pathlib import Path

import bench
import machine
import measure

HERE = Path(__file__).resolve().parent
DATASET = "movie_ratings_curated"


def sixty_checks() -> str:
    """Sixty checks as a team writes them over time: per column what is missing, invalid, its bounds and spread, and some keys."""
    lines = [f"checks for {DATASET}:", "  - row_count > 0"]
    columns = ["movie_id", "user_id", "rating", "timestamp", "original_title", "original_language", "budget", "is_adult", "genres"]
    lines += [f"  - missing_count({c}) >= 0" for c in columns] + [f"  - missing_percent({c}) < 100" for c in columns]
    for column in ("movie_id", "user_id", "rating", "timestamp", "budget"):
        lines += [f"  - {metric}({column}) > -1000000" for metric in ("min", "max", "avg", "sum", "stddev")]
    for column, least in (("movie_id", 1), ("user_id", 1), ("rating", 0), ("budget", 0)):
        lines.append(f"  - invalid_count({column}) = 0:\n      valid min: {least}")
    lines += [f"  - {metric}_length(original_title) >= 0" for metric in ("min", "max", "avg")]
    lines += [
        "  - invalid_percent(original_language) < 1:\n      valid length: 2",
        "  - invalid_count(original_language) >= 0:\n      valid regex: '^[A-Z]{2}$'",
        "  - invalid_count(original_title) >= 0:\n      invalid values: ['', 'N/A']",
        "  - missing_count(rating) = 0:\n      filter: budget > 0",
        "  - duplicate_count(movie_id, user_id) = 0",
        "  - duplicate_percent(movie_id, user_id) < 1",
        "  - duplicate_count(movie_id) > 0",
        "  - percentile(rating, 0.95) <= 5",
        "  - failed rows:\n      fail condition: rating > 5",
    ]
    checks = sum(line.startswith("  - ") for line in lines)
    assert checks == 60, checks
    return "\n".join(lines) + "\n"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=20_000_000)
    parser.add_argument("--binary", type=Path, required=True)
    parser.add_argument("--soda", type=Path, required=True, help="Python with soda-core-duckdb")
    parser.add_argument("--rounds", type=int, default=3)
    arguments = parser.parse_args()
    binary = arguments.binary.resolve()
    with bench.Bench.in_new_folder() as runner:
        raw, _ = bench.generate(runner, binary, arguments.rows)
        lake = runner.work / "lake"
        curate = [str(binary), "run", "--execution-date", bench.DAY, "-c", str(bench.config(raw, lake))]
        made = measure.run(curate, lake, runner.work / "curate", runner.work, runner.memory, runner.seconds)
        if made.error:
            sys.exit(f"bench: cannot curate the day: {made.error}")
        table = lake / DATASET
        files = {"7 checks, as shipped": machine.REPOSITORY / "pipelines/movie_ratings/checks.yaml", "60 checks": runner.work / "sixty.yml"}
        files["60 checks"].write_text(sixty_checks())
        report(arguments, {title: rounds(runner, binary, arguments, file, table) for title, file in files.items()})
    return 0


def rounds(runner, binary: Path, arguments, file: Path, table: Path) -> dict[str, list]:
    commands = {
        "ours": [str(binary), "check", "--compat", "--format", "json", "--dataset", f"{DATASET}={table}", "-v", f"table={DATASET}",
                 "-v", f"run_date={bench.DAY}", str(file)],
        "soda": [str(arguments.soda), str(HERE / "peers" / "soda_job.py"), str(file), str(table), DATASET],
    }  # fmt: skip
    done: dict[str, list] = {name: [] for name in commands}
    for number in range(arguments.rounds):
        for name, command in commands.items():
            result = measure.run(command, runner.work / "none", runner.work / name, runner.work, runner.memory, runner.seconds)
            done[name].append(result)
            print(f"round {number + 1}/{arguments.rounds} {file.name} {name}: {result.wall:.2f} s, {result.cpu:.2f} CPU s "
                  f"{result.error or ''}", file=sys.stderr, flush=True)  # fmt: skip
    counts = {k: v for k, v in done["ours"][-1].facts.get("counts", {}).items() if k in ("pass", "warn", "fail") and v}
    if counts != done["soda"][-1].facts.get("outcomes"):
        print(f"OUTCOMES DIFFER: {counts} here, {done['soda'][-1].facts}", file=sys.stderr)
    return done


def report(arguments, results: dict) -> None:
    lines = [f"# Checks on {arguments.rows:,} rows", "", "| | wall s | CPU s | peak RSS MB | Soda Core / ours, wall | CPU |", "|---|---:|---:|---:|---:|---:|"]
    figures = {}
    for title, done in results.items():
        median = {n: {f: statistics.median(getattr(r, f) for r in runs) for f in ("wall", "cpu", "rss")} for n, runs in done.items()}
        figures[title] = median
        ours, soda = median["ours"], median["soda"]
        lines.append(f"| {title}: movies-etl check | {ours['wall']:.2f} | {ours['cpu']:.2f} | {ours['rss'] / 1e6:.0f} | "
                     f"{soda['wall'] / ours['wall']:.1f} x | {soda['cpu'] / ours['cpu']:.1f} x |")  # fmt: skip
        lines.append(f"| {title}: Soda Core 3.5.6 | {soda['wall']:.2f} | {soda['cpu']:.2f} | {soda['rss'] / 1e6:.0f} | | |")
    facts = machine.describe(arguments.binary.resolve(), [])
    text = "\n".join([*lines, "", *(f"- {k}: {v}" for k, v in facts.items())]) + "\n"
    folder = HERE / "results"
    folder.mkdir(exist_ok=True)
    (folder / f"checks-{arguments.rows}.md").write_text(text)
    (folder / f"checks-{arguments.rows}.json").write_text(json.dumps(figures, indent=2))
    print(text)


if __name__ == "__main__":
    sys.exit(main())
