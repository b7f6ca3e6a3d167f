-- SPDX-License-Identifier: Apache-2.0
-- Roots that the agent brings up: what it is told, and what a machine goes back to.

ALTER TABLE machine ADD COLUMN run TEXT;    -- JSON, as the agent reads it; NULL: no root of that kind
ALTER TABLE machine ADD COLUMN good TEXT;   -- what ran before a revision that is on trial; NULL: none is
