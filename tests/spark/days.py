"""Raw days that are made by a seed, full of what engines may see differently; and slow ones."""

import random
from pathlib import Path

import duckdb
import pyarrow as arrow
import pyarrow.parquet as parquet

GENRES = arrow.list_(arrow.struct([("id", arrow.int64()), ("name", arrow.string())]))
SCHEMA = arrow.schema(
    [
        ("movie_id", arrow.int64()),
        ("user_id", arrow.int64()),
        ("rating", arrow.float32()),
        ("timestamp", arrow.int64()),
        ("original_title", arrow.string()),
        ("original_language", arrow.string()),
        ("budget", arrow.int64()),
        ("adult", arrow.bool_()),
        ("genres", GENRES),
    ]
)
LETTERS = ["a", "ß", "ı", "İ", "ŉ", "ﬁ", "ς", "é", "e\u0301", "ǆ", "ა", "\u200d", "東", "🎬", "\U0010ffff", "'", '"', "\\", "%", "\n", " ", "\x00"]
LANGUAGES = ["en", "EN", "ı", "ß", "ŉé", "ç", "", "zz ", None]
NUMBERS = [0, 1, -1, 2**63 - 1, -(2**63), 10**15, None]


def seeded_rows(seed: int, rows: int) -> list[dict]:
    """Few keys, so most rows are duplicates; few timestamps, so many of them tie; everything may be NULL."""
    draw = random.Random(seed)

    def maybe(value, chance=0.08):
        return None if draw.random() < chance else value

    def genres():
        if draw.random() < 0.15:
            return None
        names = ["Drama", "Sci-Fi", "", "Ünlü", None]
        return [maybe({"id": maybe(draw.randrange(3)), "name": draw.choice(names)}, 0.03) for _ in range(draw.choice([0, 1, 1, 2, 3]))]

    keys = max(2, rows // 3)
    return [
        {
            "movie_id": maybe(draw.randrange(-keys, keys) // 10, 0.02),
            "user_id": maybe(draw.randrange(12), 0.02),
            "rating": maybe(draw.choice([0.5, 3.0, 4.5, 5.0, 0.1, 3.3, -1.5, 1e-40, float("inf"), float("nan")])),
            "timestamp": maybe(draw.choice([0, 1, 1609459200, 1609459201, -5])),
            "original_title": maybe("".join(draw.choices(LETTERS, k=draw.randrange(6)))),
            "original_language": draw.choice(LANGUAGES),
            "budget": draw.choice(NUMBERS),
            "adult": maybe(draw.random() < 0.3),
            "genres": genres(),
        }
        for _ in range(rows)
    ]


def write_rows(workspace, rows: list[dict]) -> None:
    """Rows (dicts; absent columns are NULL) as the day's only file."""
    folder = workspace.day_folder()
    folder.mkdir(parents=True)
    parquet.write_table(arrow.Table.from_pylist(rows, schema=SCHEMA), folder / "part-00000.parquet")


def write_seeded_day(workspace, seed: int, rows: int = 3000, day: str = "2021-01-01") -> None:
    """Four files: an empty one, one of a single row, and the rest in two halves with other settings of Parquet."""
    made = seeded_rows(seed, rows)
    folder = workspace.day_folder(day)
    folder.mkdir(parents=True, exist_ok=True)
    middle = rows // 2
    for number, (part, options) in enumerate(
        [
            ([], {}),
            (made[:1], {"compression": "zstd"}),
            (made[1:middle], {"use_dictionary": False, "row_group_size": 100}),
            (made[middle:], {"compression": "gzip", "data_page_version": "2.0"}),
        ]
    ):
        parquet.write_table(arrow.Table.from_pylist(part, schema=SCHEMA), folder / f"part-{number:05}.parquet", **options)


def write_big_day(workspace, rows: int, files: int = 4, tag: int = 0, day: str = "2021-01-01") -> None:
    """Wide enough rows that a server works on them for some seconds. `tag` is every row's user."""
    folder: Path = workspace.day_folder(day)
    folder.mkdir(parents=True, exist_ok=True)
    for number in range(files):
        first, last = rows * number // files, rows * (number + 1) // files
        duckdb.execute(
            f"COPY (SELECT i AS movie_id, {tag}::BIGINT AS user_id, 4::FLOAT AS rating, i AS timestamp, md5(i::VARCHAR) || md5((i + 1)::VARCHAR) AS "
            f"original_title, 'en' AS original_language, i AS budget, false AS adult, [{{'id': i, 'name': md5((i + 2)::VARCHAR)}}] AS genres "
            f"FROM range({first}, {last}) t(i)) TO '{folder}/part-{number:05}.parquet' (FORMAT parquet)"
        )
