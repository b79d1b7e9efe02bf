"""The readers that tables are for, each asked for the ids of the rows that satisfy a condition: with all its means of skipping, and without any."""

import functools

import duckdb
import polars as pl
import pyarrow as pa
import pyarrow.dataset as ds
from deltalake import DeltaTable, QueryBuilder

COMPARISONS = {"=": "__eq__", "<": "__lt__", ">": "__gt__"}


class Condition:
    """A column (the names from the top down) against a value, or "is null"."""

    def __init__(self, column: list[str], comparison: str, value: pa.Scalar | None = None):
        self.column, self.comparison, self.value = column, comparison, value

    def __str__(self):
        return f"{self.column} {self.comparison} {self.value}"

    @property
    def literal(self) -> str:
        """As SQL that DataFusion, DuckDB and Spark read."""
        kind, value = self.value.type, self.value.as_py()
        if pa.types.is_boolean(kind):
            return str(value).lower()
        if pa.types.is_integer(kind):
            return f"cast('{value}' as bigint)"
        if pa.types.is_floating(kind):
            return f"cast('{value}' as {'float' if kind == pa.float32() else 'double'})"
        if pa.types.is_decimal(kind):
            return f"cast('{value:f}' as decimal({kind.precision}, {kind.scale}))"
        if pa.types.is_binary(kind):
            return f"X'{value.hex()}'"
        if pa.types.is_date(kind):
            return f"date '{value}'"
        if pa.types.is_timestamp(kind):
            return f"cast('{value.isoformat(sep=' ')}' as timestamp)" if kind.tz is None else f"timestamp '{value.isoformat()}'"
        return "'" + value.replace("'", "''") + "'"

    def sql(self, name) -> str:
        return f"{name} is null" if self.value is None else f"{name} {self.comparison} {self.literal}"

    def compared(self, expression, value):
        return expression.is_null() if self.value is None else getattr(expression, COMPARISONS[self.comparison])(value)


def datafusion(table: DeltaTable, condition: Condition, skipping: bool) -> list[int]:
    name = '"' + condition.column[0] + '"' + "".join(f"['{field}']" for field in condition.column[1:])
    if condition.value is not None and pa.types.is_timestamp(condition.value.type):
        zone = 'Some("UTC")' if condition.value.type.tz else "None"  # a plain literal has nanoseconds, which begin in 1677
        value = condition.value.as_py().isoformat()
        where = f"{name} {condition.comparison} arrow_cast('{value}', 'Timestamp(Microsecond, {zone})')"
    else:
        where = condition.sql(name)
    where += ("" if skipping else " or random() < 0")  # no statistics tell what that gives
    result = QueryBuilder().register("t", table).execute(f"select id from t where {where}").read_all()
    return sorted(pa.table(result)["id"].to_pylist())


def arrow_dataset(table: DeltaTable, condition: Condition, skipping: bool) -> list[int]:
    dataset = table.to_pyarrow_dataset()
    if not skipping:
        dataset = ds.InMemoryDataset(dataset.to_table())
    wanted = condition.compared(ds.field(*condition.column), condition.value)
    return sorted(dataset.to_table(filter=wanted)["id"].to_pylist())


def arrow_files(table: DeltaTable, condition: Condition, skipping: bool) -> list[int]:
    dataset = ds.dataset([uri.removeprefix("file://") for uri in table.file_uris()])
    if not skipping:
        dataset = ds.InMemoryDataset(dataset.to_table())
    wanted = condition.compared(ds.field(*condition.column), condition.value)
    return sorted(dataset.to_table(filter=wanted)["id"].to_pylist())


def polars(table: DeltaTable, condition: Condition, skipping: bool) -> list[int]:
    column = pl.col(condition.column[0])
    for field in condition.column[1:]:
        column = column.struct.field(field)
    kind = condition.value and pl.from_arrow(pa.array([], condition.value.type)).dtype
    wanted = condition.compared(column, pl.lit(condition.value.as_py(), dtype=kind) if condition.value is not None else None)
    rows = pl.scan_delta(table)
    rows = rows.filter(wanted).select("id").collect() if skipping else rows.collect().filter(wanted)
    return sorted(rows["id"].to_list())


@functools.lru_cache(maxsize=1)
def connected(files: tuple[str, ...]) -> duckdb.DuckDBPyConnection:
    connection = duckdb.connect()
    connection.execute("SET TimeZone = 'UTC'")
    connection.execute(f"CREATE VIEW selective AS FROM read_parquet({list(files)}); CREATE TABLE whole AS FROM selective")
    return connection


def duckdb_files(table: DeltaTable, condition: Condition, skipping: bool) -> list[int]:
    connection = connected(tuple(uri.removeprefix("file://") for uri in table.file_uris()))
    name = ".".join(["t", *(f'"{name}"' for name in condition.column)])
    source = "selective" if skipping else "whole"
    return sorted(row[0] for row in connection.execute(f"SELECT id FROM {source} AS t WHERE {condition.sql(name)}").fetchall())


READERS = {reader.__name__: reader for reader in (datafusion, arrow_dataset, arrow_files, polars, duckdb_files)}
