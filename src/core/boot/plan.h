/*
 * The one question: who asks, and what do they get?
 *
 * DHCP asks for options, TFTP and HTTP ask what a path contains, `bramble boot explain` prints the reasons.
 * Pure: the snapshot and what the rack knows of the moment go in, a plan comes out.
 */
/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/addr.h"
#include "base/arena.h"
#include "base/bootfile.h"
#include "core/boot/client.h"
#include "core/machine/board.h"
#include "core/site/site.h"

/* What a boot loader of ours asks for when the firmware let it start no kernel: nothing lies there. */
#define BOOT_KERNEL_REFUSED "bramble/kernel-refused"

/* The volume that firmware of a Raspberry Pi loads in place of single files. */
#define BOOT_RAMDISK "boot.img"

enum { BOOT_TOKEN_SIZE = 33 }; /* 128 random bits in hex, and the NUL */

/* What the rack knows of the moment. Everything is a value: an ask can be kept and asked again. */
struct boot_ask {
        struct mac mac; /* zero: not known (a request without DHCP) */
        enum boot_client_id client;
        bool is_supposed; /* nothing that was seen tells the client: somebody asks what it would get */
        bool has_serial, has_uuid;
        uint32_t serial;   /* from option 97, or from a serial in a requested path */
        uint32_t revision; /* Pi board revision code; 0: not known */
        int said_arch;     /* option 93 as a number; only looked at for CLIENT_UNSERVED and CLIENT_IPXE */
        uint8_t uuid[16];
        uint8_t client_id[MACHINE_CLIENT_ID_MAX];
        uint8_t client_id_len;
        struct ip_addr client_ip;       /* IP_NONE: not yet */
        struct ip_addr server;          /* our address as this client should reach us */
        uint16_t http_port, https_port; /* of ours; 0: none */
        uint8_t ca[SHA256_SIZE];        /* of the certificate that vouches for us on https_port */
        struct ip_addr subnet; /* the network address of the subnet it asks on; IP_NONE: none of ours */
        uint64_t session;      /* boot session; 0: none */

        /* What the one who asks is known by in URLs, each of this session; "": none. */
        char token[BOOT_TOKEN_SIZE];       /* in those of its files */
        char agent_token[BOOT_TOKEN_SIZE]; /* the agent that it boots */
        char seed_token[BOOT_TOKEN_SIZE]; /* the system that it boots over the network, where it has a seed */
        bool is_seed_closed;              /* its secrets were given, and are given no more */
        bool has_ramdisk;   /* it fetched boot.img in this session: the agent in that has no token */
        bool is_root_ready; /* what keeps the root of its system on this server has made it ready for this
                               boot */
};

/* What goes into an OFFER or ACK for the boot; texts live in the plan's arena. */
struct boot_offer {
        bool is_bootable;              /* false: none of the rest is sent */
        struct ip_addr next_server;    /* siaddr, and option 66 dotted where has_server_name */
        const char *bootfile;          /* `file` field or option 67; an URL for HTTPClient; "" none */
        const char *vendor_class;      /* option 60 to answer with: "PXEClient", "HTTPClient" or "" */
        bool has_server_name;          /* send option 66 */
        bool echo_uuid;                /* send option 97 back */
        const uint8_t *vendor_options; /* option 43 */
        size_t vendor_options_len;
        const char *pxe_config; /* option 209; "" none */
};

struct boot_method; /* method.h: one row for each way to boot */

/* Stands for the token in URLs of an ask that has none: `bramble boot explain`, a machine with a static
 * address. */
#define BOOT_TOKEN_NONE "-"

struct boot_plan {
        const struct site *site; /* borrowed */
        const struct boot_client *client;
        const struct boot_method *method; /* NULL when nothing is served */
        const struct machine *machine;    /* NULL: nobody registered it */
        const struct subnet *subnet;
        const struct board *board;      /* what kind of computer it is, as far as known; NULL: not */
        const struct image *image;      /* what it runs, or whose kernel the agent runs under; NULL: none */
        const struct image_file *agent; /* the archive that is appended to its initrd; NULL: none is */
        enum boot_purpose purpose;
        struct boot_ask ask;
        struct boot_offer offer;
        const char **reasons; /* sentences, in the order they were found; NULL-terminated */
        size_t n_reasons;
        const char *contradiction; /* what does not fit of who it says it is; NULL: all does */
        const char *nothing;       /* of the reasons, why it has no tree at all; NULL: it has one */
        bool is_in_ramdisk;        /* of what lies inside boot.img: the same for every board of its kind */
        struct arena *arena;       /* borrowed: lives as long as the plan */
};

/**
 * boot_plan() - decide what one client gets
 * @site:       the snapshot; must outlive the plan
 * @ask:        who asks; copied
 * @arena:      room for the plan's texts
 *
 * Always gives a plan: a client that gets nothing has a plan that says why. NULL only when the arena is
 * exhausted.
 */
const struct boot_plan *boot_plan(const struct site *site, const struct boot_ask *ask, struct arena *arena);

enum boot_file_answer {
        BOOT_FILE_FOUND = 0,
        BOOT_FILE_MISSING, /* answer "not found" at once: firmware probes for what it can do without */
};

/**
 * boot_plan_file() - what lies at a path of the tree that this plan's client sees
 * @path:       as it came from the wire: normalised here (slashes, backslashes, "..", prefixes of serial or
 * MAC, case)
 * @blobs:      opens content
 * @ret:        the file, one reference, the caller's
 * @ret_path:   (may be NULL) the normalised path, in the plan's arena: what the trail shows
 *
 * Return: BOOT_FILE_FOUND, BOOT_FILE_MISSING, or -errno.
 */
int boot_plan_file(const struct boot_plan *plan, const char *path, const struct blob_source *blobs,
                   struct boot_file **ret, const char **ret_path);

/**
 * boot_plan_why() - why boot_plan_file() gave no file, in words
 * @answer:     what it returned
 *
 * Return: a sentence that lives as long as the plan; "" where the tree has simply no file of that name, which
 * is what most probes of firmware come to.
 */
const char *boot_plan_why(const struct boot_plan *plan, int answer);

/* One line of the tree that `bramble boot files` prints. */
struct boot_entry {
        const char *path;
        uint64_t size;
        bool is_generated; /* made for this machine, not an image's file as it is */
        const char
                *why; /* "made for this machine: …", or why it cannot be; NULL: an image's file, as it is */
};

/**
 * boot_plan_each_file() - every file that the plan serves, sorted by path, until @fn returns non-zero
 * @blobs:      opens content: the size of a generated file can hang on it
 *
 * Return: 0, what @fn returned, or -errno.
 */
int boot_plan_each_file(const struct boot_plan *plan, const struct blob_source *blobs,
                        int (*fn)(void *ctx, const struct boot_entry *e), void *ctx);

enum { BOOT_LOADS_SIZE = 128 };

/* Names without folders; "": none, or not known. */
struct boot_loads {
        char kernel[BOOT_LOADS_SIZE], initramfs[BOOT_LOADS_SIZE];
};

/** boot_plan_loads() - what the plan's client is told to load, as far as that can be said. */
void boot_plan_loads(const struct boot_plan *plan, const struct blob_source *blobs, struct boot_loads *ret);

/**
 * boot_path_identity() - who asks, as far as a requested path says it
 *
 * A serial or MAC that begins it ("a1b2c3d4/config.txt", "dc-a6-32-01-02-03/…"), or a MAC in a name of the
 * PXELINUX kind
 * ("pxelinux.cfg/01-dc-a6-32-01-02-03"), which also tells the client. What the ask has already stays.
 *
 * Return: true when something was found and set.
 */
bool boot_path_identity(const char *path, struct boot_ask *ask);

/** boot_purpose_of() - what a boot is for: of a machine, or (@m NULL) of a stranger on @subnet, which may be
 * NULL too. */
enum boot_purpose boot_purpose_of(const struct machine *m, const struct subnet *subnet,
                                  const struct boot_ask *ask);

/** boot_ask_from_evidence() - the part of an ask that a DHCP packet tells: MAC, client, serial, revision,
 * UUID. The rest is zero. */
void boot_ask_from_evidence(const struct boot_evidence *e, struct boot_ask *ret);

/**
 * boot_client_expected() - the firmware that a machine usually asks with
 *
 * By its board, else by its architecture and what the image holds; what `bramble boot files NAME` shows the
 * tree of. Either may be NULL. NULL when nothing tells.
 */
const struct boot_client *boot_client_expected(const struct board_set *boards, const struct machine *machine,
                                               const struct image *image);

const char *boot_method_name(const struct boot_method *m);  /* "pi-tftp"; "" for NULL */
const char *boot_method_title(const struct boot_method *m); /* for people, likewise */

/** boot_board_check() - whether the client and methods that a board names are rows here; 0 or -EINVAL with a
 * sentence. */
MUST_CHECK int boot_board_check(const struct board *b, struct error *reterr);
