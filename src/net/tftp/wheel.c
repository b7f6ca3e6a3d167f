/* The timer wheel. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "net/tftp/wheel.h"

static struct list *slot(struct tftp_wheel *w, uint64_t tick) {
        return &w->slots[tick % TFTP_WHEEL_SLOTS];
}

void tftp_wheel_init(struct tftp_wheel *w, uint64_t now_us) {
        w->tick = now_us / TFTP_WHEEL_TICK_US;
        w->n = 0;
        for (unsigned i = 0; i < TFTP_WHEEL_SLOTS; i++)
                list_init(&w->slots[i]);
}

static bool is_set(const struct tftp_timer *t) {
        return t->link.next && !list_is_empty(&t->link);
}

void tftp_wheel_wake_by(struct tftp_wheel *w, struct tftp_timer *t, uint64_t wake_us) {
        if (is_set(t) && t->due_us <= wake_us)
                return;

        uint64_t tick = (wake_us + TFTP_WHEEL_TICK_US - 1) / TFTP_WHEEL_TICK_US;
        if (tick < w->tick)
                tick = w->tick;
        if (tick >= w->tick + TFTP_WHEEL_SLOTS)
                tick = w->tick + TFTP_WHEEL_SLOTS - 1;
        tftp_wheel_remove(w, t);
        list_append(slot(w, tick), &t->link);
        t->due_us = tick * TFTP_WHEEL_TICK_US;
        w->n++;
}

void tftp_wheel_remove(struct tftp_wheel *w, struct tftp_timer *t) {
        if (!is_set(t))
                return;
        list_remove(&t->link);
        w->n--;
}

struct tftp_timer *tftp_wheel_expired(struct tftp_wheel *w, uint64_t now_us) {
        uint64_t now_tick = now_us / TFTP_WHEEL_TICK_US;

        /* After a long sleep one turn has seen every slot. */
        if (w->n == 0 && w->tick < now_tick)
                w->tick = now_tick;
        for (; w->tick <= now_tick; w->tick++) {
                struct list *s = slot(w, w->tick);
                if (!list_is_empty(s)) {
                        struct tftp_timer *t = LIST_ITEM(s->next, struct tftp_timer, link);
                        tftp_wheel_remove(w, t);
                        return t;
                }
                if (w->tick == now_tick)
                        break; /* timers may still be set for this millisecond */
        }
        return NULL;
}

int tftp_wheel_sleep_ms(const struct tftp_wheel *w, uint64_t now_us) {
        if (w->n == 0)
                return -1;
        for (uint64_t tick = w->tick; tick < w->tick + TFTP_WHEEL_SLOTS; tick++) {
                if (list_is_empty(&w->slots[tick % TFTP_WHEEL_SLOTS]))
                        continue;
                uint64_t due_us = tick * TFTP_WHEEL_TICK_US;
                if (due_us <= now_us)
                        return 0;
                return (int)((due_us - now_us + 999) / 1000);
        }
        return 0;
}
