/* The table of a machine's life; see lifecycle.h. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <ctype.h>
#include <errno.h>
#include <string.h>

#include "core/machine/lifecycle.h"

enum {
        BOOT_S = 1200, /* from power to the agent's hello: large servers test their memory first */
        WORK_S = 900,  /* of the agent without progress; every script has a limit of its own besides */
        POWER_S = 300
};

/* clang-format off */
#define ROW(from, event, to, action, timeout_s) { STATE_##from, EVENT_##event, STATE_##to, action, timeout_s }

/* The agent at work, wherever the machine is now. */
#define AGENT_LOOKS  (ACT_BOOT_AGENT | ACT_TASK_INVENTORY)
#define AGENT_TESTS  (ACT_BOOT_AGENT | ACT_TASK_SCRIPTS)
#define AGENT_WRITES (ACT_BOOT_AGENT | ACT_TASK_DEPLOY)
#define AGENT_ERASES (ACT_BOOT_AGENT | ACT_TASK_ERASE)
#define AGENT_HELPS  (ACT_BOOT_AGENT | ACT_TASK_RESCUE)
#define AGENT_CONVERTS (ACT_BOOT_AGENT | ACT_TASK_CONVERT)
#define NOTE         ACT_NOTE_PRIOR
#define FORGET       ACT_FORGET
#define SCRIPTS      ACT_TASK_SCRIPTS
#define PARK         ACT_TASK_PARK
#define OWN          ACT_BOOT_OWN
#define LEAVE        ACT_LEAVE
#define OFF          ACT_PARK_OR_OFF

const struct lifecycle_row lifecycle[] = {
        /* Looked at: what it is, and whether it works. */
        ROW(NEW,                         COMMISSION,     COMMISSIONING,               AGENT_LOOKS,           BOOT_S),
        ROW(FAILED_COMMISSIONING,        COMMISSION,     COMMISSIONING,               AGENT_LOOKS,           BOOT_S),
        ROW(READY,                       COMMISSION,     COMMISSIONING,               AGENT_LOOKS,           BOOT_S),
        ROW(MISSING,                     COMMISSION,     COMMISSIONING,               AGENT_LOOKS,           BOOT_S),
        ROW(BROKEN,                      COMMISSION,     COMMISSIONING,               FORGET | AGENT_LOOKS,  BOOT_S),
        ROW(FAILED_TESTING,              COMMISSION,     COMMISSIONING,               FORGET | AGENT_LOOKS,  BOOT_S),
        ROW(COMMISSIONING,               AGENT_UP,       COMMISSIONING,               0,                     WORK_S),
        ROW(COMMISSIONING,               INVENTORY,      COMMISSIONING,               SCRIPTS,               WORK_S),
        ROW(NEW,                         CONVERT,        COMMISSIONING,               AGENT_CONVERTS,        BOOT_S),
        ROW(FAILED_COMMISSIONING,        CONVERT,        COMMISSIONING,               AGENT_CONVERTS,        BOOT_S),
        ROW(READY,                       CONVERT,        COMMISSIONING,               AGENT_CONVERTS,        BOOT_S),
        ROW(COMMISSIONING,               CONVERTED,      COMMISSIONING,               ACT_TASK_INVENTORY,    BOOT_S),
        ROW(COMMISSIONING,               SCRIPTS_PASSED, READY,                       OFF,                   0),
        ROW(COMMISSIONING,               TASK_FAILED,    FAILED_COMMISSIONING,        PARK,                  0),
        ROW(COMMISSIONING,               POWER_FAILED,   FAILED_COMMISSIONING,        PARK,                  0),
        ROW(COMMISSIONING,               TIMEOUT,        FAILED_COMMISSIONING,        PARK,                  0),
        ROW(COMMISSIONING,               ABORT,          NEW,                         OFF,                   0),
        ROW(COMMISSIONING,               MARK_BROKEN,    BROKEN,                      PARK,                  0),

        /* Tested again, and back to what it was. */
        ROW(READY,                       TEST,           TESTING,                     NOTE | AGENT_TESTS,    BOOT_S),
        ROW(ALLOCATED,                   TEST,           TESTING,                     NOTE | AGENT_TESTS,    BOOT_S),
        ROW(DEPLOYED,                    TEST,           TESTING,                     NOTE | AGENT_TESTS,    BOOT_S),
        ROW(BROKEN,                      TEST,           TESTING,                     NOTE | AGENT_TESTS,    BOOT_S),
        ROW(FAILED_TESTING,              TEST,           TESTING,                     AGENT_TESTS,           BOOT_S),
        ROW(TESTING,                     AGENT_UP,       TESTING,                     0,                     WORK_S),
        ROW(TESTING,                     SCRIPTS_PASSED, PRIOR,                       LEAVE,                 0),
        ROW(TESTING,                     TASK_FAILED,    FAILED_TESTING,              PARK,                  0),
        ROW(TESTING,                     POWER_FAILED,   FAILED_TESTING,              PARK,                  0),
        ROW(TESTING,                     TIMEOUT,        FAILED_TESTING,              PARK,                  0),
        ROW(TESTING,                     ABORT,          PRIOR,                       LEAVE,                 0),
        ROW(FAILED_TESTING,              OVERRIDE,       PRIOR,                       LEAVE,                 0),

        /* Given a system. */
        ROW(READY,                       RESERVE,        RESERVED,                    0,                     0),
        ROW(READY,                       ACQUIRE,        ALLOCATED,                   0,                     0),
        ROW(RESERVED,                    ACQUIRE,        ALLOCATED,                   0,                     0),
        ROW(FAILED_DEPLOYMENT,           ACQUIRE,        ALLOCATED,                   FORGET,                0),
        ROW(ALLOCATED,                   DEPLOY_DISK,    DEPLOYING,                   AGENT_WRITES,          BOOT_S),
        ROW(ALLOCATED,                   DEPLOY_BOOT,    DEPLOYING,                   OWN,                   BOOT_S),
        ROW(DEPLOYED,                    DEPLOY_BOOT,    DEPLOYING,                   OWN,                   BOOT_S),
        ROW(DEPLOYING,                   AGENT_UP,       DEPLOYING,                   0,                     WORK_S),
        ROW(DEPLOYING,                   WRITTEN,        DEPLOYING,                   OWN,                   BOOT_S),
        ROW(DEPLOYING,                   UP,             DEPLOYED,                    0,                     0),
        ROW(DEPLOYING,                   FALL_BACK,      DEPLOYED,                    OWN,                   0),
        ROW(DEPLOYING,                   TASK_FAILED,    FAILED_DEPLOYMENT,           PARK,                  0),
        ROW(DEPLOYING,                   POWER_FAILED,   FAILED_DEPLOYMENT,           PARK,                  0),
        ROW(DEPLOYING,                   TIMEOUT,        FAILED_DEPLOYMENT,           PARK,                  0),
        ROW(DEPLOYING,                   ABORT,          ALLOCATED,                   FORGET | OFF,          0),
        ROW(DEPLOYING,                   MARK_BROKEN,    BROKEN,                      FORGET | PARK,         0),

        /* Taken back. */
        ROW(RESERVED,                    RELEASE,        RELEASING,                   FORGET | OFF,          POWER_S),
        ROW(ALLOCATED,                   RELEASE,        RELEASING,                   FORGET | OFF,          POWER_S),
        ROW(DEPLOYING,                   RELEASE,        RELEASING,                   FORGET | OFF,          POWER_S),
        ROW(FAILED_DEPLOYMENT,           RELEASE,        RELEASING,                   FORGET | OFF,          POWER_S),
        ROW(DEPLOYED,                    RELEASE,        RELEASING,                   FORGET | OFF,          POWER_S),
        ROW(BROKEN,                      RELEASE,        RELEASING,                   FORGET | OFF,          POWER_S),
        ROW(FAILED_RELEASING,            RELEASE,        RELEASING,                   FORGET | OFF,          POWER_S),
        ROW(FAILED_DISK_ERASING,         RELEASE,        RELEASING,                   FORGET | OFF,          POWER_S),
        ROW(RELEASING,                   LEFT,           READY,                       0,                     0),
        ROW(RELEASING,                   POWER_FAILED,   FAILED_RELEASING,            PARK,                  0),
        ROW(RELEASING,                   TIMEOUT,        FAILED_RELEASING,            PARK,                  0),
        ROW(RELEASING,                   MARK_BROKEN,    BROKEN,                      PARK,                  0),
        ROW(RESERVED,                    ERASE,          DISK_ERASING,                FORGET | AGENT_ERASES, BOOT_S),
        ROW(ALLOCATED,                   ERASE,          DISK_ERASING,                FORGET | AGENT_ERASES, BOOT_S),
        ROW(FAILED_DEPLOYMENT,           ERASE,          DISK_ERASING,                FORGET | AGENT_ERASES, BOOT_S),
        ROW(DEPLOYED,                    ERASE,          DISK_ERASING,                FORGET | AGENT_ERASES, BOOT_S),
        ROW(BROKEN,                      ERASE,          DISK_ERASING,                FORGET | AGENT_ERASES, BOOT_S),
        ROW(FAILED_RELEASING,            ERASE,          DISK_ERASING,                FORGET | AGENT_ERASES, BOOT_S),
        ROW(FAILED_DISK_ERASING,         ERASE,          DISK_ERASING,                AGENT_ERASES,          BOOT_S),
        ROW(DISK_ERASING,                AGENT_UP,       DISK_ERASING,                0,                     WORK_S),
        ROW(DISK_ERASING,                ERASED,         READY,                       OFF,                   0),
        ROW(DISK_ERASING,                TASK_FAILED,    FAILED_DISK_ERASING,         PARK,                  0),
        ROW(DISK_ERASING,                POWER_FAILED,   FAILED_DISK_ERASING,         PARK,                  0),
        ROW(DISK_ERASING,                TIMEOUT,        FAILED_DISK_ERASING,         PARK,                  0),
        ROW(DISK_ERASING,                ABORT,          FAILED_DISK_ERASING,         PARK,                  0),
        ROW(DISK_ERASING,                MARK_BROKEN,    BROKEN,                      PARK,                  0),

        /* Helped. */
        ROW(NEW,                         RESCUE,         ENTERING_RESCUE_MODE,        NOTE | AGENT_HELPS,    BOOT_S),
        ROW(FAILED_COMMISSIONING,        RESCUE,         ENTERING_RESCUE_MODE,        NOTE | AGENT_HELPS,    BOOT_S),
        ROW(READY,                       RESCUE,         ENTERING_RESCUE_MODE,        NOTE | AGENT_HELPS,    BOOT_S),
        ROW(RESERVED,                    RESCUE,         ENTERING_RESCUE_MODE,        NOTE | AGENT_HELPS,    BOOT_S),
        ROW(ALLOCATED,                   RESCUE,         ENTERING_RESCUE_MODE,        NOTE | AGENT_HELPS,    BOOT_S),
        ROW(FAILED_DEPLOYMENT,           RESCUE,         ENTERING_RESCUE_MODE,        NOTE | AGENT_HELPS,    BOOT_S),
        ROW(DEPLOYED,                    RESCUE,         ENTERING_RESCUE_MODE,        NOTE | AGENT_HELPS,    BOOT_S),
        ROW(FAILED_DISK_ERASING,         RESCUE,         ENTERING_RESCUE_MODE,        NOTE | AGENT_HELPS,    BOOT_S),
        ROW(MISSING,                     RESCUE,         ENTERING_RESCUE_MODE,        NOTE | AGENT_HELPS,    BOOT_S),
        ROW(BROKEN,                      RESCUE,         ENTERING_RESCUE_MODE,        NOTE | AGENT_HELPS,    BOOT_S),
        ROW(FAILED_TESTING,              RESCUE,         ENTERING_RESCUE_MODE,        NOTE | AGENT_HELPS,    BOOT_S),
        ROW(FAILED_ENTERING_RESCUE_MODE, RESCUE,         ENTERING_RESCUE_MODE,        AGENT_HELPS,           BOOT_S),
        ROW(ENTERING_RESCUE_MODE,        AGENT_UP,       ENTERING_RESCUE_MODE,        0,                     WORK_S),
        ROW(ENTERING_RESCUE_MODE,        RESCUE_UP,      RESCUE_MODE,                 0,                     0),
        ROW(ENTERING_RESCUE_MODE,        TASK_FAILED,    FAILED_ENTERING_RESCUE_MODE, PARK,                  0),
        ROW(ENTERING_RESCUE_MODE,        POWER_FAILED,   FAILED_ENTERING_RESCUE_MODE, PARK,                  0),
        ROW(ENTERING_RESCUE_MODE,        TIMEOUT,        FAILED_ENTERING_RESCUE_MODE, PARK,                  0),
        ROW(ENTERING_RESCUE_MODE,        ABORT,          EXITING_RESCUE_MODE,         LEAVE,                 POWER_S),
        ROW(ENTERING_RESCUE_MODE,        MARK_BROKEN,    BROKEN,                      PARK,                  0),
        ROW(RESCUE_MODE,                 EXIT_RESCUE,    EXITING_RESCUE_MODE,         LEAVE,                 POWER_S),
        ROW(RESCUE_MODE,                 MARK_BROKEN,    BROKEN,                      PARK,                  0),
        ROW(FAILED_ENTERING_RESCUE_MODE, EXIT_RESCUE,    EXITING_RESCUE_MODE,         LEAVE,                 POWER_S),
        ROW(FAILED_ENTERING_RESCUE_MODE, MARK_BROKEN,    BROKEN,                      PARK,                  0),
        ROW(EXITING_RESCUE_MODE,         LEFT,           PRIOR,                       0,                     0),
        ROW(EXITING_RESCUE_MODE,         TASK_FAILED,    FAILED_EXITING_RESCUE_MODE,  PARK,                  0),
        ROW(EXITING_RESCUE_MODE,         POWER_FAILED,   FAILED_EXITING_RESCUE_MODE,  PARK,                  0),
        ROW(EXITING_RESCUE_MODE,         TIMEOUT,        FAILED_EXITING_RESCUE_MODE,  PARK,                  0),
        ROW(FAILED_EXITING_RESCUE_MODE,  EXIT_RESCUE,    EXITING_RESCUE_MODE,         LEAVE,                 POWER_S),
        ROW(FAILED_EXITING_RESCUE_MODE,  MARK_BROKEN,    BROKEN,                      PARK,                  0),

        /* Set aside by a person, and taken up again. */
        ROW(NEW,                         MARK_BROKEN,    BROKEN,                      0,                     0),
        ROW(FAILED_COMMISSIONING,        MARK_BROKEN,    BROKEN,                      0,                     0),
        ROW(READY,                       MARK_BROKEN,    BROKEN,                      0,                     0),
        ROW(RESERVED,                    MARK_BROKEN,    BROKEN,                      0,                     0),
        ROW(ALLOCATED,                   MARK_BROKEN,    BROKEN,                      0,                     0),
        ROW(FAILED_DEPLOYMENT,           MARK_BROKEN,    BROKEN,                      FORGET,                0),
        ROW(DEPLOYED,                    MARK_BROKEN,    BROKEN,                      0,                     0),
        ROW(FAILED_RELEASING,            MARK_BROKEN,    BROKEN,                      0,                     0),
        ROW(FAILED_DISK_ERASING,         MARK_BROKEN,    BROKEN,                      0,                     0),
        ROW(MISSING,                     MARK_BROKEN,    BROKEN,                      0,                     0),
        ROW(RETIRED,                     MARK_BROKEN,    BROKEN,                      0,                     0),
        ROW(FAILED_TESTING,              MARK_BROKEN,    BROKEN,                      0,                     0),
        ROW(BROKEN,                      MARK_FIXED,     PRIOR,                       0,                     0),
        ROW(NEW,                         MARK_MISSING,   MISSING,                     0,                     0),
        ROW(FAILED_COMMISSIONING,        MARK_MISSING,   MISSING,                     0,                     0),
        ROW(READY,                       MARK_MISSING,   MISSING,                     0,                     0),
        ROW(NEW,                         RETIRE,         RETIRED,                     0,                     0),
        ROW(FAILED_COMMISSIONING,        RETIRE,         RETIRED,                     0,                     0),
        ROW(READY,                       RETIRE,         RETIRED,                     0,                     0),
        ROW(RESERVED,                    RETIRE,         RETIRED,                     FORGET,                0),
        ROW(MISSING,                     RETIRE,         RETIRED,                     0,                     0),
        ROW(MISSING,                     RESTORE,        NEW,                         0,                     0),
        ROW(RETIRED,                     RESTORE,        NEW,                         0,                     0),
};
/* clang-format on */
const size_t lifecycle_len = ARRAY_LEN(lifecycle);

const struct lifecycle_row *lifecycle_step(enum machine_state from, enum machine_event event) {
        for (size_t i = 0; i < lifecycle_len; i++) {
                if (lifecycle[i].from == from && lifecycle[i].event == event)
                        return &lifecycle[i];
        }
        return NULL;
}

enum machine_state lifecycle_return(enum machine_state from, enum machine_state prior, bool has_own) {
        if (from == STATE_EXITING_RESCUE_MODE)
                return lifecycle_is_waiting(prior) ? STATE_READY : prior;
        if (has_own)
                return STATE_DEPLOYED;
        return from == STATE_TESTING && prior == STATE_ALLOCATED ? prior : STATE_READY;
}

bool lifecycle_is_waiting(enum machine_state state) {
        return lifecycle_step(state, EVENT_TIMEOUT) != NULL;
}

static const char *const state_names[MACHINE_STATES] = {
        [STATE_NEW] = "New",
        [STATE_COMMISSIONING] = "Commissioning",
        [STATE_FAILED_COMMISSIONING] = "Failed commissioning",
        [STATE_MISSING] = "Missing",
        [STATE_READY] = "Ready",
        [STATE_RESERVED] = "Reserved",
        [STATE_DEPLOYED] = "Deployed",
        [STATE_RETIRED] = "Retired",
        [STATE_BROKEN] = "Broken",
        [STATE_DEPLOYING] = "Deploying",
        [STATE_ALLOCATED] = "Allocated",
        [STATE_FAILED_DEPLOYMENT] = "Failed deployment",
        [STATE_RELEASING] = "Releasing",
        [STATE_FAILED_RELEASING] = "Releasing failed",
        [STATE_DISK_ERASING] = "Disk erasing",
        [STATE_FAILED_DISK_ERASING] = "Failed disk erasing",
        [STATE_RESCUE_MODE] = "Rescue mode",
        [STATE_ENTERING_RESCUE_MODE] = "Entering rescue mode",
        [STATE_FAILED_ENTERING_RESCUE_MODE] = "Failed to enter rescue mode",
        [STATE_EXITING_RESCUE_MODE] = "Exiting rescue mode",
        [STATE_FAILED_EXITING_RESCUE_MODE] = "Failed to exit rescue mode",
        [STATE_TESTING] = "Testing",
        [STATE_FAILED_TESTING] = "Failed testing",
};

static const char *const event_names[MACHINE_EVENTS] = {
        [EVENT_COMMISSION] = "commission",
        [EVENT_CONVERT] = "convert",
        [EVENT_TEST] = "test",
        [EVENT_OVERRIDE] = "override-failed-testing",
        [EVENT_RESERVE] = "reserve",
        [EVENT_ACQUIRE] = "acquire",
        [EVENT_DEPLOY_DISK] = "deploy-disk",
        [EVENT_DEPLOY_BOOT] = "deploy-boot",
        [EVENT_RELEASE] = "release",
        [EVENT_ERASE] = "erase",
        [EVENT_RESCUE] = "rescue",
        [EVENT_EXIT_RESCUE] = "exit-rescue",
        [EVENT_ABORT] = "abort",
        [EVENT_MARK_BROKEN] = "mark-broken",
        [EVENT_MARK_FIXED] = "mark-fixed",
        [EVENT_MARK_MISSING] = "mark-missing",
        [EVENT_RETIRE] = "retire",
        [EVENT_RESTORE] = "restore",
        [EVENT_AGENT_UP] = "agent-up",
        [EVENT_INVENTORY] = "inventory",
        [EVENT_CONVERTED] = "converted",
        [EVENT_SCRIPTS_PASSED] = "scripts-passed",
        [EVENT_WRITTEN] = "written",
        [EVENT_UP] = "up",
        [EVENT_ERASED] = "erased",
        [EVENT_RESCUE_UP] = "rescue-up",
        [EVENT_FALL_BACK] = "fall-back",
        [EVENT_LEFT] = "left",
        [EVENT_TASK_FAILED] = "task-failed",
        [EVENT_POWER_FAILED] = "power-failed",
        [EVENT_TIMEOUT] = "timeout",
};

static const char *const action_names[] = {
        "note-prior", "forget",      "task-inventory", "task-scripts", "task-deploy",
        "task-erase", "task-rescue", "task-park",      "boot-agent",   "boot-own",
        "leave",      "park-or-off", "task-convert",
};

static const char *const purpose_names[BOOT_PURPOSES] = {
        [PURPOSE_REFUSE] = "refuse",
        [PURPOSE_RUN] = "run",
        [PURPOSE_LOCAL] = "local",
        [PURPOSE_ENLIST] = "enlist",
        [PURPOSE_COMMISSION] = "commission",
        [PURPOSE_DEPLOY] = "deploy",
        [PURPOSE_RESCUE] = "rescue",
        [PURPOSE_ERASE] = "erase",
        [PURPOSE_PARK] = "park",
};

const char *machine_state_name(enum machine_state s) {
        return s < MACHINE_STATES ? state_names[s] : "";
}

/* Between the words of a state's name. */
static bool is_gap(char c) {
        return c == ' ' || c == '-' || c == '_';
}

static bool is_same_name(const char *a, const char *b) {
        for (; *a && *b; a++, b++) {
                if (tolower((unsigned char)*a) != tolower((unsigned char)*b) && !(is_gap(*a) && is_gap(*b)))
                        return false;
        }
        return *a == *b;
}

int machine_state_parse(const char *name, enum machine_state *ret) {
        for (size_t i = 0; i < MACHINE_STATES; i++) {
                if (!is_same_name(name, state_names[i]))
                        continue;
                *ret = (enum machine_state)i;
                return 0;
        }
        return -EINVAL;
}

const char *machine_event_name(enum machine_event e) {
        return e < MACHINE_EVENTS ? event_names[e] : "";
}

int machine_event_parse(const char *name, enum machine_event *ret) {
        for (size_t i = 0; i < MACHINE_EVENTS; i++) {
                if (strcmp(name, event_names[i]) != 0)
                        continue;
                *ret = (enum machine_event)i;
                return 0;
        }
        return -EINVAL;
}

const char *machine_action_name(unsigned flag) {
        for (size_t i = 0; i < ARRAY_LEN(action_names); i++) {
                if (flag == 1U << i)
                        return action_names[i];
        }
        return "";
}

const char *boot_purpose_name(enum boot_purpose purpose) {
        return purpose < BOOT_PURPOSES ? purpose_names[purpose] : "";
}

bool boot_purpose_is_agent(enum boot_purpose purpose) {
        return purpose >= PURPOSE_ENLIST && purpose < BOOT_PURPOSES;
}
