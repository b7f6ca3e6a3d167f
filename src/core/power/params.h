/*
 * What an operator says of a machine's power: values for a driver's keys, kept as a JSON object of texts.
 *
 * Pure. The rows of the driver say which keys there are and what a value must look like.
 */
/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/cleanup.h"
#include "base/error.h"
#include "core/power/power.h"

enum {
        POWER_PARAMS_MAX = 32,  /* of one machine */
        POWER_VALUE_MAX = 1024, /* octets: a URL, a regular expression, a token */
        POWER_KEY_NAME_MAX = 31 /* octets */
};

/* What stands for a secret where parameters are shown. */
#define POWER_HIDDEN "(hidden)"

struct power_param {
        char *name, *value;
};

struct power_params {
        const struct power_driver *driver;
        struct power_param *params; /* as they were given, in order */
        size_t n;
};

/**
 * power_params_parse() - read and check parameters
 * @json:       an object of texts, numbers and booleans; NULL or "": none
 * @was:        the parameters until now, for a secret that comes back as POWER_HIDDEN; NULL: none
 * @ret:        set on success only; the caller frees it
 *
 * Return: 0, -ENOMEM, or -EINVAL with a sentence that names the driver and the key.
 */
MUST_CHECK int power_params_parse(const struct power_driver *driver, const char *json,
                                  const struct power_params *was, struct power_params **ret,
                                  struct error *reterr);

/** power_params_new() - none yet: for who has them one by one, by power_params_set() and then
 * power_params_check(). */
MUST_CHECK int power_params_new(const struct power_driver *driver, struct power_params **ret,
                                struct error *reterr);
void power_params_free(struct power_params *p);
DEFINE_CLEANUP(struct power_params, power_params_free)

/** power_params_set() - one value more, or another one, as a driver learnt it; checked as the others. */
MUST_CHECK int power_params_set(struct power_params *p, const char *name, const char *value,
                                struct error *reterr);

/** power_params_check() - whether all that the driver needs is there. 0 or -EINVAL with a sentence. */
MUST_CHECK int power_params_check(const struct power_params *p, struct error *reterr);

/** power_params_json() - the text that power_params_parse() takes; free() it. NULL when out of memory.
 * @is_shown: secrets as POWER_HIDDEN. */
char *power_params_json(const struct power_params *p, bool is_shown);

/* A value as it was given, or the row's fallback; NULL when there is neither. */
const char *power_param(const struct power_params *p, const char *name);
bool power_param_is_given(const struct power_params *p, const char *name);
uint32_t power_param_number(const struct power_params *p, const char *name); /* of a row that has a number */
bool power_param_bool(const struct power_params *p, const char *name);

/** power_controller() - what several machines share, for the queue: "snmp_poe 10.0.0.2"; "" when each has its
 * own. Into POWER_CONTROLLER_SIZE octets. */
void power_controller(const struct power_params *p, char *buf, size_t size);

/** power_peer() - what the driver talks to, for sentences: "switch 10.0.0.2 port 7"; "" when it is nothing.
 */
void power_peer(const struct power_params *p, char *buf, size_t size);
