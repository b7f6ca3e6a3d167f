/* Programs that come with brambled and are nobody's command. */
/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/** beside_find() - where such a program lies: installed, or in the build folder that this brambled is of. The
 * caller's; NULL when it is not there. */
char *beside_find(const char *name);
