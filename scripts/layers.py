#!/usr/bin/env python3
"""Whether includes go only where the layers' table lets them: down (docs/design.md), and nowhere in a circle.
The modules of the bridge must not use each other in a circle either.

A room is a folder below src/ (main.cpp is the room of its own name). It may include itself and the rooms on its line, no others.
usage: layers.py [FOLDER [BRIDGE]]   (of the sources; src and bridge/src if not given)
"""

import pathlib
import re
import sys

BASE = ["base"]
STORAGE = [*BASE, "storage"]
SQL = [*BASE, "sql"]
ENGINE = [*STORAGE, *SQL, "engine"]
TABLE = [*STORAGE, "table"]
MODEL = [*SQL, "quality/model"]
PLAN = [*MODEL, "quality/syntax", "quality/statistics"]
PIPELINE = [*ENGINE, *TABLE, "table/catalog", "source", "feed", "quality", "quality/model", "quality/history", "quality/report"]
ROOMS = {
    "base": [],
    "sql": BASE,
    "storage": BASE,
    "config": STORAGE,
    "engine": [*STORAGE, *SQL],
    "engine/duckdb": ENGINE,
    "engine/spark": ENGINE,
    "kafka": BASE,
    "feed": [*ENGINE, "engine/duckdb", "kafka"],  # reads messages and writes files by the embedded engine
    "source": ENGINE,
    "table": STORAGE,
    "table/catalog": TABLE,
    "quality/model": SQL,
    "quality/statistics": BASE,
    "quality/syntax": MODEL,
    "quality/history": MODEL,
    "quality/plan": PLAN,
    "quality/evaluate": [*PLAN, "quality/plan"],
    "quality/survey": [*PLAN, "quality/plan", "quality/evaluate"],
    "quality/report": MODEL,
    "quality": [*PLAN, "quality/plan", "quality/evaluate", "quality/survey", "quality/report"],
    "sample": ENGINE,
    "pipeline": PIPELINE,
    "pipeline/tests": [*PIPELINE, "pipeline", "engine/duckdb"],  # reads and compares rows by the embedded engine, whatever computes
    "pipeline/scaffold": [*PIPELINE, "pipeline", "engine/duckdb"],  # looks at raw files of any format by the embedded engine
    "pipeline/days": [*PIPELINE, "pipeline"],
    "app": [*PIPELINE, "pipeline", "config", "engine/duckdb", "engine/spark", "kafka"],
    "observe": [*STORAGE, "quality", "quality/model", "pipeline", "config"],
    "cli": [*PIPELINE, "pipeline", "pipeline/tests", "pipeline/scaffold", "pipeline/days", "config", "app", "observe", "sample", "kafka"],
    "main.cpp": ["base", "app", "cli"],
}
# What is not ours, or is generated -> the rooms that may include it.
FOREIGN = {
    r"duckdb\.h$": ["engine/duckdb"],
    r"rdkafka": ["kafka"],
    r"grpc|\.pb\.h$": ["engine/spark"],
    r"movies_etl_bridge/|rust/": ["storage", "table", "table/catalog", "sql", "engine/spark", "engine/duckdb", "quality/model", "cli", "observe"],
}
DEEPEST = 7  # rooms of quality, one above the other


def includes_of(folder: pathlib.Path) -> dict[str, list[str]]:
    found = {}
    for path in sorted([*folder.rglob("*.h"), *folder.rglob("*.cpp")]):
        found[str(path.relative_to(folder))] = re.findall(r'^#include [<"]([^>"]+)[>"]', path.read_text(), re.MULTILINE)
    return found


def room_of(file: str) -> str:
    return file.rpartition("/")[0] or file


def circle_of(graph: dict[str, list[str]]) -> list[str]:
    """The names of a circle, the first one again at its end; none when there is no circle."""
    done, way = set(), []

    def visit(node: str) -> list[str]:
        if node in way:
            return [*way[way.index(node) :], node]
        if node in done:
            return []
        way.append(node)
        for other in graph.get(node, []):
            if circle := visit(other):
                return circle
        way.pop()
        done.add(node)
        return []

    for node in graph:
        if circle := visit(node):
            return circle
    return []


def modules_of(folder: pathlib.Path) -> dict[str, list[str]]:
    """The bridge's modules and those that each one names. lib.rs is left out: it declares all of them and the C++ interface (ffi).
    So are the guarded_ functions: cxx wants them by name in the file of an interface, and guarded.rs makes them of all modules."""
    files = [path for path in sorted(folder.rglob("*.rs")) if path.name != "lib.rs"]
    modules = {path.relative_to(folder).parts[0].removesuffix(".rs") for path in files}
    used = {module: set() for module in modules}
    for path in files:
        module = path.relative_to(folder).parts[0].removesuffix(".rs")
        text = re.sub(r"//.*", "", path.read_text())
        for group in re.findall(r"\bcrate::(\{[^;]*\}|\w+(?:::\w+)?)", text):
            for name in re.findall(r"[\w:]+", group):
                if not name.startswith("guarded::guarded_"):
                    used[module].add(name.split("::")[0])
    return {module: sorted(used[module] & modules - {module}) for module in sorted(modules)}


def depth_of(room: str, graph: dict[str, set[str]]) -> int:
    return 1 + max((depth_of(other, graph) for other in graph[room]), default=0)


def faults_of(folder: pathlib.Path) -> list[str]:
    includes = includes_of(folder)
    faults, rooms = [], {}
    for file, included in includes.items():
        room = room_of(file)
        if room not in ROOMS:
            faults.append(f"{file}: the room '{room}' is not in the table of layers.py")
            continue
        rooms.setdefault(room, set())
        for other in included:
            for pattern, allowed in FOREIGN.items():
                if re.search(pattern, other) and room not in allowed:
                    faults.append(f"{file}: '{room}' may not include {other}")
            if other not in includes or room_of(other) == room:
                continue
            rooms[room].add(room_of(other))
            if room_of(other) not in ROOMS[room]:
                faults.append(f"{file}: '{room}' may not include {other}")
    if circle := circle_of(includes):
        faults.append("files in a circle: " + " -> ".join(circle))
    if circle := circle_of({room: sorted(others) for room, others in rooms.items()}):
        return [*faults, "rooms in a circle: " + " -> ".join(circle)]
    quality = {room: {o for o in others if o.startswith("quality")} for room, others in rooms.items() if room.startswith("quality")}
    for room in quality:
        if depth_of(room, quality) > DEEPEST:
            faults.append(f"'{room}' stands on more than {DEEPEST} rooms of quality")
    return faults


def main() -> int:
    faults = faults_of(pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else "src"))
    modules = modules_of(pathlib.Path(sys.argv[2] if len(sys.argv) > 2 else "bridge/src"))
    if not modules:
        faults.append("there are no modules of the bridge where layers.py looks for them")
    if circle := circle_of(modules):
        faults.append("modules of the bridge in a circle: " + " -> ".join(circle))
    for fault in faults:
        print(fault, file=sys.stderr)
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
