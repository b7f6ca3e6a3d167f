/* Roots and volumes on a server: NFS by the kernel alone, NBD with a program that stays. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "app/bramble-agent/io/nbd.h"
#include "app/bramble-agent/io/nic.h"
#include "app/bramble-agent/io/reach.h"
#include "app/bramble-agent/job.h"
#include "app/bramble-agent/root/ways.h"

enum { OPTIONS_SIZE = 512, SOURCE_SIZE = 512 };

/*
 * mount(8) would find out addresses and ask again; here both are ours. Nothing is mounted before the server
 * answers at all: a hard mount waits in the kernel, where nobody sees why.
 */
int root_nfs(const struct root_place *place, const struct root_source *from, struct error *reterr) {
        char options[OPTIONS_SIZE], source[SOURCE_SIZE], own[IP_TEXT_SIZE] = "";
        const bool is_v6 = strchr(from->server, ':');
        uint32_t address;

        job_say(place->job, "mount", 0, 0, "nfs %s:%s", from->server, from->path);
        int r = reach(from->server, from->port);
        if (r < 0)
                return error_set(reterr, -EAGAIN, "the NFS server at %s port %u is away: %s", from->server,
                                 from->port, strerror(-r));
        if (nic_address(job_world(place->job)->nic, &address) == 0)
                (void)ip4_text(address, own);
        (void)snprintf(source, sizeof(source), "%s%s%s:%s", is_v6 ? "[" : "", from->server, is_v6 ? "]" : "",
                       from->path);
        (void)snprintf(options, sizeof(options), "%s%saddr=%s,port=%u%s%s", from->options,
                       *from->options ? "," : "", from->server, from->port,
                       own[0] && !is_v6 ? ",clientaddr=" : "", is_v6 ? "" : own);
        r = root_mount(place, source, "nfs", options, reterr);
        /* A server that starts may have the port before it has the tree. */
        return r == -ENOENT || r == -EACCES || r == -ECONNREFUSED || r == -ETIMEDOUT || r == -EIO ? -EAGAIN
                                                                                                  : r;
}

int root_nbd(const struct root_place *place, const struct root_source *from, struct error *reterr) {
        const struct nbd_at at = { .server = from->server, .port = from->port, .export = from->export };
        char device[NBD_DEVICE_SIZE];

        job_say(place->job, "mount", 0, 0, "nbd %s port %u, %s", from->server, from->port, from->export);
        int r = nbd_attach(&at, place->number, device, reterr);
        return r < 0 ? r : root_mount(place, device, from->fs, "", reterr);
}
