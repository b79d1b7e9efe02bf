#!/usr/bin/env python3
"""Adds up JUnit files of ctest and prints one closing line; a test that cannot run says so and counts as skipped."""

import sys
import xml.etree.ElementTree as xml

totals = {"run": 0, "fail": 0, "notrun": 0, "disabled": 0}
for path in sys.argv[1:]:
    try:
        cases = xml.parse(path).getroot().iter("testcase")
    except (OSError, xml.ParseError) as error:
        print(f"no test results in {path}: {error}")
        totals["fail"] += 1
        continue
    for case in cases:
        totals[case.get("status", "fail")] = totals.get(case.get("status", "fail"), 0) + 1
        if case.get("status") in ("notrun", "disabled"):
            print(f"skipped: {case.get('name')}")
failed = totals["fail"]
print(f"{totals['run']} passed, {failed} failed, {totals['notrun'] + totals['disabled']} skipped")
sys.exit(1 if failed or totals["run"] == 0 else 0)
