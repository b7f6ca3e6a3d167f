/* Downloads by libcurl; see download.h. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <curl/curl.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <time.h>

#include "app/bramble/download.h"
#include "app/bramble/print.h"
#include "base/hash.h"

enum { SLOW_S = 60, REDIRECTS_MAX = 10, SHOW_EVERY_MS = 100 };

struct downloading {
        const struct cli *cli;
        FILE *file;
        uint64_t had; /* octets of an earlier try */
        int64_t shown_ms;
        int error; /* of writing */
};

bool download_is_url(const char *source) {
        return strncasecmp(source, "http://", 7) == 0 || strncasecmp(source, "https://", 8) == 0;
}

static int64_t now_ms(void) {
        struct timespec t;

        (void)clock_gettime(CLOCK_MONOTONIC, &t);
        return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

/* $XDG_CACHE_HOME/bramble/HASH-OF-URL and an end, and the folders that lead there. */
static char *cache_path(const char *url, const char *end) {
        static const struct hash_key any = { 0x646f776e6c6f6164, 1 }; /* no secret: it is our own folder */
        const char *cache = getenv("XDG_CACHE_HOME"), *home = getenv("HOME");
        char *dir = NULL, *path = NULL;
        int n = cache && *cache == '/' ? asprintf(&dir, "%s/bramble", cache)
                                       : asprintf(&dir, "%s/.cache/bramble", home ? home : "/tmp");

        if (n < 0)
                return NULL;
        for (char *slash = strchr(dir + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
                *slash = '\0';
                (void)mkdir(dir, 0755); /* what does not work is said by the file that cannot be made */
                *slash = '/';
        }
        (void)mkdir(dir, 0755);
        n = asprintf(&path, "%s/%016" PRIx64 "%s", dir, hash_siphash(any, url, strlen(url)), end);
        free(dir);
        return n < 0 ? NULL : path;
}

char *download_kept_path(const char *url) {
        return cache_path(url, ".kept");
}

static size_t take(char *data, size_t size, size_t n, void *ctx) {
        struct downloading *d = ctx;
        const size_t taken = fwrite(data, size, n, d->file);

        if (taken < n)
                d->error = errno;
        return taken * size;
}

static int show(void *ctx, curl_off_t total, curl_off_t done, curl_off_t up_total, curl_off_t up_done) {
        CLEANUP(text_free) struct text line = {};
        struct downloading *d = ctx;

        (void)up_total;
        (void)up_done;
        if (!d->cli->has_progress || now_ms() - d->shown_ms < SHOW_EVERY_MS)
                return 0;
        d->shown_ms = now_ms();
        text_append(&line, "\rfetching: ");
        print_size(&line, d->had + (uint64_t)done);
        if (total > 0) {
                text_append(&line, " of ");
                print_size(&line, d->had + (uint64_t)total);
        }
        text_append(&line, "\033[K");
        if (line.octets)
                (void)fputs(line.octets, stderr);
        return 0;
}

static CURLcode perform(CURL *curl, const char *url, struct downloading *d, char *why) {
        (void)curl_easy_setopt(curl, CURLOPT_URL, url);
        (void)curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "http,https");
        (void)curl_easy_setopt(curl, CURLOPT_FOLLOWLOCATION, 1L);
        (void)curl_easy_setopt(curl, CURLOPT_MAXREDIRS, (long)REDIRECTS_MAX);
        (void)curl_easy_setopt(curl, CURLOPT_FAILONERROR, 1L);
        (void)curl_easy_setopt(curl, CURLOPT_LOW_SPEED_LIMIT, 1L);
        (void)curl_easy_setopt(curl, CURLOPT_LOW_SPEED_TIME, (long)SLOW_S);
        (void)curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, take);
        (void)curl_easy_setopt(curl, CURLOPT_WRITEDATA, d);
        (void)curl_easy_setopt(curl, CURLOPT_NOPROGRESS, 0L);
        (void)curl_easy_setopt(curl, CURLOPT_XFERINFOFUNCTION, show);
        (void)curl_easy_setopt(curl, CURLOPT_XFERINFODATA, d);
        (void)curl_easy_setopt(curl, CURLOPT_ERRORBUFFER, why);
        (void)curl_easy_setopt(curl, CURLOPT_RESUME_FROM_LARGE, (curl_off_t)d->had);
        return curl_easy_perform(curl);
}

static int fetch(const struct cli *cli, const char *url, struct downloading *d) {
        char why[CURL_ERROR_SIZE] = "";
        CURL *curl = curl_easy_init();

        if (!curl)
                return cli_fail(CLI_LOCAL, "out of memory");
        const CURLcode r = perform(curl, url, d, why);
        curl_easy_cleanup(curl);
        if (cli->has_progress)
                (void)fputs("\r\033[K", stderr);
        if (d->error)
                return cli_fail(CLI_LOCAL, "%s: it cannot be written: %s", url, strerror(d->error));
        return r == CURLE_OK
                       ? CLI_OK
                       : cli_fail(CLI_LOCAL, "cannot fetch %s: %s", url, *why ? why : curl_easy_strerror(r));
}

int download(const struct cli *cli, const char *url, bool may_resume, char **ret) {
        CLEANUP(free_at) char *path = cache_path(url, ".part");
        struct downloading d = { .cli = cli };
        struct stat status;

        if (!path)
                return cli_fail(CLI_LOCAL, "out of memory");
        if (may_resume && stat(path, &status) == 0)
                d.had = (uint64_t)status.st_size;
        d.file = fopen(path, d.had ? "ae" : "we");
        if (!d.file)
                return cli_fail(CLI_LOCAL, "cannot write %s: %s", path, strerror(errno));
        int code = fetch(cli, url, &d);
        if (fclose(d.file) != 0 && code == CLI_OK)
                code = cli_fail(CLI_LOCAL, "cannot write %s: %s", path, strerror(errno));
        if (code == CLI_OK)
                *ret = TAKE(path);
        else if (!may_resume)
                (void)remove(path);
        return code;
}
