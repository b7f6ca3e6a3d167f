#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Write docs/api/openapi.yaml as a C text of JSON: embed-openapi.py IN.yaml OUT.c"""
import json, pathlib, sys

import yaml

source, out = map(pathlib.Path, sys.argv[1:])
text = json.dumps(yaml.safe_load(source.read_text()), ensure_ascii=True, separators=(",", ":"))
escaped = text.replace("\\", "\\\\").replace('"', '\\"').replace("??", "?\\?")
pieces, at = [], 0
while at < len(escaped):
    end = min(at + 100, len(escaped))
    while escaped[end - 1] == "\\" and end < len(escaped):  # never between a backslash and what it escapes
        end += 1
    pieces.append(f'        "{escaped[at:end]}"')
    at = end
out.write_text(f'/* Made of docs/api/{source.name} by tools/embed-openapi.py. */\n#include "api/openapi.h"\n\n'
               "const char api_openapi[] =\n" + "\n".join(pieces) + ";\n")
