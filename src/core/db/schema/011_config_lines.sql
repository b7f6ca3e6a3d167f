-- SPDX-License-Identifier: Apache-2.0
-- What operators lay over the config.txt of Raspberry Pis; and what import found that a system has to lose where its
-- root comes over the network.

ALTER TABLE machine ADD COLUMN config_txt_extra TEXT;

CREATE TABLE config_lines (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        scope TEXT NOT NULL,       -- board, tag
        name TEXT NOT NULL,
        text TEXT NOT NULL,
        created_s INTEGER NOT NULL,
        UNIQUE (scope, name)
) STRICT;

ALTER TABLE image ADD COLUMN ties TEXT NOT NULL DEFAULT '[]';   -- names of rows of format/ties.c
