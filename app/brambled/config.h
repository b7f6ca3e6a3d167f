/*
 * The daemon's configuration file: what is needed to start. Everything else lives in the database.
 *
 * One table of keys says all there is to say of each: its type, bounds, default and help. The YAML is read by
 * libcyaml with a schema made from that table; brambled.yaml(5) is checked against it.
 */
/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/cleanup.h"
#include "base/error.h"

#define CONFIG_FILE_DEFAULT "/etc/bramble/brambled.yaml"

enum {
        CONFIG_SIZE_MAX = 64 * 1024, /* octets of the file */
        CONFIG_TEXT_MAX = 1024,      /* octets of one value */
        CONFIG_INTERFACES_MAX = 64
};

struct config {
        char *role;      /* "all" */
        char *state_dir; /* absolute */
        char *database;  /* "sqlite:" and an absolute path; "" in the file means bramble.db in state_dir */
        char *boards_dir;
        char *power_dir;
        char *signers_dir;
        char *api_socket;
        char *helper_socket;
        uint32_t boot_http_port;
        uint32_t boot_http_tls_port;
        char *boot_http_tls_host; /* "": none */
        uint32_t boot_http_connections;
        uint32_t netconsole_port;
        uint32_t tftp_workers; /* 0: one for each processor, four at most */
        uint32_t tftp_transfers;
        uint32_t tftp_transfers_per_client;
        uint32_t trail_keep_days;
        uint32_t trail_disk_mib;
        uint32_t trail_memory_mib;
        char **interfaces; /* none: every one that has a subnet defined */
        uint32_t n_interfaces;
};

enum config_type { CONFIG_TEXT, CONFIG_NUMBER, CONFIG_LIST, CONFIG_REFUSED };

struct config_key {
        const char *name; /* "state_dir", "api.socket": at most two parts */
        enum config_type type;
        size_t offset;        /* of its value in struct config */
        uint32_t least, most; /* CONFIG_NUMBER */
        const char *fallback; /* when the file does not say; numbers as text; NULL for CONFIG_LIST: empty */
        bool is_live;         /* SIGHUP takes a change; the others need a restart */
        const char *help;     /* CONFIG_REFUSED: why, and what to do instead */
};

extern const struct config_key config_keys[]; /* ends with a NULL name */

/**
 * config_load() - read a configuration file
 * @path:       the file; its last part is how errors name it
 * @may_lack:   a file that is not there means all defaults; else that is an error
 * @ret:        the configuration, set on success only; the caller frees it
 *
 * Return: 0, or -errno with one sentence that names file, line and key.
 */
MUST_CHECK int config_load(const char *path, bool may_lack, struct config **ret, struct error *reterr);

/** config_parse() - the same from memory; pure. @shown names the text in errors. */
MUST_CHECK int config_parse(const void *yaml, size_t len, const char *shown, struct config **ret,
                            struct error *reterr);

void config_free(struct config *c);
DEFINE_CLEANUP(struct config, config_free)

/** config_set_state_dir() - what --state-dir says, in place of the file's; a database of its own moves with
 * it. */
MUST_CHECK int config_set_state_dir(struct config *c, const char *dir, struct error *reterr);

/** config_database_path() - the path of the SQLite file, borrowed from @c. */
const char *config_database_path(const struct config *c);

/** config_each_change() - name every key whose value differs, for a reload: those that are not live need a
 * restart. */
void config_each_change(const struct config *before, const struct config *after,
                        void (*fn)(void *ctx, const struct config_key *key), void *ctx);

/** config_print() - the values in force as YAML that config_parse() takes; malloc()ed, NULL when out of
 * memory. */
char *config_print(const struct config *c);
