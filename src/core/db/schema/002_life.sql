-- SPDX-License-Identifier: Apache-2.0
-- What a machine is going through, and what its agent found out. Booleans are 0 and 1, times Unix seconds.

ALTER TABLE machine ADD COLUMN state TEXT NOT NULL DEFAULT 'New';   -- as shown: 'Failed commissioning'
ALTER TABLE machine ADD COLUMN prior TEXT NOT NULL DEFAULT 'New';
ALTER TABLE machine ADD COLUMN state_since_s INTEGER NOT NULL DEFAULT 0;
ALTER TABLE machine ADD COLUMN deadline_s INTEGER NOT NULL DEFAULT 0;
ALTER TABLE machine ADD COLUMN reason TEXT;
ALTER TABLE machine ADD COLUMN is_locked INTEGER NOT NULL DEFAULT 0;
ALTER TABLE machine ADD COLUMN needs_approval INTEGER NOT NULL DEFAULT 0;
ALTER TABLE machine ADD COLUMN inventory_s INTEGER NOT NULL DEFAULT 0;
ALTER TABLE machine ADD COLUMN root TEXT NOT NULL DEFAULT 'initrd';
ALTER TABLE machine ADD COLUMN boots_own INTEGER NOT NULL DEFAULT 0;
ALTER TABLE machine ADD COLUMN seed TEXT;
ALTER TABLE machine ADD COLUMN token_hash BLOB;
ALTER TABLE machine ADD COLUMN task_id INTEGER NOT NULL DEFAULT 0;
ALTER TABLE machine ADD COLUMN task TEXT;
ALTER TABLE machine ADD COLUMN job TEXT;                            -- what is under way, JSON; NULL: nothing
ALTER TABLE machine ADD COLUMN power TEXT;                          -- driver; NULL: by hand
ALTER TABLE machine ADD COLUMN tags TEXT;                           -- words with a space between
ALTER TABLE machine ADD COLUMN pool TEXT;
ALTER TABLE machine ADD COLUMN zone TEXT;
ALTER TABLE machine ADD COLUMN owner TEXT;
ALTER TABLE machine ADD COLUMN note TEXT;

-- Until now an image meant that the machine boots it, diskless.
UPDATE machine SET state = 'Deployed', boots_own = 1 WHERE image IS NOT NULL;

-- Passwords are among them: nothing but the power drivers reads this table.
CREATE TABLE machine_power (
        machine_id INTEGER PRIMARY KEY REFERENCES machine (id) ON DELETE CASCADE,
        parameters TEXT NOT NULL   -- JSON object
) STRICT;

CREATE TABLE machine_inventory (
        machine_id INTEGER PRIMARY KEY REFERENCES machine (id) ON DELETE CASCADE,
        inventory TEXT NOT NULL    -- JSON object, as the agent sent it
) STRICT;

CREATE TABLE script_result (
        machine_id INTEGER NOT NULL REFERENCES machine (id) ON DELETE CASCADE,
        task_id INTEGER NOT NULL,
        name TEXT NOT NULL,
        status TEXT NOT NULL,      -- passed, failed, degraded, skipped, timedout
        exit_status INTEGER,
        runtime_ms INTEGER NOT NULL,
        finished_s INTEGER NOT NULL,
        output TEXT NOT NULL,
        results TEXT,              -- JSON object
        PRIMARY KEY (machine_id, task_id, name)
) STRICT, WITHOUT ROWID;

ALTER TABLE subnet ADD COLUMN allow TEXT NOT NULL DEFAULT '[]';     -- enlisted in any case: MACs and serials
