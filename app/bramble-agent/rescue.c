/* Rescue mode; see rescue.h. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <string.h>

#include "app/bramble-agent/io/log.h"
#include "app/bramble-agent/io/sshd.h"
#include "app/bramble-agent/job.h"
#include "app/bramble-agent/json.h"
#include "app/bramble-agent/rescue.h"
#include "base/text.h"

/* One a line, as sshd wants them; a key with a line break in it would be two. */
static char *join_keys(const json_t *keys) {
        struct text out = { 0 };
        size_t i;
        json_t *key;

        text_append(&out, "");
        json_array_foreach(keys, i, key) {
                const char *text = json_string_value(key);
                if (text && *text && !strpbrk(text, "\r\n"))
                        text_printf(&out, "%s\n", text);
        }
        return text_take(&out);
}

int rescue_run(struct job *job, struct error *reterr) {
        CLEANUP(free_at) char *keys = join_keys(json_object_get(job_order(job), "authorized_keys"));
        char host_key[SSHD_KEY_SIZE];

        if (!keys)
                return error_set(reterr, -ENOMEM, "out of memory");
        if (!*keys)
                return error_set(
                        reterr, -EINVAL,
                        "nobody could log in: the task has no SSH keys. Name one with bramble machine rescue "
                        "NAME --ssh-key KEY");
        if (!job_world(job)->is_whole_machine)
                return error_set(reterr, -EPERM, "rescue mode is for an agent that is the machine's init");
        int r = sshd_start(keys, host_key, reterr);
        if (r < 0)
                return r;
        log_line("rescue mode: root may log in by SSH with the operator's keys");
        json_put_number(job_data(job), "port", SSHD_PORT);
        json_put_text(job_data(job), "user", "root");
        json_put_text(job_data(job), "host_key", host_key);
        return 0;
}
