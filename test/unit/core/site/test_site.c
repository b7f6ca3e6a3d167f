/* Snapshots: what a change shows, what it leaves alone, what it refuses, and what it costs. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/text.h"
#include "core/machine/eeprom_order.h"
#include "core/site/site.h"

static size_t n_allocations;

void *__real_malloc(size_t size);
void *__real_calloc(size_t n, size_t size);
void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t n, size_t size);

void *__wrap_malloc(size_t size) {
        n_allocations++;
        return __real_malloc(size);
}

void *__wrap_calloc(size_t n, size_t size) {
        n_allocations++;
        return __real_calloc(n, size);
}

static struct machine *machine_of(uint64_t id, const char *name, const char *mac, const char *ip,
                                  const char *image) {
        struct machine *m = machine_new();
        assert_non_null(m);
        m->id = id;
        assert_int_equal(text_copy(m->name, sizeof(m->name), name), 0);
        if (mac)
                assert_int_equal(mac_parse(mac, &m->macs[m->n_macs++]), 0);
        if (ip)
                assert_int_equal(ip_parse(ip, &m->ip), 0);
        if (image)
                assert_int_equal(text_copy(m->image, sizeof(m->image), image), 0);
        return m;
}

static struct site *put_subnet(struct site *s, const char *net, enum subnet_dhcp dhcp) {
        CLEANUP(subnet_drop_at) struct subnet *subnet = subnet_new();
        assert_int_equal(ip_net_parse(net, &subnet->net), 0);
        subnet->dhcp = dhcp;
        struct site *next = site_put_subnet(s, subnet, NULL);
        assert_non_null(next);
        site_drop(s);
        return next;
}

static struct site *put_image(struct site *s, const char *name) {
        CLEANUP(image_drop_at) struct image *i = image_new();
        assert_int_equal(text_copy(i->name, sizeof(i->name), name), 0);
        assert_int_equal(image_index(i), 0);
        struct site *next = site_put_image(s, i, NULL);
        assert_non_null(next);
        site_drop(s);
        return next;
}

/* A site with a server and a proxy subnet, an image, and the machine "first". */
static struct site *sample(void) {
        struct site *s = site_empty();
        s = put_subnet(s, "10.77.0.0/24", SUBNET_DHCP_SERVER);
        s = put_subnet(s, "10.78.0.0/24", SUBNET_DHCP_PROXY);
        s = put_image(s, "debian");

        CLEANUP(machine_drop_at)
        struct machine *m = machine_of(1, "first", "dc:a6:32:00:00:01", "10.77.0.5", "debian");
        m->has_serial = true;
        m->serial = 0xa1b2c3d4;
        m->has_uuid = true;
        m->client_id_len = 3;
        m->has_token = true;
        struct site *next = site_put_machine(s, m, NULL);
        assert_non_null(next);
        site_drop(s);
        return next;
}

static void finds_a_machine_by_every_key(void **state) {
        (void)state;
        CLEANUP(site_drop_at) struct site *s = sample();
        struct mac mac;
        struct ip_addr ip;

        assert_int_equal(mac_parse("dc:a6:32:00:00:01", &mac), 0);
        assert_int_equal(ip_parse("10.77.0.5", &ip), 0);
        const struct machine *m = site_machine_by_name(s, "first");
        assert_non_null(m);
        assert_ptr_equal(site_machine_by_mac(s, &mac), m);
        assert_ptr_equal(site_machine_by_serial(s, 0xa1b2c3d4), m);
        assert_ptr_equal(site_machine_by_uuid(s, (uint8_t[16]){}), m);
        assert_ptr_equal(site_machine_by_client_id(s, "\0\0\0", 3), m);
        assert_ptr_equal(site_machine_by_ip(s, &ip), m);
        assert_ptr_equal(site_machine_by_token(s, (uint8_t[MACHINE_TOKEN_HASH_SIZE]){}), m);
        assert_null(site_machine_by_token(s, (uint8_t[MACHINE_TOKEN_HASH_SIZE]){ 1 }));
        assert_null(site_machine_by_serial(s, 0));
        assert_null(site_machine_by_client_id(s, "\0\0", 2));
        assert_int_equal(site_n_machines(s), 1);
}

static void a_change_leaves_the_old_snapshot_alone(void **state) {
        (void)state;
        CLEANUP(site_drop_at) struct site *s = sample();
        CLEANUP(machine_drop_at)
        struct machine *m = machine_of(1, "renamed", "dc:a6:32:00:00:02", NULL, NULL);

        CLEANUP(site_drop_at) struct site *next = site_put_machine(s, m, NULL);
        assert_non_null(next);
        assert_int_equal(site_revision(next), site_revision(s) + 1);
        assert_non_null(site_machine_by_name(s, "first"));
        assert_null(site_machine_by_name(s, "renamed"));
        assert_null(site_machine_by_name(next, "first"));
        assert_null(site_machine_by_serial(next, 0xa1b2c3d4)); /* a key that it no longer has is free again */
        assert_ptr_equal(site_machine_by_name(next, "renamed"), m);

        CLEANUP(site_drop_at) struct site *without = site_remove_machine(next, "renamed", NULL);
        assert_non_null(without);
        assert_int_equal(site_n_machines(without), 0);
        assert_int_equal(site_n_machines(next), 1);
        assert_null(site_machine_by_mac(without, &m->macs[0]));
}

struct refusal {
        const char *name, *mac, *ip, *image;
        int code;
        const char *sentence;
};

static const struct refusal refusals[] = {
        { "first", "dc:a6:32:00:00:09", NULL, NULL, -EEXIST,
          "there is a machine first already: change or delete that one, or choose another name" },
        { "second", "dc:a6:32:00:00:01", NULL, NULL, -EEXIST,
          "machine second: MAC dc:a6:32:00:00:01 belongs to machine first" },
        { "second", "dc:a6:32:00:00:09", "10.77.0.5", NULL, -EEXIST,
          "machine second: address 10.77.0.5 is reserved for machine first" },
        { "second", "dc:a6:32:00:00:09", "10.79.0.5", NULL, -EINVAL,
          "machine second: address 10.79.0.5 lies in no subnet" },
        { "second", "dc:a6:32:00:00:09", "10.78.0.5", NULL, -EINVAL,
          "machine second: address 10.78.0.5 lies on 10.78.0.0/24, a proxy subnet: another server hands out "
          "the "
          "addresses there, so reserve it on that server" },
        { "second", "dc:a6:32:00:00:09", "10.77.0.255", NULL, -EINVAL,
          "machine second: address 10.77.0.255 is no host's address on 10.77.0.0/24" },
        { "second", "dc:a6:32:00:00:09", NULL, "ubuntu", -ENOENT,
          "machine second: there is no image ubuntu" },
};

static void refuses_with_a_sentence(void **state) {
        (void)state;
        CLEANUP(site_drop_at) struct site *s = sample();

        for (size_t i = 0; i < ARRAY_LEN(refusals); i++) {
                const struct refusal *row = &refusals[i];
                CLEANUP(machine_drop_at)
                struct machine *m = machine_of(2, row->name, row->mac, row->ip, row->image);
                struct error err = {};
                assert_null(site_put_machine(s, m, &err));
                assert_string_equal(err.text, row->sentence);
                assert_int_equal(err.code, row->code);
        }
}

static void a_board_must_be_known_and_fit(void **state) {
        (void)state;
        CLEANUP(site_drop_at) struct site *s = sample();
        CLEANUP(machine_drop_at) struct machine *m = machine_of(2, "second", "dc:a6:32:00:00:09", NULL, NULL);
        struct error err = {};

        strcpy(m->board, "pi17");
        assert_null(site_put_machine(s, m, &err));
        assert_string_equal(err.text, "machine second: there is no board pi17");
        strcpy(m->board, "pi5");
        m->arch = ARCH_ARMHF;
        assert_null(site_put_machine(s, m, &err));
        assert_string_equal(err.text, "machine second: board pi5 cannot run armhf");
        m->arch = ARCH_ARM64;
        CLEANUP(site_drop_at) struct site *next = site_put_machine(s, m, &err);
        assert_non_null(next);
}

static void an_image_must_run_on_its_machine(void **state) {
        (void)state;
        CLEANUP(site_drop_at) struct site *s = sample();
        CLEANUP(image_drop_at) struct image *i = image_new();
        CLEANUP(machine_drop_at)
        struct machine *m = machine_of(2, "second", "dc:a6:32:00:00:09", NULL, "raspios");
        struct error err = {};

        strcpy(i->name, "raspios");
        i->arch = ARCH_ARM64;
        assert_int_equal(image_index(i), 0);
        CLEANUP(site_drop_at) struct site *with = site_put_image(s, i, &err);
        m->arch = ARCH_AMD64;
        assert_null(site_put_machine(with, m, &err));
        assert_string_equal(err.text, "machine second: image raspios is for arm64 and cannot run on amd64");
        m->arch = ARCH_ARMHF; /* an image of a Raspberry Pi has kernels of both kinds */
        CLEANUP(site_drop_at) struct site *next = site_put_machine(with, m, &err);
        assert_non_null(next);
}

static void keeps_what_is_used(void **state) {
        (void)state;
        CLEANUP(site_drop_at) struct site *s = sample();
        struct error err = {};
        struct ip_net net;

        assert_null(site_remove_image(s, "debian", &err));
        assert_string_equal(err.text, "image debian@1 is what machine first boots");
        assert_int_equal(err.code, -EBUSY);

        assert_int_equal(ip_net_parse("10.77.0.0/24", &net), 0);
        assert_null(site_remove_subnet(s, &net, &err));
        assert_string_equal(err.text,
                            "subnet 10.77.0.0/24 has address 10.77.0.5 reserved for machine first; give "
                            "that one another address, or none, first");
        assert_int_equal(err.code, -EBUSY);

        CLEANUP(subnet_drop_at) struct subnet *proxy = subnet_new();
        proxy->net = net;
        proxy->dhcp = SUBNET_DHCP_PROXY;
        assert_null(site_put_subnet(s, proxy, &err));
        assert_non_null(strstr(err.text, "a proxy subnet"));

        assert_null(site_remove_machine(s, "nobody", &err));
        assert_string_equal(err.text, "there is no machine nobody");
}

static void unknown_machines_need_an_image_that_is_there(void **state) {
        (void)state;
        CLEANUP(site_drop_at) struct site *s = sample();
        CLEANUP(subnet_drop_at) struct subnet *subnet = subnet_new();
        struct error err = {};

        assert_int_equal(ip_net_parse("10.79.0.0/24", &subnet->net), 0);
        subnet->unknown = SUBNET_UNKNOWN_BOOT;
        strcpy(subnet->unknown_image, "nothing");
        assert_null(site_put_subnet(s, subnet, &err));
        assert_string_equal(err.text, "subnet 10.79.0.0/24: there is no image nothing");

        strcpy(subnet->unknown_image, "debian");
        CLEANUP(site_drop_at) struct site *next = site_put_subnet(s, subnet, &err);
        assert_non_null(next);
        CLEANUP(site_drop_at) struct site *bare = site_remove_machine(next, "first", NULL);
        assert_null(site_remove_image(bare, "debian", &err));
        assert_string_equal(err.text, "image debian@1 is what unknown machines on 10.79.0.0/24 boot");
}

static struct image *version_of(uint32_t version) {
        struct image *i = image_new();

        assert_non_null(i);
        strcpy(i->name, "debian");
        i->version = version;
        assert_int_equal(image_index(i), 0);
        return i;
}

/* A name alone is the newest version; what runs an older one keeps it. */
static void versions_stand_side_by_side(void **state) {
        (void)state;
        CLEANUP(site_drop_at) struct site *s = site_empty();
        static const uint32_t versions[] = { 9, 10, 2 };
        struct error err = {};

        for (size_t i = 0; i < 3; i++) {
                CLEANUP(image_drop_at) struct image *image = version_of(versions[i]);
                struct site *next = site_put_image(s, image, NULL);
                assert_non_null(next);
                site_drop(s);
                s = next;
        }
        assert_int_equal(site_n_images(s), 3);
        assert_int_equal(site_image(s, "debian")->version, 10);
        assert_int_equal(site_image(s, "debian@2")->version, 2);
        assert_null(site_image(s, "debian@3"));
        assert_null(site_image(s, "deb"));

        CLEANUP(machine_drop_at)
        struct machine *m = machine_of(1, "first", "02:00:00:00:00:01", NULL, "debian@9");
        CLEANUP(site_drop_at) struct site *used = site_put_machine(s, m, NULL);
        assert_non_null(used);
        assert_null(site_remove_image(used, "debian@9", &err));
        assert_string_equal(err.text, "image debian@9 is what machine first boots");
        CLEANUP(site_drop_at) struct site *less = site_remove_image(used, "debian", &err);
        assert_non_null(less);
        assert_int_equal(site_image(less, "debian")->version, 9);
        assert_null(site_image(less, "debian@10"));
}

/* Named by a profile or a machine, or part of a roll-out that is not at its end. */
static void keeps_firmware_that_is_wanted(void **state) {
        (void)state;
        static const struct {
                const char *lines, *machine, *order, *says;
        } rows[] = {
                { "debian@1", "", NULL,
                  "image debian@1 is what machines of tag lab are to have in their EEPROMs" },
                { "newest", "debian@1", NULL,
                  "image debian@1 is what machine first is to have in its EEPROM" },
                { "", "", "offered", "image debian@1 is what machine first is to have in its EEPROM" },
                { "2026-05-17", "newest", "done", NULL },
        };

        for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
                CLEANUP(site_drop_at) struct site *s = site_empty();
                CLEANUP(image_drop_at) struct image *image = version_of(1);
                CLEANUP(site_drop_at) struct site *with = site_put_image(s, image, NULL);
                CLEANUP(config_lines_drop_at) struct config_lines *lines = config_lines_new();
                CLEANUP(machine_drop_at)
                struct machine *m = machine_of(1, "first", "02:00:00:00:00:01", NULL, "");
                struct eeprom_order o = { .now = { .image = "debian@1", .config = "" } };
                struct error err = {};

                assert_true(with && lines && m);
                lines->file = CONFIG_LINES_BOOTCONF;
                lines->scope = CONFIG_LINES_TAG;
                strcpy(lines->name, "lab");
                strcpy(lines->firmware, rows[i].lines);
                lines->text = strdup("BOOT_UART=1\n");
                strcpy(m->eeprom_firmware, rows[i].machine);
                o.step = rows[i].order && strcmp(rows[i].order, "done") == 0 ? EEPROM_DONE : EEPROM_OFFERED;
                m->eeprom = rows[i].order ? eeprom_order_print(&o) : NULL;
                CLEANUP(site_drop_at) struct site *lined = site_put_config_lines(with, lines, &err);
                CLEANUP(site_drop_at) struct site *used = lined ? site_put_machine(lined, m, &err) : NULL;
                if (!used)
                        fail_msg("%s", err.text);
                CLEANUP(site_drop_at) struct site *less = site_remove_image(used, "debian", &err);
                assert_int_equal(less == NULL, rows[i].says != NULL);
                if (rows[i].says)
                        assert_string_equal(err.text, rows[i].says);
        }
}

static void the_longest_prefix_wins(void **state) {
        (void)state;
        CLEANUP(site_drop_at) struct site *s = site_empty();
        struct ip_addr inside, outside, elsewhere;
        char text[IP_NET_TEXT_SIZE];

        s = put_subnet(s, "10.77.0.0/24", SUBNET_DHCP_OFF);
        s = put_subnet(s, "10.0.0.0/8", SUBNET_DHCP_OFF);
        assert_int_equal(ip_parse("10.77.0.9", &inside), 0);
        assert_int_equal(ip_parse("10.1.0.9", &outside), 0);
        assert_int_equal(ip_parse("192.0.2.1", &elsewhere), 0);
        assert_string_equal(ip_net_text(&site_subnet_of(s, &inside)->net, text), "10.77.0.0/24");
        assert_string_equal(ip_net_text(&site_subnet_of(s, &outside)->net, text), "10.0.0.0/8");
        assert_null(site_subnet_of(s, &elsewhere));
        assert_string_equal(ip_net_text(&site_subnet(s, 0)->net, text), "10.0.0.0/8"); /* in order */
        assert_null(site_subnet(s, 2));
}

static void two_served_subnets_lie_apart(void **state) {
        (void)state;
        CLEANUP(site_drop_at) struct site *s = sample(); /* 10.77.0.0/24 server, 10.78.0.0/24 proxy */
        static const struct {
                const char *net;
                enum subnet_dhcp dhcp;
                const char *sentence; /* NULL: it is taken */
        } rows[] = {
                { "10.77.0.0/25", SUBNET_DHCP_SERVER,
                  "subnet 10.77.0.0/25 overlaps 10.77.0.0/24, and both have DHCP on" },
                { "10.0.0.0/8", SUBNET_DHCP_PROXY,
                  "subnet 10.0.0.0/8 overlaps 10.77.0.0/24, and both have DHCP on" },
                { "10.0.0.0/8", SUBNET_DHCP_OFF, NULL },
                { "10.77.0.0/24", SUBNET_DHCP_SERVER, NULL }, /* itself, changed */
                { "10.79.0.0/24", SUBNET_DHCP_SERVER, NULL }, /* beside it */
        };

        for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
                CLEANUP(subnet_drop_at) struct subnet *subnet = subnet_new();
                struct error err = {};
                assert_int_equal(ip_net_parse(rows[i].net, &subnet->net), 0);
                subnet->dhcp = rows[i].dhcp;
                CLEANUP(site_drop_at) struct site *next = site_put_subnet(s, subnet, &err);
                assert_string_equal(err.text, rows[i].sentence ? rows[i].sentence : "");
                assert_int_equal(next == NULL, rows[i].sentence != NULL);
        }
}

static void a_reservation_may_move_to_the_subnet_around(void **state) {
        (void)state;
        CLEANUP(site_drop_at) struct site *s = put_subnet(sample(), "10.77.0.0/16", SUBNET_DHCP_OFF);
        struct error err = {};
        struct ip_net net;

        assert_int_equal(ip_net_parse("10.77.0.0/24", &net), 0);
        CLEANUP(site_drop_at) struct site *next = site_remove_subnet(s, &net, &err);
        assert_non_null(next);
}

static void adding_costs_what_changed(void **state) {
        (void)state;
        /* Three keys and the entry by id, each a path through a trie of 32-way nodes: never a copy of the
         * whole. */
        enum { MACHINES = 10000, ALLOCATIONS_MAX = 48 };
        CLEANUP(site_drop_at) struct site *s = put_subnet(site_empty(), "10.0.0.0/8", SUBNET_DHCP_SERVER);
        size_t worst = 0;

        for (uint64_t i = 1; i <= MACHINES; i++) {
                char name[32], mac[MAC_TEXT_SIZE], ip[IP_TEXT_SIZE];
                struct mac addr = { { 2, 0, 0, 0, (uint8_t)(i >> 8), (uint8_t)i } };
                (void)snprintf(name, sizeof(name), "m%u", (unsigned)i);
                CLEANUP(machine_drop_at)
                struct machine *m = machine_of(i, name, mac_text(&addr, mac),
                                               ip4_text(0x0a000100 + (uint32_t)i, ip), NULL);
                n_allocations = 0;
                struct site *next = site_put_machine(s, m, NULL);
                worst = n_allocations > worst ? n_allocations : worst;
                assert_non_null(next);
                site_drop(s);
                s = next;
        }
        assert_int_equal(site_n_machines(s), MACHINES);
        assert_in_range(worst, 1, ALLOCATIONS_MAX);
        assert_non_null(site_machine_by_name(s, "m1"));
        assert_non_null(site_machine_by_name(s, "m10000"));
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(finds_a_machine_by_every_key),
                cmocka_unit_test(a_change_leaves_the_old_snapshot_alone),
                cmocka_unit_test(refuses_with_a_sentence),
                cmocka_unit_test(a_board_must_be_known_and_fit),
                cmocka_unit_test(an_image_must_run_on_its_machine),
                cmocka_unit_test(keeps_what_is_used),
                cmocka_unit_test(unknown_machines_need_an_image_that_is_there),
                cmocka_unit_test(versions_stand_side_by_side),
                cmocka_unit_test(keeps_firmware_that_is_wanted),
                cmocka_unit_test(the_longest_prefix_wins),
                cmocka_unit_test(two_served_subnets_lie_apart),
                cmocka_unit_test(a_reservation_may_move_to_the_subnet_around),
                cmocka_unit_test(adding_costs_what_changed),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
