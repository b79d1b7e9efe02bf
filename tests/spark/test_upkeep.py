"""The commands that look after a table, with Spark as the engine."""

from outcome import on
from upkeep import looks_after_it, looks_at_it, three_versions


def test_looking_at_a_table(workspace, server):
    looks_at_it(three_versions(workspace), *on(server.url))


def test_looking_after_a_table(workspace, server):
    looks_after_it(three_versions(workspace), *on(server.url))
