/* The index of the API; see routes.h. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <string.h>

#include "api/handlers.h"
#include "api/routes.h"
#include "base/text.h"

#define V1 "/api/v1"
#define PAGE "limit,cursor"
#define MACHINE_FILTERS ",q,image,arch,board,mac,serial,state,tag,pool,zone,owner"

#define IN_NONE API_IN_NONE
#define IN_JSON API_IN_JSON
#define IN_STREAM API_IN_STREAM
#define VIEWER API_ROLE_VIEWER
#define OPERATOR API_ROLE_OPERATOR
#define ADMIN API_ROLE_ADMIN

/* clang-format off */
const struct api_route api_routes[] = {
        { "GET",    V1 "/openapi.json",                            openapi_show,      IN_NONE,   "",              "",                     VIEWER,   "openapi" },
        { "GET",    V1 "/status",                                  status_show,       IN_NONE,   "Status",        "",                     VIEWER,   "status_show" },

        { "GET",    V1 "/ca",                                      ca_show,           IN_NONE,   "Ca",            "",                     VIEWER,   "ca_show" },

        { "GET",    V1 "/subnets",                                 subnet_list,       IN_NONE,   "SubnetPage",    PAGE,                   VIEWER,   "subnet_list" },
        { "POST",   V1 "/subnets",                                 subnet_add,        IN_JSON,   "Subnet",        "",                     OPERATOR, "subnet_add" },
        { "GET",    V1 "/subnets/{address}/{prefix}",              subnet_show,       IN_NONE,   "Subnet",        "",                     VIEWER,   "subnet_show" },
        { "PATCH",  V1 "/subnets/{address}/{prefix}",              subnet_set,        IN_JSON,   "Subnet",        "",                     OPERATOR, "subnet_set" },
        { "DELETE", V1 "/subnets/{address}/{prefix}",              subnet_delete,     IN_NONE,   "",              "",                     OPERATOR, "subnet_delete" },

        { "GET",    V1 "/machines",                                machine_list,      IN_NONE,   "MachinePage",   PAGE MACHINE_FILTERS,   VIEWER,   "machine_list" },
        { "POST",   V1 "/machines",                                machine_add,       IN_JSON,   "Machine",       "",                     OPERATOR, "machine_add" },
        { "GET",    V1 "/machines/{name}",                         machine_show,      IN_NONE,   "Machine",       "",                     VIEWER,   "machine_show" },
        { "PATCH",  V1 "/machines/{name}",                         machine_set,       IN_JSON,   "Machine",       "",                     OPERATOR, "machine_set" },
        { "DELETE", V1 "/machines/{name}",                         machine_delete,    IN_NONE,   "",              "",                     OPERATOR, "machine_delete" },
        { "POST",   V1 "/machines/{name}/actions/{action}",        machine_act,       IN_JSON,   "Machine",       "",                     OPERATOR, "machine_act" },
        { "GET",    V1 "/machines/{name}/power",                   machine_power_show, IN_NONE,  "Power",         "",                     VIEWER,   "machine_power_show" },
        { "PUT",    V1 "/machines/{name}/power",                   machine_power_set, IN_JSON,   "Power",         "",                     OPERATOR, "machine_power_set" },
        { "POST",   V1 "/machines/{name}/power/{turn}",            machine_power_turn, IN_NONE,  "PowerResult",   "",                     OPERATOR, "machine_power_turn" },
        { "GET",    V1 "/machines/{name}/activity",                machine_activity,  IN_NONE,   "Activity",      "",                     VIEWER,   "machine_activity" },
        { "GET",    V1 "/machines/{name}/eeprom",                  machine_eeprom,    IN_NONE,   "MachineEeprom", "",                     VIEWER,   "machine_eeprom" },
        { "GET",    V1 "/machines/{name}/inventory",               machine_inventory, IN_NONE,   "Inventory",     "",                     VIEWER,   "machine_inventory" },
        { "GET",    V1 "/machines/{name}/scripts",                 machine_scripts,   IN_NONE,   "ScriptResults", "",                     VIEWER,   "machine_scripts" },
        { "GET",    V1 "/machines/{name}/scripts/{task}/{script}", machine_script,    IN_NONE,   "ScriptResult",  "",                     VIEWER,   "machine_script" },

        { "GET",    V1 "/scripts",                                 script_list_page,  IN_NONE,   "ScriptPage",    PAGE,                   VIEWER,   "script_list" },
        { "POST",   V1 "/scripts",                                 script_add,        IN_JSON,   "Script",        "",                     OPERATOR, "script_add" },
        { "GET",    V1 "/scripts/{name}",                          script_show,       IN_NONE,   "Script",        "",                     VIEWER,   "script_show" },
        { "DELETE", V1 "/scripts/{name}",                          script_delete,     IN_NONE,   "",              "",                     OPERATOR, "script_delete" },

        { "GET",    V1 "/config-txt",                              config_lines_list_page, IN_NONE, "ConfigLinesPage", PAGE,              VIEWER,   "config_txt_list" },
        { "GET",    V1 "/config-txt/{scope}/{name}",               config_lines_show, IN_NONE,   "ConfigLines",   "",                     VIEWER,   "config_txt_show" },
        { "PUT",    V1 "/config-txt/{scope}/{name}",               config_lines_set,  IN_JSON,   "ConfigLines",   "",                     OPERATOR, "config_txt_set" },
        { "DELETE", V1 "/config-txt/{scope}/{name}",               config_lines_delete, IN_NONE, "",              "",                     OPERATOR, "config_txt_delete" },
        { "GET",    V1 "/keys",                                    key_list,          IN_NONE,   "KeyPage",       PAGE,                   VIEWER,   "key_list" },
        { "POST",   V1 "/keys",                                    key_add,           IN_JSON,   "Key",           "",                     ADMIN,    "key_add" },
        { "GET",    V1 "/keys/{name}",                             key_show,          IN_NONE,   "Key",           "",                     VIEWER,   "key_show" },
        { "GET",    V1 "/keys/{name}/private",                     key_private,       IN_NONE,   "",              "",                     ADMIN,    "key_private" },
        { "POST",   V1 "/keys/{name}/sign",                        key_sign,          IN_JSON,   "",              "",                     ADMIN,    "key_sign" },
        { "DELETE", V1 "/keys/{name}",                             key_delete,        IN_NONE,   "",              "",                     ADMIN,    "key_delete" },

        { "GET",    V1 "/eeprom/profiles",                         eeprom_profile_list, IN_NONE, "EepromProfilePage", PAGE,               VIEWER,   "eeprom_profile_list" },
        { "GET",    V1 "/eeprom/profiles/{scope}/{name}",          eeprom_profile_show, IN_NONE, "EepromProfile", "",                     VIEWER,   "eeprom_profile_show" },
        { "PUT",    V1 "/eeprom/profiles/{scope}/{name}",          eeprom_profile_set, IN_JSON,  "EepromProfile", "",                     OPERATOR, "eeprom_profile_set" },
        { "DELETE", V1 "/eeprom/profiles/{scope}/{name}",          eeprom_profile_delete, IN_NONE, "",            "",                     OPERATOR, "eeprom_profile_delete" },
        { "GET",    V1 "/eeprom/updates",                          eeprom_update_list, IN_NONE,  "EepromUpdatePage", PAGE,                VIEWER,   "eeprom_update_list" },
        { "POST",   V1 "/eeprom/updates",                          eeprom_update_begin, IN_JSON, "EepromUpdates", "",                     OPERATOR, "eeprom_update_begin" },
        { "DELETE", V1 "/eeprom/updates",                          eeprom_update_stop, IN_NONE,  "",              "",                     OPERATOR, "eeprom_update_stop" },
        { "POST",   V1 "/eeprom/updates/back",                     eeprom_update_back, IN_JSON,  "EepromBack",    "",                     OPERATOR, "eeprom_update_back" },

        { "GET",    V1 "/power-drivers",                           power_driver_list, IN_NONE,   "PowerDriverPage", PAGE,                 VIEWER,   "power_driver_list" },

        { "GET",    V1 "/images",                                  image_list,        IN_NONE,   "ImagePage",     PAGE,                   VIEWER,   "image_list" },
        { "GET",    V1 "/images/{name}",                           image_show,        IN_NONE,   "Image",         "",                     VIEWER,   "image_show" },
        { "DELETE", V1 "/images/{name}",                           image_delete,      IN_NONE,   "",              "",                     OPERATOR, "image_delete" },
        { "POST",   V1 "/images/{name}/verify",                    image_verify,      IN_NONE,   "ImageVerdict",  "",                     OPERATOR, "image_verify" },

        { "POST",   V1 "/imports",                                 import_start,      IN_JSON,   "Import",        "",                     OPERATOR, "import_begin" },
        { "GET",    V1 "/imports/{id}",                            import_show,       IN_NONE,   "Import",        "",                     VIEWER,   "import_show" },
        { "DELETE", V1 "/imports/{id}",                            import_give_up,    IN_NONE,   "",              "",                     OPERATOR, "import_abort" },
        { "PUT",    V1 "/imports/{id}/files",                      NULL,              IN_STREAM, "",              "path,role",            OPERATOR, "import_file" },
        { "POST",   V1 "/imports/{id}/finish",                     import_finish,     IN_NONE,   "Image",         "",                     OPERATOR, "import_finish" },

        { "GET",    V1 "/leases",                                  lease_list,        IN_NONE,   "LeasePage",     PAGE ",state,mac",      VIEWER,   "lease_list" },
        { "GET",    V1 "/sightings",                               sighting_list,     IN_NONE,   "SightingPage",  PAGE,                   VIEWER,   "sighting_list" },

        { "GET",    V1 "/boot/explain",                            boot_explain,      IN_NONE,   "Explanation",   "of,client",            VIEWER,   "boot_explain" },
        { "GET",    V1 "/boot/files",                              boot_files,        IN_NONE,   "BootTree",      "of,client",            VIEWER,   "boot_files" },
        { "GET",    V1 "/boot/files/content",                      boot_content,      IN_NONE,   "",              "of,client,path",       VIEWER,   "boot_file_content" },
        { "GET",    V1 "/boot/trail",                              trail_show,        IN_NONE,   "Trail",         "of,limit,width,ascii", VIEWER,   "boot_trail" },
        { "GET",    V1 "/boot/messages",                           message_list,      IN_NONE,   "BootMessages",  "of",                   VIEWER,   "boot_messages" },
        { "GET",    V1 "/events",                                  event_follow,      IN_NONE,   "",              "after",                VIEWER,   "event_follow" },

        { "GET",    V1 "/doctor/site",                             doctor_site,       IN_NONE,   "Checkup",       "",                     VIEWER,   "doctor_site" },
        { "GET",    V1 "/doctor/boot",                             doctor_boot,       IN_NONE,   "Diagnosis",     "of,patience,led",      VIEWER,   "doctor_boot" },
        {},
};
/* clang-format on */

/* Fills params from @path where @pattern has {…}; @path is cut into its parts on the way. */
static bool matches(const char *pattern, char *path, const char **params) {
        size_t n = 0;

        while (*pattern && *path) {
                if (*pattern != '{') {
                        if (*pattern++ != *path++)
                                return false;
                        continue;
                }
                char *end = strchrnul(path, '/');
                if (end == path || n == API_PARAMS_MAX)
                        return false;
                params[n++] = path;
                pattern = strchr(pattern, '}') + 1;
                path = end;
        }
        return !*pattern && !*path;
}

/* Ends each parameter where its part of the path ends. */
static void cut(struct api_target *t) {
        for (size_t i = 0; i < API_PARAMS_MAX && t->params[i]; i++)
                *strchrnul((char *)t->params[i], '/') = 0;
}

static void allow(struct api_target *t, const char *method) {
        size_t len = strlen(t->allow);
        (void)snprintf(t->allow + len, sizeof(t->allow) - len, "%s%s", len ? ", " : "", method);
}

enum api_match api_route_match(const char *method, const char *path, struct api_target *ret) {
        const char *wanted = strcmp(method, "HEAD") == 0 ? "GET" : method;
        struct api_target *t = ret;

        *t = (struct api_target){};
        if (text_copy(t->parts, sizeof(t->parts), path) < 0)
                return API_MATCH_NO_PATH;
        for (const struct api_route *route = api_routes; route->method; route++) {
                const char *params[API_PARAMS_MAX] = {};
                if (!matches(route->path, t->parts, params))
                        continue;
                if (strcmp(route->method, wanted) != 0) {
                        allow(t, route->method);
                        continue;
                }
                t->route = route;
                memcpy((void *)t->params, (const void *)params, sizeof(params));
                cut(t);
                return API_MATCH_FOUND;
        }
        return t->allow[0] ? API_MATCH_NO_METHOD : API_MATCH_NO_PATH;
}

bool api_route_takes(const struct api_route *route, const char *key) {
        size_t len = strlen(key);

        for (const char *at = route->query; *at;) {
                const char *end = strchrnul(at, ',');
                if ((size_t)(end - at) == len && strncmp(at, key, len) == 0)
                        return true;
                at = *end ? end + 1 : end;
        }
        return false;
}

const char *api_role_name(enum api_role role) {
        static const char *const names[] = { "viewer", "operator", "admin" };
        return names[role];
}
