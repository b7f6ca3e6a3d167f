/*
 * What is said to qemu-storage-daemon by QMP, and what it answers. Pure: texts out, lines in.
 *
 * Source: QEMU's storage-daemon QMP reference, docs/interop/qmp-spec.
 */
/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "base/error.h"
#include "base/text.h"
#include "core/export/volume.h"

enum { QMP_LINE_MAX = 64 * 1024 }; /* octets of one answer */

/* Each appends one line. */
void qmp_say_hello(struct text *out);

/** qmp_say_open() - the disk of a volume, by its path below where the program runs. */
void qmp_say_open(struct text *out, const struct volume *v);
void qmp_say_export(struct text *out, const struct volume *v);

/** qmp_say_withdraw() - clients that are there are sent away. Its end is told by an event. */
void qmp_say_withdraw(struct text *out, const struct volume *v);
void qmp_say_close(struct text *out, const struct volume *v);

enum qmp_answer {
        QMP_DONE,
        QMP_REFUSED,   /* with a sentence */
        QMP_WITHDRAWN, /* an export is gone: the event that qmp_say_withdraw() leads to */
        QMP_OTHER      /* a greeting, or an event that means nothing here */
};

/** qmp_read() - one line. Return: enum qmp_answer, or -EBADMSG. */
MUST_CHECK int qmp_read(const char *line, size_t len, struct error *reterr);
