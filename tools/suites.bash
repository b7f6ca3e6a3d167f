# shellcheck shell=bash
# What ./check runs: for each suite what it needs built, and how it is run. Sourced after setup.bash.
#
# A suite leaves its results in $results (JUnit XML from pytest, the log of meson test, TSV from fuzzing);
# tools/tally.py reads them and gives the verdict, so a suite that fails does not keep the next from running.
# SPDX-License-Identifier: Apache-2.0

results=$logs/results
fuzz_seconds=${BRAMBLE_FUZZ_SECONDS:-} # of each target; empty: its part of what all of them have
fuzz_all_s=270
fuzz_at_once=3

needs() { # needs SUITE, among the suites asked for or all of them for setup
        [[ " ${asked[*]} " == *" $1 "* || "${asked[*]}" == setup ]]
}

set_up() {
        local -a asked=("$@") lists=(build run test)
        needs full && lists+=(full)
        needs bench && lists+=(bench)
        install_lists "${lists[@]}"
        if needs scenario || needs vm || needs full || needs bench; then
                fetch_foreign agent foreign foreign-test
                make_user
        fi
        needs full && enable_foreign_programs
        build_optimised
        if needs scenario || needs vm || needs full; then
                build_agents
        fi
        if needs unit || needs contract || needs scenario; then
                build_tree build-check -Db_sanitize=address,undefined
        fi
        if needs scenario; then
                build_tree build-tsan -Db_sanitize=thread
        fi
        if needs fuzz; then
                CC=clang build_tree build-fuzz -Dfuzz=true -Db_sanitize=address,undefined -Db_lundef=false
        fi
}

suite_meson() { # suite_meson NAME: a suite of meson's in the sanitizer build
        local log=build-check/meson-logs/$1
        rm -f "$log.json"
        meson test -C build-check --suite "$1" --logbase "$1" --print-errorlogs --no-rebuild ||
                say "$1: the full log is $PWD/$log.txt"
        if [ -s "$log.json" ]; then
                cp "$log.json" "$results/$1.json"
        else
                printf '%s\tall\tSKIP\tthere are no tests yet\n' "$1" >"$results/$1.tsv"
        fi
}
# A good deal of both is waiting: where both are asked for they run at once.
suite_unit() {
        if [[ " ${suites[*]} " == *" contract "* && ! -e $results/contract.json ]]; then
                suite_meson contract >"$logs/contract.out" 2>&1 &
        fi
        suite_meson unit
        wait
}
suite_contract() {
        if [ -e "$results/contract.json" ]; then
                cat "$logs/contract.out"
        else
                suite_meson contract
        fi
}

# Python's tests make namespaces: as root, and in namespaces of their own so that whatever happens nothing is left.
suite_pytest() { # suite_pytest NAME BUILD ARGUMENT...
        local name=$1 build=$2
        shift 2
        as_root env BRAMBLE_BUILD="$PWD/$build" BRAMBLE_CACHE="$cache" PYTHONDONTWRITEBYTECODE=1 tools/isolate \
                /usr/bin/python3 -m pytest -p no:cacheprovider --junitxml="$results/$name.xml" \
                -o junit_suite_name="$name" --lab-logs="$logs/$name" "$@" ||
                say "$name: the full logs are below $logs/$name"
        [ -s "$results/$name.xml" ] || printf '%s\tpytest\tFAIL\tdid not get to run its tests\n' "$name" >"$results/$name.tsv"
}
# Twice: for wrong memory use and for data races. Most of it is waiting, so both run at once. What builds images has one thread.
suite_scenario() {
        suite_pytest scenario-tsan build-tsan test/scenario -m "not full" --ignore=test/scenario/test_image_build.py \
                >"$logs/scenario-tsan.out" 2>&1 &
        suite_pytest scenario build-check test/scenario -m "not full"
        wait
        cat "$logs/scenario-tsan.out"
}
# An emulated machine keeps one core busy, and waits now and then: three at once fill two cores. Each test by itself goes to who
# is free.
suite_vm() { suite_pytest vm build test/vm -m "not full" -n 3 --dist loadgroup; }
suite_full() { suite_pytest full build test/vm test/scenario -m full -n 3 --dist loadgroup; }
# Prints a table and judges no time: it fails only when something could not be measured at all.
suite_bench() {
        if as_root env BRAMBLE_BUILD="$PWD/build" BRAMBLE_CACHE="$cache" tools/isolate test/bench/run --json "$logs/bench.json" \
                2>&1 | tee "$logs/bench.log"; then
                printf 'bench\tbench\tOK\t\n' >"$results/bench.tsv"
        else
                printf 'bench\tbench\tFAIL\tsee %s\n' "$logs/bench.log" >"$results/bench.tsv"
        fi
}

# fuzz_one PROGRAM SECONDS: its corpus grows in a folder of its own, beginning with the named one.
fuzz_one() {
        local program=$1 seconds=$2 name log verdict=OK why=
        name=${program##*/fuzz_}
        log=$logs/fuzz/$name.log
        mkdir -p "build-fuzz/grown/$name" "test/fuzz/corpus/$name"
        if ! "$program" -max_total_time="$seconds" -timeout=5 -rss_limit_mb=1024 -print_final_stats=1 \
                -artifact_prefix="$logs/fuzz/$name-" "build-fuzz/grown/$name" "test/fuzz/corpus/$name" >"$log" 2>&1; then
                verdict=FAIL
                why="see $log; again by: $program $(sed -n 's/.*Test unit written to //p' "$log" | tail -n 1)"
                printf '%s\n' "fuzz_$name:" "$(tail -n 30 "$log")" >&2
        fi
        printf 'fuzz\t%s\t%s\t%s\n' "$name" "$verdict" "$why" >"$results/fuzz-$name.tsv"
}
suite_fuzz() {
        local -a programs
        mkdir -p "$logs/fuzz"
        mapfile -t programs < <(find build-fuzz/test/fuzz -maxdepth 1 -type f -name 'fuzz_*' -perm -u+x | sort)
        [ "${#programs[@]}" -gt 0 ] || printf 'fuzz\tall\tSKIP\tthere are no targets yet\n' >"$results/fuzz.tsv"
        local program seconds=${fuzz_seconds:-$((fuzz_all_s * fuzz_at_once / (${#programs[@]} + 1)))}
        for program in "${programs[@]}"; do
                while [ "$(jobs -rp | wc -l)" -ge "$fuzz_at_once" ]; do
                        wait -n || true
                done
                fuzz_one "$program" "$seconds" &
        done
        wait
}
