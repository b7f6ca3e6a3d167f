/* From a device's alias to the files of modules, in the order in which they are loaded. */
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

#include "app/bramble-agent/modules.h"
#include "base/text.h"

static const char alias[] = "# Aliases extracted from modules themselves.\n"
                            "alias fs-ext4 ext4\n"
                            "alias virtio:d00000001v* virtio_net\n"
                            "alias pci:v00001AF4d*sv*sd*bc*sc*i* virtio_pci\n"
                            "alias usb:v0424pEC00d*dc*dsc*dp*ic*isc*ip*in* smsc95xx\n"
                            "alias of:N*T*Cbrcm,bcm2711-genet-v5 genet\n"
                            "alias of:N*T*Cbrcm,bcm2711-genet-v5C* genet\n"
                            "alias pci:v00001AF4d*sv*sd*bc*sc*i* second_choice\n"
                            "alias crypto-crc32c crc32c_generic\n"
                            "alias broken\n";
static const char dep[] =
        "kernel/fs/ext4/ext4.ko.xz: kernel/fs/jbd2/jbd2.ko.xz kernel/fs/mbcache.ko.xz\n"
        "kernel/drivers/net/virtio_net.ko: kernel/drivers/net/net_failover.ko kernel/net/core/failover.ko\n"
        "kernel/net/core/failover.ko:\n"
        "kernel/crypto/crc32c_generic.ko:\n"
        "kernel/drivers/usb/host/xhci-pci.ko: kernel/drivers/usb/host/xhci-hcd.ko\n"
        "no colon\n"
        "kernel/drivers/net/virtio_net_extra.ko:";
static const struct modules set = { alias, dep };

static int note(void *ctx, const char *word) {
        struct text *t = ctx;
        text_printf(t, "%s%s", t->len ? " " : "", word);
        return 0;
}

static const struct {
        const char *asked, *names;
} aliases[] = {
        { "fs-ext4", "ext4 fs_ext4" },
        { "virtio:d00000001v00001AF4", "virtio_net virtio:d00000001v00001AF4" },
        { "pci:v00001AF4d00001000sv00001AF4sd00000001bc02sc00i00",
          "virtio_pci second_choice pci:v00001AF4d00001000sv00001AF4sd00000001bc02sc00i00" },
        { "of:NethernetT(null)Cbrcm,bcm2711-genet-v5", "genet of:NethernetT(null)Cbrcm,bcm2711_genet_v5" },
        { "crypto-crc32c", "crc32c_generic crypto_crc32c" },
        { "xhci-pci", "xhci_pci" }, /* a name stands for itself */
        { "usb:v0424pEC01d0200", "usb:v0424pEC01d0200" },
};

static void finds_modules_by_alias(void **state) {
        (void)state;
        for (size_t i = 0; i < ARRAY_LEN(aliases); i++) {
                CLEANUP(text_free) struct text names = { 0 };
                assert_int_equal(modules_for_alias(&set, aliases[i].asked, note, &names), 0);
                assert_string_equal(names.octets, aliases[i].names);
        }
}

static const struct {
        const char *name, *files;
} files[] = {
        { "ext4", "kernel/fs/mbcache.ko.xz kernel/fs/jbd2/jbd2.ko.xz kernel/fs/ext4/ext4.ko.xz" },
        { "virtio_net",
          "kernel/net/core/failover.ko kernel/drivers/net/net_failover.ko kernel/drivers/net/virtio_net.ko" },
        { "xhci_pci", "kernel/drivers/usb/host/xhci-hcd.ko kernel/drivers/usb/host/xhci-pci.ko" },
        { "crc32c_generic", "kernel/crypto/crc32c_generic.ko" },
        { "virtio_net_extra", "kernel/drivers/net/virtio_net_extra.ko" },
        { "virtio", "" }, /* built in, or not there */
        { "ko", "" },
        { "", "" },
};

static void loads_what_is_needed_first(void **state) {
        (void)state;
        for (size_t i = 0; i < ARRAY_LEN(files); i++) {
                CLEANUP(text_free) struct text paths = { 0 };
                assert_int_equal(modules_files(&set, files[i].name, note, &paths), 0);
                assert_string_equal(paths.octets ? paths.octets : "", files[i].files);
        }
}

static int stop(void *ctx, const char *word) {
        (void)word;
        return ++*(int *)ctx;
}

static void stops_when_told(void **state) {
        (void)state;
        int n = 0;
        assert_int_equal(modules_for_alias(&set, "fs-ext4", stop, &n), 1);
        assert_int_equal(modules_files(&set, "ext4", stop, &n), 2);
}

static void leaves_screens_and_radio_alone(void **state) {
        (void)state;
        assert_true(modules_is_wanted("kernel/drivers/net/ethernet/intel/igb/igb.ko"));
        assert_true(modules_is_wanted("kernel/fs/ext4/ext4.ko.xz"));
        assert_false(modules_is_wanted("kernel/drivers/gpu/drm/amd/amdgpu/amdgpu.ko"));
        assert_false(modules_is_wanted("kernel/drivers/net/wireless/intel/iwlwifi/iwlwifi.ko"));
        assert_false(modules_is_wanted("kernel/sound/soundcore.ko"));
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(finds_modules_by_alias),
                cmocka_unit_test(loads_what_is_needed_first),
                cmocka_unit_test(stops_when_told),
                cmocka_unit_test(leaves_screens_and_radio_alone),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
