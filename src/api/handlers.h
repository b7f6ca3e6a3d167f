/* The handlers that routes.c lists, one file a resource. */
/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "api/call.h"

void openapi_show(struct api_call *c);
void status_show(struct api_call *c);
void ca_show(struct api_call *c);

void subnet_list(struct api_call *c);
void subnet_add(struct api_call *c);
void subnet_show(struct api_call *c);
void subnet_set(struct api_call *c);
void subnet_delete(struct api_call *c);

void key_list(struct api_call *c);
void key_add(struct api_call *c);
void key_show(struct api_call *c);
void key_private(struct api_call *c);
void key_sign(struct api_call *c);
void key_delete(struct api_call *c);

void script_list_page(struct api_call *c);
void script_add(struct api_call *c);
void script_show(struct api_call *c);
void script_delete(struct api_call *c);

void machine_list(struct api_call *c);
void machine_add(struct api_call *c);
void machine_show(struct api_call *c);
void machine_set(struct api_call *c);
void machine_delete(struct api_call *c);
void machine_power_show(struct api_call *c);
void machine_power_set(struct api_call *c);
void machine_power_turn(struct api_call *c);
void machine_act(struct api_call *c);
void machine_activity(struct api_call *c);
void machine_inventory(struct api_call *c);
void config_lines_list_page(struct api_call *c);
void config_lines_show(struct api_call *c);
void config_lines_set(struct api_call *c);
void config_lines_delete(struct api_call *c);
void eeprom_profile_list(struct api_call *c);
void eeprom_profile_show(struct api_call *c);
void eeprom_profile_set(struct api_call *c);
void eeprom_profile_delete(struct api_call *c);

/* eeprom.c */
void eeprom_update_begin(struct api_call *c);
void eeprom_update_list(struct api_call *c);
void eeprom_update_stop(struct api_call *c);
void eeprom_update_back(struct api_call *c);

/* eeprom_wish.c */
void machine_eeprom(struct api_call *c);

void machine_scripts(struct api_call *c);
void machine_script(struct api_call *c);

void power_driver_list(struct api_call *c);

void image_list(struct api_call *c);
void image_show(struct api_call *c);
void image_verify(struct api_call *c);
void image_delete(struct api_call *c);

void import_start(struct api_call *c);
void import_show(struct api_call *c);
void import_give_up(struct api_call *c);
void import_finish(struct api_call *c);

void lease_list(struct api_call *c);
void sighting_list(struct api_call *c);

void boot_explain(struct api_call *c);
void boot_files(struct api_call *c);
void boot_content(struct api_call *c);
void trail_show(struct api_call *c);
void message_list(struct api_call *c);
void event_follow(struct api_call *c);

void doctor_boot(struct api_call *c);
void doctor_site(struct api_call *c);
