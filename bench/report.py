"""Turns measurements into a table, a verdict on each target, and files."""

import json
import sys
from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import datetime, timezone
from pathlib import Path

from measure import Measurement


@dataclass(frozen=True)
class Result:
    machine: dict[str, str]
    rows: int
    rounds: int
    raw_bytes: int
    titles: dict[str, str]  # of the contenders, by name, in order
    medians: dict[str, Measurement]  # by name, and "sample_day"
    generated: Measurement | None


@dataclass(frozen=True)
class Target:
    """Something to reach, set for the day of 20,000,000 rows; for another size only the output's limit is scaled."""

    text: str
    limit: float
    value: Callable[[Result], float | None]
    unit: str


def say(line: str) -> None:
    print(f"bench: {line}", file=sys.stderr, flush=True)


def of(result: Result, name: str) -> Measurement | None:
    found = result.medians.get(name)
    return found if found and not found.error else None


def cpu_ratio(result: Result, name: str = "ours") -> float | None:
    run, floor = of(result, name), of(result, "floor")
    return run.cpu / floor.cpu if run and floor else None


def spark_ratio(result: Result) -> float | None:
    ours, theirs = of(result, "ours_spark"), of(result, "pyspark")
    return ours.cpu / theirs.cpu if ours and theirs else None


def rows_lost(result: Result) -> float | None:
    run, small = of(result, "ours"), of(result, "ours_512MB")
    return abs(run.rows - small.rows) if run and small and run.rows and small.rows else None


def targets(rows: int) -> list[Target]:
    def ours(pick: Callable[[Measurement], float], name: str = "ours") -> Callable[[Result], float | None]:
        def value(result: Result) -> float | None:
            run = of(result, name)
            return pick(run) if run else None

        return value

    megabytes = 110 * rows / 20_000_000
    return [
        Target("end to end, CPU seconds of the floor", 1.6, cpu_ratio, "x"),
        Target("peak RSS", 1.0, ours(lambda run: run.rss / 1e9), "GB"),
        Target("output", megabytes, ours(lambda run: run.output / 1e6), "MB"),
        Target("shipped sample day, whole process", 0.3, ours(lambda run: run.wall, "sample_day"), "s"),
        Target("on Spark, CPU seconds of PySpark + Delta", 1, spark_ratio, "x"),
        Target("rows that differ with --memory-limit 512MB", 0, rows_lost, "rows"),
    ]


def short(run: Measurement) -> str:
    if run.error:
        return run.error
    return f"{run.wall:.1f} s, {run.cpu:.1f} CPU s, {run.rss / 1e6:.0f} MB RSS, {run.output / 1e6:.1f} MB out"


def table(result: Result) -> list[str]:
    lines = [
        "| | wall s | CPU s | CPU / floor | peak RSS MB | output MB | rows out |",
        "|---|---:|---:|---:|---:|---:|---:|",
    ]
    for name, title in {**result.titles, "sample_day": "movies-etl, shipped sample day"}.items():
        run = result.medians[name]
        if run.error:
            cells = f"{run.error.replace('|', '/')} | | | {run.rss / 1e6:,.0f} | | "
        else:
            ratio = cpu_ratio(result, name) if name != "sample_day" else None
            cells = (
                f"{run.wall:.2f} | {run.cpu:.2f} | {f'{ratio:.2f}' if ratio else ''} | {run.rss / 1e6:,.0f} | "
                f"{run.output / 1e6:,.1f} | {'' if run.rows is None else f'{run.rows:,}'}"
            )
        lines.append(f"| {title} | {cells} |")
    return lines


def verdicts(result: Result) -> list[str]:
    lines = ["| target | limit | measured | |", "|---|---:|---:|---|"]
    for target in targets(result.rows):
        value = target.value(result)
        if value is None:
            measured, verdict = "", "not measured"
        else:
            measured = f"{value:.3g} {target.unit}"
            verdict = "reached" if value <= target.limit else "**not reached**"
        lines.append(f"| {target.text} | {target.limit:g} {target.unit} | {measured} | {verdict} |")
    return lines


def markdown(result: Result) -> str:
    facts = [f"- {name}: {value}" for name, value in result.machine.items()]
    generated = [f"Generating it: {short(result.generated)}.", ""] if result.generated else []
    return "\n".join(
        [
            f"# {result.rows:,} rows, {result.raw_bytes / 1e6:.0f} MB raw",
            "",
            *generated,
            f"Medians of {result.rounds} rounds, contenders in turn; those that take minutes or much memory ran once.",
            "Peak RSS is of all processes of a contender together. `rows out` without dedupe are all rows.",
            "",
            *table(result),
            "",
            *verdicts(result),
            "",
            *facts,
            "",
        ]
    )


def write(result: Result, runs: dict[str, list[dict]], folder: Path) -> list[Path]:
    folder.mkdir(parents=True, exist_ok=True)
    stem = folder / f"rows-{result.rows}"
    document = {
        "measured_at": datetime.now(timezone.utc).isoformat(timespec="seconds"),
        "machine": result.machine,
        "rows": result.rows,
        "raw_bytes": result.raw_bytes,
        "generate": asdict(result.generated) if result.generated else None,
        "medians": {name: asdict(run) for name, run in result.medians.items()},
        "targets": [
            {"target": target.text, "limit": target.limit, "unit": target.unit, "measured": target.value(result)}
            for target in targets(result.rows)
        ],
        "runs": runs,
    }
    json_file, markdown_file = stem.with_suffix(".json"), stem.with_suffix(".md")
    json_file.write_text(json.dumps(document, indent=2) + "\n")
    markdown_file.write_text(markdown(result))
    return [json_file, markdown_file]
