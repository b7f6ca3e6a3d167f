#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Write schema/NNN_NAME.sql files as the C array db_schema: embed-schema.py OUT.c FILE..."""
import pathlib, re, sys

out, *files = map(pathlib.Path, sys.argv[1:])
rows = []
for number, path in enumerate(sorted(files), 1):
    if not re.fullmatch(rf"{number:03}_\w+", path.stem):
        sys.exit(f"{path}: schema files count from 001 without gaps; number {number:03} is wanted here")
    lines = (line.replace("\\", "\\\\").replace('"', '\\"') for line in path.read_text().splitlines())
    rows.append(f'        {{ {number}, "{path.stem}",\n' + "\n".join(f'          "{line}\\n"' for line in lines) + " },")
out.write_text('/* Made of src/core/db/schema by tools/embed-schema.py. */\n#include "core/db/migrate.h"\n\n'
               "const struct db_migration db_schema[] = {\n" + "\n".join(rows) + "\n        {},\n};\n")
