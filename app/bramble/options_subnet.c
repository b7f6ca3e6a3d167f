/* Options of subnets; see options.h. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "app/bramble/options.h"

const struct option subnet_options[] = {
        { "interface", "IF", VALUE_INTERFACE, NULL, "interface", FORM_TEXT,
          "Interface it is on; without one it is reached through relays only." },
        { "dhcp", "MODE", VALUE_CHOICE, "server|proxy|off", "dhcp", FORM_TEXT,
          "server: hand out addresses and boots; proxy: boots only, beside another DHCP server; off." },
        { "unknown", "POLICY", VALUE_UNKNOWN_POLICY, "refuse|discover|approve|enlist|boot=", "unknown",
          FORM_TEXT,
          "What a machine gets that nobody registered: refuse, discover (listed, not booted), enlist "
          "(registered once its "
          "agent told what it is), approve (the same, and then machine approve is waited for), or "
          "boot=IMAGE." },
        { "allow", "KEY", VALUE_MACHINE_KEY, NULL, "allow", FORM_LIST,
          "MAC or serial that is enlisted here, whatever --unknown says. May be given more than once." },
        { "range", "A-B", VALUE_RANGE, NULL, "ranges", FORM_RANGES,
          "Addresses to hand out, first and last. May be given more than once. Without it, every address of "
          "the "
          "subnet that nobody is known to have." },
        { "gateway", "ADDRESS", VALUE_IP, NULL, "gateway", FORM_TEXT, "Router that clients are told of." },
        { "dns", "ADDRESS", VALUE_IP, NULL, "dns", FORM_LIST, "DNS server. May be given more than once." },
        { "domain", "NAME", VALUE_TEXT, NULL, "domain", FORM_TEXT, "Domain name." },
        { "search", "NAME", VALUE_TEXT, NULL, "search", FORM_LIST,
          "Domain to search. May be given more than once." },
        { "ntp", "ADDRESS", VALUE_IP, NULL, "ntp", FORM_LIST, "Time server. May be given more than once." },
        { "mtu", "OCTETS", VALUE_NUMBER, NULL, "mtu", FORM_NUMBER, "MTU that clients are told." },
        { "route", "NET=ROUTER", VALUE_ROUTE, NULL, "routes", FORM_ROUTES,
          "Static route. May be given more than once." },
        { "lease", "SECONDS", VALUE_NUMBER, NULL, "lease_s", FORM_NUMBER,
          "Length of a lease. Default: 3600." },
        { "agent-https", "SWITCH", VALUE_CHOICE, "on|off", "agent_https", FORM_SWITCH,
          "on: agents that boot here speak HTTPS, and know the server by its authority, which bramble ca "
          "show "
          "names. Default: off." },
        { "option", "N=TYPE:VALUE", VALUE_DHCP_OPTION, NULL, "options", FORM_LIST,
          "Any other DHCP option by number; TYPE is ip, u8, u16, u32, i32, bool, text, hex, domain or "
          "net-routes. May be given more than once." },
        {},
};
