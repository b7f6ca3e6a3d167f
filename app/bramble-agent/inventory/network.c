/* Network cards: each with its port, link and speed. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "app/bramble-agent/inventory/fields.h"
#include "app/bramble-agent/inventory/inventory.h"
#include "app/bramble-agent/json.h"

#define NET "sys/class/net"

static json_t *read_port(const struct tree *t, const char *name, const char *dir) {
        json_t *port = json_object();
        int64_t carrier, speed;

        json_put_text(port, "id", name);
        field_text(port, "address", t, dir, "address");
        json_put_text(port, "protocol", tree_exists(t, "%s/wireless", dir) ? "wireless" : "ethernet");
        field_number(port, "port", t, dir, "dev_port", 1);
        bool has_link = tree_number(t, &carrier, "%s/carrier", dir) && carrier == 1;
        json_put_bool(port, "link_detected", has_link);
        /* Without a link the kernel says -1, or what the last one was. */
        if (has_link && tree_number(t, &speed, "%s/speed", dir) && speed > 0)
                json_put_number(port, "link_speed", speed);
        if (has_link)
                field_text(port, "link_duplex", t, dir, "duplex");
        return port;
}

static json_t *read_card(const struct tree *t, const char *name) {
        json_t *card = json_object(), *ports = json_array();
        char dir[TREE_PATH_MAX], device[TREE_PATH_MAX];

        (void)tree_name(dir, NET "/%s", name);
        (void)tree_name(device, "%s/device", dir);
        field_link(card, "driver", t, device, "driver");
        field_text(card, "driver_version", t, device, "driver/module/version");
        field_addresses(card, t, device);
        field_hex(card, "vendor_id", t, device, "vendor");
        field_hex(card, "product_id", t, device, "device");
        (void)json_array_append_new(ports, read_port(t, name, dir));
        json_put(card, "ports", ports);
        return card;
}

json_t *inventory_network(const struct tree *t) {
        CLEANUP(tree_names_free) struct tree_names names = tree_list(t, NET);
        json_t *o = json_object(), *cards = json_array();

        for (size_t i = 0; i < names.n;
             i++) /* what has no device is the kernel's own: lo, bridges, tunnels */
                if (tree_exists(t, NET "/%s/device", names.items[i]))
                        (void)json_array_append_new(cards, read_card(t, names.items[i]));
        json_put_number(o, "total", (int64_t)json_array_size(cards));
        json_put(o, "cards", cards);
        return o;
}
