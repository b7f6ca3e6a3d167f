/* A folder for files that are needed for a moment: below $TMPDIR, nobody else's, and gone with who made it.
 */
/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/** temporary_folder() - its path; NULL with errno. To be ended, with the files in it, by
 * temporary_folder_end(). */
char *temporary_folder(void);

/* Also the CLEANUP() function for such a path on the stack; what lies deeper than files stays. */
void temporary_folder_end(char **folder);
