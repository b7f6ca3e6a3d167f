/* The daemon's options: "--name VALUE", "--name=VALUE" or "--name". */
/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <string.h>

#include "app/brambled/config.h"
#include "app/brambled/options.h"
#include "base/nearest.h"
#include "base/text.h"

#define AT(member) .offset = offsetof(struct options, member)

const struct option_row option_rows[] = {
        { "config", "FILE", AT(config),
          "Configuration to read. Default: " CONFIG_FILE_DEFAULT ", if it is there." },
        { "state-dir", "DIR", AT(state_dir), "In place of the configuration's state_dir." },
        { "user", "USER", AT(user), "User to become when started as root. Default: bramble." },
        { "debug", "PARTS", AT(debug),
          "Show debug messages of these parts, as in dhcp,boot; all shows every one." },
        { "probe-dhcp", "IF", AT(probe_dhcp),
          "Ask once as a DHCP client whether a server is on IF, and end: status 10 when one is, 0 when "
          "none." },
        { "check-config", NULL, AT(check_config),
          "Read the configuration, print the values in force, and end." },
        { "version", NULL, AT(version), "Print the version and end." },
        { "help", NULL, AT(help), "Print this and end." },
        {},
};

static const struct option_row *row_of(const char *name, size_t len) {
        for (const struct option_row *row = option_rows; row->name; row++)
                if (strlen(row->name) == len && strncmp(row->name, name, len) == 0)
                        return row;
        return NULL;
}

static int refuse_unknown(const char *word, struct error *reterr) {
        struct nearest n = nearest_to(word + strspn(word, "-"));

        for (const struct option_row *row = option_rows; row->name; row++)
                nearest_offer(&n, row->name);
        if (n.best)
                return error_set(reterr, -EINVAL, "unknown option %s, did you mean --%s?", word, n.best);
        return error_set(reterr, -EINVAL, "unknown option %s: --help lists them", word);
}

int options_parse(int argc, char *const argv[], struct options *ret, struct error *reterr) {
        struct options o = { .user = "bramble" };

        for (int i = 1; i < argc; i++) {
                if (!text_starts_with(argv[i], "--"))
                        return error_set(reterr, -EINVAL,
                                         "what is '%s' for? brambled takes options only, see --help",
                                         argv[i]);
                const char *name = argv[i] + 2, *equals = strchr(name, '=');
                const struct option_row *row = row_of(name, equals ? (size_t)(equals - name) : strlen(name));
                if (!row)
                        return refuse_unknown(argv[i], reterr);
                if (!row->arg && equals)
                        return error_set(reterr, -EINVAL, "--%s takes no value", row->name);
                if (!row->arg) {
                        *(bool *)((char *)&o + row->offset) = true;
                        continue;
                }
                const char *value = equals ? equals + 1 : argv[++i];
                if (!value || !*value)
                        return error_set(reterr, -EINVAL, "--%s needs a value: --%s %s", row->name, row->name,
                                         row->arg);
                *(const char **)(void *)((char *)&o + row->offset) = value;
        }
        *ret = o;
        return 0;
}

void options_help(FILE *out) {
        (void)fputs("usage: brambled [OPTION]...\n\n"
                    "Serves network boots: DHCP, TFTP and HTTP for boards and machines that have none of "
                    "their own.\n\n",
                    out);
        for (const struct option_row *row = option_rows; row->name; row++) {
                char head[40];
                (void)snprintf(head, sizeof(head), "--%s%s%s", row->name, row->arg ? " " : "",
                               row->arg ? row->arg : "");
                (void)fprintf(out, "  %-20s %s\n", head, row->help);
        }
}
