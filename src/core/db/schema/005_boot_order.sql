-- SPDX-License-Identifier: Apache-2.0
-- Where a machine's firmware looks first: network-first, disk-first, disk-only; NULL: not known.

ALTER TABLE machine ADD COLUMN claimed_first TEXT;   -- as its operator says
ALTER TABLE machine ADD COLUMN found_first TEXT;     -- as its agent found
