"""What docs/pipeline-sql.md calls portable, over NULLs, negative numbers, fractions, NaN, Unicode: the same values on every engine."""

import datetime
import re
from decimal import Decimal

import pyarrow as arrow
import pyarrow.parquet as parquet
import pytest
from outcome import on, outcome
from servers import ROOT

COLUMNS = {
    "k": "bigint", "i": "bigint", "j": "bigint", "d": "double", "f": "float", "s": "string", "t": "string", "b": "boolean", "day": "date",
    "ts": "timestamp", "dec": "decimal(10,2)", "l": "array<bigint>",
}  # fmt: skip
ROWS = [
    (1, 5, 2, 2.5, 0.5, "abc", "b", True, "2021-01-31", "2021-01-31 23:59:59.123456", "1.25", [1, 2]),
    (2, -5, 2, -2.5, -1.5, " Straße ", "a", False, "2020-02-29", "2020-02-29 00:00:00", "-1.25", []),
    (3, 0, 3, 0.5, 3.5, "", "", None, "1969-12-31", "1969-12-31 23:00:00", "0", [None]),
    (4, None, None, None, None, None, None, None, None, None, None, None),
    (5, 7, 7, float("nan"), 1024.0, "日本🎬e\u0301", "e", True, "2024-12-30", "2024-12-30 12:00:00", "99999999.99", [3, None, 1, 2]),
    (6, 5, 9, 1e15, 2.0, "ab bc", "β", True, "2021-01-01", "2021-01-01 00:00:00", "7.00", None),
]

# As docs/pipeline-sql.md has them: by the type of the result.
EXPRESSIONS = {
    "bigint": """rows_of_j; i / 2; f; dec; "i"; I + 1; i + j; i - j; i * j; i % j; i % -2; mod(i, j); -i; abs(i); sign(i); floor(f); ceil(f); round(f); floor(dec); ceil(dec);
        CAST(j AS int); CAST(b AS int); CAST('12' AS bigint); TRY_CAST(s AS bigint); coalesce(i, j, 9); nullif(i, 5); ifnull(i, 1);
        greatest(i, j); least(i, j); if(i > 0, 1, 2); CASE WHEN i > 0 THEN 1 WHEN i < 0 THEN 2 ELSE 3 END; CASE j WHEN 2 THEN 1 END;
        length(s); char_length(s); instr(s, 'b'); position('b' IN s); ascii(t); i & j; i | j; size(l); size(split(s, 'b'));
        year(day); month(day); day(day); quarter(day); dayofweek(day); weekday(day); dayofyear(day); weekofyear(day); hour(ts); minute(ts); second(ts);
        extract(year FROM ts); extract(month FROM day); extract(day FROM day); datediff(day, DATE '2021-01-01');
        row_number() OVER (ORDER BY i, k); row_number() OVER (ORDER BY i DESC, k); row_number() OVER (PARTITION BY b ORDER BY t, k);
        rank() OVER (ORDER BY b); dense_rank() OVER (ORDER BY b DESC); ntile(2) OVER (ORDER BY i, k); first_value(i) OVER (ORDER BY i, k);
        first_value(i) OVER (ORDER BY i NULLS LAST, k); first_value(i) OVER (ORDER BY i DESC NULLS FIRST, k);
        lag(i) OVER (ORDER BY i, k); lead(i, 1, 99) OVER (ORDER BY i DESC, k); sum(i) OVER (PARTITION BY b); count(i) OVER (PARTITION BY b);
        sum(i) OVER (ORDER BY i, k ROWS BETWEEN 1 PRECEDING AND CURRENT ROW); max(i) OVER (PARTITION BY t); count(*) OVER ();
        (SELECT count(DISTINCT i) FROM source); (SELECT sum(i) FILTER (WHERE i > 0) FROM source); (SELECT percentile_disc(0.5) WITHIN GROUP (ORDER BY j) FROM source)""",
    "double": """i / 2; i / j; abs(d); sign(f); sqrt(abs(i)); power(j, 2); exp(0); round(f, 1); CAST(i AS double); CAST(dec AS double);
        avg(i) OVER (PARTITION BY b); 1e0 / 3; percent_rank() OVER (ORDER BY i, k); (SELECT avg(dec) FROM source); (SELECT median(j) FROM source)""",
    "string": """concat(s, t); concat(s, '-', t, s); s || t; concat_ws('-', s, t); upper(s); lower(s); ucase(s); lcase(s); trim(s); ltrim(s); rtrim(s);
        substring(s, 2, 2); substring(s, -2, 1); substr(s, 2); left(s, 2); right(s, 2); replace(s, 'b', 'X'); repeat(t, 3); lpad(s, 2, '*');
        rpad(t, 3, '*'); translate(s, 'ab', 'xy'); md5(s); regexp_replace(s, '[a-z]', 'x'); regexp_extract(s, '([a-z])', 1); CAST(i AS string);
        CAST(b AS string); CAST(day AS string); CAST(dec AS string); nullif(trim(s), ''); min(s) OVER (); max(s) OVER (PARTITION BY b);
        CASE WHEN s LIKE '%b%' THEN 'p' ELSE t END; 'it''s'; '\\d'""",
    "boolean": """s = 'abc'; s < t; s LIKE '%b%'; s LIKE 'A%'; s ILIKE 'A%'; contains(s, 'b'); i BETWEEN 0 AND 5; i IN (5, 7); i IS NULL;
        i IS DISTINCT FROM j; i IS NOT DISTINCT FROM j; i <> j; i != j; b AND i > 0; b OR i > 0; NOT b; isnan(d); d > 1; coalesce(size(l) > 1, false);
        bool_and(b) OVER (); bool_or(b) OVER ()""",
    "date": """CAST(ts AS date); CAST('2021-02-03' AS date); DATE '2021-01-01'; day + 1; day - 1; date_add(day, 1); last_day(day); make_date(2021, 1, 2);
        day + INTERVAL 1 DAY; CAST(date_trunc('month', day) AS date); max(day) OVER ()""",
    "timestamp": """CAST(day AS timestamp); TIMESTAMP '2021-01-01 00:00:00'; ts + INTERVAL 1 HOUR; date_trunc('month', ts); date_trunc('week', ts);
        date_trunc('hour', ts)""",
    "decimal(20,2)": "dec + dec; dec * 2; round(dec, 1); (SELECT sum(dec) FROM source); max(dec) OVER ()",
    "array<bigint>": "l; array_sort(l)",
}  # fmt: skip

# As the docs' other table has them: what both engines take, and mean something else by.
TRAPS = {
    "bigint": "CAST(dec AS bigint); TRY_CAST('1.5' AS bigint); extract(dow FROM day); hash(s) % 1000; array_position(l, 2)",
    "double": "1.0 / 3",
    "string": "substring(s, 0, 2); CAST(CAST(1e30 AS float) AS string); typeof(i); reverse(s)",
    "boolean": "CAST(CAST(i AS double) / 50 AS float) = 0.1; array_contains(l, 9)",
    "array<bigint>": "array_distinct(l)",
}

QUERY = """WITH grouped AS (SELECT j AS of_j, count(*) AS rows_of_j FROM source GROUP BY j HAVING count(*) > 1)
SELECT k, {} FROM source LEFT JOIN grouped ON of_j = j"""


def write_rows(workspace) -> None:
    types = [arrow.int64()] * 3 + [arrow.float64(), arrow.float32(), arrow.string(), arrow.string(), arrow.bool_(), arrow.date32()]
    types += [arrow.timestamp("us", tz="UTC"), arrow.decimal128(10, 2), arrow.list_(arrow.int64())]
    made = [list(row) for row in ROWS]
    for row in made:
        row[8] = row[8] and datetime.date.fromisoformat(row[8])
        row[9] = row[9] and datetime.datetime.fromisoformat(row[9] + "+00:00")
        row[10] = row[10] and Decimal(row[10])
    columns = [arrow.array(column, kind) for column, kind in zip(zip(*made), types)]
    folder = workspace.day_folder()
    folder.mkdir(parents=True)
    parquet.write_table(arrow.table(dict(zip(COLUMNS, columns))), folder / "part-00000.parquet")


def in_columns(workspace, expressions: dict[str, str]) -> list[str]:
    """A pipeline with a column for each expression, x0, x1 and so on; their texts."""
    chosen = [(" ".join(text.split()), kind) for kind, texts in expressions.items() for text in texts.split(";")]
    workspace.add_pipeline(
        "dialect",
        source="{" + ", ".join(f"{name}: '{kind}'" for name, kind in COLUMNS.items()) + "}",
        target="{k: bigint, " + ", ".join(f"x{n}: '{kind}'" for n, (_, kind) in enumerate(chosen)) + ", day: string}",
        select=QUERY.format(",\n  ".join(f"{text} AS x{n}" for n, (text, _) in enumerate(chosen))),
        checks="row_count = 6",
    )
    write_rows(workspace)
    return [text for text, _ in chosen]


def outcomes(workspace, url: str) -> tuple[dict, dict]:
    flags = ("--pipeline", "dialect")
    return outcome(workspace, "by-duckdb", *flags), outcome(workspace, "by-spark", *on(url, *flags))


def differing(workspace, url: str, expressions: dict[str, str]) -> list[str]:
    """The expressions that have not the same values on DuckDB and on the server."""
    texts = in_columns(workspace, expressions)
    ours, theirs = outcomes(workspace, url)
    assert (ours["error"], theirs["error"]) == ("", "")
    assert ours["table"]["rows"] == theirs["table"]["rows"] == len(ROWS)
    return [text for n, text in enumerate(texts) if ours["table"]["columns"][f"x{n}"] != theirs["table"]["columns"][f"x{n}"]]


@pytest.mark.parametrize("kind, differs", [("server", ""), ("sail", "weekday(day), isnan(d)")])  # docs/spark.md
def test_what_is_portable(request, workspace, left_alone, kind, differs):
    assert ", ".join(differing(workspace, request.getfixturevalue(kind).url, EXPRESSIONS)) == differs


def test_what_is_not(workspace, server, left_alone):
    """Each of them differs: one that no longer does belongs into the other table."""
    texts = [" ".join(text.split()) for texts in TRAPS.values() for text in texts.split(";")]
    assert differing(workspace, server.url, TRAPS) == texts


def test_a_division_by_zero(workspace, server, left_alone):
    in_columns(workspace, {"double": "i / 0"})
    ours, theirs = outcomes(workspace, server.url)
    assert (ours["code"], theirs["code"]) == (0, 3)
    assert "Division by zero" in theirs["error"]


def test_the_docs_call_nothing_portable_that_is_not_tested():
    page = (ROOT / "docs/pipeline-sql.md").read_text()
    table = [line for line in page.split("## What is portable")[1].split("## What is not")[0].splitlines() if line.startswith("|")]

    def words(text: str) -> set[str]:
        return {word.lower() for word in re.findall(r"[^\W\d]{2,}", text)}

    said = set().union(*(words(span) for line in table for span in re.findall(r"`([^`]+)`", line)))
    examples = {"name", "straße", "strasse", "genres", "later", "earlier"}
    assert said - words(QUERY + " ".join(EXPRESSIONS.values())) == examples
    assert len(said) > 100
