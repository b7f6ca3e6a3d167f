/*
 * Imports under way: an image arrives file by file, in requests of its own.
 *
 * One request at a time works on an import; who comes meanwhile is refused. What fails in the middle ends the
 * whole import, and one that hears nothing for a while is given up, so that nothing half done stays.
 */
/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stdint.h>

#include "api/call.h"

enum {
        API_IMPORTS_MAX = 16, /* at once */
        API_IMPORT_IDLE_MS = 15 * 60 * 1000
};

struct api_imports;

struct api_imports *api_imports_new(void);      /* NULL: out of memory */
void api_imports_free(struct api_imports *all); /* gives up what is under way; no request may be on its way */
DEFINE_CLEANUP(struct api_imports, api_imports_free)

/** api_imports_cancel() - those that are being finished end soon, without an image: nobody will hear of it.
 */
void api_imports_cancel(struct api_imports *all);

/** api_imports_sweep() - give up those that heard nothing for too long. */
void api_imports_sweep(struct api_imports *all, uint64_t now_ms);

/*
 * One file, streamed. begin() gives NULL only when out of memory: what is wrong is answered at the end, so
 * that the client has sent its body by then. data() is negative when the rest is of no use.
 */
struct api_upload;

struct api_upload *api_upload_begin(struct api_imports *all, const char *id, const char *path,
                                    const char *role,
                                    uint64_t size); /* octets that will come; 0: not known */
int api_upload_data(struct api_upload *u, const void *data, size_t len);
void api_upload_end(struct api_upload *u, struct api_call *c); /* frees @u */
void api_upload_abort(struct api_upload *u); /* the connection broke: the import is given up; frees @u */
