/* What somebody wants to import; see import_json.h. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "api/import_json.h"

#include <errno.h>

#include "api/fields.h"
#include "base/text.h"

static int read_name(void *thing, const json_t *value, struct error *reterr) {
        struct import_wish *w = thing;
        return api_read_text(value, w->name, sizeof(w->name), reterr);
}

static int read_kind(void *thing, const json_t *value, struct error *reterr) {
        struct import_wish *w = thing;
        const char *text = json_string_value(value);
        if (!text || image_kind_parse(text, &w->kind) < 0)
                return error_set(reterr, -EINVAL, "\"%.64s\" is no kind of image; there are pi, parts, bare",
                                 text ? text : "");
        w->has_kind = true;
        return 0;
}

static int read_sha256(void *thing, const json_t *value, struct error *reterr) {
        struct import_wish *w = thing;
        const char *text = json_string_value(value);

        if (!text || text_parse_hex(text, w->sha256.octets, sizeof(w->sha256.octets)) < 0)
                return error_set(reterr, -EINVAL, "\"%.80s\" is no SHA-256: 64 hex digits are wanted",
                                 text ? text : "");
        w->has_sha256 = true;
        return 0;
}

static int read_root(void *thing, const json_t *value, struct error *reterr) {
        struct import_wish *w = thing;

        if (!json_is_boolean(value))
                return error_set(reterr, -EINVAL, "true or false is wanted");
        w->has_no_root = json_is_false(value);
        return 0;
}

static int read_arch(void *thing, const json_t *value, struct error *reterr) {
        struct import_wish *w = thing;
        const char *text = json_string_value(value);
        if (!text || arch_parse(text, &w->arch) < 0)
                return error_set(reterr, -EINVAL,
                                 "\"%.64s\" is no architecture; there are amd64, arm64, armhf, i386, riscv64",
                                 text ? text : "");
        return 0;
}

static int read_cmdline(void *thing, const json_t *value, struct error *reterr) {
        struct import_wish *w = thing;
        w->cmdline = json_string_value(value);
        return w->cmdline ? 0 : error_set(reterr, -EINVAL, "a text is wanted");
}

static const struct api_field fields[] = {
        { "name", true, read_name },        { "kind", false, read_kind },     { "arch", false, read_arch },
        { "cmdline", false, read_cmdline }, { "sha256", false, read_sha256 }, { "root", false, read_root },
};

int import_wish_from_json(const json_t *in, struct import_wish *ret, const char **ret_field,
                          struct error *reterr) {
        struct import_wish w = {};

        int r = api_fields_read(in, fields, ARRAY_LEN(fields), &w, ret_field, reterr);
        if (r == 0)
                *ret = w;
        return r;
}
