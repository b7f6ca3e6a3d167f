/* The ways to boot, the one list; the first that matches is taken. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <string.h>

#include "core/boot/method.h"
#include "core/boot/methods.h"

const struct boot_method *const boot_methods[] = {
        &boot_method_pi_local,
        &boot_method_uefi_local,
        &boot_method_uboot_local,
        &boot_method_ipxe_local,
        &boot_method_pi_signed,
        &boot_method_pi_tftp,
        &boot_method_ipxe,
        &boot_method_uboot_pxelinux,
        &boot_method_uboot_efi,
        &boot_method_uefi_http,
        &boot_method_uefi_pxe,
        &boot_method_bios,
        NULL,
};

const char *boot_method_name(const struct boot_method *m) {
        return m ? m->name : "";
}

const char *boot_method_title(const struct boot_method *m) {
        return m ? m->title : "";
}

static const struct boot_method *method_by_name(const char *name) {
        size_t i = 0;
        while (boot_methods[i] && strcmp(boot_methods[i]->name, name) != 0)
                i++;
        return boot_methods[i];
}

int boot_board_check(const struct board *b, struct error *reterr) {
        if (!boot_client_by_name(b->client))
                return error_set(reterr, -EINVAL, "board %s: there is no client %s", b->name, b->client);
        for (size_t i = 0; b->methods[i]; i++) {
                if (!method_by_name(b->methods[i]))
                        return error_set(reterr, -EINVAL, "board %s: there is no boot method %s", b->name,
                                         b->methods[i]);
        }
        return 0;
}
