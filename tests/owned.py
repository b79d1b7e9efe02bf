"""What tests need of a server that they own: a port that is free, and its end with theirs."""

import ctypes
import os
import signal
import socket

PR_SET_PDEATHSIG = 1


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def bound_to_parent() -> None:
    """In the child, before it runs: a group of its own, killed when the process that started it ends, whatever ends that one."""
    os.setpgid(0, 0)
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
