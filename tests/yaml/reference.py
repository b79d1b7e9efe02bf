"""What PyYAML, in Python, reads of the files named on standard input: the lines that tests/yaml/dump.cpp prints, as JSON."""

import json
import sys

import yaml

NULLS = {"", "~", "null", "Null", "NULL"}


def merged(pairs):
    """Keys that `<<` takes over stand behind a mapping's own and are weaker."""
    own, taken = [], []
    for key, value in pairs:
        if key == ["<<", False]:
            for one in value["list"] if "list" in value else [value]:
                taken += one["map"]
        else:
            own.append([key, value])
    seen = {text_of(key) for key, _ in own}
    for key, value in taken:
        if text_of(key) not in seen:
            seen.add(text_of(key))
            own.append([key, value])
    return own


def text_of(key):
    return "" if key is None else key[0]


def tree(node):
    if isinstance(node, yaml.ScalarNode):
        quoted = node.style is not None
        return None if not quoted and node.value in NULLS else [node.value, quoted]
    if isinstance(node, yaml.SequenceNode):
        return {"list": [tree(item) for item in node.value]}
    return {"map": merged([[tree(key), tree(value)] for key, value in node.value])}


for line in sys.stdin:
    try:
        with open(line.strip(), newline="", encoding="utf-8") as file:
            root = yaml.compose(file.read(), Loader=yaml.SafeLoader)
        print(json.dumps({"document": None if root is None else tree(root)}))
    except (yaml.YAMLError, KeyError, TypeError, RecursionError) as error:
        print(json.dumps({"error": " ".join(str(error).split())}))
