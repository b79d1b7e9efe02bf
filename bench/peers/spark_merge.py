"""Spark and Delta merge a file into a table. usage: spark_merge.py <raw file> <table> <jars>."""

import json
import os
import sys

from pyspark.sql import SparkSession

MERGE = """MERGE INTO delta.`{table}` AS t USING parquet.`{source}` AS s ON t.order_date = s.order_date AND t.order_id = s.order_id
WHEN MATCHED AND s.updated_at > t.updated_at THEN UPDATE SET * WHEN NOT MATCHED THEN INSERT *"""


def main() -> None:
    source, table, jars = sys.argv[1:]
    spark = (
        SparkSession.builder.master("local[*]")
        .config("spark.jars", jars)
        .config("spark.driver.memory", os.environ.get("BENCH_SPARK_MEMORY", "4g"))
        .config("spark.ui.enabled", "false")
        .config("spark.sql.extensions", "io.delta.sql.DeltaSparkSessionExtension")
        .config("spark.sql.catalog.spark_catalog", "org.apache.spark.sql.delta.catalog.DeltaCatalog")
        .config("spark.sql.session.timeZone", "UTC")
        .getOrCreate()
    )
    done = spark.sql(MERGE.format(table=table, source=source)).collect()[0]
    print(json.dumps({"rows": done["num_affected_rows"]}), flush=True)
    # The JVM is a child of this process; it has to be waited for here, or its CPU seconds are counted nowhere.
    gateway = spark.sparkContext._gateway
    spark.stop()
    gateway.shutdown()
    gateway.proc.stdin.close()
    gateway.proc.wait()


if __name__ == "__main__":
    main()
