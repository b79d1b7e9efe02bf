#!/usr/bin/env python3
"""Adds up JUnit files of ctest and pytest, names what was skipped, and prints one closing line."""

import sys
import xml.etree.ElementTree as xml

passed, failed, skipped = 0, 0, 0
for path in sys.argv[1:]:
    try:
        cases = list(xml.parse(path).getroot().iter("testcase"))
    except (OSError, xml.ParseError) as error:
        print(f"no test results: {error}")
        failed += 1
        continue
    for case in cases:
        skip = case.find("skipped")
        if skip is not None or case.get("status") in ("notrun", "disabled"):
            skipped += 1
            print(f"SKIPPED {case.get('name')}: {skip.get('message') if skip is not None else 'not run'}")
        elif case.find("failure") is not None or case.find("error") is not None or case.get("status") == "fail":
            failed += 1
            print(f"FAILED {case.get('name')}")
        else:
            passed += 1
print(f"{passed} passed, {failed} failed, {skipped} skipped")
sys.exit(1 if failed or not passed else 0)
