"""The examples of deploy/: what can be tried of them without a cluster."""

import re
import shutil

import pytest
from conftest import BINARY, ROOT

# What another try cannot mend (docs/operations.md); the other codes that are not 0 are tried again.
FINAL = {2, 64, 66, 78}


def test_the_codes_that_are_final_are_all_of_those_that_need_a_person():
    text = (ROOT / "docs/operations.md").read_text()
    codes = {int(code) for code in re.findall(r"^\| (\d+) \|", text, re.M)}
    assert codes == FINAL | {0, 3, 75, 130}


def test_the_pod_is_not_tried_again_where_that_says_the_same(workspace):
    text = (ROOT / "deploy/kubernetes-embedded/movies-etl.yaml").read_text()
    assert {int(code) for code in re.search(r"operator: In, values: \[(.*?)\]", text).group(1).split(", ")} == FINAL
    assert "restartPolicy: Never" in text, "podFailurePolicy asks for it"
    args = [word.strip().strip('"') for word in re.search(r"args: \[(.*)\]", text).group(1).split(",")]
    args = [str(workspace.config) if arg.endswith(".yaml") else "development" if arg == "live" else arg for arg in args]
    done = workspace.call([str(BINARY), *args])
    assert done.code == 66, "nothing has landed here, but the command is understood: " + done.err


@pytest.mark.skipif(not shutil.which("systemd-analyze"), reason="LOUD: there is no systemd-analyze; the units were not tried")
def test_the_units_are_understood(workspace):
    for name in ("movies-etl.service", "movies-etl.timer"):
        text = (ROOT / "deploy/systemd" / name).read_text()
        (workspace.root / name).write_text(text.replace("/usr/bin/movies-etl", str(BINARY)).replace("User=etl", "User=root"))
        if name.endswith("service"):
            assert {int(code) for code in re.search("RestartPreventExitStatus=(.*)", text).group(1).split()} == FINAL
    done = workspace.call(["systemd-analyze", "verify", "--man=no", str(workspace.root / "movies-etl.service"), str(workspace.root / "movies-etl.timer")])
    assert done.code == 0 and "movies-etl" not in done.err, done.err
