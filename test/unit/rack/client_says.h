/* What clients say by DHCP, as packets that were written and parsed: short to spell in a test. */
/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "net/dhcp4/packet.h"

enum { SAYING_OPTIONS_MAX = 12 };

struct saying {
        uint8_t op; /* 0: 1, a client's */
        uint8_t type;
        const char *mac;
        uint32_t xid, ciaddr, yiaddr, giaddr;
        uint32_t wanted, server;                         /* options 50 and 54; 0: not there */
        struct dhcp4_option options[SAYING_OPTIONS_MAX]; /* up to the first with number 0 */
};

#define OPTION_TEXT(number, text) \
        { (number), sizeof(text) - 1, (const uint8_t *)(text) }

/* The whole identity of a firmware: classes as real ones send them. */
#define SAYS_PI4(uuid) \
        { \
                OPTION_TEXT(55, "\1\3\53\74\102\103\200\201\202\203\204\205\206\207"), \
                        OPTION_TEXT(60, "PXEClient:Arch:00000:UNDI:002001"), OPTION_TEXT(93, "\0\0"), \
                        OPTION_TEXT(94, "\1\2\1"), OPTION_TEXT(97, uuid) \
        }
/* The EEPROM's REQUEST lacks option 60. */
#define SAYS_PI4_REQUEST(uuid) \
        { \
                OPTION_TEXT(55, "\1\3\53\74\102\103\200\201\202\203\204\205\206\207"), \
                        OPTION_TEXT(94, "\1\2\1"), OPTION_TEXT(97, uuid) \
        }
#define SAYS_PI_ROM \
        { \
                OPTION_TEXT(55, "\53\74\103\200\201\202\203\204\205\206\207\102"), OPTION_TEXT(93, "\0\0"), \
                        OPTION_TEXT(94, "\1\2\1"), \
                        OPTION_TEXT(97, "\0" \
                                        "DDDDDDDDDDDDDDDD"), \
                        OPTION_TEXT(60, "PXEClient:Arch:00000:UNDI:002001") \
        }
#define SAYS_UEFI_AMD64(uuid) \
        { \
                OPTION_TEXT(55, "\1\2\3\4\5\6\14\15"), OPTION_TEXT(60, "PXEClient:Arch:00007:UNDI:003000"), \
                        OPTION_TEXT(93, "\0\7"), OPTION_TEXT(94, "\1\3\0"), OPTION_TEXT(97, uuid) \
        }
#define SAYS_UEFI_HTTP_AMD64 \
        { \
                OPTION_TEXT(55, "\1\2\3\4\5\6\14\15"), OPTION_TEXT(60, "HTTPClient:Arch:00016:UNDI:003000"), \
                        OPTION_TEXT(93, "\0\20"), OPTION_TEXT(94, "\1\3\0") \
        }
#define SAYS_SYSTEM \
        { OPTION_TEXT(55, "\1\3\6\17"), OPTION_TEXT(12, "board"), OPTION_TEXT(60, "udhcp 1.35.0") }

#define UUID_PI4 "\0RPi4\x12\x31\xc0\x00\x32\xa7\xed\x89\x9d\x6e\xef\xe5" /* e5ef6e9d, dc:a6:32:a7:ed:89 */
#define UUID_PC "\0\x5a\x1e\x6b\x01\x22\x33\x44\x55\x66\x77\x88\x99\xaa\xbb\xcc\xdd"

/** client_says() - the packet that @s makes; @octets: room for DHCP4_MESSAGE_MAX, which @ret points into. */
void client_says(const struct saying *s, uint8_t *octets, struct dhcp4_packet *ret);
