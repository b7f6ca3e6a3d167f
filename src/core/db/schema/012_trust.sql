-- SPDX-License-Identifier: Apache-2.0
-- Boots that can be trusted.

ALTER TABLE machine ADD COLUMN as_ramdisk INTEGER NOT NULL DEFAULT 0;      -- its firmware loads one volume
ALTER TABLE machine ADD COLUMN require_trusted INTEGER NOT NULL DEFAULT 0; -- it is given nothing that is not signed
ALTER TABLE machine ADD COLUMN boot_key TEXT;                              -- NULL: the usual one
ALTER TABLE machine ADD COLUMN trust TEXT; -- how far it checks what it boots, as its agent found; NULL: not known
