/* Every key of brambled.yaml, the one list. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "app/brambled/config.h"

#define AT(member) .offset = offsetof(struct config, member)

const struct config_key config_keys[] = {
        {
                .name = "role",
                AT(role),
                .fallback = "all",
                .help = "What this daemon is: all (region and rack in one process). region and rack come in "
                        "a later step.",
        },
        {
                .name = "state_dir",
                AT(state_dir),
                .fallback = "/var/lib/bramble",
                .help = "Directory for leases, images, the trail and the database. One brambled may use it "
                        "at a time.",
        },
        {
                .name = "database",
                AT(database),
                .fallback = "",
                .help = "sqlite:PATH with an absolute path. Default: bramble.db in state_dir.",
        },
        {
                .name = "boards_dir",
                AT(boards_dir),
                .fallback = "/etc/bramble/boards",
                .help = "Folder of your own boards, one NAME.yaml each, laid over the built-in ones at "
                        "start.",
        },
        {
                .name = "power_dir",
                AT(power_dir),
                .fallback = "/etc/bramble/power",
                .help = "Folder of your own programs that switch power, for the power driver exec; "
                        "bramble-power-exec(7) says what they are asked.",
        },
        {
                .name = "signers_dir",
                AT(signers_dir),
                .fallback = "/etc/bramble/signers",
                .help = "Folder of your own programs that sign boots with a key that is not kept here, as an "
                        "HSM's: each is called with -a rsa2048-sha256 FILE and writes the signature in hex.",
        },
        {
                .name = "api.socket",
                AT(api_socket),
                .fallback = "/run/bramble/api.sock",
                .help = "Unix socket of the API, the only door to it.",
        },
        {
                .name = "helper.socket",
                AT(helper_socket),
                .fallback = "/run/bramble-helper.sock",
                .help = "Unix socket of bramble-helper, which keeps the roots of diskless machines. A "
                        "brambled "
                        "that root starts brings its own.",
        },
        {
                .name = "api.listen",
                .type = CONFIG_REFUSED,
                .help = "accounts do not exist yet, so the API is reachable through its socket only: remove "
                        "the key",
        },
        {
                .name = "boot_http.port",
                .type = CONFIG_NUMBER,
                AT(boot_http_port),
                .least = 1,
                .most = 65535,
                .fallback = "5248",
                .help = "TCP port that boot files are served on. It never serves the API.",
        },
        {
                .name = "boot_http.tls_port",
                .type = CONFIG_NUMBER,
                AT(boot_http_tls_port),
                .least = 1,
                .most = 65535,
                .fallback = "5249",
                .help = "TCP port that the same is served on behind TLS, for agents of subnets that ask for "
                        "it, and firmware that can.",
        },
        {
                .name = "boot_http.tls_host",
                AT(boot_http_tls_host),
                .fallback = "",
                .help = "A name that its certificate is for, beside every address of this server: where "
                        "EEPROMs have a name as HTTP_HOST. Default: none.",
        },
        {
                .name = "boot_http.connections",
                .type = CONFIG_NUMBER,
                AT(boot_http_connections),
                .least = 16,
                .most = 60000,
                .fallback = "12000",
                .help = "Most connections at once on each of both ports.",
        },
        {
                .name = "netconsole.port",
                .type = CONFIG_NUMBER,
                AT(netconsole_port),
                .most = 65535,
                .fallback = "6666",
                .help = "UDP port that consoles of machines are heard on, in the subnets that are served; 0: "
                        "none "
                        "are.",
        },
        {
                .name = "tftp.workers",
                .type = CONFIG_NUMBER,
                AT(tftp_workers),
                .most = 64,
                .fallback = "0",
                .help = "Threads that serve TFTP; 0: one for each processor, four at most.",
        },
        {
                .name = "tftp.transfers",
                .type = CONFIG_NUMBER,
                AT(tftp_transfers),
                .least = 1,
                .most = 100000,
                .fallback = "8192",
                .help = "Most transfers at once.",
        },
        {
                .name = "tftp.transfers_per_client",
                .type = CONFIG_NUMBER,
                AT(tftp_transfers_per_client),
                .least = 1,
                .most = 10000,
                .fallback = "64",
                .help = "Most transfers at once to one address.",
        },
        {
                .name = "trail.keep_days",
                .type = CONFIG_NUMBER,
                AT(trail_keep_days),
                .least = 1,
                .most = 3650,
                .fallback = "30",
                .help = "Days that a recorded boot is kept.",
        },
        {
                .name = "trail.disk_mib",
                .type = CONFIG_NUMBER,
                AT(trail_disk_mib),
                .least = 1,
                .most = 1048576,
                .fallback = "256",
                .help = "Most MiB of recorded boots on disk; the oldest go first.",
        },
        {
                .name = "trail.memory_mib",
                .type = CONFIG_NUMBER,
                AT(trail_memory_mib),
                .least = 1,
                .most = 4096,
                .fallback = "16",
                .help = "Most MiB of recorded boots in memory.",
        },
        {
                .name = "interfaces",
                .type = CONFIG_LIST,
                AT(interfaces),
                .is_live = true,
                .help = "Network interfaces to serve. Empty: every one that has a subnet defined.",
        },
        {},
};
