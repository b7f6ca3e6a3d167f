-- SPDX-License-Identifier: Apache-2.0
-- Images have versions, and say what they can do. From here on image.name is NAME@VERSION: what machines and
-- subnets refer to, so that a new version changes nothing that runs.

PRAGMA defer_foreign_keys = ON;
UPDATE image SET name = name || '@1';
UPDATE machine SET image = image || '@1' WHERE image IS NOT NULL;
UPDATE subnet SET unknown_image = unknown_image || '@1' WHERE unknown_image IS NOT NULL;

ALTER TABLE image ADD COLUMN os TEXT;                                    -- as its root calls itself
ALTER TABLE image ADD COLUMN roots TEXT NOT NULL DEFAULT '["initrd"]';   -- where its system can live
ALTER TABLE image ADD COLUMN why_not TEXT NOT NULL DEFAULT '[]';         -- ["ram: …", …]: of the others, a sentence
ALTER TABLE image ADD COLUMN done_signals TEXT NOT NULL DEFAULT '[]';    -- ["cloud-init", "ssh"]
