/* Deployments of Ubuntu Core; see ubuntu_core.h. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <string.h>

#include "core/life/ubuntu_core.h"
#include "core/life/wish.h"

/* Other systems are told these on their disk. */
static const char *const told_on_disk[] = {
        "keep_firmware",  "asks_back",       "hostname",      "user_data",        "vendor_data",
        "network_config", "authorized_keys", "cmdline_extra", "config_txt_extra",
};

static bool is_said(const json_t *value) {
        return json_is_true(value) || json_string_length(value) > 0 || json_array_size(value) > 0;
}

int ubuntu_core_check(const struct image *image, const json_t *wish, struct error *reterr) {
        static const char *const of_assertions[] = { "assertion", "assertion_disk" };

        if (!image_is_ubuntu_core(image)) {
                for (size_t i = 0; i < ARRAY_LEN(of_assertions); i++)
                        if (is_said(json_object_get(wish, of_assertions[i])))
                                return error_set(reterr, -EINVAL,
                                                 "image %s is not Ubuntu Core, and no other system reads "
                                                 "assertions: leave %s out",
                                                 image->name, of_assertions[i]);
                return 0;
        }
        for (size_t i = 0; i < ARRAY_LEN(told_on_disk); i++)
                if (is_said(json_object_get(wish, told_on_disk[i])))
                        return error_set(reterr, -EINVAL,
                                         "image %s is Ubuntu Core, which is written unchanged: leave %s out; "
                                         "who may log in is said with --assertion FILE",
                                         image->name, told_on_disk[i]);
        if (strcmp(wish_text(wish, "done_when", ""), "phone-home") == 0)
                return error_set(reterr, -EINVAL,
                                 "image %s is Ubuntu Core, which does not phone home: done_when is ssh, dhcp "
                                 "or written",
                                 image->name);
        if (is_said(json_object_get(wish, "assertion_disk")) && !is_said(json_object_get(wish, "assertion")))
                return error_set(reterr, -EINVAL, "there is no assertion that the disk %s could get",
                                 wish_text(wish, "assertion_disk", ""));
        return 0;
}

json_t *ubuntu_core_assertion(const json_t *wish) {
        json_t *text = json_object_get(wish, "assertion");

        return is_said(text)
                       ? json_pack("{s:O, s:s}", "text", text, "disk", wish_text(wish, "assertion_disk", ""))
                       : NULL;
}
