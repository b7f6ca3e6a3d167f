-- SPDX-License-Identifier: Apache-2.0
-- What tells one deployment of a machine from another; what was made for it outlives the token of its first board.

ALTER TABLE machine ADD COLUMN deployment INTEGER NOT NULL DEFAULT 0;
