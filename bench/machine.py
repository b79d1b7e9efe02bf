"""What a figure depends on: the machine and the versions it was measured with."""

import importlib.metadata
import os
import platform
import subprocess
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parent.parent


def first_value(path: str, key: str) -> str:
    for line in Path(path).read_text().splitlines():
        name, _, value = line.partition(":")
        if name.strip() == key:
            return value.strip()
    return "unknown"


def output_of(*command: str) -> str:
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=True, cwd=REPOSITORY)
    except (OSError, subprocess.CalledProcessError):
        return "unknown"
    return done.stdout.strip()


def memory_bytes() -> int:
    return os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")


def available_bytes() -> int:
    return int(first_value("/proc/meminfo", "MemAvailable").split()[0]) * 1024


def describe(binary: Path, packages: list[str]) -> dict[str, str]:
    facts = {
        "processor": first_value("/proc/cpuinfo", "model name"),
        "cores": str(len(os.sched_getaffinity(0))),
        "memory": f"{memory_bytes() / 1e9:.1f} GB",
        "kernel": platform.release(),
        "python": platform.python_version(),
        "movies-etl": output_of(str(binary), "--version").partition("\n")[0],
        "commit": output_of("git", "describe", "--always", "--dirty"),
    }
    for package in packages:
        try:
            facts[package] = importlib.metadata.version(package)
        except importlib.metadata.PackageNotFoundError:
            facts[package] = "not installed"
    return facts
