-- SPDX-License-Identifier: Apache-2.0
-- What operators want in the EEPROMs of Raspberry Pis, and what agents read there.

ALTER TABLE machine ADD COLUMN eeprom_lines TEXT;
ALTER TABLE machine ADD COLUMN eeprom_firmware TEXT;
ALTER TABLE machine ADD COLUMN eeprom_found TEXT;    -- as core/machine/eeprom_found.c has it

-- Agents told it in their inventories before.
UPDATE machine SET eeprom_found = (
        SELECT coalesce(inventory ->> '$.board.pi.eeprom.build_timestamp', 0) || ' '
                || coalesce(inventory ->> '$.board.pi.eeprom.update_timestamp', 0) || ' '
                || substr(coalesce(inventory ->> '$.board.pi.eeprom.version', ''), 1, 63)
                || coalesce(char(10) || (inventory ->> '$.board.pi.eeprom.config'), '')
        FROM machine_inventory
        WHERE machine_id = machine.id AND inventory ->> '$.board.pi.eeprom' IS NOT NULL);

CREATE TABLE lines (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        file TEXT NOT NULL,        -- config.txt, bootconf.txt
        scope TEXT NOT NULL,       -- board, tag
        name TEXT NOT NULL,
        text TEXT NOT NULL,
        firmware TEXT,             -- bootconf.txt: that is wanted with it
        created_s INTEGER NOT NULL,
        UNIQUE (file, scope, name)
) STRICT;
INSERT INTO lines (id, file, scope, name, text, created_s)
        SELECT id, 'config.txt', scope, name, text, created_s FROM config_lines;
DROP TABLE config_lines;
ALTER TABLE lines RENAME TO config_lines;
