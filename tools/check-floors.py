#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Fail when a source file includes a floor that tools/floors.txt does not grant it."""
import fnmatch, pathlib, re, sys

KERNEL = re.compile(r"sys/(socket|epoll|timerfd|signalfd|stat|wait|mman|inotify)\.h|unistd\.h|fcntl\.h|"
                    r"poll\.h|netdb\.h|pthread\.h|time\.h|signal\.h|dirent\.h|sqlite3\.h|libpq-fe\.h")
root = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else ".")
grants, outside, faults = {}, [], []

for line in (root / "tools/floors.txt").read_text().splitlines():
    name, colon, rest = (part.strip() for part in line.partition(":"))
    if not colon or line.startswith("#"):
        continue
    if name == "outside":
        outside = rest.split()
        continue
    faults += [f"floors.txt: {name} rests on {lower}, which is not below it"
               for lower in rest.split() if lower not in grants]
    grants[name] = {name, *rest.split()}


def floor_of(path):
    """The floor a path such as net/tftp/packet.h stands on, or None."""
    return next((str(p) for p in pathlib.PurePath(path).parents if str(p) in grants), None)


for path in sorted([*(root / "src").rglob("*.[ch]"), *(root / "app").rglob("*.[ch]")]):
    here = path.relative_to(root / "src" if (root / "src") in path.parents else root)
    floor = floor_of(here)
    if floor is None:
        faults.append(f"{here}: stands on no floor")
        continue
    touches_kernel = any(fnmatch.fnmatch(str(here), pattern) for pattern in outside)
    for number, text in enumerate(path.read_text().splitlines(), 1):
        include = re.match(r'\s*#\s*include\s+(["<])([^">]+)', text)
        if not include:
            continue
        kind, target = include.groups()
        if kind == '"' and floor_of(target) not in grants[floor]:
            faults.append(f"{here}:{number}: {floor} may not include {target}")
        if kind == '"' and target.startswith("io/") and not touches_kernel:
            faults.append(f"{here}:{number}: includes {target}, but is not listed as outside")
        if kind == "<" and KERNEL.fullmatch(target) and not touches_kernel:
            faults.append(f"{here}:{number}: includes <{target}>, but is not listed as outside")

print("\n".join(faults) or f"floors hold: {len(grants)} floors")
sys.exit(bool(faults))
