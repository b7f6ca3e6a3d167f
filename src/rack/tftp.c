/* TFTP's backend; see tftp.h. Called on the workers' threads, each with its own view. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "rack/tftp.h"

#include <errno.h>
#include <stdio.h>

#include "base/text.h"
#include "rack/served.h"

/* What one worker has to itself. */
struct files_worker {
        struct view *view;
        char why[TRAIL_DETAIL_SIZE]; /* it refused the newest request; "": the tree has no such file */
        bool has_failed;             /* the refused file should be there, but cannot be given */
};

struct tftp_files {
        unsigned n;
        struct files_worker workers[];
};

struct tftp_files *tftp_files_new(const struct view_source *source, unsigned n_workers) {
        CLEANUP(tftp_files_free_at)
        struct tftp_files *f = calloc(1, sizeof(*f) + n_workers * sizeof(f->workers[0]));
        if (!f)
                return NULL;
        f->n = n_workers;
        for (unsigned i = 0; i < n_workers; i++)
                if (!(f->workers[i].view = view_new(source)))
                        return NULL;
        return TAKE(f);
}

void tftp_files_free(struct tftp_files *f) {
        if (!f)
                return;
        for (unsigned i = 0; i < f->n; i++)
                view_free(f->workers[i].view);
        free(f);
}

static struct view_peer peer_of(const struct tftp_peer *p) {
        return (struct view_peer){ .client = p->client, .server = p->server, .ifindex = p->ifindex };
}

static void files_open(void *ctx, unsigned worker, const struct tftp_peer *peer, const char *path,
                       uint64_t now_ms, struct tftp_grant *ret) {
        struct files_worker *w = &((struct tftp_files *)ctx)->workers[worker];
        const struct view_peer from = peer_of(peer);
        struct boot_ask ask;
        const char *why;
        (void)now_ms;

        w->why[0] = 0;
        w->has_failed = false;
        (void)view_who(w->view, &from, path, &ask);
        if (!view_serves(w->view, &ask)) {
                *ret = (struct tftp_grant){ .is_ignored = true };
                return;
        }
        const struct boot_client *client = boot_client_by_id(ask.client);
        *ret = (struct tftp_grant){
                .tag = ask.session,
                .retransmit_min_ms = client->tftp_retransmit_min_ms,
                .retransmit_max_ms = client->tftp_retransmit_ms,
        };
        int answer = view_open(w->view, &ask, path, &ret->file, &why);
        if (answer == -EAGAIN) {
                *ret = (struct tftp_grant){ .is_ignored = true }; /* the client sends its request again */
                return;
        }
        if (answer == BOOT_FILE_FOUND || !*why)
                return;
        (void)snprintf(w->why, sizeof(w->why), "%s", why);
        w->has_failed = answer < 0;
        ret->refusal = w->why; /* stays until this worker's next request, and is sent before it */
}

static enum trail_outcome outcome_of(enum tftp_outcome o) {
        static const enum trail_outcome outcomes[] = {
                [TFTP_DONE] = TRAIL_OK,          [TFTP_PROBED] = TRAIL_PROBE,
                [TFTP_NOT_FOUND] = TRAIL_MISS,   [TFTP_ABORTED] = TRAIL_FAILED,
                [TFTP_TIMED_OUT] = TRAIL_FAILED, [TFTP_REFUSED] = TRAIL_IGNORED,
                [TFTP_BROKEN] = TRAIL_FAILED,
        };
        return outcomes[o];
}

/* Where it ended, in the numbers of the wire, and the client's words. */
static void describe_end(const struct tftp_report *r, const char *how, char *buf, size_t size) {
        char where[48] = "";

        if (r->sent && r->blksize)
                (void)snprintf(where, sizeof(where), " at block %llu of %u octets",
                               (unsigned long long)(r->sent / r->blksize), r->blksize);
        (void)snprintf(buf, size, "%s%s%s%.60s", how, where, r->client_error[0] ? ": " : "", r->client_error);
}

static void describe(const struct tftp_report *r, const char *why, char *buf, size_t size) {
        switch (r->outcome) {
        case TFTP_ABORTED:
                describe_end(r, TRAIL_CLIENT_GAVE_UP, buf, size);
                break;
        case TFTP_TIMED_OUT:
                describe_end(r, "no answer from the client any more", buf, size);
                break;
        case TFTP_REFUSED:
                (void)snprintf(buf, size, "refused: not a read request, or too many transfers");
                break;
        case TFTP_BROKEN:
                (void)snprintf(buf, size, "the file could not be read");
                break;
        case TFTP_DONE:
                (void)snprintf(buf, size, r->windowsize > 1 ? "blocks of %u, windows of %u" : "blocks of %u",
                               r->blksize, r->windowsize);
                break;
        case TFTP_NOT_FOUND:
                (void)snprintf(buf, size, "%s", why);
                break;
        case TFTP_PROBED:
                buf[0] = 0;
                break;
        }
}

static void files_report(void *ctx, unsigned worker, const struct tftp_report *r) {
        struct files_worker *w = &((struct tftp_files *)ctx)->workers[worker];
        const struct view_peer from = peer_of(&r->peer);
        bool is_refused = r->outcome == TFTP_NOT_FOUND; /* told right after it was opened */
        struct boot_ask ask;

        enum sighting_source source = view_who(w->view, &from, r->path, &ask);
        struct served s = {
                .kind = TRAIL_TFTP,
                .outcome = is_refused && w->has_failed ? TRAIL_FAILED : outcome_of(r->outcome),
                .mac = ask.mac,
                .ip = r->peer.client,
                .source = source,
                .client = ask.client,
                .session = r->tag ? r->tag : ask.session,
                .start_ms = r->start_ms,
                .end_ms = r->end_ms,
                .octets = r->sent,
                .size = r->size,
                .resent = r->resent,
                .blksize = (uint16_t)r->blksize,
                .is_whole = r->outcome == TFTP_DONE,
        };
        (void)snprintf(s.path, sizeof(s.path), "%.127s", r->path);
        describe(r, w->why, s.detail, sizeof(s.detail));
        if (is_refused) {
                w->why[0] = 0;
                w->has_failed = false;
        }
        view_tell(w->view, &s);
}

static void files_batch_end(void *ctx, unsigned worker) {
        view_release(((struct tftp_files *)ctx)->workers[worker].view);
}

const struct tftp_backend tftp_files_backend = {
        .open = files_open,
        .report = files_report,
        .batch_end = files_batch_end,
};
