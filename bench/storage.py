"""Measures a day from S3 to S3 against the same day from disk to disk, and counts the requests of a run by kind.

The S3 server (versitygw, as in tests/s3) runs on this machine: its processor time is not the program's, but the wall clock holds both.
Rounds go in turn; the requests are counted in a run of their own, through the tests' proxy.
"""

import argparse
import json
import os
import shutil
import statistics
import sys
from pathlib import Path

import bench
import machine
import measure

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "tests"))
from s3 import gateway, proxy  # noqa: E402

BUCKET = "bench"


def s3_config(endpoint: str, file: Path) -> Path:
    """The config of one run; a table of its own, named as the file."""
    lake = {
        "raw": {"location": f"s3://{BUCKET}/raw"},
        "curated": {"table": "default.movie_ratings_curated", "location": f"s3://{BUCKET}/{file.stem}"},
    }
    server = {"endpoint": endpoint, "region": gateway.REGION, "path_style": True, "allow_http": True}
    settings = {"data": lake, "storage": {"s3": server}, "pipelines": {"location": str(machine.REPOSITORY / "pipelines")}}
    file.write_text(json.dumps({"development": settings}, indent=2))  # JSON is YAML
    return file


def run(runner, binary: Path, config: Path, output: Path) -> measure.Measurement:
    command = [str(binary), "run", "--execution-date", bench.DAY, "--config-file-path", str(config), "--output", "json"]
    os.sync()
    done = measure.run(command, output, config.with_suffix(""), runner.work, runner.memory, runner.seconds)
    if done.error:
        sys.exit(f"bench: {config.stem}: {done.error}")
    print(f"{config.stem}: {done.wall:.2f} s, {done.cpu:.2f} CPU s, {done.rss / 1e6:.0f} MB", file=sys.stderr, flush=True)
    return done


def upload(store: gateway.Gateway, raw: Path) -> None:
    client = store.client()
    client.create_bucket(Bucket=BUCKET)
    for file in sorted((raw / bench.DAY_FOLDER).glob("*.parquet")):
        client.upload_file(str(file), BUCKET, f"raw/{bench.DAY_FOLDER}/{file.name}")


def measure_all(runner, binary: Path, raw: Path, rounds: int) -> tuple[dict, dict]:
    os.environ.update(AWS_ACCESS_KEY_ID=gateway.KEY, AWS_SECRET_ACCESS_KEY=gateway.SECRET)
    runs: dict[str, list] = {"local": [], "s3": []}
    store = gateway.Gateway(runner.work / "store")
    try:
        upload(store, raw)
        for number in range(rounds):
            output = runner.work / f"local-{number}"
            runs["local"].append(run(runner, binary, bench.config(raw, output), output))
            shutil.rmtree(output)
            config = s3_config(store.endpoint, runner.work / f"s3-{number}.yaml")
            output = store.data / BUCKET / config.stem
            runs["s3"].append(run(runner, binary, config, output))
            shutil.rmtree(output)
        between = proxy.Proxy(store.port)
        config = s3_config(between.endpoint, runner.work / "counted.yaml")
        counts = {}
        for title in ("first run of the table", "second run of the day"):
            run(runner, binary, config, store.data / BUCKET / config.stem)
            counts[title] = dict(sorted(between.counts().items()))
            between.clear()
        between.stop()
    finally:
        store.stop()
    return runs, counts


def report(arguments, runs: dict, counts: dict) -> None:
    middle = {name: {f: statistics.median(getattr(r, f) for r in done) for f in ("wall", "cpu", "rss")} for name, done in runs.items()}
    local, s3 = middle["local"], middle["s3"]
    lines = [f"# S3 to S3 against disk to disk, a day of {arguments.rows:,} rows, median of {arguments.rounds}", ""]
    lines += ["| | wall s | CPU s of the program | peak RSS MB |", "|---|---:|---:|---:|"]
    for title, figures in (("disk to disk", local), ("S3 to S3", s3)):
        lines.append(f"| {title} | {figures['wall']:.2f} | {figures['cpu']:.2f} | {figures['rss'] / 1e6:.0f} |")
    lines.append(f"| ratio | {s3['wall'] / local['wall']:.2f} | {s3['cpu'] / local['cpu']:.2f} | {s3['rss'] / local['rss']:.2f} |")
    kinds = sorted({kind for found in counts.values() for kind in found})
    lines += ["", "| requests | " + " | ".join(counts) + " |", "|---|" + "---:|" * len(counts)]
    lines += [f"| {kind} | " + " | ".join(str(found.get(kind, 0)) for found in counts.values()) + " |" for kind in kinds]
    lines.append("| **all** | " + " | ".join(str(sum(found.values())) for found in counts.values()) + " |")
    facts = machine.describe(arguments.binary.resolve(), ["duckdb", "deltalake", "boto3"]) | {"server": f"versitygw {gateway.VERSION}, same machine"}
    text = "\n".join([*lines, "", *(f"- {k}: {v}" for k, v in facts.items())]) + "\n"
    folder = HERE / "results"
    folder.mkdir(exist_ok=True)
    (folder / f"storage-{arguments.rows}.md").write_text(text)
    (folder / f"storage-{arguments.rows}.json").write_text(json.dumps({"medians": middle, "requests": counts}, indent=2))
    print(text)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=20_000_000)
    parser.add_argument("--binary", type=Path, required=True)
    parser.add_argument("--rounds", type=int, default=3)
    arguments = parser.parse_args()
    if not gateway.BINARY.exists():
        sys.exit(f"bench: no S3 server at {gateway.BINARY}: run scripts/setup.sh s3")
    binary = arguments.binary.resolve()
    with bench.Bench.in_new_folder() as runner:
        raw, _ = bench.generate(runner, binary, arguments.rows)
        report(arguments, *measure_all(runner, binary, raw, arguments.rounds))
    return 0


if __name__ == "__main__":
    sys.exit(main())
