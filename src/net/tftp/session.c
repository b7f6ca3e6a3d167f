/* Sessions from request to report. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "net/tftp/session.h"

#include <stdlib.h>
#include <string.h>

#include "base/text.h"

struct tftp_session *tftp_session_new(const struct tftp_peer *peer, const char *path,
                                      struct boot_file *file) {
        size_t size = strlen(path) + 1;

        struct tftp_session *s = calloc(1, sizeof(*s) + size);
        if (!s)
                return NULL;
        s->peer = *peer;
        s->file = file;
        s->takes_segments = true;
        memcpy(s->path, path, size);
        return s;
}

void tftp_session_free(struct tftp_session *s) {
        if (!s)
                return;
        boot_file_drop(s->file);
        free(s);
}

void tftp_session_report(const struct tftp_session *s, enum tftp_outcome outcome, uint64_t now_us,
                         struct tftp_report *ret) {
        *ret = (struct tftp_report){
                .peer = s->peer,
                .outcome = outcome,
                .tag = s->tag,
                .start_ms = s->start_us / 1000,
                .end_ms = now_us / 1000,
                .size = s->file->size,
                .sent = tftp_transfer_acked_octets(&s->transfer, s->file->size),
                .blksize = s->transfer.blksize,
                .windowsize = s->transfer.windowsize,
                .resent = s->transfer.resent - s->transfer.needless,
        };
        (void)text_copy(ret->path, sizeof(ret->path), s->path);
}

enum tftp_outcome tftp_session_outcome(const struct tftp_session *s) {
        switch ((enum tftp_state)s->transfer.state) {
        case TFTP_STATE_DONE:
                return TFTP_DONE;
        case TFTP_STATE_PROBED:
                return TFTP_PROBED;
        case TFTP_STATE_ABORTED:
                return TFTP_ABORTED;
        case TFTP_STATE_TIMED_OUT:
                return s->sent_stray_error && !s->transfer.was_answered ? TFTP_PROBED : TFTP_TIMED_OUT;
        case TFTP_STATE_OFFERING:
        case TFTP_STATE_SENDING:
                break;
        }
        return TFTP_BROKEN;
}

bool tftp_path_is_plain(const char *path) {
        size_t len = strnlen(path, TFTP_PATH_MAX + 1);

        for (size_t i = 0; i < len; i++)
                if (path[i] < ' ' || path[i] > '~')
                        return false;
        return len > 0 && len <= TFTP_PATH_MAX;
}
