#!/usr/bin/env python3
"""Read what the suites of ./check left behind, list what failed or was skipped, and count."""
# SPDX-License-Identifier: Apache-2.0
import json
import os
import pathlib
import sys
import xml.etree.ElementTree as ET

MESON_VERDICTS = {"OK": "OK", "EXPECTEDFAIL": "OK", "SKIP": "SKIP"}


def from_meson(path):
    """One row for each test program of a meson suite."""
    for line in path.read_text().splitlines():
        test = json.loads(line)
        why = "" if test["result"] == "OK" else test["result"].lower() + ": " + last_line(test.get("stdout", ""))
        yield path.stem, test["name"], MESON_VERDICTS.get(test["result"], "FAIL"), why


def from_junit(path):
    for case in ET.parse(path).getroot().iter("testcase"):
        verdict, why = "OK", ""
        for child in case:
            if child.tag in ("failure", "error"):
                verdict, why = "FAIL", child.get("message", "").split("\n")[0]
            elif child.tag == "skipped":
                verdict, why = "SKIP", child.get("message", "")
        if case.get("name"):
            yield path.stem, f"{case.get('classname').split('.')[-1]}::{case.get('name')}", verdict, why
        else:
            yield path.stem, "(the test that ran then)", "FAIL", "the suite was broken off"


def from_tsv(path):
    for line in path.read_text().splitlines():
        yield tuple(line.split("\t"))


def last_line(text):
    lines = [line for line in text.splitlines() if line.strip()]
    return lines[-1] if lines else ""


READERS = {".json": from_meson, ".xml": from_junit, ".tsv": from_tsv}


def main(folder):
    rows = [row for path in sorted(pathlib.Path(folder).iterdir()) if path.suffix in READERS
            for row in READERS[path.suffix](path)]
    count = {"OK": 0, "FAIL": 0, "SKIP": 0}
    for suite, name, verdict, why in rows:
        count[verdict] += 1
        if verdict != "OK":
            print(f"{'FAILED ' if verdict == 'FAIL' else 'skipped'} {suite} {name}: {why or 'no reason given'}")
    in_ci = os.environ.get("CI") == "true"
    if in_ci and count["SKIP"]:
        print("in CI a skipped test is a failure")
    print(f"{count['OK']} passed, {count['FAIL']} failed, {count['SKIP']} skipped", flush=True)
    return 1 if count["FAIL"] or not rows or (in_ci and count["SKIP"]) else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
