/* Checks of values before anybody is asked: a typing slip is told at once, and in the same words everywhere.
 */
/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "app/bramble/build/recipe.h"
#include "app/bramble/values.h"
#include "base/addr.h"
#include "base/nearest.h"
#include "base/text.h"

enum { LABEL_MAX = 63, HOST_MAX = 253, PAIR_MAX = 128 };

static bool is_alnum(char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

/* One DNS label (RFC 1123 section 2.1), which a machine's name is. */
static bool is_label(const char *s) {
        const size_t len = strlen(s);

        if (len == 0 || len > LABEL_MAX || !is_alnum(s[0]) || !is_alnum(s[len - 1]))
                return false;
        for (size_t i = 0; i < len; i++)
                if (!is_alnum(s[i]) && s[i] != '-')
                        return false;
        return true;
}

static bool is_number(const char *s) {
        uint64_t n;
        return text_parse_u64(s, UINT32_MAX, &n) == 0;
}

/* "debian", or "debian@3" for one version of it. */
static bool is_image(const char *s) {
        const char *version = strchr(s, '@');
        const size_t len = version ? (size_t)(version - s) : strlen(s);

        if (version && !is_number(version + 1))
                return false;
        if (len == 0 || len > LABEL_MAX || !is_alnum(s[0]))
                return false;
        for (size_t i = 0; i < len; i++)
                if (!is_alnum(s[i]) && !strchr("-_.", s[i]))
                        return false;
        return true;
}

static bool is_mac(const char *s) {
        struct mac mac;
        return mac_parse(s, &mac) == 0;
}

static bool is_machine_or_mac(const char *s) {
        return is_label(s) || is_mac(s);
}

static bool is_ip(const char *s) {
        struct ip_addr ip;
        return ip_parse(s, &ip) == 0;
}

/* A name may begin with a digit, but not end in a part of nothing else: that is an address with a slip. */
static bool is_host(const char *s) {
        char name[HOST_MAX + 1], *rest = name, *last = NULL;

        if (is_ip(s))
                return true;
        if (text_copy(name, sizeof(name), s) < 0)
                return false;
        while ((last = strsep(&rest, ".")))
                if (!is_label(last) || (!rest && last[strspn(last, "0123456789")] == 0))
                        return false;
        return true;
}

static bool is_net(const char *s) {
        struct ip_net net;
        return ip_net_parse(s, &net) == 0;
}

/* The network that "10.77.0.5/24" lies in; false when it is nothing of that kind. */
static bool net_around(const char *s, char ret[static IP_NET_TEXT_SIZE]) {
        char addr[IP_TEXT_SIZE];
        const char *slash = strchr(s, '/');
        struct ip_net net = {};
        uint64_t prefix;

        if (!slash || (size_t)(slash - s) >= sizeof(addr))
                return false;
        memcpy(addr, s, (size_t)(slash - s));
        addr[slash - s] = '\0';
        if (ip_parse(addr, &net.addr) < 0 || net.addr.family != IP_V4 ||
            text_parse_u64(slash + 1, 32, &prefix) < 0)
                return false;
        net.prefix_len = (uint8_t)prefix;
        net.addr = ip_from_v4(ip_to_v4(&net.addr) & ip_net_mask_v4(&net));
        return *ip_net_text(&net, ret);
}

/* Two parts with a @separator between them, each right. */
static bool is_pair(const char *s, char separator, bool (*first)(const char *),
                    bool (*second)(const char *)) {
        char part[PAIR_MAX];
        const char *cut = strchr(s, separator);

        if (!cut || (size_t)(cut - s) >= sizeof(part))
                return false;
        memcpy(part, s, (size_t)(cut - s));
        part[cut - s] = '\0';
        return first(part) && second(cut + 1);
}

static bool is_range(const char *s) {
        return is_pair(s, '-', is_ip, is_ip);
}

static bool is_route(const char *s) {
        return is_pair(s, '=', is_net, is_ip);
}

static bool is_hex(const char *s) {
        return *s && strlen(s) % 2 == 0 && s[strspn(s, "0123456789abcdefABCDEF")] == '\0';
}

static bool is_driver(const char *s) {
        return *s && s[strspn(s, "abcdefghijklmnopqrstuvwxyz0123456789_")] == '\0';
}

static bool is_serial(const char *s) {
        return (strlen(s) == 8 || strlen(s) == 16) && is_hex(s);
}

static bool is_uuid(const char *s) {
        static const char form[] = "xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx";

        if (strlen(s) != strlen(form))
                return false;
        for (size_t i = 0; form[i]; i++)
                if (form[i] == 'x' ? !strchr("0123456789abcdefABCDEF", s[i]) : s[i] != '-')
                        return false;
        return true;
}

static bool is_machine_key(const char *s) {
        return is_mac(s) || is_serial(s);
}

/* Names of states have several words, which may also be joined; which there are is the server's to say. */
static bool is_state(const char *s) {
        return *s && strspn(s, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz -_") == strlen(s);
}

static bool is_one_word(const char *s) {
        return *s && *s != '-' && !strpbrk(s, " \t\n") && strlen(s) <= 63;
}

static bool is_policy(const char *s) {
        static const char *const names[] = { "refuse", "discover", "approve", "enlist" };

        for (size_t i = 0; i < ARRAY_LEN(names); i++)
                if (strcmp(s, names[i]) == 0)
                        return true;
        return text_starts_with(s, "boot=") && is_image(s + strlen("boot="));
}

static bool is_any(const char *s) {
        (void)s;
        return true;
}

/* Debian policy 5.6.1. */
static bool is_package(const char *s) {
        return strlen(s) >= 2 && is_alnum(s[0]) &&
               s[strspn(s, "abcdefghijklmnopqrstuvwxyz0123456789+-.")] == '\0';
}

static bool is_size(const char *s) {
        uint64_t octets;
        return recipe_size_parse(s, &octets, NULL) == 0;
}

static bool is_some(const char *s) {
        return *s;
}

/* "NUMBER=TYPE:VALUE"; which types and numbers there are is the server's to say. */
static bool is_typed(const char *s) {
        const char *colon = strchr(s, ':');
        return colon && colon > s;
}

static bool is_dhcp_option(const char *s) {
        return is_pair(s, '=', is_number, is_typed);
}

static bool is_interface(const char *s) {
        return *s && strlen(s) <= 15 && !strpbrk(s, "/ \t\n");
}

const struct value_row *value_row(enum value_kind kind) {
        static const struct value_row rows[] = {
                [VALUE_NONE] = { is_any, "nothing", COMPLETE_NOTHING, NULL },
                [VALUE_TEXT] = { is_any, "a text", COMPLETE_NOTHING, NULL },
                [VALUE_NAME] = { is_label, "a name of letters, digits and '-', at most 63", COMPLETE_NOTHING,
                                 NULL },
                [VALUE_MACHINE] = { is_label, "a machine's name: letters, digits and '-', at most 63",
                                    COMPLETE_LIST, "machine list" },
                [VALUE_MACHINE_OR_MAC] = { is_machine_or_mac,
                                           "a machine's name, or a MAC as in dc:a6:32:01:02:03",
                                           COMPLETE_LIST, "machine list" },
                [VALUE_IMAGE] = { is_image,
                                  "an image's name: letters, digits, '-', '_' and '.', at most 63; a version "
                                  "may follow, as in debian@3",
                                  COMPLETE_LIST, "image list" },
                [VALUE_MAC] = { is_mac, "a MAC: six hex pairs, as in dc:a6:32:01:02:03", COMPLETE_NOTHING,
                                NULL },
                [VALUE_IP] = { is_ip, "an address, as in 10.77.0.1", COMPLETE_NOTHING, NULL },
                [VALUE_HOST] = { is_host, "an address or a host's name, as in 10.77.0.1 or boot.lan",
                                 COMPLETE_NOTHING, NULL },
                [VALUE_NET] = { is_net, "a network whose host bits are zero, as in 10.77.0.0/24",
                                COMPLETE_LIST, "subnet list" },
                [VALUE_RANGE] = { is_range, "first and last address, as in 10.77.0.100-10.77.0.200",
                                  COMPLETE_NOTHING, NULL },
                [VALUE_ROUTE] = { is_route, "a network and its router, as in 10.8.0.0/16=10.77.0.1",
                                  COMPLETE_NOTHING, NULL },
                [VALUE_NUMBER] = { is_number, "a number from 0 to 4294967295", COMPLETE_NOTHING, NULL },
                [VALUE_SERIAL] = { is_serial, "a Raspberry Pi's serial: 8 or 16 hex digits", COMPLETE_NOTHING,
                                   NULL },
                [VALUE_UUID] = { is_uuid, "a UUID, as in 4c4c4544-0032-3010-8048-b3c04f4e3132",
                                 COMPLETE_NOTHING, NULL },
                [VALUE_MACHINE_KEY] = { is_machine_key,
                                        "a MAC, as in dc:a6:32:01:02:03, or a serial of 8 or 16 hex digits",
                                        COMPLETE_NOTHING, NULL },
                [VALUE_STATE] = { is_state, "a state, as in Ready or failed-deployment", COMPLETE_CHOICES,
                                  NULL },
                [VALUE_SCRIPT] = { is_some, "a script's name", COMPLETE_LIST, "script list" },
                [VALUE_KEY] = { is_some, "a key's name", COMPLETE_LIST, "key list" },
                [VALUE_WORD] = { is_one_word, "a word of letters, digits, '-', '_' and '.', at most 63",
                                 COMPLETE_NOTHING, NULL },
                [VALUE_POWER_DRIVER] = { is_driver, "a power driver, as in snmp_poe", COMPLETE_LIST,
                                         "power drivers" },
                [VALUE_HEX] = { is_hex, "octets in hex, two digits each", COMPLETE_NOTHING, NULL },
                [VALUE_CHOICE] = { NULL, NULL, COMPLETE_CHOICES, NULL },
                [VALUE_UNKNOWN_POLICY] = { is_policy, "refuse, discover, approve, enlist or boot=IMAGE",
                                           COMPLETE_CHOICES, NULL },
                [VALUE_DHCP_OPTION] = { is_dhcp_option, "NUMBER=TYPE:VALUE, as in 150=ip:10.77.0.9",
                                        COMPLETE_NOTHING, NULL },
                [VALUE_INTERFACE] = { is_interface, "a network interface, as in eth0", COMPLETE_INTERFACES,
                                      NULL },
                [VALUE_FILE] = { is_some, "a file", COMPLETE_FILES, NULL },
                [VALUE_DIR] = { is_some, "a directory", COMPLETE_DIRS, NULL },
                [VALUE_FILE_OR_DIR] = { is_some, "a directory, a file or a URL", COMPLETE_FILES, NULL },
                [VALUE_PACKAGE] = { is_package, "a package's name, as in htop", COMPLETE_NOTHING, NULL },
                [VALUE_SIZE] = { is_size, "a size, as in 3G or 2500M, at most 64G", COMPLETE_NOTHING, NULL },
                [VALUE_PATH] = { is_some, "a path of the boot tree", COMPLETE_NOTHING, NULL },
        };
        return &rows[kind];
}

/* One of "a|b|c", or what was meant. */
static int check_choice(const char *choices, const char *label, const char *value, struct error *reterr) {
        struct nearest n = nearest_to(value);
        char words[256], *rest = words;

        if (text_copy(words, sizeof(words), choices) < 0)
                return error_set(reterr, -EINVAL, "%s: too many choices", label);
        for (char *word; (word = strsep(&rest, "|"));) {
                if (strcmp(word, value) == 0)
                        return 0;
                nearest_offer(&n, word);
        }
        if (n.best)
                return error_set(reterr, -EINVAL, "%s: '%s' is none of %s, did you mean %s?", label, value,
                                 choices, n.best);
        return error_set(reterr, -EINVAL, "%s: '%s' is none of %s", label, value, choices);
}

/* A host's address in the place of its network's is a common slip. */
static int refuse_net(const char *label, const char *value, const char *wanted, struct error *reterr) {
        char meant[IP_NET_TEXT_SIZE];

        if (net_around(value, meant))
                return error_set(reterr, -EINVAL,
                                 "%s: '%s' is a host's address and not a network's, did you mean %s?", label,
                                 value, meant);
        return error_set(reterr, -EINVAL, "%s: '%s' is not %s", label, value, wanted);
}

int value_check(enum value_kind kind, const char *choices, const char *label, const char *value,
                struct error *reterr) {
        const struct value_row *row = value_row(kind);

        if (kind == VALUE_CHOICE)
                return check_choice(choices, label, value, reterr);
        if (row->is_right(value))
                return 0;
        if (kind == VALUE_NET)
                return refuse_net(label, value, row->wanted, reterr);
        return error_set(reterr, -EINVAL, "%s: '%s' is not %s", label, value, row->wanted);
}
