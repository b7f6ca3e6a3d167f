/* Finding our other programs; see beside.h. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "app/brambled/beside.h"
#include "base/cleanup.h"

char *beside_find(const char *name) {
        /* From the folder that brambled lies in: /usr/sbin, the top of a build, its own folder in one. */
        static const char *const places[] = { "/../lib/bramble/", "/", "/../" };
        char own[PATH_MAX];
        ssize_t n = readlink("/proc/self/exe", own, sizeof(own) - 1);
        if (n <= 0)
                return NULL;
        own[n] = '\0';
        *strrchr(own, '/') = '\0';

        for (size_t i = 0; i < ARRAY_LEN(places); i++) {
                char *path = NULL, *real = NULL;
                bool is_folder = strcmp(places[i], "/../") == 0; /* app/NAME/NAME */
                if (asprintf(&path, "%s%s%s%s%s", own, places[i], is_folder ? name : "", is_folder ? "/" : "",
                             name) >= 0 &&
                    access(path, X_OK) == 0)
                        real = realpath(path, NULL);
                free(path);
                if (real)
                        return real;
        }
        return NULL;
}
