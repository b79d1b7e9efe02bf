"""A disk that fails: what the run says of it, and of the day."""

import os

import footers
import preload
import pytest

# Loaded before the C library: calls on files whose path holds FAULT_PATH (a '$' at its end: ends in it) fail with EIO, all of them or the first FAULT_TIMES.
SHIM = r"""
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>
#include <unistd.h>
static atomic_int failed;
static int fails(const char* call, int fd) {
  char link[64], path[4096];
  const char* wanted = getenv("FAULT_CALL");
  if (!wanted || strcmp(call, wanted)) return 0;
  snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
  ssize_t size = readlink(link, path, sizeof path - 1);
  if (size < 0) return 0;
  path[size] = 0;
  char part[4096];
  snprintf(part, sizeof part, "%s", getenv("FAULT_PATH"));
  size_t end = strlen(part);
  const int at_end = end > 0 && part[end - 1] == '$';
  if (at_end) part[--end] = 0;
  const char* found = strstr(path, part);
  if (!found || (at_end && found[end] != 0)) return 0;
  if (atomic_fetch_add(&failed, 1) >= atoi(getenv("FAULT_TIMES"))) return 0;
  errno = EIO;
  return 1;
}
#define REAL(name) __typeof__(&name) real = (__typeof__(&name))dlsym(RTLD_NEXT, #name)
int fsync(int fd) { REAL(fsync); return fails("fsync", fd) ? -1 : real(fd); }
ssize_t pread(int fd, void* to, size_t size, off_t at) { REAL(pread); return fails("pread", fd) ? -1 : real(fd, to, size, at); }
ssize_t pread64(int fd, void* to, size_t size, off64_t at) { REAL(pread64); return fails("pread", fd) ? -1 : real(fd, to, size, at); }
"""


@pytest.fixture(scope="session")
def shim(tmp_path_factory):
    return preload.compiled(tmp_path_factory.mktemp("shim"), SHIM, "a disk that fails was not tested")


def run_on_failing_disk(workspace, shim, call: str, path: str, times: int = 1_000_000):
    faults = {"FAULT_CALL": call, "FAULT_PATH": path, "FAULT_TIMES": str(times)}
    return workspace.call(workspace.command(), env={"LD_PRELOAD": str(shim), **faults})


def test_a_flush_that_failed_once_is_not_made_good_by_the_next(workspace, shim):
    """The system tells it once: the next flush succeeds, though the entry may never reach the disk."""
    workspace.write_day([{"movie_id": 1, "user_id": 1}])
    workspace.published()
    workspace.write_day([{"movie_id": 2, "user_id": 2}])
    done = run_on_failing_disk(workspace, shim, "fsync", f"{workspace.table}/_delta_log$", times=1)
    assert done.code == 3 and "unknown whether the commit happened" in done.err, done.err
    assert "othing was published" not in done.err
    assert workspace.rows("movie_id") == [(2,)], "the entry is there, so its files must be"
    assert workspace.published()["status"] == "published"
    assert workspace.leftovers() == []


def test_data_that_cannot_be_read_is_no_failed_check(workspace, shim):
    workspace.write_day([{"movie_id": 1, "user_id": 1}])
    done = run_on_failing_disk(workspace, shim, "pread", "/warehouse/movie_ratings_curated/run_date=")
    assert done.code == 3, done.err
    assert "Input/output error" in done.err and "disk" in done.err and "Nothing was published" in done.err
    assert "CHECKS FAILED" not in done.out
    assert not (workspace.table / "_delta_log").exists() and workspace.leftovers() == []


def test_raw_data_that_cannot_be_read_is_not_called_cut_short(workspace, shim):
    path = workspace.write_day([{"movie_id": 1, "user_id": 1}])
    done = run_on_failing_disk(workspace, shim, "pread", "/raw/2021")
    assert done.code == 3, done.err
    assert path.name in done.err and "Input/output error" in done.err and "cut short" not in done.err


# ---- footers that are made to do harm: no reader may recurse into them, or compare all their columns


@pytest.mark.parametrize("kind", footers.HARMFUL)
@pytest.mark.parametrize("command", ["run", "check"])
def test_a_footer_that_would_take_the_reader_down_is_refused(workspace, kind, command):
    path = workspace.day_folder() / "part-0.parquet"
    path.parent.mkdir(parents=True)
    path.write_bytes(footers.harmful_file(kind))
    words = workspace.command()
    if command == "check":
        (workspace.root / "checks.yml").write_text("checks for ratings:\n  - row_count >= 0\n")
        words = [words[0], "check", "checks.yml", "--dataset", f"ratings={path.parent}"]
    done = workspace.call(words)
    assert done.code == 3, done.err
    assert f"{path}: not a readable Parquet file: its footer claims" in done.err and footers.HARMFUL[kind][1] in done.err


def test_a_table_of_many_columns_is_read(workspace):
    columns = ", ".join(f"{i} AS c{i}" for i in range(1_000))
    workspace.write_sql(f"SELECT {columns}")
    (workspace.root / "checks.yml").write_text("checks for ratings:\n  - row_count = 1\n")
    words = [workspace.command()[0], "check", "checks.yml", "--dataset", f"ratings={workspace.day_folder()}"]
    assert workspace.call(words).code == 0


def test_the_shim_harms_no_run_by_itself(workspace, shim):
    workspace.write_day([{"movie_id": 1, "user_id": 1}])
    assert run_on_failing_disk(workspace, shim, "fsync", f"{os.sep}nowhere").code == 0
