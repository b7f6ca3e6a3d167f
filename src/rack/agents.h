/*
 * Agents, as the control thread knows them: what they said goes into the trail and to the region, and what
 * became their duty wakes those who wait for it. Control thread only.
 */
/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "net/dhcp4/answer.h"
#include "rack/state.h"

/** rack_hear_agents() - takes what was heard by now. Return: how much that was. */
size_t rack_hear_agents(struct rack *r, uint64_t now_ms);

/** rack_wake_agents() - there is a new snapshot: the agents whose duty it changes are told. */
void rack_wake_agents(struct rack *r);

/** rack_look_at_agent() - once a second: whether it fell silent, and whether its system's seed is over. */
void rack_look_at_agent(struct rack *r, struct session *s, uint64_t now_ms);

/**
 * rack_report_system() - an operating system was given an address
 *
 * The region is told where it waits for one. An agent asks for an address as well: where it got another one
 * than its firmware, its token goes with it.
 */
void rack_report_system(struct rack *r, const struct meeting *m, const struct dhcp4_answer *a);
