/* What the agent makes of the server's word about a root, and of an NBD server's handshake. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "app/bramble-agent/root/keep_net.h"
#include "app/bramble-agent/root/nbd_packet.h"
#include "app/bramble-agent/root/order.h"

#define SHA "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff"
#define RAM "\"root\":\"ram\",\"squashfs\":{\"path\":\"blob/" SHA "\",\"size\":7,\"sha256\":\"" SHA "\"}"
#define AT "\"server\":\"10.77.0.1\",\"port\":2049"
#define NFS "\"root\":\"nfs\"," AT ",\"path\":\"/m-7/root\",\"options\":\"vers=4.2,hard\""
#define NBD "\"root\":\"nbd\"," AT ",\"export\":\"m-7\",\"fs\":\"ext4\""
#define INIT ",\"init\":\"/sbin/init\""
#define UUID "\"uuid\":\"00112233445546778899aabbccddeeff\""
#define DATA(row) ",\"data\":[{" row "}]"

static int parse(const char *text, struct root_order *ret, struct error *error) {
        *error = (struct error){ 0 };
        return root_order_parse(text, strlen(text), ret, error);
}

static void reads_each_kind(void **state) {
        (void)state;
        CLEANUP(root_order_clear) struct root_order ram = { 0 }, nfs = { 0 }, nbd = { 0 };
        struct error error;

        assert_int_equal(
                parse("{" RAM INIT ",\"persistent\":false,\"first_boot\":null,\"data\":[]}", &ram, &error),
                0);
        assert_int_equal(ram.root.kind, ROOT_FROM_RAM);
        assert_string_equal(ram.root.blob, "blob/" SHA);
        assert_int_equal(ram.root.size, 7);
        assert_int_equal(ram.root.sha256[31], 0xff);
        assert_string_equal(ram.init, "/sbin/init");
        assert_false(ram.has_first_boot);
        assert_false(ram.has_seed);
        root_order_clear(&ram);
        assert_int_equal(
                parse("{" RAM INIT ",\"seed\":{\"meta-data\":\"a: b\\n\",\"user-data\":\"\"}}", &ram, &error),
                0);
        assert_true(ram.has_seed);
        assert_string_equal(ram.seed[0], "a: b\n");
        assert_string_equal(ram.seed[1], "");
        assert_string_equal(ram.seed[3], "");

        assert_int_equal(
                parse("{" NFS INIT
                      ",\"first_boot\":{\"hostname\":\"node7\",\"phone_home\":\"http://10.77.0.1:5248/"
                      "seed/0/phone-home\",\"authorized_keys\":[\"ssh-rsa A z\",\"ssh-rsa B y\"]}}",
                      &nfs, &error),
                0);
        assert_string_equal(nfs.root.path, "/m-7/root");
        assert_string_equal(nfs.root.options, "vers=4.2,hard");
        assert_true(nfs.has_first_boot && nfs.n_keys == 2);
        assert_string_equal(nfs.keys[1], "ssh-rsa B y");

        assert_int_equal(parse("{" NBD INIT DATA("\"kind\":\"nfs\"," AT
                                                 ",\"path\":\"/d\",\"mount\":\"/srv/data\"") "}",
                               &nbd, &error),
                         0);
        assert_string_equal(nbd.root.export, "m-7");
        assert_int_equal(nbd.root.port, 2049);
        assert_int_equal(nbd.n_data, 1);
        assert_int_equal(nbd.data[0].from.kind, ROOT_FROM_NFS);
        assert_string_equal(nbd.data[0].mount, "/srv/data");
}

static void reads_a_disk_for_data(void **state) {
        (void)state;
        static const struct {
                const char *more, *hint;
                bool may_make, may_overwrite;
        } rows[] = {
                { "", "", false, false },
                { ",\"make\":\"empty\",\"disk\":\"/dev/sda\"", "/dev/sda", true, false },
                { ",\"make\":\"any\"", "", true, true },
        };
        for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
                CLEANUP(root_order_clear) struct root_order o = { 0 };
                struct error error;
                char text[1024];

                (void)snprintf(text, sizeof(text),
                               "{" RAM INIT ",\"data\":[{\"kind\":\"disk\",\"mount\":\"/srv\"," UUID "%s}]}",
                               rows[i].more);
                assert_int_equal(parse(text, &o, &error), 0);
                assert_int_equal(o.data[0].from.kind, ROOT_FROM_DISK);
                assert_int_equal(o.data[0].from.uuid[15], 0xff);
                assert_string_equal(o.data[0].from.hint, rows[i].hint);
                assert_int_equal(o.data[0].from.may_make, rows[i].may_make);
                assert_int_equal(o.data[0].from.may_overwrite, rows[i].may_overwrite);
        }
}

/* Nothing of it reaches mount(2), a file or a program that could mean something else there. */
static void refuses_what_makes_no_sense(void **state) {
        (void)state;
        static const struct {
                const char *text, *sentence;
        } rows[] = {
                { "[]", "no JSON object" },
                { "{" RAM "}", "\"init\"" },
                { "{" RAM ",\"init\":\"sbin/init\"}", "\"init\"" },
                { "{" RAM ",\"init\":\"/sbin/../../x\"}", "\"init\"" },
                { "{\"root\":\"tape\"" INIT "}", "no root of the kind \"tape\"" },
                { "{\"root\":\"ram\"" INIT "}", "\"squashfs\"" },
                { "{\"root\":\"ram\",\"squashfs\":{\"path\":\"blob/x y\",\"size\":7,\"sha256\":\"" SHA
                  "\"}" INIT "}",
                  "\"squashfs\"" },
                { "{\"root\":\"nfs\",\"server\":\"nas\",\"port\":2049,\"path\":\"/x\"" INIT "}",
                  "\"server\"" },
                { "{\"root\":\"nfs\",\"server\":\"10.77.0.1\",\"port\":70000,\"path\":\"/x\"" INIT "}",
                  "\"port\"" },
                { "{\"root\":\"nfs\"," AT ",\"path\":\"/x,ro\"" INIT "}", "\"path\"" },
                { "{\"root\":\"nfs\"," AT ",\"path\":\"/x\",\"options\":\"hard rw\"" INIT "}",
                  "\"options\"" },
                { "{\"root\":\"nbd\"," AT ",\"export\":\"\",\"fs\":\"ext4\"" INIT "}", "\"export\"" },
                { "{\"root\":\"nbd\"," AT ",\"export\":\"m-7\",\"fs\":\"../x\"" INIT "}", "\"fs\"" },
                { "{" RAM INIT DATA("\"kind\":\"ram\",\"mount\":\"/srv\"") "}",
                  "no volume of the kind \"ram\"" },
                { "{" RAM INIT DATA("\"kind\":\"nfs\"," AT ",\"path\":\"/d\",\"mount\":\"/\"") "}",
                  "\"mount\"" },
                { "{" RAM INIT DATA("\"kind\":\"nfs\"," AT ",\"path\":\"/d\",\"mount\":\"/srv/..\"") "}",
                  "\"mount\"" },
                { "{" RAM INIT ",\"data\":[1,2,3,4,5]}", "\"data\"" },
                { "{" RAM INIT DATA("\"kind\":\"disk\",\"mount\":\"/srv\"") "}", "\"uuid\"" },
                { "{" RAM INIT DATA("\"kind\":\"disk\",\"mount\":\"/"
                                    "srv\",\"uuid\":\"00000000000000000000000000000000\"") "}",
                  "\"uuid\"" },
                { "{" RAM INIT DATA("\"kind\":\"disk\",\"mount\":\"/srv\",\"make\":\"yes\"," UUID) "}",
                  "\"make\"" },
                { "{\"root\":\"disk\"," UUID INIT "}", "no root of the kind \"disk\"" },
                { "{" RAM INIT ",\"first_boot\":{\"hostname\":\"a b\"}}", "\"first_boot\"" },
                { "{" RAM INIT ",\"first_boot\":{\"phone_home\":\"http://x/';reboot\"}}", "\"first_boot\"" },
                { "{" RAM INIT ",\"first_boot\":{\"authorized_keys\":[\"a\\nb\"]}}", "\"authorized_keys\"" },
        };
        for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
                struct root_order order = { 0 };
                struct error error;
                if (parse(rows[i].text, &order, &error) != -EBADMSG || !strstr(error.text, rows[i].sentence))
                        fail_msg("%s: \"%s\"", rows[i].text, error.text);
                assert_null(order.body);
        }
}

/* Whose files come over the network keeps its address; whose root is in memory does as it likes. */
static void keeps_the_network_that_its_files_come_by(void **state) {
        (void)state;
        static const struct {
                const char *text;
                bool is_needed;
        } rows[] = {
                { "{" RAM INIT "}", false },
                { "{" RAM INIT DATA("\"kind\":\"disk\",\"mount\":\"/srv\"," UUID) "}", false },
                { "{" NFS INIT "}", true },
                { "{" NBD INIT "}", true },
                { "{" RAM INIT DATA("\"kind\":\"nfs\"," AT ",\"path\":\"/d\",\"mount\":\"/srv\"") "}", true },
        };
        for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
                CLEANUP(root_order_clear) struct root_order order = { 0 };
                struct error error;
                assert_int_equal(parse(rows[i].text, &order, &error), 0);
                assert_int_equal(keep_net_needed(&order), rows[i].is_needed);
        }
        const struct mac mac = { { 0x52, 0x54, 0, 0x77, 0x64, 0x0b } };
        CLEANUP(free_at)
        char *file = keep_net_file(&mac),
             *link = keep_net_link(&mac), *manager = keep_net_manager("eth0");
        assert_non_null(strstr(file, "\nMACAddress=52:54:00:77:64:0b\n"));
        assert_non_null(strstr(file, "\nKeepConfiguration=yes\n"));
        assert_non_null(strstr(link, "\nMACAddress=52:54:00:77:64:0b\n"));
        assert_null(strstr(link, "Name")); /* neither a name nor a policy for one */
        assert_non_null(strstr(manager, "]\nmatch-device=interface-name:=eth0\nmanaged=0\n"));
}

static void greets_servers_of_today(void **state) {
        (void)state;
        static const struct {
                uint8_t octets[NBD_GREETING_SIZE];
                const char *sentence; /* NULL: it is one */
        } rows[] = {
                { "NBDMAGICIHAVEOPT\0\3", NULL },
                { "NBDMAGICIHAVEOPT\0\2", "before 2010" },
                { "NBDMAGIC\0\0\x42\x02\x81\x86\x12\x53\0\0", "before 2010" },
                { "SSH-2.0-OpenSSH_9.", "no NBD server" },
        };
        for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
                struct error error = { 0 };
                int r = nbd_greeting_parse(rows[i].octets, &error);
                assert_int_equal(r, rows[i].sentence ? -EPROTO : 0);
                if (rows[i].sentence)
                        assert_non_null(strstr(error.text, rows[i].sentence));
        }
}

static void asks_for_an_export(void **state) {
        (void)state;
        static const uint8_t wish[] = "\0\0\0\3IHAVEOPT\0\0\0\7\0\0\0\x0b\0\0\0\3m-7\0\1\0\3";
        uint8_t buf[NBD_GO_SIZE];
        char longest[NBD_EXPORT_MAX + 1];

        assert_int_equal(nbd_go_write("m-7", buf), sizeof(wish) - 1);
        assert_memory_equal(buf, wish, sizeof(wish) - 1);
        memset(longest, 'x', NBD_EXPORT_MAX);
        longest[NBD_EXPORT_MAX] = 0;
        assert_int_equal(nbd_go_write(longest, buf), NBD_GO_SIZE);
}

#define REPLY "\0\3\xe8\x89\x04\x55\x65\xa9\0\0\0\7"

static void hears_replies(void **state) {
        (void)state;
        static const struct {
                const char *octets;
                int result;
                enum nbd_reply_kind kind;
                uint32_t len;
                const char *why;
        } rows[] = {
                { REPLY "\0\0\0\1\0\0\0\0", 0, NBD_IS_READY, 0, NULL },
                { REPLY "\0\0\0\3\0\0\0\x0c", 0, NBD_SAYS_MORE, 12, NULL },
                { REPLY "\x80\0\0\6\0\0\0\0", 0, NBD_REFUSES, 0, "it has no such export" },
                { REPLY "\x80\0\0\5\0\0\0\0", 0, NBD_REFUSES, 0, "TLS only" },
                { REPLY "\x80\0\1\0\0\0\0\0", 0, NBD_REFUSES, 0, "does not say why" },
                { REPLY "\0\0\0\3\0\0\x10\1", -EPROTO, 0, 0, NULL }, /* too long */
                { "\0\3\xe8\x89\x04\x55\x65\xa9\0\0\0\3\0\0\0\1\0\0\0\0", -EPROTO, 0, 0,
                  NULL }, /* of a list */
                { "\0\3\xe8\x89\x04\x55\x65\xa8\0\0\0\7\0\0\0\1\0\0\0\0", -EPROTO, 0, 0, NULL },
        };
        for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
                struct nbd_reply reply = { 0 };
                struct error error = { 0 };
                assert_int_equal(nbd_reply_parse((const uint8_t *)rows[i].octets, &reply, &error),
                                 rows[i].result);
                if (rows[i].result < 0)
                        continue;
                assert_int_equal(reply.kind, rows[i].kind);
                assert_int_equal(reply.len, rows[i].len);
                if (rows[i].why)
                        assert_non_null(strstr(nbd_refusal(&reply), rows[i].why));
        }
}

static void learns_what_an_export_is(void **state) {
        (void)state;
        struct nbd_export e = { 0 };

        assert_int_equal(nbd_info_parse((const uint8_t *)"\0\0\0\0\0\0\2\0\0\0\1\x6d", 12, &e), 0);
        assert_true(e.size == 32 << 20 && e.flags == 0x16d);
        assert_int_equal(nbd_info_parse((const uint8_t *)"\0\3\0\0\2\0\0\0\x10\0\2\0\0\0", 14, &e), 0);
        assert_int_equal(e.block_min, 512);
        assert_int_equal(nbd_info_parse((const uint8_t *)"\0\1name", 6, &e),
                         0); /* its name, which is no news */
        assert_int_equal(nbd_info_parse((const uint8_t *)"\0\0\0\0\0", 5, &e), -EPROTO);
        assert_true(e.size == 32 << 20 && e.block_min == 512);
        assert_int_equal(nbd_info_parse(NULL, 0, &e), -EPROTO);
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(reads_each_kind),
                cmocka_unit_test(reads_a_disk_for_data),
                cmocka_unit_test(refuses_what_makes_no_sense),
                cmocka_unit_test(keeps_the_network_that_its_files_come_by),
                cmocka_unit_test(greets_servers_of_today),
                cmocka_unit_test(asks_for_an_export),
                cmocka_unit_test(hears_replies),
                cmocka_unit_test(learns_what_an_export_is),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
