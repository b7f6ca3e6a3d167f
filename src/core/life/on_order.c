/* What follows from an order; see decide.h. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "core/life/claim.h"
#include "core/life/decision.h"
#include "core/life/replace.h"
#include "core/life/run.h"
#include "core/life/task.h"
#include "core/life/trial.h"
#include "core/life/trusted_disk.h"
#include "core/life/ubuntu_core.h"
#include "core/life/wish.h"

enum { STATES_SIZE = 400 }; /* for the names of all states, with commas */

/* The states in which a person may ask for @event, added to a sentence that says what to do. */
static void list_states(enum machine_event event, char *buf, size_t size) {
        for (size_t i = 0; i < lifecycle_len; i++) {
                size_t len = strlen(buf);
                if (lifecycle[i].event == event)
                        (void)snprintf(buf + len, size - len, "%s%s", len ? ", " : "",
                                       machine_state_name(lifecycle[i].from));
        }
}

static int refuse(struct decision *d, const char *verb, const char *states) {
        return error_set(d->reterr, -EBUSY, "machine %s is %s: %s begins from %s", d->m->name,
                         machine_state_name(d->m->state), verb, states);
}

static int order_event(struct decision *d, const struct order *o, enum machine_event event) {
        char states[STATES_SIZE] = "";
        int r = decision_happen(d, event);

        if (r != 0)
                return r < 0 ? r : 0;
        list_states(event, states, sizeof(states));
        return refuse(d, order_verb_name(o->verb), states);
}

/* What ends a system without giving it back does not give back its data: only a release does. */
static void have_data_again(struct decision *d, int result, char **data) {
        if (result >= 0 && *data && !d->m->run)
                d->m->run = TAKE(*data);
}

static int order_plain(struct decision *d, const struct order *o) {
        static const enum machine_event events[ORDER_VERBS] = {
                [ORDER_COMMISSION] = EVENT_COMMISSION,
                [ORDER_TEST] = EVENT_TEST,
                [ORDER_OVERRIDE_FAILED_TESTING] = EVENT_OVERRIDE,
                [ORDER_RESERVE] = EVENT_RESERVE,
                [ORDER_RESCUE] = EVENT_RESCUE,
                [ORDER_EXIT_RESCUE] = EVENT_EXIT_RESCUE,
                [ORDER_ABORT] = EVENT_ABORT,
                [ORDER_MARK_BROKEN] = EVENT_MARK_BROKEN,
                [ORDER_MARK_FIXED] = EVENT_MARK_FIXED,
                [ORDER_MARK_MISSING] = EVENT_MARK_MISSING,
                [ORDER_RETIRE] = EVENT_RETIRE,
                [ORDER_RESTORE] = EVENT_RESTORE,
        };
        const char *comment = decision_wish(d, "comment");
        if (comment)
                decision_because(d, "%s", comment);
        CLEANUP(free_at) char *data = run_keep_data(d->m->run);
        int r = order_event(d, o, events[o->verb]);
        have_data_again(d, r, &data);
        return r;
}

/* To be looked at anew it would have to be nobody's: that is for a release to say, which ends what it has. */
static int check_has_no_system(const struct decision *d) {
        if (!d->m->image[0] || !lifecycle_step(d->m->state, EVENT_COMMISSION))
                return 0;
        return error_set(
                d->reterr, -EBUSY,
                "machine %s is %s, and image %s is deployed on it: bramble machine test %s looks at it "
                "and leaves that as it is; to commission it, %srelease it first",
                d->m->name, machine_state_name(d->m->state), d->m->image, d->m->name,
                lifecycle_step(d->m->state, EVENT_RELEASE)
                        ? ""
                        : "take it as it is (bramble machine override-failed-testing), and then ");
}

static int order_scripts(struct decision *d, const struct order *o) {
        const struct script_wish scripts = {
                .site = d->site,
                .machine = d->m,
                .scripts = json_object_get(d->wish, "scripts"),
                .parameters = json_object_get(d->wish, "parameters"),
                .is_commission = o->verb == ORDER_COMMISSION,
        };
        int r = scripts.is_commission ? check_has_no_system(d) : 0;
        if (r == 0)
                r = script_wish_check(&scripts, d->reterr);
        return r < 0 ? r : order_plain(d, o);
}

/* Without a key its agent would let nobody in: then its system need not be ended for it. */
static int order_rescue(struct decision *d, const struct order *o) {
        if (json_array_size(json_object_get(d->wish, "authorized_keys")) == 0 &&
            lifecycle_step(d->m->state, EVENT_RESCUE))
                return error_set(
                        d->reterr, -EINVAL,
                        "nobody could log in to machine %s: bramble machine rescue %s --ssh-key KEY, with "
                        "a public key or a file of them",
                        d->m->name, d->m->name);
        return order_plain(d, o);
}

static int order_acquire(struct decision *d, const struct order *o) {
        CLEANUP(free_at) char *data = run_keep_data(d->m->run);
        int r = order_event(d, o, EVENT_ACQUIRE);

        have_data_again(d, r, &data);
        if (r == 0 && decision_wish(d, "owner"))
                (void)text_copy(d->m->owner, sizeof(d->m->owner), decision_wish(d, "owner"));
        return r;
}

/* Erasing would wait for a boot that cannot come. */
static int give_back_as_it_is(struct decision *d, const struct order *o) {
        decision_say_not_erased(d);
        int r = order_event(d, o, EVENT_RELEASE);
        return r < 0 ? r : decision_keep_not_erased(d);
}

/* The event that gives it back, with what its agent needs to know of the volume @uuid on a disk: it is erased
 * with all others, alone, or kept. */
static int erase_around(struct decision *d, const struct order *o, const char *uuid, bool is_kept,
                        bool is_alone) {
        const json_t *said = d->wish;
        CLEANUP(json_decref_at) json_t *wish = json_copy((json_t *)said);

        if (!wish || (is_kept && json_object_set_new(wish, "keep", json_pack("[s]", uuid)) < 0) ||
            (!is_kept && !is_alone && run_data_is_made(d->m->run) &&
             json_object_set_new(wish, "data", json_pack("[s]", uuid)) < 0) ||
            (is_alone &&
             (json_object_set_new(wish, "how", json_string("quick")) < 0 ||
              json_object_set_new(wish, "volumes", json_pack("[s]", uuid)) < 0 ||
              json_object_set_new(wish, "is_made", json_boolean(run_data_is_made(d->m->run))) < 0)))
                return decision_no_memory(d);
        d->wish = wish;
        int r = order_event(d, o, EVENT_ERASE);
        d->wish = said;
        return r;
}

static int order_release(struct decision *d, const struct order *o) {
        const char *erase = decision_wish(d, "erase");
        const bool is_kept = wish_flag(d->wish, "keep_data", false);
        const bool is_gone = wish_flag(d->wish, "without_data_disk", false);
        char uuid[RUN_UUID_SIZE];
        const bool has_disk = run_data_disk(d->m->run, uuid) && !is_gone;
        const bool is_all = o->verb == ORDER_ERASE || (erase && strcmp(erase, "none") != 0);
        const bool is_erased = is_all || (has_disk && !is_kept && lifecycle_step(d->m->state, EVENT_ERASE));
        const bool runs_on =
                d->m->boots_own && !(d->facts->power_can & LIFE_CAN_OFF) && !d->facts->agent_is_up;

        CLEANUP(free_at)
        char *data = is_kept || has_disk ? run_keep_data(d->m->run) : NULL;
        int r;

        if (is_kept && is_gone)
                return error_set(d->reterr, -EINVAL,
                                 "the data of machine %s are kept, or their disk is gone for good: not both",
                                 d->m->name);
        if (has_disk && !is_erased && !is_kept)
                decision_because(d, "its disk for data is not erased while a deployment is under way: it is "
                                    "kept for the next one");
        else if (!is_erased && runs_on)
                decision_because(d, "what was deployed on it runs on until somebody switches it off");
        if (is_erased && decision_is_stuck(d))
                r = give_back_as_it_is(d, o);
        else if (is_erased && has_disk)
                r = erase_around(d, o, uuid, is_kept, !is_all);
        else
                r = order_event(d, o, is_erased ? EVENT_ERASE : EVENT_RELEASE);
        have_data_again(d, r, &data); /* on a disk: until it is erased */
        return r;
}

/* The root that an image is made for, where nobody asked for one. */
static enum root_kind usual_root(const struct image *i) {
        if (task_image_can_be_written(i))
                return ROOT_DISK;
        return image_find_role(i, IMAGE_FILE_ROOT_SQUASHFS) ? ROOT_RAM : ROOT_INITRD;
}

static int is_not_served(const struct decision *d) {
        const char *lack = d->facts->lack && d->facts->lack[0] ? d->facts->lack : NULL;

        return error_set(d->reterr, -EINVAL,
                         "root %s is not served here%s%s: deploy to disk, as root ram, or an image whose "
                         "initrd is the "
                         "system",
                         root_name(d->m->root), lack ? ", " : " yet", lack ? lack : "");
}

/* A signed boot is the same for all boards of its kind: only its address says which one asks. */
static int check_secrets(const struct decision *d) {
        static const char *const secret[] = { "user_data", "vendor_data", "assertion" };

        for (size_t i = 0; i < ARRAY_LEN(secret); i++) {
                if (!d->m->require_trusted || wish_flag(d->wish, "give_secrets", false) ||
                    !decision_wish(d, secret[i]))
                        continue;
                return error_set(
                        d->reterr, -EINVAL,
                        "machine %s requires trust, and nothing but its address proves that it is the "
                        "one that is given this %s: leave it out, or say by --give-secrets that whoever "
                        "has the address may read it",
                        d->m->name, secret[i]);
        }
        return 0;
}

/* A root that nothing vouches for, and what would go nowhere, or never start. */
static int check_trusted_root(const struct decision *d, const struct image *i) {
        static const char *const of_seed[] = { "user_data", "vendor_data", "network_config",
                                               "authorized_keys" };
        const struct machine *m = d->m;

        if (!m->require_trusted)
                return 0;
        if (m->root == ROOT_NFS || m->root == ROOT_NBD)
                return error_set(
                        d->reterr, -EINVAL,
                        "machine %s requires trust, and nothing can say of root %s that it is what was "
                        "meant: deploy it with root ram or disk",
                        m->name, root_name(m->root));
        for (size_t n = 0; m->root == ROOT_INITRD && n < ARRAY_LEN(of_seed); n++) {
                if (decision_wish(d, of_seed[n]) || json_array_size(json_object_get(d->wish, of_seed[n])))
                        return error_set(d->reterr, -EINVAL,
                                         "machine %s requires trust, and then nobody brings a system in its "
                                         "initrd a seed: leave %s out, or deploy it with root ram or disk",
                                         m->name, of_seed[n]);
        }
        return m->root == ROOT_DISK ? trusted_disk_check(d->site, m, i, d->reterr) : 0;
}

static int choose_root(struct decision *d, const struct image *i) {
        const char *name = decision_wish(d, "root");

        d->m->root = usual_root(i);
        if (name && root_parse(name, &d->m->root) < 0)
                return error_set(d->reterr, -EINVAL, "\"%s\" is no root", name);
        if (!(d->facts->roots & 1U << d->m->root))
                return is_not_served(d);
        if (d->m->root == ROOT_DISK && !task_image_can_be_written(i))
                return error_set(d->reterr, -EINVAL,
                                 "image %s has no disk that could be written: its root can be %s", i->name,
                                 root_name(usual_root(i)));
        if (run_is_for(d->m->root) && !image_find_role(i, IMAGE_FILE_ROOT_SQUASHFS))
                return error_set(d->reterr, -EINVAL,
                                 "image %s has no root file system for root %s: its root can be %s", i->name,
                                 root_name(d->m->root), root_name(usual_root(i)));
        return check_trusted_root(d, i);
}

/* What is kept on this server must be wanted of a root that has it, and be served. */
static int check_kept(const struct decision *d) {
        const json_t *data = json_object_get(d->wish, "data");
        const bool is_disk_like = d->m->root == ROOT_NBD, is_kept = is_disk_like || d->m->root == ROOT_NFS;
        enum root_kind kind = ROOT_KINDS;

        if (wish_flag(d->wish, "persistent", false) && !is_kept)
                return error_set(d->reterr, -EINVAL, "root %s cannot be persistent: nfs and nbd can",
                                 root_name(d->m->root));
        if (json_object_get(d->wish, "size") && !is_disk_like)
                return error_set(d->reterr, -EINVAL, "root %s has no size: nbd has", root_name(d->m->root));
        if (!json_is_object(data))
                return 0;
        if (!run_is_for(d->m->root))
                return error_set(d->reterr, -EINVAL,
                                 "a system in root %s mounts no volume of data: ram, nfs and nbd do",
                                 root_name(d->m->root));
        if (d->m->require_trusted && strcmp(wish_text(data, "kind", ""), "disk") != 0)
                return error_set(
                        d->reterr, -EINVAL,
                        "machine %s requires trust, and nothing can say of a volume by %s that it is "
                        "what was meant: its data can be on a disk of its own (--data disk:PATH)",
                        d->m->name, wish_text(data, "kind", ""));
        if (root_parse(wish_text(data, "kind", ""), &kind) < 0 || !(d->facts->roots & 1U << kind))
                return error_set(d->reterr, -EINVAL, "volumes by %s are not served here%s%s",
                                 wish_text(data, "kind", ""), d->facts->lack && d->facts->lack[0] ? ": " : "",
                                 d->facts->lack ? d->facts->lack : "");
        return 0;
}

/* What its system can be counted on to do, as its import found. */
static enum done_when usual_sign(const struct image *i, enum root_kind root) {
        if (root == ROOT_INITRD)
                return DONE_DHCP;
        if (i->done_signals & IMAGE_DONE_CLOUD_INIT)
                return DONE_PHONE_HOME;
        if (i->done_signals & IMAGE_DONE_SSH)
                return DONE_SSH;
        return root == ROOT_DISK ? DONE_WRITTEN : DONE_DHCP;
}

static int choose_sign(struct decision *d, const struct image *i, enum done_when *ret) {
        const char *name = decision_wish(d, "done_when");

        *ret = usual_sign(i, d->m->root);
        if (name && done_when_parse(name, ret) < 0)
                return error_set(d->reterr, -EINVAL, "\"%s\" is no sign", name);
        if (*ret == DONE_WRITTEN && d->m->root != ROOT_DISK)
                return error_set(d->reterr, -EINVAL,
                                 "nothing is written for root %s: done_when is phone-home, ssh or dhcp",
                                 root_name(d->m->root));
        return 0;
}

/* A text of @object, which is taken over, in the place of *@text. */
static int write_down(struct decision *d, json_t *object, char **text) {
        CLEANUP(json_decref_at) json_t *o = object;

        free(TAKE(*text));
        *text = o ? json_dumps(o, JSON_COMPACT) : NULL;
        return *text ? 0 : decision_no_memory(d);
}

/* What is deployed, into the machine: image, root, seed and token. */
static int prepare_deploy(struct decision *d, const struct image *i, enum done_when *ret_sign) {
        struct machine *m = d->m;

        (void)text_copy(m->image, sizeof(m->image), i->name);
        if (decision_wish(d, "owner"))
                (void)text_copy(m->owner, sizeof(m->owner), decision_wish(d, "owner"));
        int r = choose_root(d, i);
        if (r == 0)
                r = ubuntu_core_check(i, d->wish, d->reterr);
        if (r == 0)
                r = check_secrets(d);
        if (r == 0)
                r = check_kept(d);
        if (r == 0)
                r = choose_sign(d, i, ret_sign);
        if (r < 0)
                return r;
        m->has_token = true;
        memcpy(m->token_hash, d->facts->token_hash, sizeof(m->token_hash));
        memcpy(&m->deployment, m->token_hash, sizeof(m->deployment));
        r = write_down(d, seed_make(m, d->wish, d->facts->token), &m->seed);
        if (!run_is_for(m->root))
                free(TAKE(m->run));
        else if (r == 0)
                r = write_down(d, run_make(m, i, d->wish, d->facts->token), &m->run);
        if (r < 0)
                return r;
        m->boots_own = false;
        m->asks_back = m->root == ROOT_DISK && wish_flag(d->wish, "asks_back", false);
        return 0;
}

/* Data belong to no revision: one that was not taken shall have cost none. */
static int check_data_stays(const struct decision *d) {
        CLEANUP(json_decref_at) json_t *run = json_loads(d->m->run, 0, NULL);
        const json_t *data = json_object_get(d->wish, "data");
        const char *now =
                json_string_value(json_object_get(json_array_get(json_object_get(run, "data"), 0), "kind"));

        if (!now || !json_is_object(data) || strcmp(wish_text(data, "kind", ""), now) == 0)
                return 0;
        return error_set(d->reterr, -EBUSY,
                         "machine %s has its data by %s: a new revision of its system finds them there; for "
                         "a volume of another kind it has to be released first",
                         d->m->name, now);
}

/* What runs is kept beside what is prepared now. */
static int begin_revision(struct decision *d, const struct image *i, enum done_when *ret_sign) {
        int r = check_data_stays(d);
        if (r == 0 && trial_keep(d->m) < 0)
                r = decision_no_memory(d);
        if (r == 0)
                r = prepare_deploy(d, i, ret_sign);
        if (r == 0 && !run_is_for(d->m->root))
                r = error_set(d->reterr, -EBUSY,
                              "machine %s has no disk of its own: a new revision of its system has root ram, "
                              "nfs or nbd, too; for root %s it has to be released first",
                              d->m->name, root_name(d->m->root));
        return r;
}

/* What it says nothing about is as it is with the system that runs. */
static int prepare_revision(struct decision *d, const struct image *i, enum done_when *ret_sign) {
        const json_t *said = d->wish;
        CLEANUP(json_decref_at) json_t *wish = trial_wish(d->m, said);

        if (!wish)
                return decision_no_memory(d);
        d->wish = wish;
        int r = begin_revision(d, i, ret_sign);
        d->wish = said;
        return r;
}

static uint32_t trial_seconds(const struct decision *d) {
        const json_t *minutes = json_object_get(d->wish, "trial_minutes");
        return 60 * (json_is_integer(minutes) ? (uint32_t)json_integer_value(minutes) : TRIAL_MINUTES);
}

static int order_deploy(struct decision *d, const struct order *o) {
        const struct image *i = site_image(d->site, decision_wish(d, "image"));
        enum done_when sign;

        if (!i)
                return error_set(d->reterr, -ENOENT, "there is no image %s", decision_wish(d, "image"));
        const bool is_revision = trial_is_possible(d->m);
        CLEANUP(free_at) char *data = run_keep_data(d->m->run);
        if (!is_revision && d->m->state != STATE_ALLOCATED && decision_happen(d, EVENT_ACQUIRE) <= 0) {
                char states[STATES_SIZE] = "";
                list_states(EVENT_ACQUIRE, states, sizeof(states));
                list_states(EVENT_DEPLOY_DISK, states, sizeof(states));
                return refuse(d, "deploy", states);
        }
        have_data_again(d, 0, &data);
        int r = is_revision ? prepare_revision(d, i, &sign) : prepare_deploy(d, i, &sign);
        if (r == 0)
                r = order_event(d, o, d->m->root == ROOT_DISK ? EVENT_DEPLOY_DISK : EVENT_DEPLOY_BOOT);
        if (r < 0)
                return r;
        d->job->done = sign;
        d->job->trial_s = is_revision ? trial_seconds(d) : 0;
        return 0;
}

/* It belongs here, and its code, if it had one, is used up. */
static void take_up(struct machine *m) {
        m->needs_approval = m->has_claim = false;
        explicit_bzero(m->claim_hash, sizeof(m->claim_hash));
        m->claim_until_s = 0;
}

static int order_approve(struct decision *d, const struct order *o) {
        (void)o;
        take_up(d->m);
        return 0;
}

static int claim_hash_wished(const struct decision *d, uint8_t ret[static SHA256_SIZE]) {
        const char *code = decision_wish(d, "code");

        if (code && claim_hash(code, ret) == 0)
                return 0;
        return error_set(d->reterr, -EINVAL, "the code is missing");
}

static int order_claim_code(struct decision *d, const struct order *o) {
        enum { DAY_S = 24 * 3600 };
        const json_t *days = json_object_get(d->wish, "days");
        (void)o;

        if (d->m->state != STATE_NEW)
                return error_set(d->reterr, -EBUSY,
                                 "machine %s is %s: a claim code is for a New one, that nobody has taken up "
                                 "yet",
                                 d->m->name, machine_state_name(d->m->state));
        int r = claim_hash_wished(d, d->m->claim_hash);
        if (r < 0)
                return r;
        d->m->has_claim = d->m->needs_approval = true;
        d->m->claim_until_s =
                d->facts->now_s + (json_is_integer(days) ? json_integer_value(days) : CLAIM_DAYS) * DAY_S;
        decision_because(d, "it waits to be claimed with its code");
        return 0;
}

static int order_claim(struct decision *d, const struct order *o) {
        uint8_t hash[SHA256_SIZE];
        (void)o;

        if (!d->m->needs_approval)
                return error_set(d->reterr, -EBUSY, "machine %s is taken up already: a code counts once",
                                 d->m->name);
        if (!d->m->has_claim || d->facts->now_s >= d->m->claim_until_s)
                return error_set(d->reterr, -EBUSY,
                                 "machine %s has no claim code%s: bramble machine claim-code %s makes one",
                                 d->m->name, d->m->has_claim ? " that counts any more" : "", d->m->name);
        int r = claim_hash_wished(d, hash);
        if (r < 0)
                return r;
        if (memcmp(hash, d->m->claim_hash, sizeof(hash)) != 0)
                return error_set(d->reterr, -EINVAL, "this is not the code of machine %s", d->m->name);
        take_up(d->m);
        return 0;
}

/* Then it is looked at anew, by which is seen whether its EEPROM took the update; scripts are run when
 * somebody asks. */
static int order_convert(struct decision *d, const struct order *o) {
        int r = order_event(d, o, EVENT_CONVERT);

        if (r == 0 && json_object_set_new(d->job->wish, "scripts", json_array()) < 0)
                return decision_no_memory(d);
        return r;
}

static int order_replace(struct decision *d, const struct order *o) {
        (void)o;
        return replace_board(d);
}

/* By an agent that has nothing else to do, and for a while: nothing follows from it. */
static int order_blink(struct decision *d, const struct order *o) {
        const enum task_kind kind = task_kind_of(d->m);
        (void)o;

        if (!d->facts->agent_is_up)
                return error_set(
                        d->reterr, -EBUSY,
                        "machine %s is %s, and no agent is heard on it that could blink: switch it on, so "
                        "that it boots from the network, or commission it",
                        d->m->name, machine_state_name(d->m->state));
        if (kind != TASK_PARK && kind != TASK_BLINK)
                return error_set(d->reterr, -EBUSY,
                                 "the agent of machine %s is at work (%s): it blinks when it is done",
                                 d->m->name, task_kind_name(kind));
        return task_set(d->m, TASK_BLINK, task_blink(d->wish)) < 0 ? decision_no_memory(d) : 0;
}

static int order_lock(struct decision *d, const struct order *o) {
        (void)o;
        if (lifecycle_is_waiting(d->m->state))
                return error_set(d->reterr, -EBUSY, "machine %s is %s: it can be locked when that is over",
                                 d->m->name, machine_state_name(d->m->state));
        d->m->is_locked = true;
        return 0;
}

static int order_unlock(struct decision *d, const struct order *o) {
        (void)o;
        d->m->is_locked = false;
        return 0;
}

static const struct {
        int (*carry_out)(struct decision *d, const struct order *o);
        bool needs_no_approval; /* it may be given to a machine that waits for that */
        bool is_aside;          /* the state, and the sentence about it, stay as they are */
} orders[ORDER_VERBS] = {
        [ORDER_APPROVE] = { order_approve, true, false },
        [ORDER_CLAIM_CODE] = { order_claim_code, true, false },
        [ORDER_CLAIM] = { order_claim, true, false },
        [ORDER_COMMISSION] = { order_scripts, false, false },
        [ORDER_TEST] = { order_scripts, false, false },
        [ORDER_OVERRIDE_FAILED_TESTING] = { order_plain, false, false },
        [ORDER_RESERVE] = { order_plain, false, false },
        [ORDER_ACQUIRE] = { order_acquire, false, false },
        [ORDER_DEPLOY] = { order_deploy, false, false },
        [ORDER_RELEASE] = { order_release, false, false },
        [ORDER_ERASE] = { order_release, false, false },
        [ORDER_RESCUE] = { order_rescue, false, false },
        [ORDER_EXIT_RESCUE] = { order_plain, false, false },
        [ORDER_ABORT] = { order_plain, false, false },
        [ORDER_MARK_BROKEN] = { order_plain, true, false },
        [ORDER_MARK_FIXED] = { order_plain, false, false },
        [ORDER_MARK_MISSING] = { order_plain, true, false },
        [ORDER_RETIRE] = { order_plain, true, false },
        [ORDER_RESTORE] = { order_plain, false, false },
        [ORDER_CONVERT] = { order_convert, false, false },
        [ORDER_REPLACE] = { order_replace, false, false },
        [ORDER_BLINK] = { order_blink, true, .is_aside = true },
        [ORDER_LOCK] = { order_lock, true, .is_aside = true },
        [ORDER_UNLOCK] = { order_unlock, true, .is_aside = true },
};

static int give_order(struct decision *d, const struct order *o) {
        if (d->m->is_locked && o->verb != ORDER_UNLOCK)
                return error_set(d->reterr, -EBUSY, "machine %s is locked: unlock it first", d->m->name);
        if (d->m->needs_approval && !orders[o->verb].needs_no_approval)
                return error_set(d->reterr, -EBUSY,
                                 "machine %s waits for approval: bramble machine approve %s%s", d->m->name,
                                 d->m->name, d->m->has_claim ? ", or claim with its code" : "");
        return orders[o->verb].carry_out(d, o);
}

int life_on_order(const struct site *s, const struct machine *m, const struct order *o,
                  const struct life_facts *f, struct life_outcome *ret, struct error *reterr) {
        CLEANUP(decision_end) struct decision d;

        int r = decision_begin(&d, s, m, f, reterr);
        d.wish = o->wish;
        if (r == 0)
                r = give_order(&d, o);
        if (r < 0)
                return r;
        if (!orders[o->verb].is_aside)
                return decision_finish(&d, ret);
        ret->now = TAKE(d.m);
        return 0;
}
