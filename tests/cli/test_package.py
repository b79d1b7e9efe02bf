"""The tar.gz runs from any folder, without the checkout."""

import shutil
import subprocess
import tarfile

from conftest import BINARY, ROOT


def test_the_package_runs_elsewhere(workspace):
    if BINARY.parent.parent != ROOT / "build":
        import pytest

        pytest.skip("LOUD: the package is built from build/release only")
    done = subprocess.run([ROOT / "scripts/package.sh", "quick"], capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stderr
    archive, package = sorted(done.stdout.split(), key=lambda name: name.endswith(".deb"))
    with tarfile.open(ROOT / archive) as tar:
        tar.extractall(workspace.root / "elsewhere", filter="data")
    (home,) = (workspace.root / "elsewhere").iterdir()
    for name in (
        "lib/movies-etl/libduckdb.so",
        "share/man/man1/movies-etl.1",
        "share/bash-completion/completions/movies-etl",
        "share/movies-etl/pipelines/movie_ratings/transform.sql",
        "share/movies-etl/app_config.yaml",
    ):
        assert (home / name).stat().st_size > 0, name
    run = workspace.call([str(home / "bin/movies-etl"), "run", "--execution-date", "2021-01-01", "-c", str(home / "share/movies-etl/app_config.yaml")])
    assert run.code == 0, run.err
    assert "published as version 1" in run.out
    linked = subprocess.run(["ldd", home / "bin/movies-etl"], capture_output=True, text=True).stdout
    assert str(home / "lib/movies-etl") in linked.replace("bin/../", "") and "libyaml" not in linked
    if shutil.which("dpkg-deb"):
        listing = subprocess.run(["dpkg-deb", "--contents", ROOT / package], capture_output=True, text=True).stdout
        assert "./usr/bin/movies-etl" in listing and "./usr/lib/movies-etl/libduckdb.so" in listing
