/*
 * Strict reading of JSON objects: a table of members, each with the function that reads it.
 *
 * A member that is in no table is an error that names it, and the one that was probably meant. null leaves
 * the default.
 */
/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <jansson.h>
#include <stddef.h>

#include "base/addr.h"
#include "base/error.h"

struct api_field {
        const char *name;
        bool is_required;
        /* Puts a value that is not null into @thing; 0 or -EINVAL with a sentence that needs not name the
         * member. */
        int (*read)(void *thing, const json_t *value, struct error *reterr);
};

/**
 * api_fields_read() - all members of @in into @thing
 * @ret_field:  the member that is wrong, as it stands in the request or the table; lives as long as both
 *
 * Return: 0, or -errno with a sentence.
 */
MUST_CHECK int api_fields_read(const json_t *in, const struct api_field *fields, size_t n, void *thing,
                               const char **ret_field, struct error *reterr);

/* Values of one kind; each is 0 or -EINVAL with a sentence. */
MUST_CHECK int api_read_text(const json_t *value, char *buf, size_t size, struct error *reterr);
MUST_CHECK int api_read_number(const json_t *value, int64_t min, int64_t max, int64_t *ret,
                               struct error *reterr);
MUST_CHECK int api_read_ip(const json_t *value, struct ip_addr *ret, struct error *reterr);
MUST_CHECK int api_read_net(const json_t *value, struct ip_net *ret, struct error *reterr);

/** api_read_list() - every item of an array of at most @max; *@ret_n counts those that were read. */
MUST_CHECK int api_read_list(const json_t *value, size_t max, void *thing, size_t *ret_n,
                             int (*read)(void *thing, size_t at, const json_t *item, struct error *reterr),
                             struct error *reterr);

/* The same values written; each is a new reference or NULL. */
json_t *api_text_or_null(const char *s); /* null for NULL and "" */
json_t *
api_text_or_empty(const char *s); /* "" for NULL; also for octets that are no UTF-8, as a stranger may send */
json_t *api_ip(const struct ip_addr *ip); /* null when it is not set */
json_t *api_mac(const struct mac *mac);
json_t *api_net(const struct ip_net *net);
json_t *api_time(int64_t unix_s); /* RFC 3339 in UTC */
json_t *api_time_ms(int64_t unix_ms);
json_t *api_hex(const void *octets, size_t len); /* null when len is 0 */
