/*
 * What a serving thread sees: one snapshot, one map of who is where, and its own open blobs, for one batch of
 * requests.
 *
 * A view belongs to one thread. Between batches it holds nothing, so that old snapshots can go.
 */
/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "base/addr.h"
#include "base/arena.h"
#include "base/bootfile.h"
#include "core/boot/plan.h"
#include "core/image/store.h"
#include "io/published.h"
#include "io/queue.h"
#include "rack/presence.h"
#include "rack/sighting.h"

/* What all views of a rack have in common; set up before the threads start. */
struct view_source {
        struct published *site; /* struct site */
        struct presences *presences;
        const struct store *store;
        struct signatures *signatures; /* NULL: nothing is signed */
        struct ramdisks *ramdisks;     /* NULL: nothing that was put together is kept */
        struct queue *served;          /* struct served, to the control thread */
        struct hearing *hearing;       /* likewise what agents say */
        uint16_t http_port, https_port;
        const uint8_t *ca; /* SHA256_SIZE octets; NULL: no https_port */
};

struct view;

struct view *view_new(const struct view_source *source); /* NULL: out of memory */
void view_free(struct view *v);
DEFINE_CLEANUP(struct view, view_free)

/** view_release() - give snapshot and map back; the next question takes the newest ones. */
void view_release(struct view *v);

/* Who asked, as the socket saw it. */
struct view_peer {
        struct ip_addr client, server; /* @server: the address of ours that was asked; IP_NONE: not known */
        unsigned ifindex;              /* 0: not known */
};

/**
 * view_who() - who asks
 * @path:       what it asks for: a serial or MAC in it helps where DHCP told nothing
 *
 * From DHCP first, then a machine's reserved address, then the kernel's neighbour table, then the path.
 * Return: from where its MAC is known.
 */
enum sighting_source view_who(struct view *v, const struct view_peer *peer, const char *path,
                              struct boot_ask *ret);

/**
 * view_serves() - whether @ask is any business of ours
 *
 * Who comes from a subnet that is served, is known by its boot or its registration, or asks from this very
 * computer. To all others a server that listens on every address says nothing.
 */
bool view_serves(struct view *v, const struct boot_ask *ask);

/**
 * view_open() - the file at @path in the tree of who asks
 * @why:        why there is none, valid until the next question; "" where the tree simply lacks it
 *
 * Return: BOOT_FILE_FOUND with one reference in @ret, BOOT_FILE_MISSING, -EAGAIN: it is being signed, come
 * again, or -errno.
 */
int view_open(struct view *v, const struct boot_ask *ask, const char *path, struct boot_file **ret,
              const char **why);

/** view_site() - the snapshot of this batch; borrowed until view_release(). */
const struct site *view_site(struct view *v);

/** view_open_blob() - one reference, or NULL with -errno in @error. */
struct blob *view_open_blob(struct view *v, const struct blob_id *id, int *error);

/** view_hear() - what an agent said, to the control thread; takes over the report. false: there was no room.
 */
struct heard;
bool view_hear(struct view *v, const struct heard *m);

/** view_tell() - report to the control thread; lost and counted when it cannot keep up. */
struct served;
void view_tell(struct view *v, const struct served *s);
