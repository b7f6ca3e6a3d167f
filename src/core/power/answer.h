/*
 * What foreign devices and programs answer, turned into states and sentences. Pure; each driver's own file
 * has its part.
 */
/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/cleanup.h"
#include "base/error.h"
#include "core/power/power.h"

/*
 * Each reads an answer and returns 0 (with the state, which may be POWER_UNKNOWN) or -errno with a sentence:
 * -EBADMSG where it makes no sense, others as in power_act(). Texts need no NUL at their end.
 */

/** ipmi_answer_parse() - what ipmipower writes: "HOST: on", "HOST: ok", "HOST: password invalid". */
MUST_CHECK int ipmi_answer_parse(const char *text, size_t len, enum power_state *ret, struct error *reterr);

/** tasmota_answer_parse() - {"POWER2":"ON"}; {"POWER":"ON"} of a device with one outlet. */
MUST_CHECK int tasmota_answer_parse(const char *text, size_t len, unsigned outlet, enum power_state *ret,
                                    struct error *reterr);

/** shelly_answer_parse() - {"ison":true} of the first generation, {"output":true} of the second. */
MUST_CHECK int shelly_answer_parse(const char *text, size_t len, unsigned generation, enum power_state *ret,
                                   struct error *reterr);

/** shelly_generation_parse() - what /shelly says of itself; 1 or 2 (which later ones are like), or -errno. */
MUST_CHECK int shelly_generation_parse(const char *text, size_t len, struct error *reterr);

/** webhook_answer_parse() - by the two expressions of MAAS' contract; the first that matches counts. */
MUST_CHECK int webhook_answer_parse(const char *text, size_t len, const char *on_regex, const char *off_regex,
                                    enum power_state *ret, struct error *reterr);

enum { REDFISH_PATH_MAX = 256 };

/* Of a ComputerSystem (DMTF DSP0268). */
struct redfish_system {
        enum power_state state;
        char reset_path[REDFISH_PATH_MAX]; /* of the action #ComputerSystem.Reset; "" there is none */
        char resets[512];                  /* ",On,ForceOff,GracefulShutdown,"; "" it does not say */
        char targets[512];                 /* of BootSourceOverrideTarget, likewise */
        char etag[128];
};

MUST_CHECK int redfish_system_parse(const char *text, size_t len, struct redfish_system *ret,
                                    struct error *reterr);

/** redfish_member_parse() - the path of the system whose id is @id, or of the only one there is when it is
 * NULL. */
MUST_CHECK int redfish_member_parse(const char *text, size_t len, const char *id,
                                    char ret[static REDFISH_PATH_MAX], struct error *reterr);

/** redfish_reason() - the sentence of an error's body, into @buf; "" when it has none. */
void redfish_reason(const char *text, size_t len, char *buf, size_t size);

/** power_plain() - foreign text for sentences: printable ASCII, one line, cut to @size. */
void power_plain(const char *text, size_t len, char *buf, size_t size);
