-- SPDX-License-Identifier: Apache-2.0
-- Raspberry Pis that go on to their disk by themselves, and not by being told that there is no file.

ALTER TABLE machine ADD COLUMN drop_options INTEGER NOT NULL DEFAULT 0;    -- for its disk it is offered no boot
