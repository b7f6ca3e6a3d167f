-- SPDX-License-Identifier: Apache-2.0
-- What shall become of a machine's EEPROM: its part of a roll-out, as core/machine/eeprom_order.c has it.

ALTER TABLE machine ADD COLUMN eeprom TEXT;
