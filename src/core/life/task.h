/* Tasks: what an agent is told to do, as the JSON it reads. Pure. */
/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <jansson.h>

#include "base/error.h"
#include "core/life/script.h"
#include "core/machine/eeprom_order.h"
#include "core/machine/machine.h"
#include "core/site/site.h"

enum task_kind {
        TASK_INVENTORY,
        TASK_CONVERT,
        TASK_SCRIPTS,
        TASK_DEPLOY,
        TASK_ERASE,
        TASK_RESCUE,
        TASK_PARK,
        TASK_REBOOT,
        TASK_POWEROFF,
        TASK_BLINK,
        TASK_EEPROM,
        TASK_KINDS
};

const char *task_kind_name(enum task_kind k); /* "inventory" */

/** task_kind_of() - what the machine's agent is at now; TASK_PARK where it has no task. */
enum task_kind task_kind_of(const struct machine *m);

/** task_set() - give its agent another task, under the next number; takes over @body (an object, or NULL: out
 * of memory). 0 or -ENOMEM. */
MUST_CHECK int task_set(struct machine *m, enum task_kind kind, json_t *body);

/** task_clear() - it parks. */
void task_clear(struct machine *m);

/* Bodies, without id and kind; each is a new object, or NULL: out of memory. */
json_t *task_scripts(const struct script_wish *w);
json_t *task_convert(const struct image *eeprom);
json_t *task_erase(const json_t *wish);
json_t *task_rescue(const json_t *wish);
json_t *task_blink(const json_t *wish);
json_t *task_eeprom(const struct image *eeprom, const struct eeprom_order *o);
json_t *task_deploy(const struct site *s, const struct machine *m, const json_t *wish, const char *token,
                    json_t *seed); /* takes @seed; @token: by which its phone-home is known */

/** task_blob() - where an agent finds a file of its image, and what it is checked by: {"path", "size",
 * "sha256"}. */
json_t *task_blob(const struct image_file *f);

/** task_eeprom_image() - the image that a machine's EEPROM would be written from; NULL with a sentence: there
 * is none, or it has no EEPROM. */
const struct image *task_eeprom_image(const struct site *s, const struct machine *m, struct error *reterr);

/** task_image_can_be_written() - whether the image has what task_deploy() needs. */
bool task_image_can_be_written(const struct image *i);
