/* Downloads by HTTP as conversations: a segment in, what the board sends and takes. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "app/bramble-sim/web.h"
#include "base/cleanup.h"

enum { OURS = 1000, THEIRS = 5000, PORT = 30000, SERVER = 5248 };

#define OK "HTTP/1.1 200 OK\r\ncontent-length: 12\r\n\r\n"

struct line {
        uint8_t flags;
        int off; /* of the next octet that is awaited */
        const char *octets, *taken;
        enum web_state state;
};

static void talk(const struct line *lines, size_t n) {
        struct web w = {};
        struct web_step step = web_begin(&w, NULL, "10.77.0.1", SERVER, "net/boot.img", PORT, OURS, 0);
        struct frame f = { .kind = FRAME_TCP, .tcp = { .src_port = SERVER, .dst_port = PORT } };

        assert_int_equal(step.flags, FRAME_TCP_SYN);
        assert_int_equal(step.seq, OURS);
        f.tcp.seq = THEIRS;
        f.tcp.ack = OURS + 1;
        f.tcp.flags = FRAME_TCP_SYN | FRAME_TCP_ACK;
        step = web_segment(&w, &f, 1);
        assert_int_equal(step.ack, THEIRS + 1);
        assert_memory_equal(step.payload, "GET /net/boot.img HTTP/1.1\r\nhost: 10.77.0.1\r\n", 45);
        f.tcp.ack = OURS + 1 + (uint32_t)step.len;
        for (size_t i = 0; i < n; i++) {
                f.tcp.seq = w.theirs + (uint32_t)lines[i].off;
                f.tcp.flags = lines[i].flags;
                f.tcp.payload = (const uint8_t *)lines[i].octets;
                f.tcp.len = strlen(lines[i].octets);
                step = web_segment(&w, &f, 2);
                assert_int_equal(w.state, lines[i].state);
                assert_int_equal(step.data_len, strlen(lines[i].taken));
                if (step.data_len)
                        assert_memory_equal(step.data, lines[i].taken, step.data_len);
        }
}

static void what_comes_in_order_is_taken(void **state) {
        (void)state;
        static const struct line whole[] = {
                { FRAME_TCP_ACK, 0, "HTTP/1.1 200 OK\r\ncontent-le", "", WEB_READING }, /* a head in two */
                { FRAME_TCP_ACK, 0, "ngth: 12\r\n\r\nhello", "hello", WEB_READING },
                { FRAME_TCP_ACK, 7, "!", "", WEB_READING },      /* one is missing before it */
                { FRAME_TCP_ACK, -5, "hello", "", WEB_READING }, /* once more */
                { FRAME_TCP_ACK, 0, " world!", " world!", WEB_WHOLE },
        };
        static const struct line longer[] = { { FRAME_TCP_ACK, 0, OK "hello world! and more", "hello world!",
                                                WEB_WHOLE } };
        static const struct line cut[] = { { FRAME_TCP_ACK, 0, OK "hell", "hell", WEB_READING },
                                           { FRAME_TCP_ACK | FRAME_TCP_FIN, 0, "", "", WEB_BROKEN } };
        static const struct line missing[] = {
                { FRAME_TCP_ACK, 0, "HTTP/1.1 404 Not Found\r\ncontent-length: 5\r\n\r\nnope\n", "",
                  WEB_NOT_FOUND },
        };
        static const struct line moved[] = {
                { FRAME_TCP_ACK, 0, "HTTP/1.1 301 Moved\r\nlocation: /x\r\n\r\n", "", WEB_BROKEN },
        };
        static const struct line chunks[] = {
                { FRAME_TCP_ACK, 0, "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n5\r\nhello\r\n", "",
                  WEB_BROKEN },
        };
        static const struct line reset[] = { { FRAME_TCP_RST, 0, "", "", WEB_BROKEN } };

        talk(whole, ARRAY_LEN(whole));
        talk(longer, ARRAY_LEN(longer));
        talk(cut, ARRAY_LEN(cut));
        talk(missing, ARRAY_LEN(missing));
        talk(moved, ARRAY_LEN(moved));
        talk(chunks, ARRAY_LEN(chunks));
        talk(reset, ARRAY_LEN(reset));
}

static void silence_is_asked_again_and_ends(void **state) {
        (void)state;
        struct web w = {};
        unsigned asked = 0;
        (void)web_begin(&w, NULL, "10.77.0.1", SERVER, "boot.sig", PORT, OURS, 0);

        for (uint64_t now_ms = 0; !web_is_over(&w) && now_ms < 60000; now_ms += 100)
                asked += web_tick(&w, now_ms).flags == FRAME_TCP_SYN;
        assert_int_equal(asked, 10);
        assert_int_equal(w.state, WEB_BROKEN);
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(what_comes_in_order_is_taken),
                cmocka_unit_test(silence_is_asked_again_and_ends),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
