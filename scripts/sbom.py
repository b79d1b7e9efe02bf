#!/usr/bin/env python3
"""What the package holds that is not ours: a bill of materials (CycloneDX) and the licences of all of it.

Asked are those who know: cargo for the crates of the bridge, ninja for the archives and headers that went into the binary, dpkg for
the Debian packages that these belong to, the cache for DuckDB and its extensions.

usage: sbom.py VERSION BUILD_FOLDER DUCKDB_FOLDER BOM_FILE LICENCES_FILE
"""

import hashlib
import json
import re
import subprocess
import sys
import tomllib
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PLATFORM = "x86_64-unknown-linux-gnu"
LICENCE_FILE = re.compile(r"(LICEN[CS]E|COPYING|COPYRIGHT|NOTICE|UNLICENSE)", re.IGNORECASE)
# Of these only what is loaded at run time is used, or nothing but declarations.
NOT_CONTAINED = {"libc6-dev", "linux-libc-dev"}


@dataclass
class Component:
    name: str
    version: str
    purl: str
    licence: str = ""  # an SPDX expression; empty where only the text is known
    sha256: str = ""
    texts: list[str] = field(default_factory=list)

    def entry(self) -> dict:
        entry = {"type": "library", "bom-ref": self.purl, "name": self.name, "version": self.version, "purl": self.purl}
        if self.licence:
            entry["licenses"] = [{"expression": self.licence}]
        if self.sha256:
            entry["hashes"] = [{"alg": "SHA-256", "content": self.sha256}]
        return entry


def output(*command: str | Path) -> str:
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout


def licence_texts(folder: Path) -> list[str]:
    files = sorted(p for p in folder.iterdir() if p.is_file() and LICENCE_FILE.match(p.name))
    return [p.read_text(errors="replace").strip() for p in files]


def crates() -> list[Component]:
    """The crates that are linked: what the bridge needs to run, without what only runs at build time."""
    manifest = ROOT / "bridge/Cargo.toml"
    metadata = json.loads(
        output("cargo", "metadata", "--format-version=1", "--locked", f"--filter-platform={PLATFORM}", f"--manifest-path={manifest}")
    )
    packages = {p["id"]: p for p in metadata["packages"]}
    nodes = {n["id"]: n for n in metadata["resolve"]["nodes"]}
    checksums = {(p["name"], p["version"]): p.get("checksum", "") for p in tomllib.loads((ROOT / "bridge/Cargo.lock").read_text())["package"]}
    root = metadata["resolve"]["root"]
    linked, pending = set(), [root]
    while pending:
        here = pending.pop()
        if here in linked or any("proc-macro" in target["kind"] for target in packages[here]["targets"]):
            continue
        linked.add(here)
        pending += [d["pkg"] for d in nodes[here]["deps"] if any(kind["kind"] is None for kind in d["dep_kinds"])]
    return [
        Component(
            p["name"],
            p["version"],
            f"pkg:cargo/{p['name']}@{p['version']}",
            (p["license"] or "").replace("/", " OR "),
            checksums[p["name"], p["version"]],
            licence_texts(Path(p["manifest_path"]).parent),
        )
        for p in (packages[i] for i in linked - {root})
    ]


def files_of_debian(build: Path) -> set[str]:
    """Archives on the link line of the packaged program, headers of what it was compiled from, and the compiler's own archives."""
    rules = (build / "build.ninja").read_text()
    link = rules.split("build packaged/movies-etl:", 1)[1].split("\n\n", 1)[0]
    files = set(re.findall(r"(/usr/\S+\.a)\b", link))
    for entry in output("ninja", "-C", build, "-t", "deps").split("\n\n"):
        if not entry.startswith("tests/"):
            files.update(re.findall(r"^    (/usr/include/.*)$", entry, re.MULTILINE))
    files.update(str(Path(output("g++", f"-print-file-name={name}").strip()).resolve()) for name in ("libstdc++.a", "libgcc.a"))
    files.update(str(p) for p in Path(output("rustc", f"--target={PLATFORM}", "--print=target-libdir").strip()).glob("libstd-*.rlib"))
    return {str(Path(file).resolve()) for file in files}


def debian(build: Path) -> list[Component]:
    found = subprocess.run(["dpkg", "-S", *sorted(files_of_debian(build))], capture_output=True, text=True, check=False).stdout
    names = {line.split(": ")[0].split(",")[0].split(":")[0] for line in found.splitlines()} - NOT_CONTAINED
    components = []
    for name in sorted(names):
        version, source = output("dpkg-query", "-W", "-f=${Version} ${source:Package}\n", name).splitlines()[0].split(" ")
        text = Path(f"/usr/share/doc/{name}/copyright").read_text(errors="replace").strip()
        components.append(Component(source, version, f"pkg:deb/debian/{source}@{version.replace('+', '%2B')}?distro=bookworm", texts=[text]))
    return list({c.purl: c for c in components}.values())


def duckdb(folder: Path) -> list[Component]:
    version = folder.name.removeprefix("duckdb-")
    licence = licence_texts(folder)
    library = hashlib.sha256((folder / "libduckdb.so").read_bytes()).hexdigest()
    components = [Component("duckdb", version, f"pkg:github/duckdb/duckdb@v{version}", "MIT", library, licence)]
    for extension in sorted(folder.glob("*.duckdb_extension")):
        name = f"duckdb-extension-{extension.stem}"
        digest = hashlib.sha256(extension.read_bytes()).hexdigest()
        components.append(Component(name, version, f"pkg:pypi/{name}@{version}", "MIT", digest, licence))
    return components


def licences(components: list[Component]) -> str:
    """Each text once, under the names of all that it holds for."""
    by_text: dict[str, list[str]] = {}
    for c in components:
        for text in c.texts or [f"{c.licence} (its package holds no text of the licence)"]:
            by_text.setdefault(text, []).append(f"{c.name} {c.version}" + (f" ({c.licence})" if c.licence else ""))
    line = "=" * 100
    parts = ["movies-etl contains the following. Each licence stands below the names of what it holds for.\n"]
    for text, names in sorted(by_text.items(), key=lambda item: sorted(item[1])):
        parts.append(f"{line}\n" + "\n".join(sorted(set(names))) + f"\n{line}\n\n{text}\n")
    return "\n".join(parts)


def main() -> None:
    version, build, duckdb_folder, bom, text = sys.argv[1], *(Path(a) for a in sys.argv[2:])
    components = sorted(crates() + debian(build) + duckdb(duckdb_folder), key=lambda c: c.purl)
    program = {"type": "application", "bom-ref": "movies-etl", "name": "movies-etl", "version": version}
    document = {
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "version": 1,
        "metadata": {"component": {**program, "licenses": [{"license": {"id": "MIT"}}]}},
        "components": [c.entry() for c in components],
        "dependencies": [{"ref": "movies-etl", "dependsOn": [c.purl for c in components]}],
    }
    bom.write_text(json.dumps(document, indent=1) + "\n")
    text.write_text(licences(components))


main()
