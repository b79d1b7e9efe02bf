"""What docs/pipeline-sql.md calls portable, over NULLs, negative numbers, fractions, NaN, Unicode: the same values on every engine."""

import datetime
from decimal import Decimal

import pyarrow as arrow
import pyarrow.parquet as parquet
import pytest
from outcome import on, outcome

COLUMNS = {
    "k": "bigint", "i": "bigint", "j": "bigint", "d": "double", "f": "float", "s": "string", "t": "string", "b": "boolean", "day": "date",
    "ts": "timestamp", "dec": "decimal(10,2)", "l": "array<bigint>",
}  # fmt: skip
ROWS = [
    (1, 5, 2, 2.5, 0.5, "abc", "b", True, "2021-01-31", "2021-01-31 23:59:59.123456", "1.25", [1, 2]),
    (2, -5, 2, -2.5, -1.5, " Straße ", "a", False, "2020-02-29", "2020-02-29 00:00:00", "-1.25", []),
    (3, 0, 3, 0.5, 3.5, "", "", None, "1969-12-31", "1969-12-31 23:00:00", "0", [None]),
    (4, None, None, None, None, None, None, None, None, None, None, None),
    (5, 7, 7, float("nan"), 1024.0, "日本🎬é", "e", True, "2024-12-30", "2024-12-30 12:00:00", "99999999.99", [3, None, 1, 2]),
    (6, 5, 9, 1e15, 2.0, "ab bc", "β", True, "2021-01-01", "2021-01-01 00:00:00", "7.00", None),
]

# As docs/pipeline-sql.md has them: by the type of the result.
EXPRESSIONS = {
    "bigint": """rows_of_j; i / 2; f; dec; i + j; i - j; i * j; i % j; i % -2; mod(i, j); -i; abs(i); sign(i); floor(f); ceil(f); round(f); floor(dec); ceil(dec);
        CAST(j AS int); CAST(b AS int); CAST('12' AS bigint); TRY_CAST(s AS bigint); coalesce(i, j, 9); nullif(i, 5); ifnull(i, 1);
        greatest(i, j); least(i, j); if(i > 0, 1, 2); CASE WHEN i > 0 THEN 1 WHEN i < 0 THEN 2 ELSE 3 END; CASE j WHEN 2 THEN 1 END;
        length(s); char_length(s); instr(s, 'b'); position('b' IN s); ascii(t); i & j; i | j; size(l); size(split(s, 'b'));
        year(day); month(day); day(day); quarter(day); dayofweek(day); weekday(day); dayofyear(day); weekofyear(day); hour(ts); minute(ts); second(ts);
        extract(year FROM ts); extract(month FROM day); extract(day FROM day); datediff(day, DATE '2021-01-01');
        row_number() OVER (ORDER BY i, k); row_number() OVER (ORDER BY i DESC, k); row_number() OVER (PARTITION BY b ORDER BY t, k);
        rank() OVER (ORDER BY b); dense_rank() OVER (ORDER BY b DESC); ntile(2) OVER (ORDER BY i, k); first_value(i) OVER (ORDER BY i, k);
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


def expressions() -> list[tuple[str, str]]:
    return [(" ".join(text.split()), kind) for kind, texts in EXPRESSIONS.items() for text in texts.split(";")]


@pytest.mark.parametrize("kind, differs", [("server", ""), ("sail", "weekday(day), isnan(d)")])  # docs/spark.md
def test_what_is_portable(request, workspace, left_alone, kind, differs):
    chosen = expressions()
    workspace.add_pipeline(
        "dialect",
        source="{" + ", ".join(f"{name}: '{kind}'" for name, kind in COLUMNS.items()) + "}",
        target="{k: bigint, " + ", ".join(f"x{n}: '{kind}'" for n, (_, kind) in enumerate(chosen)) + ", day: string}",
        select="WITH grouped AS (SELECT j AS of_j, count(*) AS rows_of_j FROM source GROUP BY j HAVING count(*) > 1)\nSELECT k, "
        + ",\n  ".join(f"{text} AS x{n}" for n, (text, _) in enumerate(chosen)) + "\nFROM source LEFT JOIN grouped ON of_j = j",
        checks="row_count = 6",
    )
    write_rows(workspace)
    ours = outcome(workspace, "by-duckdb", "--pipeline", "dialect")
    theirs = outcome(workspace, "by-spark", *on(request.getfixturevalue(kind).url, "--pipeline", "dialect"))
    assert (ours["error"], theirs["error"]) == ("", "")
    differing = [text for n, (text, _) in enumerate(chosen) if ours["table"]["columns"][f"x{n}"] != theirs["table"]["columns"][f"x{n}"]]
    assert ", ".join(differing) == differs
