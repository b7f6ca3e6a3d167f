/*
 * Lines of an operator that are laid over a file of Raspberry Pis, config.txt or their EEPROM's bootconf.txt:
 * of one board, or of the machines that have a tag. A machine's own are its config_txt_extra and
 * eeprom_lines.
 *
 * Values only, reference counted and unchanging, as all that a site holds.
 */
/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stdint.h>

#include "base/error.h"
#include "base/ref.h"
#include "core/machine/machine.h"

struct text;

enum {
        CONFIG_LINES_SIZE_MAX = 2048, /* octets: firmware reads less than 4096 of all */
        CONFIG_LINES_LINE_MAX = 98,   /* octets that firmware reads of one line */
        CONFIG_LINES_MAX = 256        /* in one site */
};

enum config_lines_file { CONFIG_LINES_CONFIG_TXT, CONFIG_LINES_BOOTCONF, CONFIG_LINES_FILES };
enum config_lines_scope { CONFIG_LINES_BOARD, CONFIG_LINES_TAG, CONFIG_LINES_SCOPES };

struct config_lines {
        struct ref ref;
        uint64_t id;
        enum config_lines_file file;
        enum config_lines_scope scope;
        char name[MACHINE_WORD_MAX + 1]; /* of the board, or the tag */
        char *text;
        char firmware[MACHINE_IMAGE_MAX + 1]; /* bootconf.txt: of the EEPROM, as machine.h has it; "": nothing
                                                 is said of it */
        int64_t created_s;                    /* Unix time */
};

struct config_lines *config_lines_new(void);
struct config_lines *config_lines_take(const struct config_lines *l);
void config_lines_drop(struct config_lines *l);
DEFINE_CLEANUP(struct config_lines, config_lines_drop)

/** config_lines_compare() - file by file, boards before tags, each by name: the order in which they are laid
 * over. */
int config_lines_compare(const struct config_lines *a, const struct config_lines *b);

const char *config_lines_file_name(enum config_lines_file file); /* "config.txt" */
MUST_CHECK int config_lines_file_parse(const char *name, enum config_lines_file *ret);
const char *config_lines_scope_name(enum config_lines_scope scope); /* "board" */
MUST_CHECK int config_lines_scope_parse(const char *name, enum config_lines_scope *ret);

/** config_lines_are_for() - whether @l is laid over @file of a machine (NULL: not known) whose board is
 * called
 * @board ("": not known). */
bool config_lines_are_for(const struct config_lines *l, enum config_lines_file file, const char *board,
                          const struct machine *m);

/** config_lines_put() - append lines to others; they begin under [all], whatever filter those end under.
 * NULL: none. */
void config_lines_put(const char *lines, struct text *to);

/** config_lines_check() - whether firmware can read the lines as they are meant; 0 or -EINVAL with a
 * sentence. */
MUST_CHECK int config_lines_check(enum config_lines_file file, const char *text, struct error *reterr);
