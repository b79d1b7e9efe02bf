"""The tar.gz runs from any folder, without the checkout, and says what is in it; so does the wheel, where pip lays it."""

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from conftest import BINARY, ROOT
from test_hardening import flaws


def test_the_package_runs_elsewhere(workspace):
    if BINARY.parent.parent != ROOT / "build":
        pytest.skip("LOUD: the package is built from build/release only")
    done = subprocess.run([ROOT / "scripts/package.sh", "quick"], capture_output=True, text=True, timeout=600)
    assert done.returncode == 0, done.stderr
    archive, package, wheel = sorted(done.stdout.split(), key=lambda name: [".gz", ".deb", ".whl"].index(Path(name).suffix))
    (workspace.root / "elsewhere").mkdir()
    subprocess.run(["tar", "-xzf", ROOT / archive, "-C", workspace.root / "elsewhere"], check=True)
    (home,) = (workspace.root / "elsewhere").iterdir()
    for name in (
        "lib/movies-etl/libduckdb.so",
        "share/man/man1/movies-etl.1",
        "share/bash-completion/completions/movies-etl",
        "share/movies-etl/pipelines/movie_ratings/transform.sql",
        "share/movies-etl/app_config.yaml",
        "share/doc/movies-etl/THIRD-PARTY-LICENCES",
    ):
        assert (home / name).stat().st_size > 0, name
    run = workspace.call([str(home / "bin/movies-etl"), "run", "--execution-date", "2021-01-01", "-c", str(home / "share/movies-etl/app_config.yaml")])
    assert run.code == 0, run.err
    assert "published as version 1" in run.out
    assert flaws(home / "bin/movies-etl") == []
    linked = subprocess.run(["ldd", home / "bin/movies-etl"], capture_output=True, text=True).stdout
    assert str(home / "lib/movies-etl") in linked.replace("bin/../", "") and "libyaml" not in linked
    if shutil.which("dpkg-deb"):
        listing = subprocess.run(["dpkg-deb", "--contents", ROOT / package], capture_output=True, text=True).stdout
        assert "./usr/bin/movies-etl" in listing and "./usr/lib/movies-etl/libduckdb.so" in listing
        depends = subprocess.run(["dpkg-deb", "--field", ROOT / package, "Depends"], capture_output=True, text=True).stdout
        assert "ca-certificates" in depends
    the_wheel_brings_the_program(workspace, ROOT / wheel)
    the_bill_of_materials_names_what_is_inside(home / "share/doc/movies-etl")
    assert subprocess.run(["sha256sum", "--check", "--quiet", "SHA256SUMS"], cwd=ROOT / "dist").returncode == 0


def the_wheel_brings_the_program(workspace, wheel):
    """Into an environment that has nothing but pip; the sample day runs with the files that it laid there."""
    home = workspace.root / "environment"
    subprocess.run([sys.executable, "-m", "venv", home], check=True)
    subprocess.run([home / "bin/pip", "install", "--quiet", "--no-index", "--disable-pip-version-check", wheel], check=True)
    run = workspace.call([str(home / "bin/movies-etl"), "run", "--execution-date", "2021-01-01", "-c", str(home / "share/movies-etl/app_config.yaml")])
    assert run.code == 0, run.err
    (info,) = home.glob("lib/python3*/site-packages/movies_etl-*.dist-info")
    for name in ("licenses/LICENSE", "licenses/THIRD-PARTY-LICENCES", "sboms/movies-etl.cdx.json"):
        assert (info / name).stat().st_size > 0, name
    subprocess.run([home / "bin/pip", "uninstall", "--quiet", "--yes", "movies-etl"], check=True)
    assert not (home / "bin/movies-etl").exists() and not (home / "lib/movies-etl/libduckdb.so").exists()


def the_bill_of_materials_names_what_is_inside(folder):
    """Of each kind of part one, with its version; each part has a licence, as a name or as a text."""
    parts = {part["name"]: part for part in json.loads((folder / "movies-etl.cdx.json").read_text())["components"]}
    wanted = ["delta_kernel", "object_store", "rustls", "duckdb", "duckdb-extension-httpfs", "yaml-cpp", "libzstd", "fmtlib", "spdlog"]
    if (BINARY.parent / "libmetl_spark.a").exists():
        wanted += ["grpc", "protobuf", "openssl"]
    if (BINARY.parent / "libmetl_kafka.a").exists():
        wanted += ["librdkafka", "lz4"]
    for name in wanted:
        assert parts[name]["version"], name
    assert "cxx-build" not in parts and "googletest" not in parts  # they build and test, and are not inside
    licences = (folder / "THIRD-PARTY-LICENCES").read_text()
    for part in parts.values():
        assert f"{part['name']} {part['version']}" in licences
    assert "Permission is hereby granted" in licences and "Apache License" in licences
