/* What an import made, in a line; see imported.h. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>

#include "app/bramble/imported.h"
#include "app/bramble/print.h"

void tell_imported(const json_t *image) {
        CLEANUP(text_free) struct text line = {};

        text_append(&line, "image ");
        print_text(&line, json_text_at(image, "name"));
        text_printf(&line, ": %" JSON_INTEGER_FORMAT " files, ",
                    json_integer_value(json_at(image, "n_files")));
        print_size(&line, (uint64_t)json_integer_value(json_at(image, "size")));
        if (*json_text_at(image, "arch"))
                text_printf(&line, ", %s", json_text_at(image, "arch"));
        const json_t *boards = json_at(image, "boards"), *board;
        size_t i;
        json_array_foreach(boards, i, board) {
                text_append(&line, i ? ", " : ", boots ");
                print_text(&line, json_string_value(board) ? json_string_value(board) : "");
        }
        if (line.octets)
                (void)puts(line.octets);
}
