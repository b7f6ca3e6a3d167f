/*
 * What every database driver owes: one body of tests over the list of drivers.
 */
/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/text.h"
#include "core/db/change.h"
#include "core/db/config_lines.h"
#include "core/db/findings.h"
#include "core/db/image.h"
#include "core/db/machine.h"
#include "core/db/migrate.h"
#include "core/db/reader.h"
#include "core/db/script.h"
#include "core/db/subnet.h"

/* One driver under test, at a place that is empty when a test begins. */
struct place {
        const struct db_driver *driver;
        char dir[64];
        char url[128];
};

static int setup(void **state) {
        struct place *p = *state;
        (void)snprintf(p->dir, sizeof(p->dir), "/tmp/bramble-db-XXXXXX");
        if (!mkdtemp(p->dir))
                return -1;
        (void)snprintf(p->url, sizeof(p->url), "%s:%s/test.db", p->driver->scheme, p->dir);
        return 0;
}

static int teardown(void **state) {
        static const char *const files[] = { "test.db", "test.db-wal", "test.db-shm" };
        struct place *p = *state;
        char path[128];

        for (size_t i = 0; i < ARRAY_LEN(files); i++) {
                (void)snprintf(path, sizeof(path), "%s/%s", p->dir, files[i]);
                (void)unlink(path);
        }
        return rmdir(p->dir);
}

static struct db *open_db(const struct place *p) {
        struct error error = {};
        struct db *db = NULL;
        if (db_open(p->url, &db, &error) < 0)
                fail_msg("%s", error.text);
        return db;
}

static int apply(struct db *db, struct db_change change) {
        struct error error = {};
        int r = db_apply(db, &change, 1, &error);
        assert_true(r == 0 || error.text[0]);
        return r;
}

static struct machine *a_machine(uint64_t id, const char *name, uint8_t mac) {
        struct machine *m = machine_new();
        assert_non_null(m);
        m->id = id;
        assert_int_equal(text_copy(m->name, sizeof(m->name), name), 0);
        m->macs[m->n_macs++] = (struct mac){ { 2, 0, 0, 0, 0, mac } };
        m->created_s = 1700000000;
        return m;
}

static struct image *an_image(uint64_t id, const char *name) {
        struct image *i = image_new();
        assert_non_null(i);
        i->id = id;
        assert_int_equal(text_copy(i->name, sizeof(i->name), name), 0);
        i->kind = IMAGE_PI;
        i->arch = ARCH_ARM64;
        i->cmdline = strdup("console=tty1");
        i->boards = calloc(3, sizeof(char *));
        i->boards[0] = strdup("pi4b");
        i->boards[1] = strdup("pi5");
        i->version = 12;
        i->os = strdup("Debian GNU/Linux 12 (bookworm)");
        i->roots = 1U << ROOT_INITRD | 1U << ROOT_DISK;
        i->why_not[ROOT_RAM] = strdup("its kernel has no overlay: none at all");
        i->done_signals = IMAGE_DONE_SSH;
        i->ties = strdup("fstab machine-id");
        i->created_s = 1700000001;
        i->files = calloc(2, sizeof(*i->files));
        i->n_files = 2;
        i->files[0] = (struct image_file){ .path = strdup("overlays/disable-bt.dtbo"),
                                           .blob = { { 9 } },
                                           .size = 1ULL << 40 };
        i->files[1] = (struct image_file){ .path = strdup("config.txt"),
                                           .role = IMAGE_FILE_CONFIG_TXT,
                                           .blob = { { 1, 2, 3 } },
                                           .size = 7,
                                           .octets = (uint8_t *)strdup("arm=64\n") };
        assert_int_equal(image_index(i), 0);
        return i;
}

/* Keeps the one thing that is there. */
struct kept {
        struct machine *machine;
        struct subnet *subnet;
        struct image *image;
        unsigned n;
};

static int keep_machine(void *ctx, struct machine *m, struct error *reterr) {
        struct kept *kept = ctx;
        (void)reterr;
        machine_drop(kept->machine);
        kept->machine = machine_take(m);
        kept->n++;
        return 0;
}

static int keep_subnet(void *ctx, struct subnet *s, struct error *reterr) {
        struct kept *kept = ctx;
        (void)reterr;
        subnet_drop(kept->subnet);
        kept->subnet = subnet_take(s);
        kept->n++;
        return 0;
}

static int keep_image(void *ctx, struct image *i, struct error *reterr) {
        struct kept *kept = ctx;
        (void)reterr;
        image_drop(kept->image);
        kept->image = image_take(i);
        kept->n++;
        return 0;
}

static void keeps_a_machine(void **state) {
        struct db *db = open_db(*state);
        CLEANUP(image_drop_at) struct image *image = an_image(1, "rpios");
        CLEANUP(machine_drop_at) struct machine *m = a_machine(7, "pi4-07", 1);
        struct kept kept = {};

        m->macs[m->n_macs++] = (struct mac){ { 2, 0, 0, 0, 0, 0xff } };
        m->macs[m->n_macs++] = (struct mac){ { 2, 0, 0, 0, 0, 3 } };
        m->has_serial = m->has_uuid = true;
        m->serial = 0xffffffff;
        memset(m->uuid, 0xab, sizeof(m->uuid));
        memcpy(m->client_id, "\0\1x", 3);
        m->client_id_len = 3;
        m->arch = ARCH_ARMHF;
        (void)snprintf(m->board, sizeof(m->board), "pi4b");
        assert_int_equal(ip_parse("10.77.0.5", &m->ip), 0);
        (void)snprintf(m->image, sizeof(m->image), "rpios@12");
        m->cmdline_extra = strdup("quiet name='Zoë' $1");
        m->state = STATE_FAILED_DEPLOYMENT;
        m->prior = STATE_DEPLOYED;
        m->state_since_s = 1700000100;
        m->deadline_s = 1700001300;
        m->reason = strdup("no sign came");
        m->is_locked = m->needs_approval = m->boots_own = m->has_claim = true;
        memset(m->claim_hash, 0xcc, sizeof(m->claim_hash));
        m->claim_until_s = 1700009000;
        m->inventory_s = 1700000050;
        m->root = ROOT_NBD;
        m->claimed_first = BOOT_FIRST_DISK;
        m->found_first = BOOT_FIRST_NETWORK;
        m->asks_back = m->drop_options = m->as_ramdisk = m->require_trusted = true;
        (void)snprintf(m->boot_key, sizeof(m->boot_key), "lab-2026");
        (void)snprintf(m->trust, sizeof(m->trust), "network-trusted");
        m->deployment = UINT64_MAX;
        m->seed = strdup("{\"meta-data\": \"instance-id: x\\n\"}");
        m->run = strdup("{\"root\": \"ram\"}");
        m->good = strdup("debian@3 {}");
        m->has_token = true;
        memset(m->token_hash, 0xee, sizeof(m->token_hash));
        m->task_id = UINT64_MAX >> 1;
        m->task = strdup("{\"kind\": \"park\"}");
        m->job = strdup("{}");
        (void)snprintf(m->power, sizeof(m->power), "redfish");
        m->tags = strdup("arm64 lab");
        (void)snprintf(m->pool, sizeof(m->pool), "class");
        (void)snprintf(m->zone, sizeof(m->zone), "east");
        (void)snprintf(m->owner, sizeof(m->owner), "zoe");
        m->note = strdup("two\nlines");

        assert_int_equal(apply(db, (struct db_change){ .kind = DB_IMAGE_PUT, .image = image }), 0);
        assert_int_equal(apply(db, (struct db_change){ .kind = DB_MACHINE_PUT, .machine = m }), 0);
        db_close(db);
        db = open_db(*state); /* and it is there after a restart */
        assert_int_equal(db_machine_each(db, keep_machine, &kept, NULL), 0);
        assert_int_equal(kept.n, 1);
        const struct machine *got = kept.machine;
        assert_int_equal(got->id, 7);
        assert_string_equal(got->name, "pi4-07");
        assert_int_equal(got->n_macs, 3);
        assert_memory_equal(got->macs, m->macs, sizeof(m->macs));
        assert_true(got->has_serial && got->serial == 0xffffffff && got->has_uuid);
        assert_memory_equal(got->uuid, m->uuid, 16);
        assert_int_equal(got->client_id_len, 3);
        assert_memory_equal(got->client_id, "\0\1x", 3);
        assert_int_equal(got->arch, ARCH_ARMHF);
        assert_string_equal(got->board, "pi4b");
        assert_true(ip_equal(&got->ip, &m->ip));
        assert_string_equal(got->image, "rpios@12");
        assert_string_equal(got->cmdline_extra, m->cmdline_extra);
        assert_int_equal(got->created_s, 1700000000);
        assert_true(got->state == STATE_FAILED_DEPLOYMENT && got->prior == STATE_DEPLOYED);
        assert_true(got->state_since_s == 1700000100 && got->deadline_s == 1700001300);
        assert_string_equal(got->reason, "no sign came");
        assert_true(got->is_locked && got->needs_approval && got->boots_own && got->has_claim);
        assert_memory_equal(got->claim_hash, m->claim_hash, sizeof(m->claim_hash));
        assert_int_equal(got->claim_until_s, 1700009000);
        assert_true(got->inventory_s == 1700000050 && got->root == ROOT_NBD);
        assert_true(got->claimed_first == BOOT_FIRST_DISK && got->found_first == BOOT_FIRST_NETWORK);
        assert_true(got->asks_back && got->deployment == UINT64_MAX);
        assert_true(got->drop_options && got->as_ramdisk && got->require_trusted);
        assert_string_equal(got->boot_key, "lab-2026");
        assert_string_equal(got->trust, "network-trusted");
        assert_string_equal(got->seed, m->seed);
        assert_string_equal(got->run, m->run);
        assert_string_equal(got->good, m->good);
        assert_true(got->has_token);
        assert_memory_equal(got->token_hash, m->token_hash, sizeof(m->token_hash));
        assert_true(got->task_id == UINT64_MAX >> 1);
        assert_string_equal(got->task, m->task);
        assert_string_equal(got->job, "{}");
        assert_string_equal(got->power, "redfish");
        assert_string_equal(got->tags, "arm64 lab");
        assert_string_equal(got->pool, "class");
        assert_string_equal(got->zone, "east");
        assert_string_equal(got->owner, "zoe");
        assert_string_equal(got->note, "two\nlines");

        /* Replaced by id: what is no longer said is gone, MACs too. */
        CLEANUP(machine_drop_at) struct machine *less = a_machine(7, "renamed", 3);
        assert_int_equal(apply(db, (struct db_change){ .kind = DB_MACHINE_PUT, .machine = less }), 0);
        kept.n = 0;
        assert_int_equal(db_machine_each(db, keep_machine, &kept, NULL), 0);
        assert_int_equal(kept.n, 1);
        got = kept.machine;
        assert_string_equal(got->name, "renamed");
        assert_int_equal(got->n_macs, 1);
        assert_false(got->has_serial || got->has_uuid || got->client_id_len || got->arch ||
                     ip_is_set(&got->ip));
        assert_true(!got->board[0] && !got->image[0] && !got->cmdline_extra);
        assert_true(got->state == STATE_NEW && !got->task && !got->job && !got->has_token && !got->is_locked);
        assert_true(!got->power[0] && !got->tags && !got->note && !got->reason);

        assert_int_equal(apply(db, (struct db_change){ .kind = DB_MACHINE_DELETE, .id = 7 }), 0);
        kept.n = 0;
        assert_int_equal(db_machine_each(db, keep_machine, &kept, NULL), 0);
        assert_int_equal(kept.n, 0);
        machine_drop(kept.machine);
        db_close(db);
}

static void keeps_a_subnet(void **state) {
        struct db *db = open_db(*state);
        CLEANUP(subnet_drop_at) struct subnet *s = subnet_new();
        struct kept kept = {};

        s->id = 3;
        assert_int_equal(ip_net_parse("10.77.0.0/24", &s->net), 0);
        (void)snprintf(s->interface, sizeof(s->interface), "br0");
        s->dhcp = SUBNET_DHCP_SERVER;
        s->unknown = SUBNET_UNKNOWN_REFUSE;
        s->lease_s = 600;
        s->mtu = 9000;
        s->n_ranges = 1;
        assert_int_equal(ip_parse("10.77.0.100", &s->ranges[0].first), 0);
        assert_int_equal(ip_parse("10.77.0.199", &s->ranges[0].last), 0);
        assert_int_equal(ip_parse("10.77.0.1", &s->gateway), 0);
        s->n_dns = 2;
        assert_int_equal(ip_parse("10.77.0.1", &s->dns[0]), 0);
        assert_int_equal(ip_parse("9.9.9.9", &s->dns[1]), 0);
        s->n_ntp = 1;
        assert_int_equal(ip_parse("10.77.0.2", &s->ntp[0]), 0);
        (void)snprintf(s->domain, sizeof(s->domain), "lab.example");
        s->n_search = 1;
        (void)snprintf(s->search[0], sizeof(s->search[0]), "example");
        s->n_routes = 1;
        assert_int_equal(ip_net_parse("10.78.0.0/16", &s->routes[0].net), 0);
        assert_int_equal(ip_parse("10.77.0.254", &s->routes[0].router), 0);
        s->n_options = 1;
        assert_int_equal(subnet_option_parse("150=ip:10.77.0.9", &s->options[0], NULL), 0);
        s->agent_https = true;
        s->n_allowed = 2;
        s->allowed = calloc(2, sizeof(s->allowed[0]));
        assert_int_equal(subnet_key_parse("dc:a6:32:01:02:03", &s->allowed[0]), 0);
        assert_int_equal(subnet_key_parse("10000000a1b2c3d4", &s->allowed[1]), 0);

        assert_int_equal(apply(db, (struct db_change){ .kind = DB_SUBNET_PUT, .subnet = s }), 0);
        assert_int_equal(db_subnet_each(db, keep_subnet, &kept, NULL), 0);
        const struct subnet *got = kept.subnet;
        assert_non_null(got);
        assert_int_equal(got->id, 3);
        assert_memory_equal(&got->net, &s->net, sizeof(s->net));
        assert_string_equal(got->interface, "br0");
        assert_true(got->dhcp == SUBNET_DHCP_SERVER && got->unknown == SUBNET_UNKNOWN_REFUSE);
        assert_true(got->lease_s == 600 && got->mtu == 9000);
        assert_int_equal(got->n_ranges, 1);
        assert_memory_equal(got->ranges, s->ranges, sizeof(s->ranges[0]));
        assert_true(ip_equal(&got->gateway, &s->gateway));
        assert_int_equal(got->n_dns, 2);
        assert_memory_equal(got->dns, s->dns, 2 * sizeof(s->dns[0]));
        assert_int_equal(got->n_ntp, 1);
        assert_true(ip_equal(&got->ntp[0], &s->ntp[0]));
        assert_string_equal(got->domain, "lab.example");
        assert_int_equal(got->n_search, 1);
        assert_string_equal(got->search[0], "example");
        assert_int_equal(got->n_routes, 1);
        assert_memory_equal(got->routes, s->routes, sizeof(s->routes[0]));
        assert_int_equal(got->n_options, 1);
        assert_int_equal(got->options[0].number, 150);
        assert_string_equal(got->options[0].spelled, "150=ip:10.77.0.9");
        assert_true(got->agent_https);
        assert_int_equal(got->n_allowed, 2);
        assert_memory_equal(&got->allowed[0].mac, &s->allowed[0].mac, sizeof(struct mac));
        assert_true(got->allowed[1].is_serial && got->allowed[1].serial == 0xa1b2c3d4);

        assert_int_equal(apply(db, (struct db_change){ .kind = DB_SUBNET_DELETE, .id = 3 }), 0);
        kept.n = 0;
        assert_int_equal(db_subnet_each(db, keep_subnet, &kept, NULL), 0);
        assert_int_equal(kept.n, 0);
        subnet_drop(kept.subnet);
        db_close(db);
}

static void keeps_an_image(void **state) {
        struct db *db = open_db(*state);
        CLEANUP(image_drop_at) struct image *i = an_image(5, "rpios");
        struct kept kept = {};

        assert_int_equal(apply(db, (struct db_change){ .kind = DB_IMAGE_PUT, .image = i }), 0);
        assert_int_equal(apply(db, (struct db_change){ .kind = DB_IMAGE_PUT, .image = i }),
                         0); /* again: replaced */
        assert_int_equal(db_image_each(db, keep_image, &kept, NULL), 0);
        assert_int_equal(kept.n, 1);
        const struct image *got = kept.image;
        assert_int_equal(got->id, 5);
        assert_string_equal(got->name, "rpios");
        assert_true(got->kind == IMAGE_PI && got->arch == ARCH_ARM64);
        assert_string_equal(got->cmdline, "console=tty1");
        assert_string_equal(got->boards[0], "pi4b");
        assert_string_equal(got->boards[1], "pi5");
        assert_null(got->boards[2]);
        assert_int_equal(got->version, 12);
        assert_string_equal(got->os, "Debian GNU/Linux 12 (bookworm)");
        assert_int_equal(got->roots, 1U << ROOT_INITRD | 1U << ROOT_DISK);
        assert_string_equal(got->why_not[ROOT_RAM], "its kernel has no overlay: none at all");
        assert_null(got->why_not[ROOT_NFS]);
        assert_int_equal(got->done_signals, IMAGE_DONE_SSH);
        assert_string_equal(got->ties, "fstab machine-id");
        assert_int_equal(got->created_s, 1700000001);
        assert_int_equal(got->n_files, 2);
        assert_int_equal(got->size, (1ULL << 40) + 7);
        const struct image_file *config = image_find(got, "config.txt");
        assert_non_null(config);
        assert_int_equal(config->role, IMAGE_FILE_CONFIG_TXT);
        assert_memory_equal(&config->blob, &i->files[0].blob, sizeof(config->blob));
        assert_string_equal(config->octets, "arm=64\n");
        const struct image_file *overlay = image_find(got, "overlays/disable-bt.dtbo");
        assert_non_null(overlay);
        assert_true(overlay->size == 1ULL << 40 && !overlay->octets);
        image_drop(kept.image);

        assert_int_equal(apply(db, (struct db_change){ .kind = DB_IMAGE_DELETE, .id = 5 }), 0);
        kept = (struct kept){};
        assert_int_equal(db_image_each(db, keep_image, &kept, NULL), 0);
        assert_int_equal(kept.n, 0);
        db_close(db);
}

/* Leases and trails name things by their id: one that is gone must not come again as another. */
static void never_gives_an_id_again(void **state) {
        struct db *db = open_db(*state);
        CLEANUP(machine_drop_at) struct machine *m = a_machine(41, "short-lived", 1);
        uint64_t last = 99;

        assert_int_equal(db_last_id(db, "machine", &last, NULL), 0);
        assert_int_equal(last, 0);
        assert_int_equal(apply(db, (struct db_change){ .kind = DB_MACHINE_PUT, .machine = m }), 0);
        assert_int_equal(apply(db, (struct db_change){ .kind = DB_MACHINE_DELETE, .id = 41 }), 0);
        db_close(db);
        db = open_db(*state);
        assert_int_equal(db_last_id(db, "machine", &last, NULL), 0);
        assert_int_equal(last, 41);
        db_close(db);
}

static void changes_all_or_nothing(void **state) {
        struct db *db = open_db(*state);
        CLEANUP(machine_drop_at) struct machine *first = a_machine(1, "first", 1);
        CLEANUP(machine_drop_at) struct machine *twin = a_machine(2, "second", 1); /* the MAC of the first */
        CLEANUP(machine_drop_at) struct machine *homeless = a_machine(3, "third", 3);
        const struct db_change changes[] = { { .kind = DB_MACHINE_PUT, .machine = first },
                                             { .kind = DB_MACHINE_PUT, .machine = twin } };
        struct error error = {};
        struct kept kept = {};

        assert_int_equal(db_apply(db, changes, 2, &error), -EEXIST);
        assert_int_equal(db_machine_each(db, keep_machine, &kept, NULL), 0);
        assert_int_equal(kept.n, 0);

        (void)snprintf(homeless->image, sizeof(homeless->image), "nowhere"); /* an image that is not there */
        assert_int_equal(apply(db, (struct db_change){ .kind = DB_MACHINE_PUT, .machine = homeless }),
                         -EEXIST);
        assert_int_equal(apply(db, changes[0]), 0); /* the failures left the connection usable */
        db_close(db);
}

static void keeps_an_image_that_is_used(void **state) {
        struct db *db = open_db(*state);
        CLEANUP(image_drop_at) struct image *i = an_image(5, "rpios");
        CLEANUP(machine_drop_at) struct machine *m = a_machine(1, "user", 1);

        (void)snprintf(m->image, sizeof(m->image), "rpios@12");
        assert_int_equal(apply(db, (struct db_change){ .kind = DB_IMAGE_PUT, .image = i }), 0);
        assert_int_equal(apply(db, (struct db_change){ .kind = DB_MACHINE_PUT, .machine = m }), 0);
        assert_int_equal(apply(db, (struct db_change){ .kind = DB_IMAGE_DELETE, .id = 5 }), -EEXIST);
        assert_int_equal(apply(db, (struct db_change){ .kind = DB_IMAGE_PUT, .image = i }),
                         0); /* new content is well */
        db_close(db);
}

static void refuses_a_newer_schema(void **state) {
        const struct place *p = *state;
        struct db *db = open_db(p);
        struct error error = {};

        assert_int_equal(db_run(db, "INSERT INTO schema_version (version) VALUES (999)", NULL), 0);
        db_close(db);
        db = NULL;
        assert_int_equal(db_open(p->url, &db, &error), -ENOTSUP);
        assert_null(db);
        assert_non_null(strstr(error.text, "version 999"));
        assert_non_null(strstr(error.text, "newer Bramble"));
}

/* A step that fails leaves the version before it, whole; mended, it goes on from there. */
static void migrates_step_by_step(void **state) {
        static const struct db_migration broken[] = {
                { 1, "001_first", "" },
                { 2, "002_more", "CREATE TABLE more (id INTEGER); INSERT INTO more VALUES (1);" },
                { 3, "003_broken", "CREATE TABLE half (id INTEGER); INSERT INTO nowhere VALUES (1);" },
                {},
        };
        static const struct db_migration mended[] = {
                { 1, "001_first", "" },
                { 2, "002_more", "" },
                { 3, "003_mended", "CREATE TABLE half (id INTEGER); INSERT INTO more VALUES (2);" },
                {},
        };
        const struct place *p = *state;
        struct db *db = NULL;
        struct db_query q = {};
        struct error error = {};

        assert_int_equal(db_open_as_is(p->url, &db, NULL), 0);
        assert_true(db_migrate(db, broken, &error) < 0);
        assert_true(text_starts_with(error.text, "schema 003_broken: "));
        assert_int_equal(db_migrate(db, mended, &error), 0);
        assert_int_equal(db_migrate(db, mended, &error), 0); /* nothing left to do */
        assert_int_equal(db_prepare(db, "SELECT count(*) FROM more", &q, NULL), 0);
        assert_int_equal(db_step(&q, NULL), 1);
        assert_int_equal(db_i64(&q, 0), 2);
        db_query_end(&q);
        db_close(db);
}

/* What stood in a database of version 0.1 before machines had a life. */
static void brings_the_first_schema_up_to_date(void **state) {
        const struct place *p = *state;
        const struct db_migration first[] = { db_schema[0], {} };
        struct kept kept = {};
        struct db *db = NULL;

        assert_int_equal(db_open_as_is(p->url, &db, NULL), 0);
        assert_int_equal(db_migrate(db, first, NULL), 0);
        assert_int_equal(
                db_run(db,
                       "INSERT INTO image (id, name, kind, boards, created_s) VALUES (1, 'rpios', 'pi', "
                       "'[]', 1);"
                       "INSERT INTO machine (id, name, image, created_s) VALUES (1, 'diskless', 'rpios', 1);"
                       "INSERT INTO machine (id, name, created_s) VALUES (2, 'local', 1);"
                       "INSERT INTO subnet (id, net, dhcp, unknown, lease_s, ranges, dns, ntp, search, "
                       "routes,"
                       " options) VALUES (1, '10.77.0.0/24', 'server', 'discover', 600, '[]', '[]', '[]', "
                       "'[]',"
                       " '[]', '[]');",
                       NULL),
                0);
        db_close(db);
        db = open_db(p);

        assert_int_equal(db_machine_each(db, keep_machine, &kept, NULL), 0); /* by id: the last one is kept */
        assert_int_equal(kept.n, 2);
        assert_string_equal(kept.machine->name, "local");
        assert_true(kept.machine->state == STATE_NEW && !kept.machine->boots_own);
        assert_int_equal(machine_purpose(kept.machine), PURPOSE_LOCAL);
        assert_int_equal(db_run(db, "DELETE FROM machine WHERE id = 2", NULL), 0);
        assert_int_equal(db_machine_each(db, keep_machine, &kept, NULL), 0);
        assert_true(kept.machine->state == STATE_DEPLOYED && kept.machine->root == ROOT_INITRD);
        assert_int_equal(machine_purpose(kept.machine), PURPOSE_RUN);
        assert_int_equal(db_subnet_each(db, keep_subnet, &kept, NULL), 0);
        assert_int_equal(kept.subnet->n_allowed, 0);
        machine_drop(kept.machine);
        subnet_drop(kept.subnet);
        db_close(db);
}

/* What stood in databases in between. Where a new version needs other rows, they are one more life. */
#define LIVES_002 \
        "INSERT INTO image (id, name, kind, boards, created_s) VALUES (1, 'rpios', 'pi', '[\"pi4b\"]', 1);" \
        "INSERT INTO machine (id, name, board, image, created_s, state, root, tags, task_id, task, power, " \
        "inventory_s)" \
        " VALUES (7, 'pi4', 'pi4b', 'rpios', 1, 'Ready', 'initrd', 'lab shelf', 5, " \
        "'{\"id\":5,\"kind\":\"park\"}'," \
        " 'snmp_poe', 9);" \
        "INSERT INTO machine_mac (mac, machine_id, place) VALUES ('dc:a6:32:01:02:03', 7, 0);" \
        "INSERT INTO machine_power (machine_id, parameters) VALUES (7, '{\"port\":\"1.7\"}');" \
        "INSERT INTO machine_inventory (machine_id, inventory) VALUES (7, '{\"memory\":{}}');" \
        "INSERT INTO script_result (machine_id, task_id, name, status, runtime_ms, finished_s, output)" \
        " VALUES (7, 4, 'memory', 'passed', 10, 8, 'fine');" \
        "INSERT INTO subnet (id, net, dhcp, unknown, unknown_image, lease_s, ranges, dns, ntp, search, " \
        "routes," \
        " options, allow) VALUES (1, '10.77.0.0/24', 'server', 'boot', 'rpios', 600, '[]', '[]', '[]', " \
        "'[]', '[]'," \
        " '[]', '[\"dc:a6:32:01:02:03\"]');"
#define LIVES_003 \
        "INSERT INTO image (id, name, kind, boards, created_s, os, roots, done_signals) VALUES" \
        " (1, 'rpios@1', 'pi', '[\"pi4b\"]', 1, 'Debian', '[\"initrd\",\"ram\"]', '[\"ssh\"]');" \
        "INSERT INTO machine (id, name, board, image, created_s, state, root, tags, task_id, task, power, " \
        "inventory_s)" \
        " VALUES (7, 'pi4', 'pi4b', 'rpios@1', 1, 'Ready', 'initrd', 'lab shelf', 5," \
        " '{\"id\":5,\"kind\":\"park\"}', 'snmp_poe', 9);" \
        "INSERT INTO machine_mac (mac, machine_id, place) VALUES ('dc:a6:32:01:02:03', 7, 0);" \
        "INSERT INTO machine_power (machine_id, parameters) VALUES (7, '{\"port\":\"1.7\"}');" \
        "INSERT INTO machine_inventory (machine_id, inventory) VALUES (7, '{\"memory\":{}}');" \
        "INSERT INTO script_result (machine_id, task_id, name, status, runtime_ms, finished_s, output)" \
        " VALUES (7, 4, 'memory', 'passed', 10, 8, 'fine');" \
        "INSERT INTO subnet (id, net, dhcp, unknown, unknown_image, lease_s, ranges, dns, ntp, search, " \
        "routes," \
        " options, allow) VALUES (1, '10.77.0.0/24', 'server', 'boot', 'rpios@1', 600, '[]', '[]', '[]', " \
        "'[]'," \
        " '[]', '[]', '[\"dc:a6:32:01:02:03\"]');"

static const struct life {
        unsigned version; /* and those behind it, until the next row */
        const char *sql;
        unsigned roots; /* of its image, as it must be read now */
} lives[] = {
        { 2, LIVES_002, 1U << ROOT_INITRD },
        { 3, LIVES_003, 1U << ROOT_INITRD | 1U << ROOT_RAM },
};

static int count_script(void *ctx, const struct script_result *r) {
        *(unsigned *)ctx += strcmp(r->name, "memory") == 0 && r->task == 4 && strcmp(r->output, "fine") == 0;
        return 0;
}

static void check_life(struct db *db, unsigned roots) {
        CLEANUP(free_at) char *power = NULL;
        CLEANUP(free_at) char *inventory = NULL;
        struct kept kept = {};
        unsigned n_scripts = 0;

        assert_int_equal(db_machine_each(db, keep_machine, &kept, NULL), 0);
        assert_int_equal(db_subnet_each(db, keep_subnet, &kept, NULL), 0);
        assert_int_equal(db_image_each(db, keep_image, &kept, NULL), 0);
        assert_int_equal(kept.n, 3);
        assert_true(kept.machine->id == 7 && kept.machine->state == STATE_READY &&
                    kept.machine->task_id == 5);
        assert_string_equal(kept.machine->image, "rpios@1");
        assert_string_equal(kept.machine->tags, "lab shelf");
        assert_string_equal(kept.machine->power, "snmp_poe");
        assert_int_equal(kept.machine->n_macs, 1);
        assert_string_equal(kept.subnet->unknown_image, "rpios@1");
        assert_true(kept.subnet->n_allowed == 1 && !kept.subnet->agent_https);
        assert_string_equal(kept.image->name, "rpios");
        assert_true(kept.image->version == 1 && kept.image->roots == roots);
        assert_int_equal(db_power_get(db, 7, &power, NULL), 0);
        assert_string_equal(power, "{\"port\":\"1.7\"}");
        assert_int_equal(db_inventory_get(db, 7, &inventory, NULL), 0);
        assert_string_equal(inventory, "{\"memory\":{}}");
        assert_int_equal(db_script_each(db, 7, count_script, &n_scripts, NULL), 0);
        assert_int_equal(n_scripts, 1);
        machine_drop(kept.machine);
        subnet_drop(kept.subnet);
        image_drop(kept.image);
}

static const struct life *life_of(unsigned version) {
        const struct life *found = NULL;
        for (size_t i = 0; i < ARRAY_LEN(lives); i++)
                if (lives[i].version <= version)
                        found = &lives[i];
        return found;
}

static void brings_each_schema_up_to_date(void **state) {
        const struct place *p = *state;

        for (unsigned version = lives[0].version; db_schema[version].version; version++) {
                CLEANUP(free_at) struct db_migration *until = calloc(version + 1, sizeof(*until));
                const struct life *life = life_of(version);
                struct error error = {};
                struct db *db = NULL;

                if (version > lives[0].version && (teardown(state) < 0 || setup(state) < 0))
                        fail_msg("no place for the next one");
                memcpy(until, db_schema, version * sizeof(*until)); /* and the end */
                assert_int_equal(db_open_as_is(p->url, &db, NULL), 0);
                if (db_migrate(db, until, &error) < 0 || db_run(db, life->sql, &error) < 0)
                        fail_msg("version %u: %s", version, error.text);
                db_close(db);
                db = NULL;
                if (db_open(p->url, &db, &error) < 0)
                        fail_msg("version %u: %s", version, error.text);
                check_life(db, life->roots);
                db_close(db);
        }
}

static int keep_script(void *ctx, struct script *s, struct error *reterr) {
        struct script **kept = ctx;
        (void)reterr;
        script_drop(*kept);
        *kept = script_take(s);
        return 0;
}

static void keeps_a_script(void **state) {
        struct db *db = open_db(*state);
        CLEANUP(script_drop_at) struct script *s = script_new();
        CLEANUP(script_drop_at) struct script *kept = NULL;

        s->id = 3;
        (void)snprintf(s->name, sizeof(s->name), "50-burn-in");
        s->type = SCRIPT_COMMISSIONING;
        s->title = strdup("Burn it in");
        s->timeout_s = 600;
        s->is_destructive = true;
        s->tags = strdup("long noauto");
        s->parameters = strdup("storage");
        s->notes = strdup("one\ntwo");
        s->created_s = 1700000000;
        s->body = calloc(1, 12);
        memcpy(s->body, "#!/bin/sh\n\0", s->body_len = 11); /* octets, and not only text */
        assert_int_equal(apply(db, (struct db_change){ .kind = DB_OWN_SCRIPT_PUT, .own_script = s }), 0);
        s->timeout_s = 0;
        assert_int_equal(apply(db, (struct db_change){ .kind = DB_OWN_SCRIPT_PUT, .own_script = s }), 0);
        assert_int_equal(db_own_script_each(db, keep_script, &kept, NULL), 0);
        assert_true(kept->id == 3 && kept->type == SCRIPT_COMMISSIONING && kept->timeout_s == 0);
        assert_true(kept->is_destructive && kept->created_s == 1700000000 && !kept->description);
        assert_string_equal(kept->name, "50-burn-in");
        assert_string_equal(kept->title, "Burn it in");
        assert_string_equal(kept->tags, "long noauto");
        assert_string_equal(kept->parameters, "storage");
        assert_string_equal(kept->notes, "one\ntwo");
        assert_int_equal(kept->body_len, 11);
        assert_memory_equal(kept->body, s->body, 12);

        script_drop(TAKE(kept));
        assert_int_equal(apply(db, (struct db_change){ .kind = DB_OWN_SCRIPT_DELETE, .id = 3 }), 0);
        assert_int_equal(db_own_script_each(db, keep_script, &kept, NULL), 0);
        assert_null(kept);
        db_close(db);
}

static int keep_lines(void *ctx, struct config_lines *l, struct error *reterr) {
        struct config_lines **kept = ctx;
        (void)reterr;
        config_lines_drop(*kept);
        *kept = config_lines_take(l);
        return 0;
}

static void keeps_operators_lines(void **state) {
        struct db *db = open_db(*state);
        CLEANUP(config_lines_drop_at) struct config_lines *l = config_lines_new();
        CLEANUP(config_lines_drop_at) struct config_lines *kept = NULL;

        l->id = 3;
        l->file = CONFIG_LINES_BOOTCONF;
        l->scope = CONFIG_LINES_TAG;
        (void)snprintf(l->name, sizeof(l->name), "rack-b");
        (void)snprintf(l->firmware, sizeof(l->firmware), "2026-05-17");
        l->text = strdup("dtoverlay=poe\n[pi5]\nx=1");
        l->created_s = 1700000000;
        assert_int_equal(apply(db, (struct db_change){ .kind = DB_CONFIG_LINES_PUT, .config_lines = l }), 0);
        l->created_s++;
        assert_int_equal(apply(db, (struct db_change){ .kind = DB_CONFIG_LINES_PUT, .config_lines = l }), 0);
        assert_int_equal(db_config_lines_each(db, keep_lines, &kept, NULL), 0);
        assert_true(kept->id == 3 && kept->scope == CONFIG_LINES_TAG && kept->created_s == 1700000001);
        assert_int_equal(kept->file, CONFIG_LINES_BOOTCONF);
        assert_string_equal(kept->firmware, "2026-05-17");
        assert_string_equal(kept->name, "rack-b");
        assert_string_equal(kept->text, l->text);

        config_lines_drop(TAKE(kept));
        assert_int_equal(apply(db, (struct db_change){ .kind = DB_CONFIG_LINES_DELETE, .id = 3 }), 0);
        assert_int_equal(db_config_lines_each(db, keep_lines, &kept, NULL), 0);
        assert_null(kept);
        db_close(db);
}

static void keeps_what_agents_find(void **state) {
        struct db *db = open_db(*state);
        CLEANUP(machine_drop_at) struct machine *m = a_machine(7, "pi4-07", 1);
        CLEANUP(free_at) char *first = NULL;
        CLEANUP(free_at) char *second = NULL;
        CLEANUP(free_at) char *power = NULL;
        CLEANUP(free_at) char *none = NULL;

        assert_int_equal(apply(db, (struct db_change){ .kind = DB_INVENTORY_PUT, .id = 7, .json = "{}" }),
                         -EEXIST); /* of a machine that is not there */
        assert_int_equal(apply(db, (struct db_change){ .kind = DB_MACHINE_PUT, .machine = m }), 0);
        assert_int_equal(db_inventory_get(db, 7, &none, NULL), 0);
        assert_null(none);
        assert_int_equal(
                apply(db, (struct db_change){ .kind = DB_INVENTORY_PUT, .id = 7, .json = "{\"cpu\": {}}" }),
                0);
        assert_int_equal(db_inventory_get(db, 7, &first, NULL), 0);
        assert_string_equal(first, "{\"cpu\": {}}");
        assert_int_equal(apply(db, (struct db_change){ .kind = DB_INVENTORY_PUT, .id = 7, .json = "{}" }), 0);
        assert_int_equal(db_inventory_get(db, 7, &second, NULL), 0);
        assert_string_equal(second, "{}");
        assert_int_equal(
                apply(db, (struct db_change){ .kind = DB_POWER_PUT, .id = 7, .json = "{\"user\": \"a\"}" }),
                0);
        assert_int_equal(db_power_get(db, 7, &power, NULL), 0);
        assert_string_equal(power, "{\"user\": \"a\"}");

        /* Both outlive a change of their machine, and go with it. */
        assert_int_equal(apply(db, (struct db_change){ .kind = DB_MACHINE_PUT, .machine = m }), 0);
        free(TAKE(power));
        assert_int_equal(db_power_get(db, 7, &power, NULL), 0);
        assert_non_null(power);
        assert_int_equal(apply(db, (struct db_change){ .kind = DB_MACHINE_DELETE, .id = 7 }), 0);
        free(TAKE(power));
        assert_int_equal(db_power_get(db, 7, &power, NULL), 0);
        assert_null(power);
        db_close(db);
}

/* What was found out of a board goes along with it. */
static void moves_what_agents_found(void **state) {
        struct db *db = open_db(*state);
        CLEANUP(machine_drop_at) struct machine *a = a_machine(7, "pi4-07", 1);
        CLEANUP(machine_drop_at) struct machine *b = a_machine(8, "pi4-08", 2);
        static const struct {
                uint64_t from;
                const char *left;
        } rows[] = { { 8, "{\"b\": 1}" }, { 8, NULL }, { 0, NULL } };

        assert_int_equal(apply(db, (struct db_change){ .kind = DB_MACHINE_PUT, .machine = a }), 0);
        assert_int_equal(apply(db, (struct db_change){ .kind = DB_MACHINE_PUT, .machine = b }), 0);
        assert_int_equal(
                apply(db, (struct db_change){ .kind = DB_INVENTORY_PUT, .id = 7, .json = "{\"a\": 1}" }), 0);
        assert_int_equal(
                apply(db, (struct db_change){ .kind = DB_INVENTORY_PUT, .id = 8, .json = "{\"b\": 1}" }), 0);
        for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
                CLEANUP(free_at) char *got = NULL;
                assert_int_equal(
                        apply(db,
                              (struct db_change){ .kind = DB_INVENTORY_MOVE, .id = 7, .from = rows[i].from }),
                        0);
                assert_int_equal(db_inventory_get(db, 7, &got, NULL), 0);
                if (rows[i].left)
                        assert_string_equal(got, rows[i].left);
                else
                        assert_null(got);
        }
        db_close(db);
}

struct script_list {
        char names[256];
        struct script_result last;
        unsigned n;
};

static int list_script(void *ctx, const struct script_result *r) {
        struct script_list *list = ctx;
        size_t len = strlen(list->names);

        (void)snprintf(list->names + len, sizeof(list->names) - len, "%ju:%s ", (uintmax_t)r->task, r->name);
        list->last = *r;
        list->last.output = list->last.results = NULL;
        list->n++;
        return 0;
}

static void keeps_the_newest_script_results(void **state) {
        struct db *db = open_db(*state);
        CLEANUP(machine_drop_at) struct machine *m = a_machine(7, "pi4-07", 1);
        CLEANUP(machine_drop_at) struct machine *other = a_machine(8, "pi4-08", 2);
        struct script_result r = { .machine = 8, .task = 1, .name = "memory", .status = SCRIPT_PASSED };
        struct script_list list = {};

        assert_int_equal(apply(db, (struct db_change){ .kind = DB_MACHINE_PUT, .machine = m }), 0);
        assert_int_equal(apply(db, (struct db_change){ .kind = DB_MACHINE_PUT, .machine = other }), 0);
        assert_int_equal(apply(db, (struct db_change){ .kind = DB_SCRIPT_PUT, .script = &r }), 0);
        r.machine = 7;
        r.output = (char *)"all well\n";
        for (r.task = 1; r.task <= SCRIPT_TASKS_KEPT + 2; r.task++)
                assert_int_equal(apply(db, (struct db_change){ .kind = DB_SCRIPT_PUT, .script = &r }), 0);
        assert_int_equal(db_script_each(db, 7, list_script, &list, NULL), 0);
        assert_int_equal(list.n, SCRIPT_TASKS_KEPT);
        assert_int_equal(list.last.task, 3);

        /* Told twice, it counts once: with what was told last. */
        r = (struct script_result){ .machine = 7, .task = 12, .name = "disk", .status = SCRIPT_DEGRADED };
        assert_int_equal(apply(db, (struct db_change){ .kind = DB_SCRIPT_PUT, .script = &r }), 0);
        r.status = SCRIPT_TIMED_OUT;
        r.has_exit = true;
        r.exit_status = -9;
        r.runtime_ms = 1200;
        r.finished_s = 1700000000;
        r.results = (char *)"{\"wear\": 7}";
        assert_int_equal(apply(db, (struct db_change){ .kind = DB_SCRIPT_PUT, .script = &r }), 0);
        list = (struct script_list){};
        assert_int_equal(db_script_each(db, 7, list_script, &list, NULL), 0);
        assert_int_equal(list.n, SCRIPT_TASKS_KEPT + 1);
        assert_true(text_starts_with(list.names, "12:disk 12:memory 11:memory "));

        list = (struct script_list){};
        assert_int_equal(db_script_each(db, 8, list_script, &list, NULL), 0);
        assert_int_equal(list.n, 1); /* another machine's are its own */
        assert_true(list.last.status == SCRIPT_PASSED && !list.last.has_exit);
        db_close(db);
}

/* What the writer committed is what the second connection sees, though it was open before. */
static int read_power(void *ctx, struct db *db, struct error *reterr) {
        return db_power_get(db, 7, ctx, reterr);
}

static void reads_beside_the_writer(void **state) {
        const struct place *p = *state;
        struct db *db = open_db(p);
        CLEANUP(db_reader_close_at) struct db_reader *reader = NULL;
        CLEANUP(machine_drop_at) struct machine *m = a_machine(7, "pi4-07", 1);
        CLEANUP(free_at) char *power = NULL;

        assert_int_equal(db_reader_open(p->url, &reader, NULL), 0);
        assert_int_equal(db_reader_use(reader, read_power, &power, NULL), 0);
        assert_null(power);
        assert_int_equal(apply(db, (struct db_change){ .kind = DB_MACHINE_PUT, .machine = m }), 0);
        assert_int_equal(apply(db, (struct db_change){ .kind = DB_POWER_PUT, .id = 7, .json = "{}" }), 0);
        assert_int_equal(db_reader_use(reader, read_power, &power, NULL), 0);
        assert_string_equal(power, "{}");
        db_reader_close(TAKE(reader));
        db_close(db);
}

#define CASE(fn) \
        { #fn, fn, setup, teardown, NULL }

int main(void) {
        int failed = 0;

        for (const struct db_driver *const *d = db_drivers; *d; d++) {
                struct place place = { .driver = *d };
                struct CMUnitTest tests[] = {
                        CASE(keeps_a_machine),
                        CASE(keeps_a_subnet),
                        CASE(keeps_an_image),
                        CASE(keeps_a_script),
                        CASE(keeps_operators_lines),
                        CASE(never_gives_an_id_again),
                        CASE(changes_all_or_nothing),
                        CASE(keeps_an_image_that_is_used),
                        CASE(refuses_a_newer_schema),
                        CASE(migrates_step_by_step),
                        CASE(brings_the_first_schema_up_to_date),
                        CASE(brings_each_schema_up_to_date),
                        CASE(keeps_what_agents_find),
                        CASE(moves_what_agents_found),
                        CASE(keeps_the_newest_script_results),
                        CASE(reads_beside_the_writer),
                };
                for (size_t i = 0; i < ARRAY_LEN(tests); i++)
                        tests[i].initial_state = &place;
                failed += cmocka_run_group_tests_name((*d)->scheme, tests, NULL, NULL);
        }
        return failed;
}
