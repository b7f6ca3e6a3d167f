-- SPDX-License-Identifier: Apache-2.0
-- Machines that are taken up by who has the code that was made for them.

ALTER TABLE machine ADD COLUMN claim_hash BLOB;                            -- SHA-256 of the code; NULL: there is none
ALTER TABLE machine ADD COLUMN claim_until_s INTEGER NOT NULL DEFAULT 0;   -- Unix time
