/* Whether values make a machine; see machine.h. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <string.h>

#include "core/machine/config_lines.h"
#include "core/machine/machine.h"

static bool is_label_char(char c) {
        return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-';
}

/* A DNS label as RFC 1123 section 2.1 has it; lower case only, so that two names never differ by case alone.
 */
static int check_name(const char *name, struct error *reterr) {
        size_t len = strnlen(name, MACHINE_NAME_MAX + 1);

        if (len == 0)
                return error_set(reterr, -EINVAL, "a machine needs a name");
        if (len > MACHINE_NAME_MAX)
                return error_set(reterr, -EINVAL, "machine name is longer than %d characters",
                                 MACHINE_NAME_MAX);
        for (size_t i = 0; i < len; i++) {
                if (!is_label_char(name[i]))
                        return error_set(reterr, -EINVAL,
                                         "machine name \"%s\": only a-z, 0-9 and \"-\" may stand in it, as "
                                         "in a host name",
                                         name);
        }
        if (name[0] == '-' || name[len - 1] == '-')
                return error_set(reterr, -EINVAL, "machine name \"%s\" begins or ends with \"-\"", name);
        return 0;
}

static int check_macs(const struct machine *m, struct error *reterr) {
        char buf[MAC_TEXT_SIZE];

        if (m->n_macs > MACHINE_MACS_MAX)
                return error_set(reterr, -EINVAL, "machine %s: more than %d MAC addresses", m->name,
                                 MACHINE_MACS_MAX);
        for (size_t i = 0; i < m->n_macs; i++) {
                const struct mac *mac = &m->macs[i];
                if (mac_is_zero(mac) || mac->octets[0] & 1)
                        return error_set(reterr, -EINVAL,
                                         "machine %s: %s is no address of a single network card", m->name,
                                         mac_text(mac, buf));
                for (size_t j = 0; j < i; j++) {
                        if (mac_equal(mac, &m->macs[j]))
                                return error_set(reterr, -EINVAL, "machine %s: MAC %s is given twice",
                                                 m->name, mac_text(mac, buf));
                }
        }
        return 0;
}

#define WORD_RULE "letters, digits, \"-\", \"_\" and \".\", 63 at most, a letter or digit first"

static bool has_control_character(const char *text, const char *but) {
        for (const char *c = text; *c; c++) {
                if (((unsigned char)*c < 0x20 || *c == 0x7f) && !strchr(but, *c))
                        return true;
        }
        return false;
}

/* One line, as firmware and boot loaders take it: a line break would begin a statement of its own in their
 * files. */
static int check_cmdline(const struct machine *m, struct error *reterr) {
        if (!m->cmdline_extra)
                return 0;
        if (strlen(m->cmdline_extra) > MACHINE_CMDLINE_MAX)
                return error_set(reterr, -EINVAL, "machine %s: extra command line is longer than %d octets",
                                 m->name, MACHINE_CMDLINE_MAX);
        if (has_control_character(m->cmdline_extra, ""))
                return error_set(reterr, -EINVAL,
                                 "machine %s: the extra command line is one line without control characters",
                                 m->name);
        return 0;
}

static int check_config_lines(const struct machine *m, struct error *reterr) {
        int r = m->config_txt_extra ? config_lines_check(CONFIG_LINES_CONFIG_TXT, m->config_txt_extra, reterr)
                                    : 0;
        if (r == 0 && m->eeprom_lines)
                r = config_lines_check(CONFIG_LINES_BOOTCONF, m->eeprom_lines, reterr);
        if (r < 0)
                (void)error_prefix(reterr, "machine %s", m->name);
        return r;
}

/* What people sort machines by; a letter or digit first, so that none reads as an option. */
bool machine_is_word(const char *word, size_t len) {
        for (size_t i = 0; i < len; i++) {
                if (!is_label_char(word[i]) && word[i] != '_' && word[i] != '.' &&
                    !(word[i] >= 'A' && word[i] <= 'Z'))
                        return false;
        }
        return len > 0 && len <= MACHINE_WORD_MAX && word[0] != '-' && word[0] != '.';
}

static int check_words(const struct machine *m, struct error *reterr) {
        const struct {
                const char *what, *word;
        } words[] = {
                { "power driver", m->power }, { "pool", m->pool }, { "zone", m->zone }, { "owner", m->owner }
        };

        for (size_t i = 0; i < ARRAY_LEN(words); i++) {
                if (words[i].word[0] && !machine_is_word(words[i].word, strlen(words[i].word)))
                        return error_set(reterr, -EINVAL, "machine %s: \"%s\" is no name of a %s: " WORD_RULE,
                                         m->name, words[i].word, words[i].what);
        }
        return 0;
}

static int check_tags(const struct machine *m, struct error *reterr) {
        const char *last = "", *at = m->tags;
        size_t last_len = 0;

        if (!at)
                return 0;
        if (strlen(at) > MACHINE_TAGS_MAX)
                return error_set(reterr, -EINVAL, "machine %s: its tags are longer than %d octets", m->name,
                                 MACHINE_TAGS_MAX);
        while (true) {
                size_t len = strcspn(at, " ");
                int order = strncmp(last, at, len < last_len ? len : last_len);
                if (!machine_is_word(at, len))
                        return error_set(reterr, -EINVAL, "machine %s: \"%.*s\" is no tag: " WORD_RULE,
                                         m->name, (int)len, at);
                if (order > 0 || (order == 0 && len <= last_len))
                        return error_set(reterr, -EINVAL, "machine %s: tags are sorted, and each stands once",
                                         m->name);
                if (!at[len])
                        return 0;
                last = at;
                last_len = len;
                at += len + 1;
        }
}

static int check_texts(const struct machine *m, struct error *reterr) {
        if (m->reason && (strlen(m->reason) > MACHINE_REASON_MAX || has_control_character(m->reason, "")))
                return error_set(reterr, -EINVAL, "machine %s: a reason is one line of %d octets at most",
                                 m->name, MACHINE_REASON_MAX);
        if (m->note && (strlen(m->note) > MACHINE_NOTE_MAX || has_control_character(m->note, "\n\t")))
                return error_set(
                        reterr, -EINVAL,
                        "machine %s: a note is text of %d octets at most, without control characters",
                        m->name, MACHINE_NOTE_MAX);
        return 0;
}

int machine_check(const struct machine *m, struct error *reterr) {
        int r = check_name(m->name, reterr);
        if (r < 0)
                return r;
        if (m->n_macs == 0 && !m->has_serial && !m->has_uuid && m->client_id_len == 0)
                return error_set(
                        reterr, -EINVAL,
                        "machine %s: nothing tells it from others; give it a MAC, serial, UUID or client-id",
                        m->name);
        if (m->client_id_len > MACHINE_CLIENT_ID_MAX)
                return error_set(reterr, -EINVAL, "machine %s: client-id is longer than %d octets", m->name,
                                 MACHINE_CLIENT_ID_MAX);
        static int (*const checks[])(const struct machine *m,
                                     struct error *reterr) = { check_macs,  check_cmdline, check_config_lines,
                                                               check_words, check_tags,    check_texts };
        for (size_t i = 0; i < ARRAY_LEN(checks) && r == 0; i++)
                r = checks[i](m, reterr);
        return r;
}
