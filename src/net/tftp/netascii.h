/*
 * netascii (RFC 764 as RFC 1350 uses it): a line feed goes out as CR LF, a lone carriage return as CR NUL.
 *
 * Converts piece by piece. A place in the converted stream is where the reading stands in the file and
 * whether the second octet of a pair is still owed, so that a block border may fall inside a pair.
 */
/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct netascii_place {
        uint64_t offset; /* of the file: the next octet to read, or the one whose second half is owed */
        bool owes_second_octet;
};

/**
 * netascii_convert() - convert from @place on
 * @in:         the file's octets at place->offset, @in_len of them
 * @out:        room for @out_len octets, or NULL: only move the place
 *
 * Ends when the input is used up or the room is full; @place moves by what was converted.
 * Return: octets of the converted stream.
 */
size_t netascii_convert(struct netascii_place *place, const uint8_t *in, size_t in_len, uint8_t *out,
                        size_t out_len);
