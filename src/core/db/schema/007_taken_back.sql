-- SPDX-License-Identifier: Apache-2.0
-- Systems on disks that ask at each start whether they are wanted back.

ALTER TABLE machine ADD COLUMN asks_back INTEGER NOT NULL DEFAULT 0;
