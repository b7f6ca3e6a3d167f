/* Mirrors from apt's own words, and a private view of them; see apt.h. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <string.h>

#include "app/bramble/build/apt.h"

enum { MIRRORS_MAX = 64, FIELDS = 4 };

/* Suites of one distribution that an image is built from. */
static const char *const releases[] = { "", "-updates", "-security" };

void apt_mirrors_free(struct apt_mirrors *m) {
        for (size_t i = 0; i < m->n; i++) {
                free(m->rows[i].uri);
                free(m->rows[i].release);
                free(m->rows[i].key);
        }
        free(m->rows);
        *m = (struct apt_mirrors){};
}

void apt_targets_argv(struct argv *out) {
        static const char *const words[] = { "apt-get",
                                             "indextargets",
                                             "--format",
                                             "$(REPO_URI) $(CODENAME) $(COMPONENT) $(SIGNED_BY)",
                                             "Created-By: Packages",
                                             "Origin: Debian",
                                             NULL };
        argv_add_all(out, words);
}

/* "bookworm-updates" is "-updates" of bookworm; NULL for what is not built from. */
static const char *release_of(const char *codename) {
        const char *dash = strchr(codename, '-');
        const char *rest = dash ? dash : "";

        for (size_t i = 0; i < ARRAY_LEN(releases); i++)
                if (strcmp(rest, releases[i]) == 0)
                        return releases[i];
        return NULL;
}

static bool is_known(const struct apt_mirrors *m, const char *uri, const char *release) {
        for (size_t i = 0; i < m->n; i++)
                if (strcmp(m->rows[i].uri, uri) == 0 && strcmp(m->rows[i].release, release) == 0)
                        return true;
        return false;
}

/* One line's fields, cut at single blanks; -1 when it has fewer. */
static int cut_line(char *line, char *fields[FIELDS]) {
        for (size_t i = 0; i < FIELDS; i++) {
                fields[i] = strsep(&line, " ");
                if (!fields[i] || !*fields[i])
                        return -1;
        }
        return 0;
}

static int take_line(struct apt_mirrors *m, char *line) {
        char *fields[FIELDS];

        if (cut_line(line, fields) < 0 || strcmp(fields[2], "main") != 0 || m->n == MIRRORS_MAX)
                return 0;
        const char *release = release_of(fields[1]);
        if (!release || is_known(m, fields[0], release))
                return 0;
        struct apt_mirror *grown = reallocarray(m->rows, m->n + 1, sizeof(*grown));
        if (!grown)
                return -ENOMEM;
        m->rows = grown;
        struct apt_mirror *row = &m->rows[m->n++];
        *row = (struct apt_mirror){
                .uri = strdup(fields[0]),
                .release = strdup(release),
                /* Where a source names no file, apt leaves its own variable standing, or prints the key
                   itself. */
                .key = fields[3][0] == '/' ? strdup(fields[3]) : NULL,
        };
        return row->uri && row->release && (row->key || fields[3][0] != '/') ? 0 : -ENOMEM;
}

static bool has_main(const struct apt_mirrors *m) {
        for (size_t i = 0; i < m->n; i++)
                if (*m->rows[i].release == '\0')
                        return true;
        return false;
}

int apt_mirrors_parse(const char *output, size_t len, struct apt_mirrors *ret, struct error *reterr) {
        CLEANUP(free_at) char *copy = strndup(output, len);
        CLEANUP(apt_mirrors_free) struct apt_mirrors m = {};
        char *rest = copy;

        if (!copy)
                return error_set(reterr, -ENOMEM, "out of memory");
        for (char *line; (line = strsep(&rest, "\n"));)
                if (take_line(&m, line) < 0)
                        return error_set(reterr, -ENOMEM, "out of memory");
        if (!has_main(&m))
                return error_set(reterr, -ENOENT,
                                 "apt on this machine knows no mirror of Debian's: name one below "
                                 "/etc/apt/sources.list.d and run `apt-get update`");
        *ret = m;
        m = (struct apt_mirrors){};
        return 0;
}

void apt_sources(const struct apt_mirrors *m, const char *codename, const char *components,
                 struct text *out) {
        for (size_t i = 0; i < m->n; i++) {
                text_printf(out, "%sTypes: deb\nURIs: %s\nSuites: %s%s\nComponents: %s\n", i ? "\n" : "",
                            m->rows[i].uri, codename, m->rows[i].release, components);
                if (m->rows[i].key)
                        text_printf(out, "Signed-By: %s\n", m->rows[i].key);
        }
}

void apt_view_options(struct argv *out, const char *view, const char *arch) {
        static const struct {
                const char *name, *below;
        } rows[] = {
                { "Dir::Etc::SourceParts", "sources" },
                { "Dir::State::Lists", "lists" },
                { "Dir::State::status", "status" },
                { "Dir::Cache", "cache" },
        };
        static const char *const fixed[] = { "-oDir::Etc::SourceList=/dev/null",
                                             "-oDir::Etc::Preferences=/dev/null",
                                             "-oDir::Etc::PreferencesParts=/dev/null",
                                             "-oAPT::Get::List-Cleanup=true",
                                             "-oAPT::Sandbox::User=root", /* another could not read a home */
                                             "-oAcquire::Retries=3",
                                             "-oAcquire::Languages=none",
                                             NULL };

        for (size_t i = 0; i < ARRAY_LEN(rows); i++)
                argv_printf(out, "-o%s=%s/%s", rows[i].name, view, rows[i].below);
        argv_add_all(out, fixed);
        argv_printf(out, "-oAPT::Architecture=%s", arch);
        argv_printf(out, "-oAPT::Architectures=%s", arch);
}
