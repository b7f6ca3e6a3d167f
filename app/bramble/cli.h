/* What every command shares: where the daemon is, how to print, how to end. */
/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stdbool.h>

#include "base/cleanup.h"
#include "base/error.h"

#define CLI_SOCKET_DEFAULT "/run/bramble/api.sock"

/* Exit codes, for scripts; bramble(1) explains them. Commands and what they call return these. */
enum cli_exit {
        CLI_OK = 0,
        CLI_REFUSED = 1,     /* the daemon said no: no such thing, makes no sense, in use */
        CLI_USAGE = 2,       /* the command line makes no sense; nothing was asked */
        CLI_UNREACHABLE = 3, /* no daemon there, or we may not talk to it */
        CLI_FAILED = 4,      /* the daemon or the connection failed on the way */
        CLI_LOCAL = 5        /* a file on this side cannot be read or written */
};

struct http_client;

struct cli {
        const char *socket;
        bool json;         /* print what the API says */
        bool is_terminal;  /* standard output is one: tables and human sizes */
        bool has_progress; /* standard error is one */
        bool is_ascii;     /* the locale has no characters to draw with */
        bool is_patient;   /* who is not there now is tried again: no word about each attempt */
        const char
                *about;   /* what the requests under way are about: named before the daemon's refusal; NULL */
        unsigned columns; /* of the terminal; 0: not known, or none */
        struct http_client *client;
};

/** cli_fail() - print "bramble: SENTENCE" on standard error; returns @code. */
int cli_fail(int code, const char *format, ...) PRINTF(2, 3);

/** cli_fail_with() - the same with an error's sentence. */
int cli_fail_with(int code, const struct error *err);

/** cli_note() - a line on standard error that is no failure. */
void cli_note(const char *format, ...) PRINTF(1, 2);

/** cli_done() - what was done, or what comes next, for who sits at a terminal; programs get silence. */
void cli_done(const struct cli *cli, const char *format, ...) PRINTF(2, 3);
