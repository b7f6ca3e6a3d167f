/* What the commands of `bramble` can be told beside their words: tables of options, a file for each kind of
 * thing. */
/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "app/bramble/commands.h"

/* Proposals only; the server knows the names. */
#define STATES \
        "new|commissioning|failed-commissioning|ready|allocated|deploying|deployed|failed-deployment|" \
        "releasing|broken|" \
        "rescue-mode|testing|failed-testing"

#define CARD_KINDS "eeprom|bootcode|uefi|uboot"
#define CARD_BOARDS "pi3|pi4|pi5|cm4|cm5"

/* Which machines an action is for, when it does not name one. */
#define SELECTION \
        { "all", NULL, VALUE_NONE, NULL, NULL, FORM_NONE, "All machines." }, \
                { "tag", "TAG", VALUE_WORD, NULL, NULL, FORM_NONE, "All machines with this tag." }, \
                { "pool", "POOL", VALUE_WORD, NULL, NULL, FORM_NONE, "All machines of this pool." }, \
                { "zone", "ZONE", VALUE_WORD, NULL, NULL, FORM_NONE, "All machines of this zone." }, { \
                "state", "STATE", VALUE_STATE, STATES, NULL, FORM_NONE, "All machines in this state." \
        }

/* Each ends with a NULL name. */

/* options_boot.c */
extern const struct option lease_options[];
extern const struct option client_options[];
extern const struct option trail_options[];
extern const struct option doctor_options[];
extern const struct option selftest_options[];
extern const struct option report_options[];
extern const struct option watch_options[];

/* options_eeprom.c */
extern const struct option adopt_options[];
extern const struct option card_options[];
extern const struct option ca_export_options[];
extern const struct option key_import_options[];
extern const struct option key_export_options[];
extern const struct option eeprom_show_options[];
extern const struct option eeprom_edit_options[];
extern const struct option eeprom_sig_options[];
extern const struct option eeprom_plan_options[];
extern const struct option eeprom_apply_options[];
extern const struct option eeprom_profile_options[];
extern const struct option bootimg_make_options[];
extern const struct option bootimg_sign_options[];

/* options_image.c */
extern const struct option catalog_options[];
extern const struct option catalog_export_options[];
extern const struct option import_options[];
extern const struct option build_options[];
extern const struct option build_agent_options[];

/* options_machine.c */
extern const struct option machine_options[];
extern const struct option machine_set_options[];
extern const struct option machine_list_options[];
extern const struct option plain_options[];
extern const struct option waited_options[];
extern const struct option script_options[];
extern const struct option acquire_options[];
extern const struct option deploy_options[];
extern const struct option convert_options[];
extern const struct option replace_options[];
extern const struct option release_options[];
extern const struct option erase_options[];
extern const struct option rescue_options[];
extern const struct option blink_options[];
extern const struct option claim_code_options[];
extern const struct option claim_options[];
extern const struct option mark_options[];
extern const struct option power_options[];

/* options_subnet.c */
extern const struct option subnet_options[];
