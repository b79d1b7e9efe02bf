"""The tests of local tables, unchanged, against S3: only the fixture `workspace` is another."""

from cli.test_run import *  # noqa: F403
from interop.test_parallel_runs import *  # noqa: F403
from interop.test_readers import *  # noqa: F403
