/*
 * A persistent hash trie (Bagwell's HAMT, 2001); see pmap.h.
 *
 * A node holds up to 32 children behind a bitmap, five bits of the hash a level; a leaf holds the pairs of
 * one hash. A change copies the nodes on its path and shares the rest. The hash is not keyed: what goes in
 * here was registered by an operator or leased by us, and pairs of one hash only cost a longer list.
 */
/* SPDX-License-Identifier: Apache-2.0 */
#include <assert.h>
#include <stdint.h>
#include <string.h>

#include "base/hash.h"
#include "base/pmap.h"
#include "base/ref.h"

enum { BITS = 5, FANOUT = 1 << BITS, DEPTH_MAX = 13 }; /* 13 * 5 bits cover a hash of 64 */

struct node {
        struct ref ref;
        bool is_leaf;
        union {
                struct {
                        uint32_t bitmap;
                        struct node *children[];
                };
                struct {
                        uint64_t hash;
                        struct node *next; /* another pair of the same hash */
                        void *value;
                        size_t key_len;
                        unsigned char key[];
                };
        };
};

struct pmap {
        struct ref ref;
        const struct pmap_ops *ops;
        struct node *root; /* NULL: empty */
        size_t len;
};

static uint64_t hash_of(const void *key, size_t key_len) {
        static const struct hash_key fixed = { 0x6272616d626c6521, 0x706d61702d6b6579 };
        return hash_siphash(fixed, key, key_len);
}

static unsigned slot_of(uint64_t hash, unsigned depth) {
        return (unsigned)(hash >> BITS * depth) & (FANOUT - 1);
}

static struct node *node_take(struct node *n) {
        if (n)
                ref_take(&n->ref);
        return n;
}

static unsigned n_children(const struct node *n) {
        return (unsigned)__builtin_popcount(n->bitmap);
}

/* Recursion is bounded: DEPTH_MAX levels of nodes; the pairs of one hash are a loop. */
static void node_drop(struct node *n, const struct pmap_ops *ops) {
        while (n && ref_drop(&n->ref)) {
                struct node *next = NULL;
                if (n->is_leaf) {
                        ops->drop(n->value);
                        next = n->next;
                } else {
                        for (unsigned i = 0; i < n_children(n); i++)
                                node_drop(n->children[i], ops);
                }
                free(n);
                n = next;
        }
}

static struct node *leaf_new(const struct pmap *m, uint64_t hash, const void *key, size_t key_len,
                             void *value, struct node *next) {
        struct node *n = malloc(sizeof(*n) + key_len);
        if (!n) {
                node_drop(next, m->ops);
                return NULL;
        }
        ref_init(&n->ref);
        n->is_leaf = true;
        n->hash = hash;
        n->next = next;
        n->value = m->ops->take(value);
        n->key_len = key_len;
        memcpy(n->key, key, key_len);
        return n;
}

static struct node *branch_new(uint32_t bitmap) {
        size_t n = (size_t)__builtin_popcount(bitmap);
        struct node *b = malloc(sizeof(*b) + n * sizeof(struct node *));
        if (b) {
                ref_init(&b->ref);
                b->is_leaf = false;
                b->bitmap = bitmap;
        }
        return b;
}

static bool leaf_is(const struct node *n, const void *key, size_t key_len) {
        return n->key_len == key_len && memcmp(n->key, key, key_len) == 0;
}

static const struct node *find(const struct pmap *m, const void *key, size_t key_len) {
        uint64_t hash = hash_of(key, key_len);
        const struct node *n = m->root;

        for (unsigned depth = 0; n && !n->is_leaf; depth++) {
                uint32_t bit = 1u << slot_of(hash, depth);
                n = n->bitmap & bit ? n->children[__builtin_popcount(n->bitmap & (bit - 1))] : NULL;
        }
        while (n && !leaf_is(n, key, key_len))
                n = n->next;
        return n;
}

/* A copy of the pairs from @n on without @key, which may not be among them. Sets @failed when out of memory.
 */
static struct node *pairs_without(const struct pmap *m, struct node *n, const void *key, size_t key_len,
                                  bool *failed) {
        struct node *kept = NULL;

        for (; n; n = n->next) {
                if (leaf_is(n, key, key_len))
                        continue;
                kept = leaf_new(m, n->hash, n->key, n->key_len, n->value, kept);
                if (!kept) {
                        *failed = true;
                        return NULL;
                }
        }
        return kept;
}

/* A branch at @depth that holds two leaves of different hashes; takes over both references. */
static struct node *branch_of(const struct pmap *m, struct node *a, struct node *b, unsigned depth) {
        unsigned slot_a = slot_of(a->hash, depth), slot_b = slot_of(b->hash, depth);
        struct node *n;

        assert(depth < DEPTH_MAX);
        if (slot_a == slot_b) {
                struct node *below = branch_of(m, a, b, depth + 1);
                if (!below)
                        return NULL;
                n = branch_new(1u << slot_a);
                if (!n) {
                        node_drop(below, m->ops);
                        return NULL;
                }
                n->children[0] = below;
                return n;
        }
        n = branch_new(1u << slot_a | 1u << slot_b);
        if (!n) {
                node_drop(a, m->ops);
                node_drop(b, m->ops);
                return NULL;
        }
        n->children[slot_a > slot_b] = a;
        n->children[slot_a < slot_b] = b;
        return n;
}

/* A copy of branch @n in which the child of @slot is @child (a reference that is taken over); @child NULL:
 * without it. */
static struct node *branch_with(const struct pmap *m, struct node *n, unsigned slot, struct node *child) {
        uint32_t bit = 1u << slot, bitmap = child ? n->bitmap | bit : n->bitmap & ~bit;
        struct node *copy = branch_new(bitmap);

        if (!copy) {
                node_drop(child, m->ops);
                return NULL;
        }
        unsigned from = 0, to = 0;
        for (unsigned i = 0; i < FANOUT; i++) {
                bool was = n->bitmap & 1u << i;
                if (i == slot && child)
                        copy->children[to++] = child;
                else if (i != slot && was)
                        copy->children[to++] = node_take(n->children[from]);
                from += was;
        }
        return copy;
}

static struct node *put(const struct pmap *m, struct node *n, unsigned depth, uint64_t hash, const void *key,
                        size_t key_len, void *value) {
        if (!n)
                return leaf_new(m, hash, key, key_len, value, NULL);

        if (n->is_leaf && n->hash == hash) {
                bool failed = false;
                struct node *others = pairs_without(m, n, key, key_len, &failed);
                return failed ? NULL : leaf_new(m, hash, key, key_len, value, others);
        }
        if (n->is_leaf) {
                struct node *leaf = leaf_new(m, hash, key, key_len, value, NULL);
                return leaf ? branch_of(m, node_take(n), leaf, depth) : NULL;
        }
        unsigned slot = slot_of(hash, depth);
        uint32_t bit = 1u << slot;
        struct node *below = n->bitmap & bit ? n->children[__builtin_popcount(n->bitmap & (bit - 1))] : NULL;
        struct node *child = put(m, below, depth + 1, hash, key, key_len, value);
        return child ? branch_with(m, n, slot, child) : NULL;
}

/* The node without the key (NULL: nothing is left); the key is known to be there. */
static struct node *without(const struct pmap *m, struct node *n, unsigned depth, uint64_t hash,
                            const void *key, size_t key_len, bool *failed) {
        if (n->is_leaf)
                return pairs_without(m, n, key, key_len, failed);

        unsigned slot = slot_of(hash, depth);
        struct node *below = n->children[__builtin_popcount(n->bitmap & ((1u << slot) - 1))];
        struct node *child = without(m, below, depth + 1, hash, key, key_len, failed);
        if (*failed || (!child && n_children(n) == 1))
                return NULL;

        struct node *copy = branch_with(m, n, slot, child);
        *failed = !copy;
        return copy;
}

static struct pmap *map_of(const struct pmap_ops *ops, struct node *root, size_t len) {
        struct pmap *m = malloc(sizeof(*m));
        if (!m) {
                node_drop(root, ops);
                return NULL;
        }
        *m = (struct pmap){ .ops = ops, .root = root, .len = len };
        ref_init(&m->ref);
        return m;
}

struct pmap *pmap_new(const struct pmap_ops *ops) {
        return map_of(ops, NULL, 0);
}

struct pmap *pmap_take(struct pmap *m) {
        ref_take(&m->ref);
        return m;
}

void pmap_drop(struct pmap *m) {
        if (!m || !ref_drop(&m->ref))
                return;
        node_drop(m->root, m->ops);
        free(m);
}

size_t pmap_len(const struct pmap *m) {
        return m->len;
}

void *pmap_get(const struct pmap *m, const void *key, size_t key_len) {
        const struct node *n = find(m, key, key_len);
        return n ? n->value : NULL;
}

struct pmap *pmap_put(const struct pmap *m, const void *key, size_t key_len, void *value) {
        bool is_new = !find(m, key, key_len);
        struct node *root = put(m, m->root, 0, hash_of(key, key_len), key, key_len, value);
        return root ? map_of(m->ops, root, m->len + is_new) : NULL;
}

struct pmap *pmap_remove(const struct pmap *m, const void *key, size_t key_len) {
        if (!find(m, key, key_len))
                return map_of(m->ops, node_take(m->root), m->len);

        bool failed = false;
        struct node *root = without(m, m->root, 0, hash_of(key, key_len), key, key_len, &failed);
        return failed ? NULL : map_of(m->ops, root, m->len - 1);
}

static int node_each(const struct node *n, int (*fn)(void *ctx, const void *key, size_t key_len, void *value),
                     void *ctx) {
        int r = 0;

        if (n && !n->is_leaf) {
                for (unsigned i = 0; i < n_children(n) && r == 0; i++)
                        r = node_each(n->children[i], fn, ctx);
                return r;
        }
        for (; n && r == 0; n = n->next)
                r = fn(ctx, n->key, n->key_len, n->value);
        return r;
}

int pmap_each(const struct pmap *m, int (*fn)(void *ctx, const void *key, size_t key_len, void *value),
              void *ctx) {
        return node_each(m->root, fn, ctx);
}
