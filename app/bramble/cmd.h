/* What the commands do; commands.c says how they are called. Each returns an exit code (cli.h). */
/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

struct args;
struct cli;

/* cmd_subnet.c */
int cmd_subnet_add(struct cli *cli, const struct args *args);
int cmd_subnet_set(struct cli *cli, const struct args *args);
int cmd_subnet_list(struct cli *cli, const struct args *args);
int cmd_subnet_show(struct cli *cli, const struct args *args);
int cmd_subnet_delete(struct cli *cli, const struct args *args);

/* cmd_image.c */
int cmd_image_import(struct cli *cli, const struct args *args);
int cmd_image_list(struct cli *cli, const struct args *args);
int cmd_image_show(struct cli *cli, const struct args *args);
int cmd_image_verify(struct cli *cli, const struct args *args);
int cmd_image_delete(struct cli *cli, const struct args *args);

/* cmd_image_build.c */
int cmd_image_build(struct cli *cli, const struct args *args);

/* cmd_image_build_agent.c */
int cmd_image_build_agent(struct cli *cli, const struct args *args);

/* cmd_catalog.c */
int cmd_image_catalog(struct cli *cli, const struct args *args);
int cmd_catalog_export(struct cli *cli, const struct args *args);
int cmd_catalog_import(struct cli *cli, const struct args *args);

/* cmd_eeprom_adopt.c */
int cmd_eeprom_adopt(struct cli *cli, const struct args *args);

/* cmd_boot_selftest.c */
int cmd_boot_selftest(struct cli *cli, const struct args *args);

/* cmd_report.c */
int cmd_report(struct cli *cli, const struct args *args);

/* cmd_card.c */
int cmd_card_make(struct cli *cli, const struct args *args);

/* cmd_machine.c */
int cmd_machine_add(struct cli *cli, const struct args *args);
int cmd_machine_set(struct cli *cli, const struct args *args);
int cmd_machine_list(struct cli *cli, const struct args *args);
int cmd_machine_delete(struct cli *cli, const struct args *args);

/* cmd_machine_show.c, cmd_machine_act.c */
int cmd_machine_show(struct cli *cli, const struct args *args);
int cmd_machine_act(struct cli *cli, const struct args *args);

/* cmd_power.c */
int cmd_machine_power(struct cli *cli, const struct args *args);
int cmd_power_drivers(struct cli *cli, const struct args *args);

/* cmd_config_txt.c */
int cmd_config_txt_list(struct cli *cli, const struct args *args);
int cmd_config_txt_show(struct cli *cli, const struct args *args);
int cmd_config_txt_set(struct cli *cli, const struct args *args);
int cmd_config_txt_delete(struct cli *cli, const struct args *args);

/* cmd_script.c */
int cmd_script_add(struct cli *cli, const struct args *args);
int cmd_script_list(struct cli *cli, const struct args *args);
int cmd_script_show(struct cli *cli, const struct args *args);
int cmd_script_delete(struct cli *cli, const struct args *args);
int cmd_machine_results(struct cli *cli, const struct args *args);

/* cmd_bootimg.c */
int cmd_bootimg_make(struct cli *cli, const struct args *args);

/* cmd_key.c */
int cmd_key_create(struct cli *cli, const struct args *args);
int cmd_key_import(struct cli *cli, const struct args *args);
int cmd_key_list(struct cli *cli, const struct args *args);
int cmd_key_show(struct cli *cli, const struct args *args);
int cmd_key_export(struct cli *cli, const struct args *args);
int cmd_key_delete(struct cli *cli, const struct args *args);

/* cmd_lease.c */
int cmd_lease_list(struct cli *cli, const struct args *args);

/* cmd_boot.c */
int cmd_boot_explain(struct cli *cli, const struct args *args);
int cmd_boot_files(struct cli *cli, const struct args *args);
int cmd_boot_trail(struct cli *cli, const struct args *args);

/* cmd_eeprom_show.c, cmd_eeprom_edit.c, cmd_eeprom_diff.c */
int cmd_eeprom_show(struct cli *cli, const struct args *args);
int cmd_eeprom_edit(struct cli *cli, const struct args *args);
int cmd_eeprom_diff(struct cli *cli, const struct args *args);
int cmd_eeprom_sig(struct cli *cli, const struct args *args);

/* cmd_eeprom_apply.c */
int cmd_eeprom_apply(struct cli *cli, const struct args *args);
int cmd_eeprom_rollout(struct cli *cli, const struct args *args);
int cmd_eeprom_stop(struct cli *cli, const struct args *args);
int cmd_eeprom_rollback(struct cli *cli, const struct args *args);

/* cmd_eeprom_profile.c */
int cmd_eeprom_profile_list(struct cli *cli, const struct args *args);
int cmd_eeprom_profile_show(struct cli *cli, const struct args *args);
int cmd_eeprom_profile_set(struct cli *cli, const struct args *args);
int cmd_eeprom_profile_delete(struct cli *cli, const struct args *args);

/* cmd_eeprom_import.c */
int cmd_eeprom_import(struct cli *cli, const struct args *args);

/* cmd_eeprom_plan.c */
int cmd_eeprom_plan(struct cli *cli, const struct args *args);

/* cmd_doctor.c */
int cmd_doctor(struct cli *cli, const struct args *args);

/* cmd_watch.c */
int cmd_boot_watch(struct cli *cli, const struct args *args);

/* cmd_ca.c */
int cmd_ca_show(struct cli *cli, const struct args *args);
int cmd_ca_export(struct cli *cli, const struct args *args);

/* cmd_machine_claim.c */
int cmd_machine_claim_code(struct cli *cli, const struct args *args);

/* cmd_status.c */
int cmd_status(struct cli *cli, const struct args *args);

/* help.c, completion.c */
int cmd_help(struct cli *cli, const struct args *args);
int cmd_completion(struct cli *cli, const struct args *args);
