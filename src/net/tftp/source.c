/* Chunks of blobs, and the pieces of boot files. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "net/tftp/source.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum {
        BUCKETS = 2 * TFTP_CHUNKS,
        NOT_FOUND = -1,
        /* A chunk is worth reading whole when at least so many sixteenths of it are sent before it leaves the
           cache. */
        WORTH_MIN = 4,
        WORTH_MAX = 64,
        /* While it is not, every so many misses one chunk is read all the same, to see whether that has
           changed. */
        TRY_EVERY = 64,
};

struct chunk {
        struct blob_id id;
        uint64_t index;   /* offset in the blob / TFTP_CHUNK_SIZE */
        size_t len;       /* 0: holds nothing */
        uint64_t sent;    /* octets, repeated ones too */
        uint64_t release; /* in use until the release of this number */
        bool was_used;    /* since the hand passed by */
        int next;         /* in its bucket */
};

struct tftp_source {
        uint8_t *octets; /* TFTP_CHUNKS of TFTP_CHUNK_SIZE; pages are touched when they are first filled */
        uint8_t *scratch;
        size_t scratch_used;
        uint64_t release; /* counts tftp_source_release() from 1 */
        unsigned hand;    /* of the clock that chooses whom to replace */
        unsigned worth;   /* smoothed sixteenths of the chunks that left, times 8 */
        unsigned misses;
        int buckets[BUCKETS];
        struct chunk chunks[TFTP_CHUNKS];
};

struct tftp_source *tftp_source_new(void) {
        struct tftp_source *s = calloc(1, sizeof(*s));
        if (!s)
                return NULL;
        s->octets = malloc((size_t)TFTP_CHUNKS * TFTP_CHUNK_SIZE);
        s->scratch = malloc(TFTP_SCRATCH_SIZE);
        if (!s->octets || !s->scratch) {
                tftp_source_free(s);
                return NULL;
        }
        s->release = 1;
        s->worth = 8 * WORTH_MAX;
        for (unsigned i = 0; i < BUCKETS; i++)
                s->buckets[i] = NOT_FOUND;
        return s;
}

void tftp_source_free(struct tftp_source *s) {
        if (!s)
                return;
        free(s->octets);
        free(s->scratch);
        free(s);
}

void tftp_source_release(struct tftp_source *s) {
        s->release++;
        s->scratch_used = 0;
}

uint8_t *tftp_source_scratch(struct tftp_source *s, size_t len) {
        if (len > TFTP_SCRATCH_SIZE - s->scratch_used)
                return NULL;
        uint8_t *room = s->scratch + s->scratch_used;
        s->scratch_used += len;
        return room;
}

/* A blob's name is a hash already: its first octets and the index make a good bucket. */
static int *bucket_of(struct tftp_source *s, const struct blob_id *id, uint64_t index) {
        uint32_t name;
        memcpy(&name, id->octets, sizeof(name));
        return &s->buckets[(name + index) % BUCKETS];
}

static int find(struct tftp_source *s, const struct blob_id *id, uint64_t index) {
        int i = *bucket_of(s, id, index);
        while (i != NOT_FOUND &&
               (s->chunks[i].index != index || memcmp(&s->chunks[i].id, id, sizeof(*id)) != 0))
                i = s->chunks[i].next;
        return i;
}

static void forget(struct tftp_source *s, int which) {
        struct chunk *c = &s->chunks[which];

        if (c->len == 0)
                return;
        int *link = bucket_of(s, &c->id, c->index);
        while (*link != which)
                link = &s->chunks[*link].next;
        *link = c->next;

        uint64_t worth = c->sent * 16 / c->len;
        s->worth = s->worth - s->worth / 8 + (worth < WORTH_MAX ? (unsigned)worth : WORTH_MAX);
        c->len = 0;
}

/* The chunk to replace: the next one that was not used since the hand last came by. */
static int choose(struct tftp_source *s) {
        for (unsigned turn = 0; turn < 2 * TFTP_CHUNKS; turn++) {
                int which = (int)s->hand;
                struct chunk *c = &s->chunks[which];

                s->hand = (s->hand + 1) % TFTP_CHUNKS;
                if (c->len > 0 && c->release == s->release)
                        continue;
                if (c->len == 0 || !c->was_used)
                        return which;
                c->was_used = false;
        }
        return NOT_FOUND;
}

/* Reads a whole chunk into the cache. Return: which, or -errno. */
static int fill(struct tftp_source *s, struct blob *b, uint64_t index) {
        uint64_t offset = index * TFTP_CHUNK_SIZE;
        uint64_t left = b->size - offset;
        size_t len = left < TFTP_CHUNK_SIZE ? (size_t)left : TFTP_CHUNK_SIZE;

        int which = choose(s);
        if (which == NOT_FOUND)
                return -ENOBUFS;
        forget(s, which);
        int r = b->read(b, offset, s->octets + (size_t)which * TFTP_CHUNK_SIZE, len);
        if (r < 0)
                return r;

        int *bucket = bucket_of(s, &b->id, index);
        s->chunks[which] = (struct chunk){ .id = b->id, .index = index, .len = len, .next = *bucket };
        *bucket = which;
        return which;
}

static int read_alone(struct tftp_source *s, struct blob *b, uint64_t offset, struct tftp_piece *piece) {
        size_t used = s->scratch_used;
        uint8_t *room = tftp_source_scratch(s, piece->len);
        if (!room)
                return -ENOBUFS;
        int r = b->read(b, offset, room, piece->len);
        if (r < 0) {
                s->scratch_used = used;
                return r;
        }
        piece->octets = room;
        return 0;
}

static bool is_named(const struct blob *b) {
        static const struct blob_id none;
        return memcmp(&b->id, &none, sizeof(none)) != 0;
}

/* One piece of a blob: as much of piece->len as its chunk holds. */
static int gather_blob(struct tftp_source *s, struct blob *b, uint64_t offset, struct tftp_piece *piece) {
        if (offset >= b->size || piece->len > b->size - offset)
                return -EIO; /* the segment promises more than the blob has */

        size_t within = offset % TFTP_CHUNK_SIZE;
        if (piece->len > TFTP_CHUNK_SIZE - within)
                piece->len = TFTP_CHUNK_SIZE - within;
        if (!is_named(b))
                return read_alone(s, b, offset, piece);

        uint64_t index = offset / TFTP_CHUNK_SIZE;
        int which = find(s, &b->id, index);
        if (which == NOT_FOUND) {
                if (s->worth < 8 * WORTH_MIN && ++s->misses % TRY_EVERY != 0)
                        return read_alone(s, b, offset, piece);
                which = fill(s, b, index);
                if (which < 0)
                        return which;
        }
        struct chunk *c = &s->chunks[which];
        c->sent += piece->len;
        c->was_used = true;
        c->release = s->release;
        piece->octets = s->octets + (size_t)which * TFTP_CHUNK_SIZE + within;
        return 0;
}

int tftp_source_gather(struct tftp_source *s, const struct boot_file *f, uint64_t offset, size_t len,
                       struct tftp_piece *pieces, size_t max) {
        size_t n = 0;

        for (size_t i = 0; i < f->n_segments && len > 0; i++) {
                const struct boot_segment *segment = &f->segments[i];
                if (offset >= segment->len) {
                        offset -= segment->len;
                        continue;
                }
                for (; offset < segment->len && len > 0; n++) {
                        assert(n < max);
                        struct tftp_piece *p = &pieces[n];
                        uint64_t here = segment->len - offset;

                        p->len = here < len ? (size_t)here : len;
                        if (segment->blob) {
                                int r = gather_blob(s, segment->blob, segment->offset + offset, p);
                                if (r < 0)
                                        return r;
                        } else {
                                p->octets = segment->octets + offset;
                        }
                        offset += p->len;
                        len -= p->len;
                }
                offset = 0;
        }
        return (int)n;
}
