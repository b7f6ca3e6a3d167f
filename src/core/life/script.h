/*
 * Scripts that an agent runs: those it brings along and those that are stored here, by name or tag, and an
 * operator's own, whole. Pure.
 */
/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <jansson.h>

#include "base/error.h"
#include "core/site/site.h"

enum {
        SCRIPT_TIMEOUT_S_DEFAULT = 3600,
        SCRIPT_TIMEOUT_S_MAX = 7 * 24 * 3600,
        SCRIPT_VALUE_MAX = 1024 /* octets of a parameter's value */
};

/* A script of this tag is run by a commission only when it is asked for. */
#define SCRIPT_TAG_NOAUTO "noauto"

/**
 * script_check() - whether an item of an order's list can be a script
 *
 * Either a text, a name or a tag, or {"name", "body_base64"} with "timeout_s" and "parameters", which may be
 * left out.
 * Return: 0 or -EINVAL with a sentence.
 */
MUST_CHECK int script_check(const json_t *item, struct error *reterr);

/** script_check_parameters() - whether it is an object of values that scripts can be given; likewise. */
MUST_CHECK int script_check_parameters(const json_t *value, struct error *reterr);

/** script_is_builtin() - whether the agent brings one of this name along. */
bool script_is_builtin(const char *name);

/* What a task's list is made of. */
struct script_wish {
        const struct site *site;
        const struct machine *machine;
        const json_t *scripts; /* of the order; NULL or null: what is usual */
        const json_t *parameters;
        bool is_commission; /* it is usual that the stored ones of its type run too */
};

/** script_wish_check() - whether each name is of something, and each parameter is taken by one of them; 0 or
 * -EINVAL with a sentence. */
MUST_CHECK int script_wish_check(const struct script_wish *w, struct error *reterr);

/** script_list() - the list as a task has it: a new array, without what is gone meanwhile. NULL: out of
 * memory. */
json_t *script_list(const struct script_wish *w);
