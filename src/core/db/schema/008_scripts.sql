-- SPDX-License-Identifier: Apache-2.0
-- What operators have agents run.

CREATE TABLE script (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        name TEXT NOT NULL UNIQUE,
        type TEXT NOT NULL,        -- commissioning, testing
        title TEXT,
        description TEXT,
        timeout_s INTEGER NOT NULL,
        is_destructive INTEGER NOT NULL,
        tags TEXT,                 -- words with a space between, as the next
        parameters TEXT,
        notes TEXT,                -- sentences, a line each
        created_s INTEGER NOT NULL,
        body BLOB NOT NULL
) STRICT;
