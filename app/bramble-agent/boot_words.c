/* The words for the agent on the kernel's command line; see boot_words.h. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "app/bramble-agent/boot_words.h"
#include "base/text.h"
#include "format/cmdline.h"

enum { PORT_HTTP = 80, PORT_HTTPS = 443, VALUE_SIZE = 256 };

static int bad_url(const char *url, struct error *reterr) {
        return error_set(
                reterr, -EINVAL,
                "bramble.url=%.150s is no address of a server: it looks like http://10.77.0.1:5248/a/TOKEN",
                url);
}

static int take_port(const char **at, struct server_at *ret) {
        char digits[6];
        uint64_t port;
        size_t n = strspn(++*at, "0123456789");

        if (n >= sizeof(digits))
                return -EINVAL;
        memcpy(digits, *at, n);
        digits[n] = '\0';
        *at += n;
        if (text_parse_u64(digits, UINT16_MAX, &port) < 0 || port == 0)
                return -EINVAL;
        ret->port = (uint16_t)port;
        return 0;
}

/* Takes "ADDRESS[:PORT]" or "[IPV6][:PORT]" up to the first slash, and moves behind it. */
static int take_host(const char **at, struct server_at *ret) {
        bool is_bracketed = **at == '[';
        const char *host = *at + is_bracketed;
        size_t len = strcspn(host, is_bracketed ? "]" : ":/");
        struct ip_addr address;

        if (len >= sizeof(ret->address) || (is_bracketed && host[len] != ']'))
                return -EINVAL;
        memcpy(ret->address, host, len);
        ret->address[len] = '\0';
        if (ip_parse(ret->address, &address) < 0 || (address.family == IP_V6) != is_bracketed)
                return -EINVAL;
        *at = host + len + is_bracketed;
        return **at == ':' ? take_port(at, ret) : 0;
}

static int take_url(const char *url, struct server_at *ret) {
        const char *at = url;

        if (text_starts_with(url, "http://"))
                at += strlen("http://");
        else if (text_starts_with(url, "https://")) {
                at += strlen("https://");
                ret->is_https = true;
        } else
                return -EINVAL;
        ret->port = ret->is_https ? PORT_HTTPS : PORT_HTTP;
        int r = take_host(&at, ret);
        size_t len = strlen(at);
        while (len > 0 && at[len - 1] == '/')
                len--;
        if (r < 0 || (*at && *at != '/') || len >= sizeof(ret->base) || strcspn(at, "?# ") < len)
                return -EINVAL;
        memcpy(ret->base, at, len);
        ret->base[len] = '\0';
        return 0;
}

int server_at_parse(const char *url, const char *ca, struct server_at *ret, struct error *reterr) {
        struct server_at s = { 0 };
        bool has_ca = ca && *ca;

        if (!url || !*url)
                return error_set(
                        reterr, -EINVAL,
                        "the kernel's command line has no bramble.url=: nobody said where the server is");
        if (take_url(url, &s) < 0)
                return bad_url(url, reterr);
        if (has_ca && (!text_starts_with(ca, "sha256:") ||
                       text_parse_hex(ca + strlen("sha256:"), s.ca, sizeof(s.ca)) < 0))
                return error_set(reterr, -EINVAL, "bramble.ca=%.100s is no sha256: and 64 hex digits", ca);
        if (has_ca != s.is_https)
                return error_set(reterr, -EINVAL,
                                 has_ca ? "bramble.ca= is there, but bramble.url= is not https: the server "
                                          "cannot be checked"
                                        : "bramble.url= is https, but bramble.ca= is missing: the server "
                                          "cannot be checked");
        *ret = s;
        return 0;
}

/* The value of word KEY=VALUE into @buf, if it is one; what does not fit is cut, and refused when it is read.
 */
static bool take_value(const char *word, size_t len, const char *key, char buf[static VALUE_SIZE]) {
        size_t key_len = strlen(key);

        if (len < key_len || memcmp(word, key, key_len) != 0)
                return false;
        (void)snprintf(buf, VALUE_SIZE, "%.*s", (int)(len - key_len), word + key_len);
        return true;
}

int boot_words_parse(const char *line, struct boot_words *ret, struct error *reterr) {
        char url[VALUE_SIZE] = "", ca[VALUE_SIZE] = "", bootif[VALUE_SIZE] = "";
        static const char run[] = "bramble.run";
        struct boot_words words = { 0 };
        size_t len;

        for (const char *word; (word = cmdline_next(&line, &len));) {
                words.wants_root = words.wants_root || (len == strlen(run) && memcmp(word, run, len) == 0);
                (void)(take_value(word, len, "bramble.url=", url) ||
                       take_value(word, len, "bramble.ca=", ca) || take_value(word, len, "BOOTIF=", bootif));
        }
        int r = server_at_parse(url, ca, &words.server, reterr);
        if (r < 0)
                return r;
        /* 01-aa-bb-cc-dd-ee-ff: hardware type and MAC (PXELINUX, ipappend 2). */
        words.has_boot_mac = text_starts_with(bootif, "01-") && mac_parse(bootif + 3, &words.boot_mac) == 0;
        *ret = words;
        return 0;
}
