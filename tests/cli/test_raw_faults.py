"""Raw files of which a call of the system fails, whichever it is: no row is left out in silence, and the file is named."""

import errno
import itertools

import preload
import pytest

# Loaded before the C library: from the FAULT_FROM-th call of the kind FAULT_CALL on files whose path ends in FAULT_PATH, FAULT_TIMES of them
# fail with FAULT_ERRNO. Each one that does is told in FAULT_LOG.
SHIM = r"""
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>
static atomic_int seen;
static int fails(const char* call, const char* path) {
  const char *wanted = getenv("FAULT_CALL"), *end = getenv("FAULT_PATH");
  if (!wanted || !end || !path || strcmp(call, wanted)) return 0;
  const size_t size = strlen(path), length = strlen(end);
  if (size < length || strcmp(path + size - length, end)) return 0;
  const int number = atomic_fetch_add(&seen, 1) + 1, from = atoi(getenv("FAULT_FROM"));
  if (number < from || number >= from + atoi(getenv("FAULT_TIMES"))) return 0;
  const int log = syscall(SYS_openat, AT_FDCWD, getenv("FAULT_LOG"), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
  syscall(SYS_write, log, "x", 1);
  syscall(SYS_close, log);
  errno = atoi(getenv("FAULT_ERRNO"));
  return 1;
}
static int fails_of(const char* call, int fd) {
  char link[64], path[4096];
  snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
  const ssize_t size = syscall(SYS_readlinkat, AT_FDCWD, link, path, sizeof path - 1);
  if (size < 0) return 0;
  path[size] = 0;
  return fails(call, path);
}
// <sys/stat.h> is left out, so that these may be declared in one way.
#define CALL(name, fault, parameters, types, ...)            \
  int name parameters {                                      \
    static int(*real) types;                                 \
    if (!real) real = (int(*) types)dlsym(RTLD_NEXT, #name); \
    return (fault) ? -1 : real(__VA_ARGS__);                 \
  }
#define STAT(name) CALL(name, fails("stat", path), (const char* path, void* out), (const char*, void*), path, out)
#define OLD_STAT(name) \
  CALL(name, fails("stat", path), (int version, const char* path, void* out), (int, const char*, void*), version, path, out)
#define OPEN(name)                                                             \
  int name(const char* path, int flags, ...) {                                 \
    va_list more;                                                              \
    va_start(more, flags);                                                     \
    const int mode = va_arg(more, int);                                        \
    va_end(more);                                                              \
    static int (*real)(const char*, int, ...);                                 \
    if (!real) real = (int (*)(const char*, int, ...))dlsym(RTLD_NEXT, #name); \
    return fails("open", path) ? -1 : real(path, flags, mode);                 \
  }
STAT(stat) STAT(stat64) STAT(lstat) STAT(lstat64)
OLD_STAT(__xstat) OLD_STAT(__xstat64) OLD_STAT(__lxstat) OLD_STAT(__lxstat64)
CALL(fstat, fails_of("stat", fd), (int fd, void* out), (int, void*), fd, out)
CALL(fstat64, fails_of("stat", fd), (int fd, void* out), (int, void*), fd, out)
CALL(__fxstat, fails_of("stat", fd), (int version, int fd, void* out), (int, int, void*), version, fd, out)
CALL(__fxstat64, fails_of("stat", fd), (int version, int fd, void* out), (int, int, void*), version, fd, out)
CALL(access, fails("stat", path), (const char* path, int mode), (const char*, int), path, mode)
OPEN(open) OPEN(open64)
"""


@pytest.fixture(scope="session")
def shim(tmp_path_factory):
    return preload.compiled(tmp_path_factory.mktemp("shim"), SHIM, "raw files that cannot be looked at or opened were not tested")


@pytest.fixture
def faulty(workspace, shim):
    """Runs a day of two files of a row each, with faults on the second; and whether any fault came to pass."""
    workspace.write_day([{"movie_id": 1, "user_id": 1}], name="part-0.parquet")
    workspace.write_day([{"movie_id": 2, "user_id": 1}], name="part-1.parquet")
    log = workspace.root / "faults"

    def run(call: str, number: int, start: int, times: int):
        log.unlink(missing_ok=True)
        faults = {"FAULT_CALL": call, "FAULT_PATH": "/part-1.parquet", "FAULT_ERRNO": str(number), "FAULT_LOG": str(log)}
        faults |= {"FAULT_FROM": str(start), "FAULT_TIMES": str(times)}
        return workspace.call(workspace.command(), env={"LD_PRELOAD": str(shim), **faults}), log.exists()

    return run


TOLD = {  # by the error of the system: its words, and what there is to do
    errno.EIO: ("Input/output error", "The disk or the network mount fails"),
    errno.EACCES: ("Permission denied", "Give this user the right"),
}


@pytest.mark.parametrize("number", TOLD, ids=errno.errorcode.get)
@pytest.mark.parametrize("call", ["stat", "open"])
def test_a_raw_file_that_cannot_be_looked_at_or_opened_is_named(workspace, faulty, call, number):
    done, came = faulty(call, number, 1, 1_000_000)
    assert came, f"the program makes no call of the kind {call}: the test tests nothing"
    assert done.code == 3, done.err
    words, hint = TOLD[number]
    assert f"{workspace.day_folder()}/part-1.parquet" in done.err and words in done.err and hint in done.err, done.err
    assert not workspace.table.exists() and workspace.leftovers() == []


@pytest.mark.parametrize("call", ["stat", "open"])
def test_whichever_call_fails_no_row_is_left_out(workspace, faulty, call):
    """One call alone fails, each in its turn: what was seen well before may be gone at the next look."""
    for start in itertools.count(1):
        done, came = faulty(call, errno.EIO, start, 1)
        if not came:
            break
        assert done.code in (0, 3), (start, done.err)
        if done.code == 3:
            assert "part-1.parquet" in done.err and "Nothing was published" in done.err, (start, done.err)
        else:
            assert workspace.rows("movie_id") == [(1,), (2,)], start
    assert start > 2 and done.code == 0, (start, done.err)
