/* An update of the EEPROM written by the agent; see write.h. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "app/bramble-agent/eeprom/write.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "app/bramble-agent/deploy/blob.h"
#include "app/bramble-agent/eeprom/nor.h"
#include "app/bramble-agent/inventory/pi.h"
#include "app/bramble-agent/io/http.h"
#include "app/bramble-agent/io/log.h"
#include "app/bramble-agent/io/module.h"
#include "app/bramble-agent/io/spi.h"
#include "app/bramble-agent/job.h"
#include "app/bramble-agent/json.h"
#include "format/eeprom.h"

enum { SPI_HZ = 16000000 };

/* Where each chip has its flash, and what its kernel wants for it. */
static const struct {
        enum config_txt_family family;
        size_t size;
        const char *device, *need;
} places[] = {
        { CONFIG_TXT_2711, EEPROM_SIZE_2711, "dev/spidev0.0",
          "its config.txt needs dtparam=spi=on and dtoverlay=spi-gpio40-45, and its kernel spidev" },
        { CONFIG_TXT_2712, EEPROM_SIZE_2712, "dev/spidev10.0", "its kernel has no spidev for it" },
};

struct update {
        struct job *job;
        struct order_blob blob;
        struct http_reply image;
        size_t place;
        struct spi *spi;
        struct nor_bus bus;
        uint8_t *now; /* what the flash has */
};

static void update_end(struct update *u) {
        http_reply_clear(&u->image);
        spi_close(u->spi);
        free(u->now);
}

static int check(struct update *u, struct error *reterr) {
        const struct tree *tree = &job_world(u->job)->tree;

        if (!order_blob_parse(json_object_get(job_order(u->job), "eeprom"), EEPROM_SIZE_2712, &u->blob) ||
            !json_is_string(json_object_get(job_order(u->job), "config")))
                return error_set(reterr, -EBADMSG, "the task eeprom does not say what is to be written");
        if (!pi_is_one(tree) || !pi_family_has_eeprom(tree))
                return error_set(reterr, -ENOTSUP, "only a Raspberry Pi 4 or later has an EEPROM");
        if (pi_is_signed(tree))
                return error_set(reterr, -EPERM, "its EEPROM takes signed updates only");
        const enum config_txt_family family = pi_board(tree).family;
        while (places[u->place].family != family)
                u->place++;
        return 0;
}

/* The firmware as it was published, with the configuration of this board and the time of the update. */
static int prepare(struct update *u, struct error *reterr) {
        const char *config = json_text_of(job_order(u->job), "config");
        const uint64_t ts = json_number_of(job_order(u->job), "ts", UINT32_MAX, 0);

        int r = blob_fetch(u->job, &u->blob, "the EEPROM's image", &u->image, reterr);
        if (r < 0)
                return r;
        if (u->image.len != places[u->place].size)
                return error_set(reterr, -EINVAL, "the EEPROM's image is for another chip");
        if (eeprom_is_ab(u->image.body, u->image.len))
                return error_set(reterr, -ENOTSUP,
                                 "this firmware keeps two systems, of which one is running: it is for the "
                                 "bootloader to write");
        r = eeprom_put(u->image.body, u->image.len, "bootconf.txt", config, strlen(config));
        if (r == 0)
                r = eeprom_set_timestamp(u->image.body, u->image.len, (uint32_t)ts);
        return r < 0 ? error_set(reterr, r, "the configuration does not fit into the EEPROM's image") : 0;
}

static int open_flash(struct update *u, struct error *reterr) {
        const struct job_world *world = job_world(u->job);
        char path[TREE_PATH_MAX];
        struct error why = {};

        if (world->is_whole_machine) {
                CLEANUP(module_set_free_at) struct module_set *modules = module_set_open(&world->tree);
                static const char *const names[] = { "spi_bcm2835", "spi_dw_mmio", "spidev" };
                for (size_t i = 0; modules && i < ARRAY_LEN(names); i++)
                        (void)module_load_by_name(modules, names[i]);
        }
        int r = spi_open(tree_name(path, "%s/%s", world->root, places[u->place].device), SPI_HZ, &u->spi,
                         &why);
        if (r < 0)
                return error_set(reterr, r, "its EEPROM cannot be reached from its system: /%s: %s; %s",
                                 places[u->place].device, strerror(-r), places[u->place].need);
        u->bus = (struct nor_bus){ .ctx = u->spi, .transfer = spi_transfer, .pause = spi_pause };
        return 0;
}

/* What is there must be what is going to be replaced: on the same pins may be another chip. */
static int read_flash(struct update *u, struct error *reterr) {
        const size_t size = places[u->place].size, found = nor_probe(&u->bus);
        struct eeprom_file file;

        if (found != size)
                return error_set(
                        reterr, -ENODEV,
                        "the chip behind /%s is not its EEPROM: it has %zu octets, and %zu are wanted",
                        places[u->place].device, found, size);
        u->now = malloc(size);
        if (!u->now)
                return error_set(reterr, -ENOMEM, "out of memory");
        int r = nor_read(&u->bus, 0, u->now, size, reterr);
        if (r < 0)
                return r;
        if (eeprom_check(u->now, size) < 0 || eeprom_find(u->now, size, "bootconf.txt", &file) < 0)
                return error_set(reterr, -EBADMSG,
                                 "what the chip behind /%s has is no image of an EEPROM: nothing is written",
                                 places[u->place].device);
        return eeprom_is_ab(u->now, size)
                       ? error_set(reterr, -ENOTSUP,
                                   "its EEPROM keeps two systems, of which one is running: it is for the "
                                   "bootloader to write")
                       : 0;
}

static void tell(void *ctx, size_t n, size_t of) {
        job_say(ctx, "write", n * NOR_SECTOR, of * NOR_SECTOR, "writing the EEPROM");
}

static int run(struct update *u, struct error *reterr) {
        size_t n = 0;

        int r = check(u, reterr);
        if (r == 0)
                r = prepare(u, reterr);
        if (r == 0)
                r = open_flash(u, reterr);
        if (r == 0)
                r = read_flash(u, reterr);
        if (r < 0)
                return r;
        r = nor_update(&u->bus, u->now, (const uint8_t *)u->image.body, places[u->place].size, tell, u->job,
                       &n, reterr);
        json_put_number(job_data(u->job), "sectors", (int64_t)n);
        if (r < 0)
                return n ? error_prefix(
                                   reterr,
                                   "its EEPROM is written in part, and may not start any more: have a card "
                                   "with recovery.bin at hand")
                         : r;
        log_line("the EEPROM is written: %zu sectors were another", n);
        job_set_then(u->job, JOB_THEN_REBOOT);
        return 0;
}

int eeprom_run(struct job *j, struct error *reterr) {
        struct update u = { .job = j };
        int r = run(&u, reterr);

        update_end(&u);
        return r;
}
