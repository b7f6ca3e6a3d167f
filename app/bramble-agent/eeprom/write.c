/* An update of the EEPROM written by the agent; see write.h. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "app/bramble-agent/eeprom/write.h"

#include <errno.h>
#include <string.h>

#include "app/bramble-agent/deploy/blob.h"
#include "app/bramble-agent/eeprom/flash.h"
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
        struct http_reply firmware;
        size_t place;
        struct spi *spi;
        struct flash_update flash;
        char device[TREE_PATH_MAX];
};

static void update_end(struct update *u) {
        http_reply_clear(&u->firmware);
        spi_close(u->spi);
}

static int check(struct update *u, struct error *reterr) {
        const struct tree *tree = &job_world(u->job)->tree;

        if (!order_blob_parse(json_object_get(job_order(u->job), "eeprom"), EEPROM_SIZE_2712, &u->blob) ||
            !json_is_string(json_object_get(job_order(u->job), "config")))
                return error_set(reterr, -EBADMSG, "the task eeprom does not say what is to be written");
        if (!pi_is_one(tree) || !pi_family_has_eeprom(tree))
                return error_set(reterr, -ENOTSUP, "only a Raspberry Pi 4 or later has an EEPROM");
        const enum config_txt_family family = pi_board(tree).family;
        if (pi_is_signed(tree) && family == CONFIG_TXT_2712)
                return error_set(
                        reterr, -EPERM,
                        "its chip starts firmware only that is signed with its key, and nothing here "
                        "signs that");
        while (places[u->place].family != family)
                u->place++;
        return 0;
}

static int fetch(struct update *u, struct error *reterr) {
        const json_t *order = job_order(u->job);

        int r = blob_fetch(u->job, &u->blob, "the EEPROM's image", &u->firmware, reterr);
        if (r < 0)
                return r;
        if (u->firmware.len != places[u->place].size)
                return error_set(reterr, -EINVAL, "the EEPROM's image is for another chip");
        u->flash = (struct flash_update){
                .image = (uint8_t *)u->firmware.body,
                .size = u->firmware.len,
                .config = json_text_of(order, "config"),
                .files = json_text_of(order, "files"),
                .ts = (uint32_t)json_number_of(order, "ts", UINT32_MAX, 0),
                .is_signed = pi_is_signed(&job_world(u->job)->tree),
                .device = u->device,
        };
        return flash_prepare(&u->flash, reterr);
}

static int open_flash(struct update *u, struct error *reterr) {
        const struct job_world *world = job_world(u->job);
        struct error why = {};

        if (world->is_whole_machine) {
                CLEANUP(module_set_free_at) struct module_set *modules = module_set_open(&world->tree);
                static const char *const names[] = { "spi_bcm2835", "spi_dw_mmio", "spidev" };
                for (size_t i = 0; modules && i < ARRAY_LEN(names); i++)
                        (void)module_load_by_name(modules, names[i]);
        }
        (void)tree_name(u->device, "%s/%s", world->root, places[u->place].device);
        int r = spi_open(u->device, SPI_HZ, &u->spi, &why);
        return r < 0 ? error_set(reterr, r, "its EEPROM cannot be reached from its system: %s: %s; %s",
                                 u->device, strerror(-r), places[u->place].need)
                     : 0;
}

static void tell(void *ctx, size_t n, size_t of) {
        job_say(ctx, "write", n * NOR_SECTOR, of * NOR_SECTOR, "writing the EEPROM");
}

static int run(struct update *u, struct error *reterr) {
        size_t n = 0;

        int r = check(u, reterr);
        if (r == 0)
                r = fetch(u, reterr);
        if (r == 0)
                r = open_flash(u, reterr);
        if (r < 0)
                return r;
        const struct nor_bus bus = { .ctx = u->spi, .transfer = spi_transfer, .pause = spi_pause };
        r = flash_write(&u->flash, &bus, tell, u->job, &n, reterr);
        json_put_number(job_data(u->job), "sectors", (int64_t)n);
        if (r < 0)
                return r;
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
