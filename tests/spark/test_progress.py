"""On a terminal the bar names Spark's stages and tasks."""

import os
import re
import subprocess

import days
from outcome import on


def test_the_bar_shows_stages_and_tasks(workspace, server, left_alone):
    days.write_big_day(workspace, 1_000_000, files=8)
    controller, terminal = os.openpty()
    process = subprocess.Popen(
        workspace.command(*on(server.url)), env=workspace.environment(TERM="xterm"), cwd=workspace.root, stdout=subprocess.DEVNULL, stderr=terminal
    )
    os.close(terminal)
    shown = b""
    try:
        while data := os.read(controller, 65536):
            shown += data
    except OSError:  # the terminal's other end was closed
        pass
    assert process.wait(60) == 0, shown.decode(errors="replace")[-2000:]
    assert re.search(rb"stage \d+ of \d+, task \d+ of \d+", shown), shown.decode(errors="replace")[-2000:]
