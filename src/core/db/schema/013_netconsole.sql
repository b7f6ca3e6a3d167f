-- SPDX-License-Identifier: Apache-2.0
-- Machines whose firmware and kernel write their console to the server too.

ALTER TABLE machine ADD COLUMN netconsole INTEGER NOT NULL DEFAULT 0;
