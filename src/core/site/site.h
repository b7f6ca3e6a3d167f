/*
 * The site snapshot: all that is configured, at one moment.
 *
 * Unchanging and reference counted. The data plane reads one snapshot for a batch of packets; a change makes
 * the next one, which shares with its predecessor all that did not change.
 */
/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "core/machine/board.h"
#include "core/machine/config_lines.h"
#include "core/machine/machine.h"
#include "core/site/image.h"
#include "core/site/script.h"
#include "core/site/subnet.h"

struct site;
struct text;

/** site_empty() - a site without anything, revision 0; one reference, the caller's. NULL: out of memory. */
struct site *site_empty(void);
struct site *site_take(const struct site *s);
void site_drop(struct site *s);
DEFINE_CLEANUP(struct site, site_drop)

uint64_t site_revision(const struct site *s);

/* The boards that machines may be of: the built-in ones until others are given. */
const struct board_set *site_boards(const struct site *s);
struct site *site_with_boards(const struct site *s, const struct board_set *boards,
                              struct error *reterr); /* as the changes below */

/* Subnets: few, in the order of their networks. Borrowed, as all results here, as long as the snapshot is
 * held. */
size_t site_n_subnets(const struct site *s);
const struct subnet *site_subnet(const struct site *s, size_t i);
const struct subnet *site_subnet_of(const struct site *s,
                                    const struct ip_addr *addr); /* the longest prefix that holds @addr */
const struct subnet *site_subnet_find(const struct site *s, const struct ip_net *net);

const struct machine *site_machine(const struct site *s, uint64_t id);
const struct machine *site_machine_by_name(const struct site *s, const char *name);
const struct machine *site_machine_by_mac(const struct site *s, const struct mac *mac);
const struct machine *site_machine_by_serial(const struct site *s, uint32_t serial);
const struct machine *site_machine_by_uuid(const struct site *s, const uint8_t uuid[16]);
const struct machine *site_machine_by_client_id(const struct site *s, const void *id, size_t len);
const struct machine *site_machine_by_ip(const struct site *s, const struct ip_addr *ip);
const struct machine *site_machine_by_token(const struct site *s,
                                            const uint8_t hash[static MACHINE_TOKEN_HASH_SIZE]);
size_t site_n_machines(const struct site *s);
int site_each_machine(const struct site *s, int (*fn)(void *ctx, const struct machine *m),
                      void *ctx); /* until non-zero; by hash */

const struct image *site_image(const struct site *s, const char *ref); /* of NAME the newest version */
size_t site_n_images(const struct site *s);
int site_each_image(const struct site *s, int (*fn)(void *ctx, const struct image *i), void *ctx);

/* Scripts of operators: few, in the order of their names. */
size_t site_n_scripts(const struct site *s);
const struct script *site_script(const struct site *s, size_t i);
const struct script *site_script_by_name(const struct site *s, const char *name);

/* Operators' lines for files of Raspberry Pis: few, in the order in which they are laid over. */
size_t site_n_config_lines(const struct site *s);
const struct config_lines *site_config_lines(const struct site *s, size_t i);
const struct config_lines *site_config_lines_of(const struct site *s, enum config_lines_file file,
                                                enum config_lines_scope scope, const char *name);

/** site_put_config_txt() - append the lines that a machine is given: its board's, those of its tags, then
 * @own. NULL: it has none, or is not known. A board that is no Raspberry Pi has none but @own. */
void site_put_config_txt(const struct site *s, const struct board *b, const struct machine *m,
                         const char *own, struct text *to);

/*
 * Changes. Each takes the old snapshot and returns the next one (revision + 1), or NULL with a sentence: a
 * name or key that another machine has, an address that is reserved twice or lies in no subnet or on a proxy
 * subnet, an image in use, …. The old snapshot is untouched and stays the caller's. What is put gets a
 * reference of the site's own. What is named must be there: who fills a site from a database puts images
 * first, then subnets, then machines.
 */
struct site *site_put_machine(const struct site *s, const struct machine *m,
                              struct error *reterr); /* by id: adds or replaces */
struct site *site_remove_machine(const struct site *s, const char *name, struct error *reterr);
struct site *site_put_subnet(const struct site *s, const struct subnet *subnet,
                             struct error *reterr); /* by network */
struct site *site_remove_subnet(const struct site *s, const struct ip_net *net, struct error *reterr);
struct site *site_put_image(const struct site *s, const struct image *i,
                            struct error *reterr); /* by name and version */
struct site *site_remove_image(const struct site *s, const char *ref, struct error *reterr);
struct site *site_put_script(const struct site *s, const struct script *script,
                             struct error *reterr); /* by name */
struct site *site_remove_script(const struct site *s, const char *name, struct error *reterr);
struct site *site_put_config_lines(const struct site *s, const struct config_lines *lines,
                                   struct error *reterr); /* by file, scope and name */
struct site *site_remove_config_lines(const struct site *s, enum config_lines_file file,
                                      enum config_lines_scope scope, const char *name, struct error *reterr);
