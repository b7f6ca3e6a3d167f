/* bramble doctor: what went wrong with a machine's boots, and what is wrong with the site, in words. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <string.h>

#include "app/bramble/api.h"
#include "app/bramble/cmd.h"
#include "app/bramble/noun.h"

enum { COLUMNS_DEFAULT = 80, COLUMNS_MIN = 40, COLUMNS_MAX = 110 };

/* Text broken between words, all lines but the first below column @indent. @head stands before the first. */
static void put_wrapped(const struct cli *cli, const char *head, size_t indent, const char *s) {
        CLEANUP(text_free) struct text safe = {};
        size_t width = cli->columns ? cli->columns : COLUMNS_DEFAULT, column = strlen(head);

        print_text(&safe, s);
        width = width < COLUMNS_MIN ? COLUMNS_MIN : width > COLUMNS_MAX ? COLUMNS_MAX : width;
        (void)fputs(head, stdout);
        for (const char *word = safe.octets ? safe.octets : ""; *word;) {
                size_t len = strcspn(word, " ");
                bool is_first = column <= indent || column == strlen(head);
                if (!is_first && column + 1 + len > width) {
                        (void)printf("\n%*s", (int)indent, "");
                        column = indent;
                        is_first = true;
                }
                (void)printf("%s%.*s", is_first ? "" : " ", (int)len, word);
                column += len + !is_first;
                word += len;
                word += strspn(word, " ");
        }
        (void)puts("");
}

/* For programs: what the line is about, a tab, the rest. */
static void put_line(const char *about, const char *s) {
        CLEANUP(text_free) struct text line = {};

        print_text(&line, s);
        (void)printf("%s\t%s\n", about, line.octets ? line.octets : "");
}

/* "0.340  tftp  5b154510/start4.elf: why" */
static void step_text(const json_t *step, struct text *out) {
        const json_int_t ms = json_integer_value(json_at(step, "since_ms"));
        const char *outcome = json_text_at(step, "outcome"), *detail = json_text_at(step, "detail");

        text_printf(out, "%4" JSON_INTEGER_FORMAT ".%03d  %-7s  %s", ms / 1000, (int)(ms % 1000),
                    json_text_at(step, "kind"), json_text_at(step, "what"));
        if (strcmp(outcome, "miss") == 0)
                text_append(out, ": not found");
        else if (strcmp(outcome, "probe") == 0)
                text_append(out, ": it is there");
        if (*detail)
                text_printf(out, ": %s", detail);
}

static void put_evidence(const struct cli *cli, const json_t *finding) {
        const json_t *step;
        size_t i;

        json_array_foreach(json_object_get(finding, "evidence"), i, step) {
                CLEANUP(text_free) struct text line = {};
                step_text(step, &line);
                if (cli->is_terminal)
                        put_wrapped(cli, "   | ", 8, line.octets ? line.octets : "");
                else
                        put_line("evidence", line.octets ? line.octets : "");
        }
}

static void put_advice(const struct cli *cli, const json_t *finding) {
        const json_t *sentence;
        size_t i;

        json_array_foreach(json_object_get(finding, "advice"), i, sentence) {
                if (cli->is_terminal)
                        put_wrapped(cli, "   - ", 5, json_string_value(sentence));
                else
                        put_line("advice", json_string_value(sentence));
        }
}

static void put_finding(const struct cli *cli, size_t number, const json_t *finding) {
        if (cli->is_terminal) {
                (void)printf("\n%zu. %s (%s)\n", number, json_text_at(finding, "title"),
                             json_text_at(finding, "weight"));
                put_wrapped(cli, "   ", 3, json_text_at(finding, "words"));
        } else {
                (void)printf("finding\t%s\t%s\t", json_text_at(finding, "id"),
                             json_text_at(finding, "weight"));
                CLEANUP(text_free) struct text words = {};
                print_text(&words, json_text_at(finding, "words"));
                (void)puts(words.octets ? words.octets : "");
        }
        put_evidence(cli, finding);
        put_advice(cli, finding);
        if (cli->is_terminal)
                (void)printf("   More: docs/%s\n", json_text_at(finding, "page"));
        else
                put_line("page", json_text_at(finding, "page"));
}

static void put_led(const struct cli *cli, const json_t *led) {
        CLEANUP(text_free) struct text line = {};
        const char *meaning = json_text_at(led, "meaning");

        text_printf(&line, "%" JSON_INTEGER_FORMAT " long and %" JSON_INTEGER_FORMAT " short flashes: ",
                    json_integer_value(json_at(led, "long")), json_integer_value(json_at(led, "short")));
        text_printf(&line, "%s. %s", *meaning ? meaning : "no firmware flashes so",
                    *meaning ? json_text_at(led, "advice") : "Count again: it repeats after a pause.");
        if (cli->is_terminal)
                (void)puts("");
        if (cli->is_terminal)
                put_wrapped(cli, "LED: ", 5, line.octets ? line.octets : "");
        else
                put_line("led", line.octets ? line.octets : "");
}

static void put_diagnosis(const struct cli *cli, const char *name, const json_t *diagnosis) {
        const json_t *findings = json_object_get(diagnosis, "findings"), *led = json_at(diagnosis, "led");
        const json_t *finding;
        size_t i;

        if (cli->is_terminal)
                put_wrapped(cli, "", 0, json_text_at(diagnosis, "summary"));
        else
                put_line("summary", json_text_at(diagnosis, "summary"));
        json_array_foreach(findings, i, finding) put_finding(cli, i + 1, finding);
        if (led)
                put_led(cli, led);
        else if (cli->is_terminal && json_array_size(findings) > 0)
                (void)printf("\nIf its LED flashes: bramble doctor %s --led LONG,SHORT says what it means.\n",
                             name);
}

/* ---- the site ---- */

static void put_check(const struct cli *cli, const json_t *check) {
        CLEANUP(text_free) struct text line = {};
        const char *outcome = json_text_at(check, "outcome"), *words = json_text_at(check, "words");

        if (!cli->is_terminal) {
                text_printf(&line, "%s\t%s\t%s\t%s", json_text_at(check, "id"), outcome, words,
                            json_text_at(check, "remedy"));
                (void)puts(line.octets ? line.octets : "");
                return;
        }
        (void)printf("%-8s  %s\n", outcome, json_text_at(check, "title"));
        if (!*words)
                return;
        put_wrapped(cli, "          ", 10, words);
        put_wrapped(cli, "        - ", 10, json_text_at(check, "remedy"));
        (void)printf("          More: docs/%s\n", json_text_at(check, "page"));
}

static int examine_site(struct cli *cli) {
        CLEANUP(json_decref_at) json_t *checkup = NULL;
        const json_t *check;
        size_t i;
        const int code = api_json(cli, "GET", "/api/v1/doctor/site", NULL, &checkup);

        if (code != CLI_OK)
                return code;
        if (cli->json)
                return print_json(checkup);
        json_array_foreach(json_object_get(checkup, "checks"), i, check) put_check(cli, check);
        return CLI_OK;
}

int cmd_doctor(struct cli *cli, const struct args *args) {
        CLEANUP(free_at) char *path = api_path("doctor", "boot", NULL);
        CLEANUP(json_decref_at) json_t *diagnosis = NULL;

        if (args->n_words == 0)
                return examine_site(cli);
        api_query(&path, "of", args->words[0]);
        api_query(&path, "patience", args_value(args, "patience"));
        api_query(&path, "led", args_value(args, "led"));
        const int code = api_json(cli, "GET", path, NULL, &diagnosis);
        if (code != CLI_OK)
                return code;
        if (cli->json)
                return print_json(diagnosis);
        put_diagnosis(cli, args->words[0], diagnosis);
        return CLI_OK;
}
