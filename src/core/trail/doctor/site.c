/* The site's own checks; see site.h. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "core/trail/doctor/site.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

enum {
        SEEN_MIN = 3,            /* frames, before their absence behind a filter says something */
        YOUNGEST_S = 1735689600, /* 2025-01-01: this program is younger */
        AHEAD_S = 10 * 60,       /* that a clock may have been set back */
};

void site_names_add(struct site_names *names, const char *format, ...) {
        va_list args;

        if (names->n < SITE_NAMES_MAX) {
                va_start(args, format);
                (void)vsnprintf(names->items[names->n], SITE_NAME_SIZE, format, args);
                va_end(args);
        }
        names->n++;
}

/* "a; b; and 3 more" */
static bool list(const struct site_names *names, char *buf, size_t size) {
        size_t shown = names->n < SITE_NAMES_MAX ? names->n : SITE_NAMES_MAX, len = 0;

        for (size_t i = 0; i < shown && len < size; i++)
                len += (size_t)snprintf(buf + len, size - len, "%s%s", i ? "; " : "", names->items[i]);
        if (names->n > shown && len < size)
                (void)snprintf(buf + len, size - len, "; and %zu more", names->n - shown);
        return names->n > 0;
}

static bool has_foreign(const struct site_facts *f, char *buf, size_t size) {
        return list(&f->foreign, buf, size);
}

static bool has_clash(const struct site_facts *f, char *buf, size_t size) {
        return list(&f->ports, buf, size);
}

static bool has_bad_link(const struct site_facts *f, char *buf, size_t size) {
        return list(&f->links, buf, size);
}

static bool has_small_mtu(const struct site_facts *f, char *buf, size_t size) {
        return list(&f->mtus, buf, size);
}

static bool lacks_rights(const struct site_facts *f, char *buf, size_t size) {
        return list(&f->rights, buf, size);
}

static bool has_unbootable(const struct site_facts *f, char *buf, size_t size) {
        return list(&f->unbootable, buf, size);
}

static bool has_lost(const struct site_facts *f, char *buf, size_t size) {
        return list(&f->lost, buf, size);
}

static bool has_strayed(const struct site_facts *f, char *buf, size_t size) {
        return list(&f->strayed, buf, size);
}

static bool has_left(const struct site_facts *f, char *buf, size_t size) {
        return list(&f->left, buf, size);
}

static bool is_filtered(const struct site_facts *f, char *buf, size_t size) {
        const struct {
                const char *name;
                uint64_t seen, received;
        } rows[] = { { "DHCP (UDP port 67)", f->dhcp_seen, f->dhcp_received },
                     { "TFTP (UDP port 69)", f->tftp_seen, f->tftp_received } };

        for (size_t i = 0; i < ARRAY_LEN(rows); i++)
                if (rows[i].seen >= SEEN_MIN && rows[i].received == 0) {
                        (void)snprintf(buf, size,
                                       "%llu packets of %s reached the interface, and none this server",
                                       (unsigned long long)rows[i].seen, rows[i].name);
                        return true;
                }
        return false;
}

static bool is_clock_wrong(const struct site_facts *f, char *buf, size_t size) {
        if (f->now_s < YOUNGEST_S)
                (void)snprintf(buf, size, "the clock is years behind");
        else if (f->newest_s > f->now_s + AHEAD_S)
                (void)snprintf(buf, size,
                               "the clock is behind what was written down already, by %lld minutes",
                               (long long)(f->newest_s - f->now_s) / 60);
        else if (!f->is_clock_kept)
                (void)snprintf(buf, size, "nothing keeps the clock of this server right");
        else
                return false;
        return true;
}

#define PAGE(id) "doctor/site.md#" id

const struct site_check site_checks[] = {
        { "foreign-dhcp", "No other DHCP server answers", DOCTOR_WARNING, PAGE("foreign-dhcp"),
          "Switch it off, or serve boots beside it: bramble subnet set CIDR --dhcp proxy.", has_foreign },
        { "port-clash", "Our ports are ours", DOCTOR_FAULT, PAGE("port-clash"),
          "Stop the other program: dnsmasq, isc-dhcp-server, tftpd-hpa and the like.", has_clash },
        { "links", "The interfaces are served", DOCTOR_FAULT, PAGE("links"),
          "Put up the interface, or give it an address in its subnet.", has_bad_link },
        { "firewall", "No filter is between the network and this server", DOCTOR_FAULT, PAGE("firewall"),
          "Let UDP 67, 69, 4011 and 6666, and TCP 5248 and 5249 in on the interfaces that are served.",
          is_filtered },
        { "boot-plans", "Machines that are to boot have something to boot", DOCTOR_FAULT, PAGE("boot-plans"),
          "bramble boot explain NAME says more; give it an image that serves its board.", has_unbootable },
        { "boot-files", "Their files are there", DOCTOR_FAULT, PAGE("boot-files"),
          "Import the image again; bramble image verify NAME reads all of it.", has_lost },
        { "eeprom-server", "EEPROMs name this server, or none", DOCTOR_WARNING, PAGE("eeprom-server"),
          "bramble eeprom plan --all --server ADDRESS shows all of them; bramble eeprom apply gives them "
          "other settings where they still come here; where they do not, bramble eeprom adopt does, or a "
          "card "
          "where they check what they boot.",
          has_strayed },
        { "left-volumes", "What this server keeps has its machine", DOCTOR_WARNING, PAGE("left-volumes"),
          "Mend what brambled's log says was left out, and restart brambled; what is not wanted any more "
          "goes with its machine's next deployment, or when the machine is deleted.",
          has_left },
        { "mtu", "Packets have their full size", DOCTOR_WARNING, PAGE("mtu"),
          "Set the MTU to 1500 on the interface and on all that is between: ip link set IF mtu 1500.",
          has_small_mtu },
        { "clock", "The clock is right", DOCTOR_WARNING, PAGE("clock"),
          "Run a time service, as systemd-timesyncd or chrony: leases and certificates go by the clock.",
          is_clock_wrong },
        { "rights", "This server may do its work", DOCTOR_FAULT, PAGE("rights"),
          "Start it by its systemd unit, or as root: it keeps these rights alone.", lacks_rights },
};

const size_t site_n_checks = ARRAY_LEN(site_checks);
