"""Random checks files in SodaCL, and the tables that they are about. The same seed makes the same case.

What the two engines are known to answer differently (docs/checks.md, differences) is not generated. Every column gets its own settings
at most once in a file, because Soda Core confuses metrics whose settings hash alike; a reference check stands in no filtered section,
where the original's join is ambiguous; conditions with OR have brackets, which it forgets; texts whose valid format is a number are not
measured by length, values in lists have no quotes, and zones of failed rows no variables: all these are errors there.
"""

import datetime
import random

AGGREGATES = ["min", "max", "avg", "sum", "stddev", "stddev_pop", "stddev_samp", "variance", "var_pop", "var_samp"]
NUMBERS = ["score", "amount", "id"]
TEXTS = ["grp", "code", "email", "title"]
COLUMNS = {
    "id": "BIGINT",
    "grp": "VARCHAR",
    "score": "INTEGER",
    "amount": "DOUBLE",
    "code": "VARCHAR",
    "email": "VARCHAR",
    "title": "VARCHAR",
    "flag": "BOOLEAN",
    "day": "DATE",
    "at": "TIMESTAMP",
    "typed": "VARCHAR",
}
SIGNED = [f"{sign}{kind}" for sign in ("", "positive ", "negative ") for kind in (
    "integer", "decimal", "decimal point", "decimal comma", "percentage", "percentage point", "percentage comma")]  # fmt: skip
FORMATS = [
    *SIGNED, "money", "money comma", "date us", "date eu", "date inverse", "date iso 8601", "time 24h", "time 24h nosec", "time 12h",
    "time 12h nosec", "timestamp 24h", "timestamp 12h", "uuid", "ip address", "ipv4 address", "ipv6 address", "email", "phone number",
]  # fmt: skip
NUMERIC = ("integer", "decimal", "percentage", "money", "point", "comma")  # last words of formats that are numbers
# Numbers in texts, and texts that are none: whatever Soda Core strips a text to before it casts it is a number or nothing.
TYPED = ["1", "-7", "+ 3", "3.5", "1,5", "-0,25", ".5", " 12 ", "4.125", "12%", "-1.5 %", "5 EUR", "7,5 usd", "", " ", "n/a", "none", "0", "-0"]
WORDS = [
    "1", "-7", "+ 3", "3.5", "1,5", "-0,25", ".5", "12%", "-1.5 %", "", " ", "N/A", "x", "2021-01-31", "31/01/2021", "12-31-99", "1.2.2003",
    "2021-W05-3", "20210131T1230Z", "12:30:00", "23:59", "00:30 ", "24:00:00.5", "11:59:59,25", "a@b.nl", "a@b", "x+y@mail.example.org",
    "127.0.0.1", "999.1.1.1", "::1", "fe80::1%eth0", "2001:db8::8a2e:370:7334", "$ 5", "5 EUR", "1.234,50 eur", "1,234.50 USD", "Ünï",
    "o'brien", "+31 6 1234", "555-1234", "(020) 555-1234", "+1 (020) 555-1234", "123e4567-e89b-12d3-a456-426614174000", "0", "-0",
]  # fmt: skip


def table(rng: random.Random) -> list[dict]:
    def some(value):
        return None if rng.random() < 0.15 else value

    start = datetime.datetime(2024, 1, 1)
    rows = []
    for number in range(rng.choice([0, 1, 3, 8, 25, 60])):
        at = start + datetime.timedelta(minutes=rng.randrange(5000))
        rows.append(
            {
                "id": some(rng.randrange(max(2, number)) if rng.random() < 0.3 else number),
                "grp": some(rng.choice("abc")),
                "score": some(rng.randrange(-3, 8)),
                "amount": some(rng.randrange(-200, 900) / 8),
                "code": some(rng.choice(WORDS)),
                "email": some(rng.choice(["a@b.nl", "x.y@example.org", "nobody", "@", ""])),
                "title": some(rng.choice(["Amélie", "Heat", "M", "", "七人の侍", "The \"Best\""])),
                "flag": some(rng.random() < 0.5),
                "day": some(at.date()),
                "at": some(at),
                "typed": some(rng.choice(TYPED)),
            }
        )
    return rows


class Checks:
    """One checks file as lines of YAML."""

    def __init__(self, rng: random.Random):
        self.rng = rng
        self.settled = set()  # columns that have settings
        self.variables = {"LIMIT": str(rng.randrange(5)), "THEN": "2024-01-03 12:00:00", "GROUP": rng.choice("abc")}

    def number(self, least=-2, most=12):
        return self.rng.choice([str(self.rng.randrange(least, most)), f"{self.rng.randrange(4 * least, 4 * most) / 4}"])

    def condition(self, percent=False, variable=True):
        rng = self.rng
        most = 100 if percent else 12
        if rng.random() < 0.25:
            low, high = sorted(rng.randrange(0, most) for _ in range(2))
            left, right = rng.choice([("", ""), ("[", "]"), ("(", ")"), ("(", "]"), ("[", ")")])
            return f"{rng.choice(['', 'not '])}between {left}{low} and {high}{right}"
        value = rng.choice(["${LIMIT}"] * variable + [self.number(0, most)] * 4)
        return f"{rng.choice(['<', '<=', '=', '>=', '>', '!='])} {value}{rng.choice(['', '%', ' %']) if percent and value[0] != '$' else ''}"

    def texts(self, amount=3):
        return "[" + ", ".join("'" + w.replace("'", "''") + "'" for w in self.rng.sample([w for w in WORDS if "'" not in w], amount)) + "]"

    def settings(self, column, validity=True, numeric=True):
        """Settings of a column, each as a line; none for a column that has some already."""
        rng = self.rng
        if column in self.settled:
            return []
        formats = FORMATS if numeric else [f for f in FORMATS if f.split(" ")[-1] not in NUMERIC]
        self.settled.add(column)
        if column in TEXTS:
            choices = [
                f"valid values: {self.texts()}", f"valid format: {rng.choice(formats)}", "valid regex: '^[a-z@.]+$'",
                f"valid length: {rng.randrange(4)}", f"valid min length: {rng.randrange(4)}", f"valid max length: {rng.randrange(6)}",
                "invalid values: ['x', 'N/A']", "invalid regex: '[0-9]'", f"invalid format: {rng.choice(FORMATS)}",
            ]  # fmt: skip
            missing = ["missing values: ['N/A', '']", "missing regex: '^ *$'", f"missing format: {rng.choice(FORMATS)}"]
        else:
            choices = [
                f"valid min: {rng.randrange(-1, 4)}", f"valid max: {rng.randrange(1, 7)}", "valid values: [1, 2, 3, 4]", "invalid values: [0, 7]",
            ]  # fmt: skip
            missing = ["missing values: [0, -1]"]
        out = rng.sample(choices, rng.choice([1, 1, 2])) if validity else []
        out += rng.sample(missing, 1) if not validity or rng.random() < 0.4 else []
        return list({line.split(":")[0]: line for line in out}.values())

    def number_in_text(self):
        """A metric of the numbers in a column of texts, once in a file."""
        rng = self.rng
        if "typed" in self.settled:
            return None
        self.settled.add("typed")
        settings = [f"valid format: {rng.choice([*SIGNED, 'money'])}"]
        settings += [f"valid {end}: {self.number()}" for end in ("min", "max") if rng.random() < 0.3]
        settings += ["missing values: ['', 'n/a']"] if rng.random() < 0.3 else []
        name = rng.choice([*AGGREGATES, "percentile", "invalid_count", "invalid_percent", "valid_count"])
        return f"{name}(typed{', 0.5' if name == 'percentile' else ''})", settings, name.endswith("percent")

    def metric(self):
        """A metric's text, its settings, and whether it is a percentage."""
        rng = self.rng
        if rng.random() < 0.1 and (typed := self.number_in_text()):
            return typed
        kind = rng.randrange(9)
        column = rng.choice(NUMBERS + TEXTS)
        if kind == 0:
            return "row_count", [], False
        if kind in (1, 2):
            name = rng.choice(["invalid_count", "invalid_percent", "valid_count"])
            settings = self.settings(column)
            if not settings and name != "valid_count":
                return f"missing_count({column})", [], False
            if rng.random() < 0.15 and name != "valid_count":
                settings.append(f"include null: {rng.choice(['true', 'True', 'TRUE', 'False'])}")
            return f"{name}({column})", settings, name.endswith("percent")
        if kind == 3:
            name = rng.choice(["missing_count", "missing_percent"])
            return f"{name}({column})", self.settings(column, validity=False), name.endswith("percent")
        if kind == 4:
            name = rng.choice(["duplicate_count", "duplicate_percent"])
            return f"{name}({', '.join(rng.sample(list(COLUMNS), rng.choice([1, 1, 2, 3])))})", [], name.endswith("percent")
        if kind in (5, 6):
            name = rng.choice(AGGREGATES)
            column = rng.choice(NUMBERS)
            return f"{name}({column})", self.settings(column) if rng.random() < 0.3 else [], False
        if kind == 7:
            return f"percentile({rng.choice(NUMBERS)}, {rng.choice(['0.1', '0.5', '0.95'])})", [], False
        column = rng.choice(TEXTS)
        return f"{rng.choice(['min', 'max', 'avg'])}_length({column})", self.settings(column, numeric=False) if rng.random() < 0.3 else [], False

    def sql_condition(self):
        return self.rng.choice(["score > 2", "grp = '${GROUP}'", "flag", "amount BETWEEN 0 AND 50", "title IS NOT NULL", "(id % 2 = 0 OR id IS NULL)"])

    def zones(self, percent=False, variable=True):
        chosen = self.rng.choice([["warn"], ["fail"], ["warn", "fail"]])
        return [f"{zone}: when {self.condition(percent, variable)}" for zone in chosen]

    def metric_check(self):
        rng = self.rng
        metric, settings, percent = self.metric()
        body = list(settings)
        if rng.random() < 0.35:
            body += self.zones(percent)
        else:
            metric += f" {self.condition(percent)}"
        if rng.random() < 0.3:
            body.append(f"filter: {self.sql_condition()}")
        if rng.random() < 0.2:
            body.append(f"name: check of ${{GROUP}} {rng.randrange(100)}")
        return entry(metric, body)

    def other_check(self, filtered):
        rng = self.rng
        kind = rng.choice([k for k in range(9) if k != 2 or not filtered])
        if kind == 0:
            return entry("failed rows", [*self.name(), f"fail condition: {self.sql_condition()}", *self.own_zones()])
        if kind == 1:
            return entry("failed rows", [*self.name(), f"fail query: SELECT * FROM t0 WHERE {self.sql_condition()}", *self.own_zones()])
        if kind == 2:
            columns = rng.choice(["(grp)", "(grp, score)", "(id)", "grp"])
            return entry(f"values in {columns} must exist in t1 {columns}", self.name())
        if kind == 3:
            return entry(f"row_count same as {rng.choice(['t1', 't0', 't1 in db'])}", self.name())
        if kind == 4:
            return entry(f"freshness({rng.choice(['at', 'day'])}, THEN) < {rng.choice(['1d', '36h', '1d12h30m', '90m'])}", [])
        if kind == 5:
            rules = rng.sample(
                [
                    "when required column missing: [id, nothing]", "when forbidden column present: [sc%, other]",
                    "when wrong column index: {id: 0, grp: 2}", "when required column missing: [score]", "when forbidden column present: ['*']",
                    "when wrong column type: {id: bigint, amount: double}", "when wrong column type: {score: bigint}",
                    "when wrong column index: {nothing: 1, code: 4}", "when forbidden column present: ['s.ore', '^a[mt]+$']",
                    "when wrong column type: {id: , amount: double precision, title: character varying, flag: list}",
                ], rng.choice([1, 2, 3]),
            )  # fmt: skip
            if rng.random() < 0.3:
                columns = rng.sample([f"{c}: {t.lower()}" for c, t in COLUMNS.items()], rng.randrange(6, len(COLUMNS) + 1))
                rules = [f"when mismatching columns: {{{', '.join([*columns, 'extra: varchar'])}}}", "with optional columns: [extra, id]"]
            zones = rng.choice([["warn"], ["fail"], ["warn", "fail"]])
            lines = [f"        {rule}" for rule in sorted({r.split(':')[0]: r for r in rules}.values())]
            return ["  - schema:", *(f"      {line}" for line in self.name()), *(line for zone in zones for line in [f"      {zone}:", *lines])]
        if kind == 6:
            number = rng.randrange(1000)
            expression = rng.choice(["AVG(score + 1)", "COUNT(DISTINCT grp)", "MAX(LENGTH(title))", "SUM(CASE WHEN flag THEN 1 END)"])
            if rng.random() < 0.3:
                return entry(f"own_{number}", [*self.name(), f"own_{number} expression: {expression}", *self.zones()])
            return entry(f"own_{number} {self.condition()}", [*self.name(), f"own_{number} expression: {expression}"])
        if kind == 7:
            number = rng.randrange(1000)
            first = rng.choice(["", "", "7, "])
            last = rng.choice(["", "", ", NULL"])
            query = f"SELECT {first}COUNT(*){last} FROM t1 WHERE {self.sql_condition()}"
            return entry(f"own_{number} {self.condition()}", [f"own_{number} query: {query}"])
        keys = rng.choice(["grp", "flag", "grp, flag"])
        return [
            "  - group by:", *(f"      {line}" for line in self.name()),
            f"      query: SELECT {keys}, COUNT(*) AS n, AVG(score) AS mean FROM t0 WHERE score IS NOT NULL GROUP BY {keys} ORDER BY {keys}",
            f"      fields: [{keys}]", "      checks:", f"        - n {self.condition()}:", "            name: rows", "        - mean:",
            "            name: mean", *(f"            {line}" for line in self.zones()),
        ]  # fmt: skip

    def name(self):
        return [f"name: check of ${{GROUP}} {self.rng.randrange(1000)}"] if self.rng.random() < 0.3 else []

    def own_zones(self):
        return self.zones(variable=False) if self.rng.random() < 0.4 else []

    def section(self, header, amount):
        out = [header]
        for _ in range(amount):
            out += self.metric_check() if self.rng.random() < 0.7 else self.other_check("[" in header)
        return out

    def file(self):
        rng = self.rng
        out = []
        if rng.random() < 0.4:
            column = rng.choice(NUMBERS + TEXTS)
            settings = self.settings(column, numeric=False)
            out += ["configurations for t0:", *(f"  {s.split(':')[0]} for {column}:{s.split(':', 1)[1]}" for s in settings)]
        if rng.random() < 0.5:
            out += ["filter t0 [part]:", f"  where: {self.sql_condition()}"]
            out += self.section("checks for t0 [part]:", rng.randrange(1, 5))
        out += self.section("checks for t0:", rng.randrange(2, 7))
        if rng.random() < 0.15:
            datasets = rng.choice(["'t%'", "exclude t1", "db.t0"])
            out += ["for each dataset D:", f"  datasets: [{datasets}]", "  checks:", *("  " + line for line in self.metric_check())]
        return "\n".join(out) + "\n"


def entry(line, body):
    return [f"  - {line}" + (":" if body else ""), *(f"      {part}" for part in body)]


def case(seed: int):
    """The checks file's text, its variables, and the rows of tables t0 and t1."""
    rng = random.Random(seed)
    checks = Checks(rng)
    return checks.file(), checks.variables, {"t0": table(rng), "t1": table(rng)}
