/* ICMP echo on a raw socket; see ping.h. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "io/ping.h"

#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/reader.h"
#include "base/writer.h"
#include "io/clock.h"
#include "io/crypto.h"

enum { ECHO_REPLY = 0, ECHO = 8, ECHO_LEN = 8, AGAIN_MS = 250, IP_HEADER_MAX = 60 };

/* RFC 1071, of an even number of octets. */
static uint16_t checksum(const uint8_t *octets, size_t len) {
        uint32_t sum = 0;

        for (size_t i = 0; i < len; i += 2)
                sum += (uint32_t)octets[i] << 8 | octets[i + 1];
        while (sum >> 16)
                sum = (sum & 0xffff) + (sum >> 16);
        return (uint16_t)~sum;
}

static void write_echo(uint8_t echo[static ECHO_LEN], uint16_t id, uint16_t sequence) {
        struct writer w = writer_of(echo, ECHO_LEN);

        write_u8(&w, ECHO);
        write_u8(&w, 0);
        write_u16(&w, 0); /* the checksum's place */
        write_u16(&w, id);
        write_u16(&w, sequence);
        const uint16_t sum = checksum(echo, ECHO_LEN);
        echo[2] = (uint8_t)(sum >> 8);
        echo[3] = (uint8_t)sum;
}

/* A raw socket hears all ICMP that comes to us. */
static bool is_reply(const uint8_t *packet, size_t len, uint32_t from, uint16_t id) {
        struct reader r = reader_of(packet, len);

        const size_t header = (size_t)(read_u8(&r) & 15) * 4;
        (void)read_octets(&r, 11);
        const uint32_t source = read_u32(&r);
        if (header < 20)
                return false;
        (void)read_octets(&r, header - 16);
        const uint8_t type = read_u8(&r);
        (void)read_octets(&r, 3);
        return read_u16(&r) == id && type == ECHO_REPLY && source == from && !r.bad;
}

static bool hear(int fd, uint64_t until_ms, uint32_t from, uint16_t id) {
        uint8_t packet[IP_HEADER_MAX + 64];

        for (uint64_t now_ms; (now_ms = clock_now_ms()) < until_ms;) {
                struct pollfd p = { .fd = fd, .events = POLLIN };
                if (poll(&p, 1, (int)(until_ms - now_ms)) <= 0)
                        continue;
                ssize_t n = recv(fd, packet, sizeof(packet), MSG_DONTWAIT);
                if (n > 0 && is_reply(packet, (size_t)n, from, id))
                        return true;
        }
        return false;
}

bool ping_answers(const struct ip_addr *ip, unsigned timeout_ms) {
        const struct sockaddr_in to = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(ip_to_v4(ip)) };
        const uint64_t end_ms = clock_now_ms() + timeout_ms;
        bool is_alive = false;
        uint16_t id;

        if (ip->family != IP_V4)
                return false;
        const int fd = socket(AF_INET, SOCK_RAW | SOCK_CLOEXEC, IPPROTO_ICMP);
        if (fd < 0)
                return false;
        random_octets(&id, sizeof(id));
        for (uint16_t sequence = 0; !is_alive && clock_now_ms() < end_ms; sequence++) {
                uint8_t echo[ECHO_LEN];
                const uint64_t again_ms = clock_now_ms() + AGAIN_MS;

                write_echo(echo, id, sequence);
                (void)sendto(fd, echo, sizeof(echo), 0, (const struct sockaddr *)&to, sizeof(to));
                is_alive = hear(fd, again_ms < end_ms ? again_ms : end_ms, ip_to_v4(ip), id);
        }
        (void)close(fd);
        return is_alive;
}
