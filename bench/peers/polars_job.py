"""Polars and delta-rs: dedupe and write one partition of a Delta table. usage: polars_job.py <folder of raw files> <table>.

No checks run and ties are broken arbitrarily, so it does less than the program it is compared with.
"""

import json
import sys

import polars as pl


def main() -> None:
    source, output = sys.argv[1:]
    frame = (
        pl.scan_parquet(f"{source}/*.parquet")
        .sort("timestamp", nulls_last=False)
        .unique(subset=["movie_id", "user_id"], keep="first")
        .select(
            "movie_id",
            "user_id",
            "rating",
            "timestamp",
            "original_title",
            pl.col("original_language").str.to_uppercase(),
            "budget",
            pl.col("adult").alias("is_adult"),
            (pl.col("genres").list.len() > 1).fill_null(False).alias("is_multigenre"),
            "genres",
            pl.lit("2021-01-01").alias("run_date"),
        )
        .sort("movie_id", "user_id")
        .collect(engine="streaming")
    )
    frame.write_delta(output, mode="overwrite", delta_write_options={"partition_by": ["run_date"]})
    print(json.dumps({"rows": frame.height}))


if __name__ == "__main__":
    main()
