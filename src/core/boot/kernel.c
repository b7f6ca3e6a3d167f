/* Which kernel a boot loader shall start, and with which command line. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <string.h>

#include "core/boot/agent.h"
#include "core/boot/method.h"
#include "format/boot_entry.h"
#include "format/cmdline.h"

const struct image_file *boot_plan_role(const struct boot_plan *p, enum image_role role) {
        return p->image ? image_find_role(p->image, role) : NULL;
}

/* The folder that all device trees lie in, as far as they share one: U-Boot adds "vendor/name.dtb" or
 * "name.dtb". */
static const char *common_folder(const struct boot_plan *p) {
        const char *folder = NULL;
        size_t len = 0;

        for (size_t i = 0; i < p->image->n_files; i++) {
                const struct image_file *f = &p->image->files[i];
                if (f->role != IMAGE_FILE_DTB)
                        continue;
                const char *slash = strrchr(f->path, '/');
                size_t f_len = slash ? (size_t)(slash - f->path) : 0;
                if (!folder) {
                        folder = f->path;
                        len = f_len;
                }
                /* Shorten to what both begin with, whole components only. */
                while (len > 0 && (strncmp(folder, f->path, len) != 0 || (f->path[len] != '/') ||
                                   (folder[len] != '/'))) {
                        do
                                len--;
                        while (len > 0 && folder[len] != '/');
                }
        }
        return folder ? arena_printf(p->arena, "%.*s", (int)len, folder) : NULL;
}

static const char *fdt_folder(const struct boot_plan *p) {
        static const char *const usual[] = { "dtbs", "dtb" };

        if (!boot_plan_role(p, IMAGE_FILE_DTB))
                return NULL;
        for (size_t i = 0; i < ARRAY_LEN(usual); i++) {
                if (image_has_folder(p->image, usual[i], strlen(usual[i])))
                        return usual[i];
        }
        const char *folder = common_folder(p);
        return folder && folder[0] ? folder : NULL;
}

bool boot_kernel_of(const struct boot_plan *p, struct boot_kernel *ret) {
        const struct image_file *kernel = boot_plan_role(p, IMAGE_FILE_KERNEL);
        if (!kernel)
                return false;
        const struct image_file *initrd = boot_plan_role(p, IMAGE_FILE_INITRD);
        *ret = (struct boot_kernel){
                .kernel = kernel,
                .initrd = p->agent ? BOOT_AGENT_INITRD
                          : initrd ? initrd->path
                                   : NULL,
                .fdtdir = fdt_folder(p),
        };
        return true;
}

/*
 * Where the system of this boot finds its seed: cloud-init's NoCloud over the network. What is signed names
 * no server by plain HTTP, where anybody could answer with commands for root: there the agent brings the
 * seed.
 */
static const char *seed_word(const struct boot_plan *p) {
        char server[IP_TEXT_SIZE];

        if (p->purpose != PURPOSE_RUN || !p->machine || !p->machine->seed || p->machine->require_trusted)
                return "";
        return arena_printf(p->arena, "ds=nocloud-net;s=http://%s:%u/seed/%s/",
                            ip_text(&p->ask.server, server), p->ask.http_port,
                            p->ask.seed_token[0] ? p->ask.seed_token : BOOT_TOKEN_NONE);
}

/*
 * Where its kernel writes its console, besides: "+" for records with a header. The first word is for kernels
 * that have it built in, the others for those that load it as a module.
 */
static const char *netconsole_words(const struct boot_plan *p) {
        char server[IP_TEXT_SIZE], client[IP_TEXT_SIZE] = "";

        if (!boot_plan_has_netconsole(p) || !ip_is_set(&p->ask.server))
                return "";
        if (ip_is_set(&p->ask.client_ip) && !p->is_in_ramdisk) /* which is of no board alone */
                (void)ip_text(&p->ask.client_ip, client);
        (void)ip_text(&p->ask.server, server);
        return arena_printf(p->arena,
                            "netconsole=+6665@%s/eth0,6666@%s/ netconsole.netconsole=+6665@%s/eth0,6666@%s/ "
                            "modules_load=netconsole",
                            client, server, client, server);
}

int boot_kernel_cmdline(const struct boot_plan *p, const char *base, char *buf, size_t size) {
        const struct image_file *text = boot_plan_role(p, IMAGE_FILE_CMDLINE_TXT);
        char line[CMDLINE_MAX + 1];

        if (p->image->cmdline && p->image->cmdline[0])
                base = p->image->cmdline;
        else if (!base)
                base = text && text->octets ? (const char *)text->octets : "";
        const char *word = seed_word(p), *console = netconsole_words(p);
        if (!word || !console)
                return -ENOMEM;
        int r = p->agent ? boot_agent_cmdline(p, base, line, sizeof(line))
                         : cmdline_join(base, strlen(base), p->machine ? p->machine->cmdline_extra : NULL,
                                        line, sizeof(line));
        if (r < 0)
                return r;
        char with_seed[CMDLINE_MAX + 1];
        r = cmdline_join(line, (size_t)r, word, with_seed, sizeof(with_seed));
        return r < 0 ? r : cmdline_join(with_seed, (size_t)r, console, buf, size);
}

int boot_loader_entry_of(const struct boot_plan *p,
                         const char *(*spell)(const struct boot_plan *p, const char *path), char *line,
                         struct boot_loader_entry *ret) {
        struct boot_kernel k;

        if (!boot_kernel_of(p, &k))
                return BOOT_FILE_MISSING;
        int r = boot_kernel_cmdline(p, NULL, line, CMDLINE_MAX + 1);
        if (r < 0)
                return r;
        *ret = (struct boot_loader_entry){
                .title = arena_printf(p->arena, "Bramble: %s starts %s%s", boot_plan_name(p),
                                      boot_purpose_is_agent(p->purpose) ? "the agent under image " : "image ",
                                      p->image->name),
                .kernel = spell(p, k.kernel->path),
                .initrd = k.initrd ? spell(p, k.initrd) : NULL,
                .fdtdir = k.fdtdir,
                .cmdline = line,
        };
        if (!ret->title || !ret->kernel || (k.initrd && !ret->initrd))
                return -ENOMEM;
        return BOOT_FILE_FOUND;
}
