"""DuckDB from Python: usage: duckdb_job.py copy|dedupe|sorted <folder of raw files> <output folder>.

copy   the floor: the target's columns, every row, nothing compared with anything
dedupe the obvious SQL: a window over each key
sorted the same, its rows sorted for better compression and skipping
"""

import json
import sys
from pathlib import Path

import duckdb

COLUMNS = """movie_id, user_id, rating, timestamp, original_title, upper(original_language) AS original_language, budget,
  adult AS is_adult, coalesce(len(genres) > 1, false) AS is_multigenre, genres"""
FIRST = """QUALIFY row_number() OVER (
  PARTITION BY movie_id, user_id
  ORDER BY timestamp NULLS FIRST, rating, original_title, original_language, budget, adult) = 1"""
TAILS = {"copy": "", "dedupe": FIRST, "sorted": FIRST + " ORDER BY movie_id, user_id"}


def main() -> None:
    kind, source, output = sys.argv[1:]
    folder = Path(output)
    folder.mkdir(parents=True)
    connection = duckdb.connect(config={"temp_directory": str(folder / "spill")})
    select = f"SELECT {COLUMNS} FROM read_parquet('{source}/*.parquet') {TAILS[kind]}"
    target = folder / "part-0.snappy.parquet"
    rows = connection.execute(f"COPY ({select}) TO '{target}' (FORMAT parquet, COMPRESSION snappy)").fetchone()[0]
    print(json.dumps({"rows": rows}))


if __name__ == "__main__":
    main()
