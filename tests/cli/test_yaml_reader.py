"""The YAML reader beside another one, over files with slips: what it takes, it must read as PyYAML does, and what PyYAML
refuses it must refuse. A file that is read as less than it says is a gate that lets everything pass."""

import json
import random
import subprocess

from conftest import BINARY, ROOT

SLIPS = [
    '"', "'", ":", ": ", "\t", "- ", "  ", "\n", "{", "}", "[", "]", "#", " #", "&a ", "*a", "!x ", "|", ">", "%", "@", "`", ",",
    "? ", "'x", "\\", "é", "---\n", "...\n", '"a": ', "<<: ", "~", "''",
]  # fmt: skip
SEEDS = [
    "base: &base\n  a: 1\n  b: [x, 'y', \"z\\n\"]\nuse:\n  <<: *base\n  a: 2\nmore: [*base, {c: d}]\n",
    "text: |\n  one\n   two\n\nfolded: >-\n  three\n  four\nlong: 'a\n  b'\nplain: c\n  d\n",
    "checks for t:\n  - row_count > 0:\n      name: \"rows\"\n  - missing_count(a) = 0:\n      filter: a <> 'x'\n  - schema:\n"
    "      fail:\n        when required column missing: [a, b]\n",
]


def slipped(random_, text):
    for _ in range(random_.choice([1, 1, 1, 2, 3])):
        at = random_.randrange(len(text) + 1)
        kind = random_.randrange(5)
        if kind == 0:
            text = text[:at]  # cut in the middle
        elif kind == 1:
            text = text[:at] + random_.choice(SLIPS) + text[at:]
        elif kind == 2:
            text = text[:at] + text[at + random_.randrange(1, 4) :]
        elif kind == 3:
            text = text[:at] + random_.choice(SLIPS) + text[at + 1 :]
        else:
            lines = text.split("\n")
            line = random_.randrange(len(lines))
            lines[line] = lines[line].rstrip(":") if random_.random() < 0.5 else " " + lines[line]
            text = "\n".join(lines)
    return text


def read_by(command, paths):
    done = subprocess.run(command, input="".join(f"{path}\n" for path in paths), capture_output=True, text=True, timeout=100, check=True)
    return [json.loads(line) for line in done.stdout.splitlines()]


def known_difference(error, text):
    """Tabs outside of quotes, which YAML 1.2 allows between the words of a text, and a comment right behind `|` or `>`."""
    return ("\\t" in error and "\t" in text) or "expected chomping or indentation indicators, but found '#'" in error


def test_slips_are_read_as_another_reader_reads_them(tmp_path):
    files = [ROOT / "app_config.yaml", *sorted(ROOT.glob("pipelines/*/*.yaml"))]
    seeds = SEEDS * 3 + [path.read_text() for path in files]
    random_ = random.Random(20211128)
    texts = [slipped(random_, random_.choice(seeds)) for _ in range(3000)]
    paths = []
    for number, text in enumerate(texts):
        paths.append(tmp_path / f"{number}.yaml")
        paths[-1].write_text(text, newline="")
    ours = read_by([BINARY.parent / "tests/yaml_dump"], paths)
    theirs = read_by(["/usr/bin/python3", ROOT / "tests/yaml/reference.py"], paths)
    assert len(ours) == len(theirs) == len(texts)
    taken = stricter = 0
    for text, mine, other in zip(texts, ours, theirs, strict=True):
        if "error" in mine:
            stricter += "error" not in other
        elif "error" in other:
            assert known_difference(other["error"], text), (text, other)
        else:
            taken += 1
            assert mine == other, text
    assert taken > 1000
    assert stricter < 200  # tags, keys that stand twice, second documents: refused here on purpose
