/*
 * One event, one line: `log_warn("dhcp: ignoring request", "mac", mac, "why", "not registered", NULL)`.
 *
 * Key and value strings in pairs, NULL at the end. Goes to stderr; with a priority prefix when the journal
 * reads it (sd-daemon(3)). Only server.c files, core/life, rack, region and app log (STYLE). No secrets,
 * ever.
 */
/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stdbool.h>

enum log_level { LOG_LEVEL_ERROR, LOG_LEVEL_WARN, LOG_LEVEL_INFO, LOG_LEVEL_DEBUG };

void log_event(enum log_level level, const char *what, ...) __attribute__((sentinel));

#define log_error(...) log_event(LOG_LEVEL_ERROR, __VA_ARGS__, NULL)
#define log_warn(...) log_event(LOG_LEVEL_WARN, __VA_ARGS__, NULL)
#define log_info(...) log_event(LOG_LEVEL_INFO, __VA_ARGS__, NULL)
#define log_debug(...) log_event(LOG_LEVEL_DEBUG, __VA_ARGS__, NULL)

/** log_set_debug() - "dhcp,boot": show debug events whose text begins with one of these and a colon; "all"
 * shows every one; NULL none. */
void log_set_debug(const char *parts);
