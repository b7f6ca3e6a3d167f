/*
 * The rack tells the trail what happened: boots that begin and end, and every step between.
 *
 * Control thread only.
 */
/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "net/dhcp4/answer.h"
#include "rack/served.h"
#include "rack/state.h"

/** rack_begin_session() - another boot of @mac begins; NULL when out of memory. */
struct session *rack_begin_session(struct rack *r, const struct mac *mac, enum boot_client_id client,
                                   const struct machine *machine, uint64_t now_ms);

/** rack_end_session() - nobody will speak of this boot any more: what stands for it goes, and @s with it. */
void rack_end_session(struct rack *r, struct session *s);

/**
 * rack_vouch_for() - nobody made this MAC up: it is registered, or it took an address or a file
 *
 * What is known of it outlasts a flood of strangers. An address is one of few, and so is who can have one; a
 * file comes only to who is there.
 */
void rack_vouch_for(struct rack *r, const struct mac *mac);

/** rack_name_session() - whoever registers, renames or deletes a machine while it boots finds its story under
 * the new name. */
void rack_name_session(struct rack *r, struct session *s);

/** rack_tell_dhcp() - one DHCP message and what was answered. */
void rack_tell_dhcp(struct rack *r, const struct meeting *m, const struct dhcp4_answer *answer,
                    uint64_t now_ms);

/** rack_tell_served() - one file that was served or refused. */
void rack_tell_served(struct rack *r, const struct served *s, uint64_t now_ms);

/** rack_hear_served() - takes what the serving threads have reported by now. Return: how much that was. */
size_t rack_hear_served(struct rack *r, uint64_t now_ms);

/** rack_tell_silence() - once a second: what a machine's silence means, and sessions that are only history
 * go. */
void rack_tell_silence(struct rack *r, uint64_t now_ms);

/** rack_name_session() - whoever registers, renames or deletes a machine while it boots finds its story under
 * the new name. */
void rack_name_session(struct rack *r, struct session *s);

/** rack_tell() - puts one event into a session's trail and wakes those who follow. */
void rack_tell(struct rack *r, uint64_t session, const struct trail_event *e);

/** rack_note() - a sentence; what stands behind its first colon is the detail. */
void rack_note(struct rack *r, uint64_t session, enum trail_outcome outcome, const char *sentence);
