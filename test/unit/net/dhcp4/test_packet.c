/* What real firmware sends, and what is broken, read by the codec. The messages lie in the fuzzer's corpus.
 */
/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

#include "net/dhcp4/packet.h"

static size_t read_corpus(const char *name, uint8_t *buf, size_t size) {
        char path[512];
        (void)snprintf(path, sizeof(path), "%s/dhcp4_packet/%s", CORPUS, name);
        FILE *f = fopen(path, "rb");
        if (!f)
                fail_msg("%s: no such file", path);
        size_t n = fread(buf, 1, size, f);
        (void)fclose(f);
        return n;
}

static void parse(const char *name, struct dhcp4_packet *ret) {
        static uint8_t octets[2048]; /* options point into it */
        size_t len = read_corpus(name, octets, sizeof(octets));
        if (dhcp4_packet_parse(octets, len, ret) < 0)
                fail_msg("%s: not understood", name);
}

static size_t option_len(const struct dhcp4_packet *p, uint8_t number) {
        const struct dhcp4_option *o = dhcp4_option_find(p, number);
        return o ? o->len : 0;
}

static const struct firmware {
        const char *name;
        uint8_t type;
        uint32_t xid;
        uint8_t mac_last;
        const char *vendor_class;
        int arch; /* -1: not said */
        size_t n_params, uuid_len;
        size_t size_max; /* octets of a message it takes */
} firmwares[] = {
        { "uefi-x64-pxe-discover", 1, 0x75941446, 0x6d, "PXEClient:Arch:00007:UNDI:003000", 7, 35, 17, 1444 },
        /* EDK2 swaps the octets of option 57 in its REQUEST: 65280 */
        { "uefi-x64-pxe-request-swapped-max-size", 3, 0x75941446, 0x6d, "PXEClient:Arch:00007:UNDI:003000", 7,
          35, 17, 1472 },
        { "uefi-arm64-pxe-discover", 1, 0x1a5b6434, 0xf0, "PXEClient:Arch:00011:UNDI:003000", 11, 35, 17,
          1444 },
        { "uefi-arm64-http-discover", 1, 0x18faad58, 0xae, "HTTPClient:Arch:00019:UNDI:003000", 19, 27, 17,
          1444 },
        { "uefi-x64-http-discover", 1, 0xbcb2bf34, 0x7f, "HTTPClient:Arch:00016:UNDI:003000", 16, 27, 17,
          1444 },
        { "grub-discover-type-only", 1, 0x6b02b83c, 0x7f, "", -1, 0, 0, 548 },
        { "ipxe-bios-discover", 1, 0x4eea3904, 0x61, "PXEClient:Arch:00000:UNDI:002001", 0, 23, 17, 1444 },
        { "ipxe-bios-request", 3, 0x4eea3904, 0x61, "PXEClient:Arch:00000:UNDI:002001", 0, 23, 17, 1444 },
        { "ipxe-bios-4011-request-xid-0", 3, 0, 0x8d, "PXEClient", 0, 23, 17, 1444 },
        { "ipxe-x64-discover", 1, 0x32bd0765, 0x84, "PXEClient:Arch:00007:UNDI:003010", 7, 23, 17, 1444 },
        { "uboot-arm64-discover", 1, 0x525253fe, 0x52, "U-Boot.armv8", 22, 5, 0, 548 },
        { "uboot-arm32-discover", 1, 0x00773ace, 0x32, "U-Boot.armv7", 21, 5, 0, 548 },
        { "uboot-arm64-efi-discover", 1, 0x00776cc0, 0x01, "PXEClient:Arch:00011:UNDI:003000", 11, 5, 0,
          548 },
        { "pi3-rom-discover-constant-xid", 1, 0x26f30339, 0x01, "PXEClient:Arch:00000:UNDI:002001", 0, 12, 17,
          548 },
        { "pi4-discover", 1, 0x12345678, 0xc3, "PXEClient:Arch:00000:UNDI:002001", 0, 14, 17, 548 },
        { "pi4-request-without-vendor-class", 3, 0x12345678, 0xc3, "", 0, 14, 17, 548 },
};

static void reads_what_firmware_sends(void **state) {
        (void)state;
        for (size_t i = 0; i < ARRAY_LEN(firmwares); i++) {
                const struct firmware *f = &firmwares[i];
                struct dhcp4_packet p;
                char class[64];
                uint16_t arch = 0;

                parse(f->name, &p);
                bool ok = p.op == 1 && p.type == f->type && p.xid == f->xid &&
                          p.mac.octets[5] == f->mac_last && dhcp4_packet_has_mac(&p) &&
                          strcmp(dhcp4_option_text(&p, 60, class, sizeof(class)), f->vendor_class) == 0 &&
                          dhcp4_option_u16(&p, 93, &arch) == (f->arch >= 0) &&
                          (f->arch < 0 || arch == f->arch) && option_len(&p, 55) == f->n_params &&
                          option_len(&p, 97) == f->uuid_len && dhcp4_packet_size_max(&p) == f->size_max;
                if (!ok)
                        fail_msg("%s: type %u xid %08x class '%s' arch %u params %zu size %zu", f->name,
                                 p.type, p.xid, class, arch, option_len(&p, 55), dhcp4_packet_size_max(&p));
        }
}

static void refuses_what_is_broken(void **state) {
        static const char *const names[] = {
                "option-runs-over-the-end",
                "option-without-length",
                "type-of-two-octets",
                "server-of-three-octets",
                "wrong-magic",
                "hlen-17",
                "cut-in-the-header",
                "empty",
                "overload-file-cut-short",
        };
        (void)state;
        for (size_t i = 0; i < ARRAY_LEN(names); i++) {
                uint8_t octets[2048];
                struct dhcp4_packet p;
                size_t len = read_corpus(names[i], octets, sizeof(octets));
                if (dhcp4_packet_parse(octets, len, &p) != -EBADMSG)
                        fail_msg("%s: taken for a message", names[i]);
        }
}

static void forgives_what_can_be(void **state) {
        struct dhcp4_packet p;
        (void)state;

        parse("no-end-mark", &p);
        assert_int_equal(p.type, DHCP4_DISCOVER);

        parse("lease-time-of-one-octet", &p); /* wrong sizes count as absent */
        assert_null(dhcp4_option_find(&p, DHCP4_OPTION_LEASE_S));
        assert_null(dhcp4_option_find(&p, DHCP4_OPTION_CLIENT_ID));

        parse("bootp-request", &p);
        assert_int_equal(p.type, DHCP4_NONE);

        parse("infiniband", &p);
        assert_false(dhcp4_packet_has_mac(&p));
}

static void joins_the_pieces_of_an_option(void **state) {
        struct dhcp4_packet p;
        char text[16];
        (void)state;

        parse("option-in-three-pieces", &p); /* RFC 3396 */
        const struct dhcp4_option *o = dhcp4_option_find(&p, 43);
        assert_non_null(o);
        assert_int_equal(o->len, 355);
        assert_int_equal(o->octets[254], 'a');
        assert_int_equal(o->octets[255], 'b');
        assert_int_equal(o->octets[354], 'b');
        assert_string_equal(dhcp4_option_text(&p, 12, text, sizeof(text)), "h");

        parse("empty-pieces", &p);
        assert_string_equal(dhcp4_option_text(&p, 43, text, sizeof(text)), "x");

        parse("overload-file-and-sname", &p); /* options, then file, then sname */
        assert_string_equal(dhcp4_option_text(&p, 60, text, sizeof(text)), "ABCDEF");
        assert_string_equal(dhcp4_option_text(&p, 12, text, sizeof(text)), "host");
        assert_string_equal(p.file, "");
        assert_string_equal(p.sname, "");
        assert_string_equal(dhcp4_option_text(&p, 60, text, 3), "AB"); /* cut to the buffer */
}

static void finds_the_subnet_a_relay_means(void **state) {
        struct dhcp4_packet p;
        uint8_t len = 0;
        (void)state;

        parse("relayed-with-link-selection", &p);
        assert_int_equal(dhcp4_packet_subnet_hint(&p), 0x0a080000); /* 82.5 before 118 before giaddr */
        assert_memory_equal(dhcp4_relay_suboption(&p, 1, &len), "port7", 5);
        assert_int_equal(len, 5);
        assert_null(dhcp4_relay_suboption(&p, 2, &len));

        p.index[DHCP4_OPTION_RELAY] = 0;
        assert_int_equal(dhcp4_packet_subnet_hint(&p), 0x0a090000);
        p.index[DHCP4_OPTION_SUBNET_SELECTION] = 0;
        assert_int_equal(dhcp4_packet_subnet_hint(&p), 0x0a4d0501);
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(reads_what_firmware_sends),
                cmocka_unit_test(refuses_what_is_broken),
                cmocka_unit_test(forgives_what_can_be),
                cmocka_unit_test(joins_the_pieces_of_an_option),
                cmocka_unit_test(finds_the_subnet_a_relay_means),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
