"""The rules of a table hold on Spark too: the tests of the embedded engine, unchanged; only the fixture `workspace` sends its runs to a server."""

import pytest
from cli.test_agreement import *  # noqa: F403
from outcome import on


@pytest.fixture
def workspace(workspace, server, left_alone, monkeypatch):
    command = workspace.command
    monkeypatch.setattr(workspace, "command", lambda *args, **day: command(*args, *on(server.url), **day))
    return workspace
