#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Write schema/NNN_NAME.sql files as the C array db_schema: embed-schema.py OUT.c FILE...

Numbers grow from 001; one that is missing was given to work that has not come in yet, or was given up.
"""
import pathlib, re, sys

out, *files = map(pathlib.Path, sys.argv[1:])
rows = []
last = 0
for path in sorted(files):
    found = re.fullmatch(r"(\d{3})_\w+", path.stem)
    number = int(found[1]) if found else 0
    if number <= last:
        sys.exit(f"{path}: a schema file is named NNN_NAME.sql, and no two have one number")
    last = number
    lines = (line.replace("\\", "\\\\").replace('"', '\\"') for line in path.read_text().splitlines())
    rows.append(f'        {{ {number}, "{path.stem}",\n' + "\n".join(f'          "{line}\\n"' for line in lines) + " },")
out.write_text('/* Made of src/core/db/schema by tools/embed-schema.py. */\n#include "core/db/migrate.h"\n\n'
               "const struct db_migration db_schema[] = {\n" + "\n".join(rows) + "\n        {},\n};\n")
