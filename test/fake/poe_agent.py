#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""The tables of a PoE switch, for snmpd's pass_persist: asked line by line on standard input, answered on standard output.

usage: poe_agent.py FILE     FILE is a JSON object, of OID to [TYPE, VALUE], read anew for each question and written when
                             something is set. "deaf" among its keys: sets are answered and not done. Turning a port on
                             or off moves its pethPsePortDetectionStatus along.
"""
import json
import pathlib
import sys

ADMIN, DETECTION = ".1.3.6.1.2.1.105.1.1.1.3.", ".1.3.6.1.2.1.105.1.1.1.6."
ENABLED, DISABLED, NOT_DELIVERING, DELIVERING = "1", "2", "1", "3"


def key(oid):
    return [int(part) for part in oid.strip(".").split(".")]


class Table:
    def __init__(self, path):
        self.path = pathlib.Path(path)

    def read(self):
        return json.loads(self.path.read_text())

    def get(self, oid):
        rows = self.read()
        return (oid, *rows[oid]) if oid in rows else None

    def next(self, oid):
        rows = self.read()
        later = sorted((key(o), o) for o in rows if o.startswith(".") and key(o) > key(oid))
        return (later[0][1], *rows[later[0][1]]) if later else None

    def set(self, oid, value):
        rows = self.read()
        if oid not in rows:
            return "no-creation"
        if not oid.startswith(ADMIN):
            return "not-writable"
        if value not in (ENABLED, DISABLED):
            return "wrong-value"
        if "deaf" not in rows:
            rows[oid][1] = value
            rows[DETECTION + oid[len(ADMIN):]][1] = DELIVERING if value == ENABLED else NOT_DELIVERING
            rows.setdefault("log", []).append("on" if value == ENABLED else "off")
            new = self.path.with_suffix(".new")
            new.write_text(json.dumps(rows))
            new.rename(self.path)
        return "DONE"


def main(path):
    table = Table(path)
    lines = iter(sys.stdin.readline, "")
    for line in lines:
        word = line.strip()
        if word == "PING":
            print("PONG", flush=True)
        elif word in ("get", "getnext"):
            oid = next(lines).strip()
            found = table.get(oid) if word == "get" else table.next(oid)
            print("\n".join(found) if found else "NONE", flush=True)
        elif word == "set":
            oid, value = next(lines).strip(), next(lines).split()[1]
            print(table.set(oid, value), flush=True)


if __name__ == "__main__":
    main(sys.argv[1])
