"""The commands that look after a table do in a store what they do in a local folder."""

from upkeep import looks_after_it, looks_at_it, three_versions


def test_looking_at_a_table(workspace):
    looks_at_it(three_versions(workspace))


def test_looking_after_a_table(workspace):
    looks_after_it(three_versions(workspace))
