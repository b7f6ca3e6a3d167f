/* A bounded queue of messages between threads; see queue.h. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <pthread.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "io/queue.h"

struct queue {
        pthread_mutex_t lock; /* held for one copy of a message */
        size_t n, size;       /* room, octets a message */
        size_t first, len;
        uint64_t lost;
        int fd;
        unsigned char room[];
};

struct queue *queue_new(size_t n, size_t size) {
        size_t room;
        if (__builtin_mul_overflow(n, size, &room))
                return NULL;

        struct queue *q = calloc(1, sizeof(*q) + room);
        if (!q)
                return NULL;
        q->n = n;
        q->size = size;
        q->fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
        if (q->fd < 0) {
                free(q);
                return NULL;
        }
        (void)pthread_mutex_init(&q->lock, NULL);
        return q;
}

void queue_free(struct queue *q) {
        if (!q)
                return;
        (void)close(q->fd);
        (void)pthread_mutex_destroy(&q->lock);
        free(q);
}

int queue_fd(const struct queue *q) {
        return q->fd;
}

bool queue_send(struct queue *q, const void *message) {
        (void)pthread_mutex_lock(&q->lock);
        bool has_room = q->len < q->n;
        bool was_empty = q->len == 0;
        if (has_room) {
                memcpy(q->room + (q->first + q->len) % q->n * q->size, message, q->size);
                q->len++;
        } else {
                q->lost++;
        }
        /* One wake-up is enough for all that waits; under the lock, so that a receiver cannot clear it in
         * between. */
        if (has_room && was_empty)
                (void)eventfd_write(q->fd, 1);
        (void)pthread_mutex_unlock(&q->lock);
        return has_room;
}

size_t queue_receive(struct queue *q, void *messages, size_t max) {
        unsigned char *to = messages;
        eventfd_t count;

        (void)pthread_mutex_lock(&q->lock);
        size_t n = q->len < max ? q->len : max;
        for (size_t i = 0; i < n; i++)
                memcpy(to + i * q->size, q->room + (q->first + i) % q->n * q->size, q->size);
        q->first = (q->first + n) % q->n;
        q->len -= n;
        /* Cleared only when nothing is left, so that a receiver with little room is called again. */
        if (q->len == 0)
                (void)eventfd_read(q->fd, &count);
        (void)pthread_mutex_unlock(&q->lock);
        return n;
}

uint64_t queue_lost(struct queue *q) {
        (void)pthread_mutex_lock(&q->lock);
        uint64_t lost = q->lost;
        (void)pthread_mutex_unlock(&q->lock);
        return lost;
}
