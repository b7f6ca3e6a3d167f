/* A folder for a moment; see temporary.h. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "app/bramble/temporary.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

char *temporary_folder(void) {
        const char *below = getenv("TMPDIR");
        char *path = NULL;

        if (asprintf(&path, "%s/bramble-XXXXXX", below && *below ? below : "/tmp") < 0)
                return NULL;
        if (mkdtemp(path))
                return path;
        free(path);
        return NULL;
}

void temporary_folder_end(char **folder) {
        DIR *d = *folder ? opendir(*folder) : NULL;

        for (const struct dirent *e; d && (e = readdir(d));)
                if (e->d_name[0] != '.')
                        (void)unlinkat(dirfd(d), e->d_name, 0);
        if (d)
                (void)closedir(d);
        if (*folder)
                (void)rmdir(*folder);
        free(*folder);
}
