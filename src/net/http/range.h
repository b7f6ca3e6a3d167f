/*
 * Which octets of a file a GET or HEAD asks for, and whether it asks for any (RFC 9110 sections 13 and 14).
 *
 * Pure: header texts and the file's tag and size in, a decision out. One range is served as a part; several
 * are answered with the whole file, as section 14.2 allows, because no firmware asks for several.
 */
/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

/* The request's header fields, as they came; NULL when absent. */
struct http_conditions {
        bool is_head;
        const char *if_match, *if_none_match, *if_range, *range;
};

enum http_selection_kind {
        HTTP_WHOLE = 200,
        HTTP_PART = 206,
        HTTP_NOT_MODIFIED = 304,
        HTTP_PRECONDITION_FAILED = 412,
        HTTP_UNSATISFIABLE = 416
};

struct http_selection {
        enum http_selection_kind kind; /* its value is the status */
        uint64_t offset, len;          /* the octets to send; 0, 0 unless HTTP_WHOLE or HTTP_PART */
};

/**
 * http_select() - decide what of a file goes out
 * @c:          the request's conditions
 * @etag:       the file's tag with its quotes, a strong one
 * @size:       of the file, octets
 *
 * In the order of section 13.2.2. A Range that is not understood is ignored (section 14.2), and so is one of
 * a HEAD. If-Range holds only for the very tag: files here have no dates.
 */
struct http_selection http_select(const struct http_conditions *c, const char *etag, uint64_t size);

/** http_tag_listed() - whether @etag (strong) stands in the header value @list: "*", or tags with commas
 * between; @weakly: W/ may stand before it. */
bool http_tag_listed(const char *list, const char *etag, bool weakly);
