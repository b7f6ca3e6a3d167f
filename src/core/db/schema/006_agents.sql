-- SPDX-License-Identifier: Apache-2.0
-- How agents are spoken to.

ALTER TABLE subnet ADD COLUMN agent_https INTEGER NOT NULL DEFAULT 0;
