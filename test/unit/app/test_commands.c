/* The table of commands: it makes sense by itself, and bramble(1) and --help say what it says. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "app/bramble/args.h"
#include "app/bramble/body.h"
#include "app/bramble/completion.h"
#include "app/bramble/help.h"
#include "app/bramble/sse.h"
#include "app/bramble/values.h"
#include "page.h"

static const char *page_path;

/* "subnet add" */
static void name_of(const struct command *c, char name[static 64]) {
        (void)snprintf(name, 64, "%s%s%s", c->noun, c->verb ? " " : "", c->verb ? c->verb : "");
}

static void the_table_makes_sense(void **state) {
        (void)state;
        for (const struct command *c = commands; c->noun; c++) {
                assert_non_null(c->help);
                assert_non_null(c->run);
                assert_null(c->words[WORDS_MAX].name);
                assert_ptr_equal(command_find(c->noun, c->verb), c); /* no two of one name */
                for (const struct option *o = c->options; o && o->name; o++) {
                        assert_non_null(o->help);
                        assert_int_equal(o->arg == NULL, o->kind == VALUE_NONE);
                        assert_true(o->field ? o->form != FORM_NONE
                                             : o->form == FORM_NONE || o->form == FORM_LIST);
                        if (o->kind == VALUE_CHOICE)
                                assert_non_null(o->choices);
                        for (const struct option *global = global_options; global->name; global++)
                                assert_string_not_equal(global->name, o->name);
                        for (const struct option *other = c->options; other != o; other++)
                                assert_string_not_equal(other->name, o->name);
                }
        }
}

/* The part of the page that is about a command: from the .SS line that names it to the next. */
static char *section_of(const char *page, const char *name) {
        const size_t len = strlen(name);

        for (const char *at = page; (at = strstr(at, "\n.SS ")); at++) {
                const char *end = strchr(at + 1, '\n');
                for (const char *title = at + 5; title && title < end;) {
                        if (strncmp(title, name, len) == 0 && strchr(" ,\n", title[len])) {
                                const char *next = strstr(end, "\n.S");
                                return strndup(at, next ? (size_t)(next - at) : strlen(at));
                        }
                        title = strstr(title, ", ");
                        title = title && title < end ? title + 2 : NULL;
                }
        }
        return NULL;
}

static void every_command_has_its_section(void **state) {
        CLEANUP(free_at) char *page = page_read(page_path);

        (void)state;
        assert_non_null(page);
        for (const struct command *c = commands; c->noun; c++) {
                char name[64], tag[64];
                name_of(c, name);
                CLEANUP(free_at) char *section = section_of(page, name);
                if (!section)
                        fail_msg("man/bramble.1 has no .SS for %s", name);
                for (const struct option *o = c->options; o && o->name; o++) {
                        (void)snprintf(tag, sizeof(tag), "--%s%s%s", o->name, o->arg ? "  " : "",
                                       o->arg ? o->arg : "");
                        if (!page_has_tag(section, tag))
                                fail_msg("man/bramble.1 has no paragraph for %s %s", name, tag);
                }
                for (const struct word *w = c->words; w->name; w++)
                        assert_non_null(strstr(section, w->name));
        }
        for (const struct option *o = global_options; o->name; o++) {
                char tag[64];
                (void)snprintf(tag, sizeof(tag), "--%s", o->name);
                assert_true(page_has_tag(page, tag));
        }
        assert_null(section_of(page, "machine explode")); /* the check can fail */
}

static void the_page_names_nothing_else(void **state) {
        CLEANUP(free_at) char *page = page_read(page_path);

        (void)state;
        assert_non_null(page);
        for (const char *at = page; (at = strstr(at, "\n.SS ")); at++) {
                char noun[32] = "", verb[32] = "";
                const char *title = at + 5;
                do {
                        assert_true(sscanf(title, "%31[a-z-] %31[a-z-]", noun, verb) >= 1);
                        if (!command_find(noun, verb))
                                fail_msg("man/bramble.1 is about %s %s, which there is not", noun, verb);
                        title = strpbrk(title, ",\n");
                } while (title && *title++ == ',' && title++);
        }
}

static void help_names_every_option(void **state) {
        char help[16384];

        (void)state;
        for (const struct command *c = commands; c->noun; c++) {
                FILE *f = fmemopen(help, sizeof(help), "w");
                assert_non_null(f);
                help_command(f, c);
                (void)fclose(f);
                assert_non_null(strstr(help, c->noun));
                for (const struct option *o = c->options; o && o->name; o++) {
                        char head[64];
                        (void)snprintf(head, sizeof(head), "  --%s%s%s", o->name, o->arg ? " " : "",
                                       o->arg ? o->arg : "");
                        if (!strstr(help, head))
                                fail_msg("help of %s does not name%s", c->noun, head);
                }
        }
}

static void completion_names_every_option(void **state) {
        static const struct {
                const char *shell, *option; /* how the script writes one */
        } rows[] = { { "bash", "--%s " }, { "zsh", "--%s[" }, { "fish", " -l %s " } };
        static char script[1 << 17];

        (void)state;
        for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
                FILE *f = fmemopen(script, sizeof(script), "w");
                assert_non_null(f);
                assert_true(completion_print(f, rows[i].shell));
                (void)fclose(f);
                for (const struct command *c = commands; c->noun; c++) {
                        assert_non_null(strstr(script, c->verb ? c->verb : c->noun));
                        for (const struct option *o = c->options; o && o->name; o++) {
                                char *name = NULL;
                                assert_true(asprintf(&name, "%.*s%s%s", (int)strcspn(rows[i].option, "%"),
                                                     rows[i].option, o->name,
                                                     strstr(rows[i].option, "%s") + 2) > 0);
                                if (!strstr(script, name))
                                        fail_msg("%s completion does not know%s", rows[i].shell, name);
                                free(name);
                        }
                }
        }
        assert_false(completion_print(stdout, "tcsh"));
}

static void values_are_checked(void **state) {
        static const struct {
                enum value_kind kind;
                const char *value;
                bool is_right;
        } rows[] = {
                { VALUE_NAME, "pi4-demo", true },
                { VALUE_NAME, "4", true },
                { VALUE_NAME, "", false },
                { VALUE_NAME, "-pi", false },
                { VALUE_NAME, "pi-", false },
                { VALUE_NAME, "pi.4", false },
                { VALUE_NAME, "123456789012345678901234567890123456789012345678901234567890123", true },
                { VALUE_NAME, "1234567890123456789012345678901234567890123456789012345678901234",
                  false }, /* 64 */
                { VALUE_IMAGE, "raspios_2024-11.lite", true },
                { VALUE_IMAGE, "a/b", false },
                { VALUE_IMAGE, ".hidden", false },
                { VALUE_MAC, "dc:a6:32:01:02:03", true },
                { VALUE_MAC, "DC-A6-32-01-02-03", true },
                { VALUE_MAC, "dc:a6:32:01:02", false },
                { VALUE_MACHINE_OR_MAC, "dc:a6:32:01:02:03", true },
                { VALUE_MACHINE_OR_MAC, "pi4", true },
                { VALUE_MACHINE_OR_MAC, "dc:a6:32", false },
                { VALUE_HOST, "10.77.0.1", true },
                { VALUE_HOST, "fd00::1", true },
                { VALUE_HOST, "boot", true },
                { VALUE_HOST, "3.boot.lan", true },
                { VALUE_HOST, "", false },
                { VALUE_HOST, "10.77.0", false }, /* an address with a slip */
                { VALUE_HOST, "10.77.0.256", false },
                { VALUE_HOST, "boot..lan", false },
                { VALUE_HOST, "http://boot", false },
                { VALUE_NET, "10.77.0.0/24", true },
                { VALUE_NET, "10.77.0.1/24", false }, /* host bits */
                { VALUE_NET, "10.77.0.0", false },
                { VALUE_RANGE, "10.77.0.1-10.77.0.9", true },
                { VALUE_RANGE, "10.77.0.1", false },
                { VALUE_RANGE, "10.77.0.1-9", false },
                { VALUE_ROUTE, "10.8.0.0/16=10.77.0.1", true },
                { VALUE_ROUTE, "10.8.0.0/16", false },
                { VALUE_NUMBER, "3600", true },
                { VALUE_NUMBER, "-1", false },
                { VALUE_NUMBER, "4294967296", false },
                { VALUE_SERIAL, "a1b2c3d4", true },
                { VALUE_SERIAL, "10000000a1b2c3d4", true },
                { VALUE_SERIAL, "a1b2c3d", false },
                { VALUE_SERIAL, "a1b2c3dz", false },
                { VALUE_UUID, "4c4c4544-0032-3010-8048-b3c04f4e3132", true },
                { VALUE_UUID, "4c4c454400323010-8048-b3c0-4f4e3132", false },
                { VALUE_UNKNOWN_POLICY, "refuse", true },
                { VALUE_UNKNOWN_POLICY, "boot=raspios", true },
                { VALUE_UNKNOWN_POLICY, "boot=", false },
                { VALUE_UNKNOWN_POLICY, "boot", false },
                { VALUE_DHCP_OPTION, "150=ip:10.77.0.9", true },
                { VALUE_DHCP_OPTION, "150=10.77.0.9", false },
                { VALUE_DHCP_OPTION, "tftp=ip:10.77.0.9", false },
                { VALUE_PACKAGE, "g++", true },
                { VALUE_PACKAGE, "libc6-dev", true },
                { VALUE_PACKAGE, "a", false },
                { VALUE_PACKAGE, "-oDir=x", false }, /* no option of apt's */
                { VALUE_PACKAGE, "htop,vim", false },
                { VALUE_SIZE, "3G", true },
                { VALUE_SIZE, "3", false },
                { VALUE_INTERFACE, "br0.7", true },
                { VALUE_INTERFACE, "a/b", false },
        };
        (void)state;
        for (size_t i = 0; i < ARRAY_LEN(rows); i++)
                if ((value_check(rows[i].kind, NULL, "X", rows[i].value, NULL) == 0) != rows[i].is_right)
                        fail_msg("'%s' is taken for %s", rows[i].value, rows[i].is_right ? "wrong" : "right");
}

static json_t *body_from(int argc, char *const argv[]) {
        static struct args args;
        struct error err = {};

        if (args_parse(argc, argv, &args, &err) < 0)
                fail_msg("%s", err.text);
        return body_of(&args);
}

static void options_become_members(void **state) {
        char *set[] = {
                "bramble", "subnet", "set", "10.0.0.0/8", "--dns", "none", "--range=10.0.0.1-10.0.0.9",
                "--mtu",   "1400"
        };
        json_t *body = body_from((int)ARRAY_LEN(set), set);
        json_t *wanted = json_pack("{s:n, s:[{s:s, s:s}], s:i}", "dns", "ranges", "first", "10.0.0.1", "last",
                                   "10.0.0.9", "mtu", 1400);

        (void)state;
        assert_true(json_equal(body, wanted));
        json_decref(body);
        json_decref(wanted);
}

static void words_after_the_dashes_are_words(void **state) {
        static struct args args;
        char *argv[] = { "bramble", "boot", "files", "--json", "pi4", "--", "--odd" };

        (void)state;
        assert_int_equal(args_parse((int)ARRAY_LEN(argv), argv, &args, NULL), 0);
        assert_true(args.json);
        assert_string_equal(args.words[1], "--odd");
}

static void an_option_given_many_times(void **state) {
        static struct args args;
        const char *values[ARGS_OPTIONS_MAX + 1];
        char *argv[] = { "bramble",   "image", "build",     "debian/12",
                         "--include", "htop",  "--size=4G", "--include=vim" };
        char *twice[] = { "bramble", "image", "build", "debian/12", "--size=4G", "--size=5G" };

        (void)state;
        assert_int_equal(args_parse((int)ARRAY_LEN(argv), argv, &args, NULL), 0);
        assert_int_equal(args_values(&args, "include", values), 2);
        assert_string_equal(values[0], "htop");
        assert_string_equal(values[1], "vim");
        assert_null(values[2]);
        assert_int_equal(args_values(&args, "name", values), 0);
        assert_true(args_parse((int)ARRAY_LEN(twice), twice, &args, NULL) < 0);
}

static int collect_event(void *ctx, uint64_t id, const char *data) {
        text_printf(ctx, "%d<%s>", (int)id, data);
        return 0;
}

static void events_come_in_pieces(void **state) {
        static const char stream[] = ": hello\n\nid: 7\r\nevent: boot\r\ndata: {\"a\":1}\r\n\r\ndata: "
                                     "b\ndata:c\n\nid: 8\n\nretry: 5\ndata: d";

        (void)state;
        for (size_t piece = 1; piece < sizeof(stream); piece++) {
                CLEANUP(text_free) struct text seen = {};
                struct sse s = {};
                for (size_t at = 0; at < sizeof(stream) - 1; at += piece) {
                        const size_t left = sizeof(stream) - 1 - at;
                        assert_int_equal(
                                sse_feed(&s, stream + at, left < piece ? left : piece, collect_event, &seen),
                                0);
                }
                assert_string_equal(seen.octets, "7<{\"a\":1}>7<b\nc>"); /* the last one is not whole yet */
                assert_int_equal(s.id, 8);
                sse_free(&s);
        }
}

static void an_event_without_end_is_skipped(void **state) {
        CLEANUP(text_free) struct text seen = {};
        struct sse s = {};

        (void)state;
        assert_int_equal(sse_feed(&s, "data: ", 6, collect_event, &seen), 0);
        for (size_t i = 0; i < 2 * SSE_EVENT_MAX; i++)
                assert_int_equal(sse_feed(&s, "x", 1, collect_event, &seen), 0);
        assert_int_equal(sse_feed(&s, "\n\ndata: next\n\n", 14, collect_event, &seen), 0);
        assert_string_equal(seen.octets, "0<next>");
        sse_free(&s);
}

int main(int argc, char **argv) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(the_table_makes_sense),
                cmocka_unit_test(every_command_has_its_section),
                cmocka_unit_test(the_page_names_nothing_else),
                cmocka_unit_test(help_names_every_option),
                cmocka_unit_test(completion_names_every_option),
                cmocka_unit_test(values_are_checked),
                cmocka_unit_test(options_become_members),
                cmocka_unit_test(words_after_the_dashes_are_words),
                cmocka_unit_test(an_option_given_many_times),
                cmocka_unit_test(events_come_in_pieces),
                cmocka_unit_test(an_event_without_end_is_skipped),
        };
        if (argc != 2)
                return 2;
        page_path = argv[1];
        return cmocka_run_group_tests(tests, NULL, NULL);
}
