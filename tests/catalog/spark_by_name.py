"""Spark with Hive support and Delta, on one metastore with movies-etl. usage: spark_by_name.py JOB, a JSON object with
jars, uri, folder, database, place, where Spark makes a table, run, a command that writes a second day into that, and conf for Spark."""

import json
import subprocess
import sys

from pyspark.sql import SparkSession

job = json.loads(sys.argv[1])
client = ",".join(f"file://{job['jars']}/{part}/*.jar" for part in ("client", "metastore"))
builder = (
    SparkSession.builder.master("local[2]")
    .config("spark.jars", ",".join(job["delta"]))
    .config("spark.sql.extensions", "io.delta.sql.DeltaSparkSessionExtension")
    .config("spark.sql.catalog.spark_catalog", "org.apache.spark.sql.delta.catalog.DeltaCatalog")
    .config("spark.hadoop.hive.metastore.uris", job["uri"])
    .config("spark.sql.hive.metastore.version", "4.0.1")
    .config("spark.sql.hive.metastore.jars", "path")
    .config("spark.sql.hive.metastore.jars.path", client)
    .config("spark.sql.warehouse.dir", job["folder"] + "/spark-warehouse")
    .config("spark.databricks.delta.snapshotPartitions", "2")
    .config("spark.sql.shuffle.partitions", "2")
    .config("spark.driver.memory", "1g")
    .config("spark.ui.enabled", "false")
    .enableHiveSupport()
)
for name, value in job["conf"].items():
    builder = builder.config(name, value)
spark = builder.getOrCreate()
ours, theirs = f"{job['database']}.movie_ratings", f"{job['database']}.theirs"


def first(sql: str):
    return spark.sql(sql).first()[0]


seen = {
    "count": first(f"select count(*) from {ours}"),
    "columns": {field.name: field.dataType.simpleString() for field in spark.table(ours).schema.fields},
    "tables": [row.tableName for row in spark.sql(f"show tables in {job['database']}").collect()],
}
spark.sql(f"create table {theirs} using delta partitioned by (run_date) location '{job['place']}' as select * from {ours}")
subprocess.run(job["run"], check=True, capture_output=True)
seen["days"] = [list(row) for row in spark.sql(f"select run_date, count(*) from {theirs} group by run_date order by 1").collect()]
spark.sql(f"alter table {theirs} set tblproperties ('delta.logRetentionDuration' = 'interval 9 days')")
spark.sql(f"refresh table {theirs}")
seen["after"] = first(f"select count(*) from {theirs}")
print("RESULT", json.dumps(seen))
