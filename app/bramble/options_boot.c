/* Options of boots, leases and the doctor; see options.h. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "app/bramble/options.h"

#define CLIENTS "pi3|pi4|pi5|uboot|uefi|uefi-http|ipxe|bios"

const struct option lease_options[] = {
        { "state", "STATE", VALUE_CHOICE, "free|offered|bound|declined", NULL, FORM_NONE,
          "Only leases in this state. Default: bound and declined ones that have not run out." },
        { "mac", "MAC", VALUE_MAC, NULL, NULL, FORM_NONE, "Only leases of this MAC." },
        {},
};

const struct option client_options[] = {
        { "client", "CLIENT", VALUE_TEXT, CLIENTS, NULL, FORM_NONE,
          "Firmware that asks: " CLIENTS
          " and others. Default: as it was last seen, or what its board suggests." },
        {},
};

const struct option trail_options[] = {
        { "last", "N", VALUE_NUMBER, NULL, NULL, FORM_NONE,
          "With --json: this many boots, newest first. Default: 1." },
        {},
};

const struct option doctor_options[] = {
        { "led", "LONG,SHORT", VALUE_TEXT, NULL, NULL, FORM_NONE,
          "How its LED flashes: so many long flashes, then so many short ones." },
        { "patience", "SECONDS", VALUE_NUMBER, NULL, NULL, FORM_NONE,
          "Silence that a system which was started is given before it counts. Default: 60." },
        {},
};

const struct option selftest_options[] = {
        { "step", "STEP", VALUE_CHOICE,
          "first-boot|large-file|reboot|hand-over|dropped-options|proxy|netconsole", NULL, FORM_LIST,
          "Only this step. May be given more than once. Default: all but proxy and netconsole." },
        { "patience", "SECONDS", VALUE_NUMBER, NULL, NULL, FORM_NONE,
          "How long a boot is waited for. Default: 600." },
        { "quiet", "SECONDS", VALUE_NUMBER, NULL, NULL, FORM_NONE,
          "How long a board that says nothing has ended its boot. Default: 20." },
        {},
};

const struct option report_options[] = {
        { "out", "FILE", VALUE_FILE, NULL, NULL, FORM_NONE, "File that is written." },
        { "led", "LONG,SHORT", VALUE_TEXT, NULL, NULL, FORM_NONE,
          "How its LED flashes, if it does: long flashes, then short ones." },
        { "comment", "TEXT", VALUE_TEXT, NULL, NULL, FORM_NONE,
          "What somebody should know: which board it is, what it did." },
        { "yes", NULL, VALUE_NONE, NULL, NULL, FORM_NONE, "Do not ask before it is written." },
        {},
};

const struct option watch_options[] = {
        { "machine", "NAME", VALUE_MACHINE, NULL, NULL, FORM_NONE, "Only this machine." },
        { "since-start", NULL, VALUE_NONE, NULL, NULL, FORM_NONE, "Begin with all steps that are kept." },
        {},
};
