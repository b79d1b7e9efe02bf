"""The job as PySpark and Delta Lake run it, checks included. usage: pyspark_job.py <folder of raw files> <table folder>.

The transform and the order of steps are those of the original PySpark program: dedupe by a window, overwrite the day's
partition, then read it back for the checks.
"""

import json
import os
import sys

from pyspark.sql import SparkSession, Window
from pyspark.sql import functions as f

DAY = "2021-01-01"
DELTA = "io.delta:delta-spark_4.2_2.13:4.4.0"


def session() -> SparkSession:
    return (
        SparkSession.builder.master("local[*]")
        .appName("movies-etl-bench")
        .config("spark.driver.memory", os.environ.get("BENCH_SPARK_MEMORY", "8g"))
        .config("spark.ui.enabled", "false")
        .config("spark.jars.packages", DELTA)
        .config("spark.sql.extensions", "io.delta.sql.DeltaSparkSessionExtension")
        .config("spark.sql.catalog.spark_catalog", "org.apache.spark.sql.delta.catalog.DeltaCatalog")
        .config("spark.sql.session.timeZone", "UTC")
        .getOrCreate()
    )


def transform(spark: SparkSession, source: str):
    first = Window.partitionBy("movie_id", "user_id").orderBy(f.col("timestamp").asc())
    return (
        spark.read.parquet(source)
        .withColumn("rank", f.row_number().over(first))
        .where("rank = 1")
        .select(
            "movie_id",
            "user_id",
            "rating",
            "timestamp",
            "original_title",
            f.upper("original_language").alias("original_language"),
            "budget",
            f.col("adult").alias("is_adult"),
            f.coalesce(f.size("genres") > 1, f.lit(False)).alias("is_multigenre"),
            "genres",
            f.lit(DAY).alias("run_date"),
        )
    )


def check(day) -> tuple[int, list[str]]:
    """Rows, and the checks that failed: the aggregates in one pass and another for the duplicates, as Soda runs them."""
    facts = day.agg(
        f.count("*").alias("rows"),
        f.count_if((f.col("rating") < 0) | (f.col("rating") > 5)).alias("bad_ratings"),
        f.count_if(f.col("timestamp").isNull()).alias("missing_timestamps"),
        f.count_if(f.length("original_language") != 2).alias("bad_languages"),
        f.count_if(f.col("budget") < 0).alias("bad_budgets"),
    ).first()
    duplicates = day.groupBy("movie_id", "user_id").count().where("count > 1").count()
    found = {"duplicates": duplicates, **{name: facts[name] for name in facts.asDict() if name != "rows"}}
    failed = [name for name, count in found.items() if count]
    return facts["rows"], failed + (["no rows"] if facts["rows"] == 0 else [])


def main() -> None:
    source, output = sys.argv[1:]
    spark = session()
    spark.sparkContext.setLogLevel("ERROR")
    (
        transform(spark, source)
        .write.format("delta")
        .mode("overwrite")
        .partitionBy("run_date")
        .option("replaceWhere", f"run_date = '{DAY}'")
        .save(output)
    )
    day = spark.read.format("delta").load(output).where(f"run_date = '{DAY}'")
    rows, failed = check(day)
    print(json.dumps({"rows": rows, "failed_checks": failed}), flush=True)

    # The JVM is a child of this process; it has to be waited for here, or its CPU seconds are counted nowhere.
    gateway = spark.sparkContext._gateway
    spark.stop()
    gateway.shutdown()
    gateway.proc.stdin.close()
    gateway.proc.wait()
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
