/* The databases that Bramble can keep its configuration in. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "core/db/driver.h"

const struct db_driver *const db_drivers[] = { &db_sqlite, NULL };
