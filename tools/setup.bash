# shellcheck shell=bash
# What ./run and ./check share: install what is missing, build, fetch foreign packages. Sourced, in the root of the tree.
# SPDX-License-Identifier: Apache-2.0

cache=${BRAMBLE_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/bramble}
export BRAMBLE_CACHE=$cache
export DEBIAN_FRONTEND=noninteractive

say() {
        local bold='' plain=''
        [ -t 2 ] && bold=$'\033[1m' plain=$'\033[0m'
        printf '%s== %s%s\n' "$bold" "$*" "$plain" >&2
}
die() {
        printf '%s: %s\n' "${0##*/}" "$*" >&2
        exit 1
}

# as_root CMD...: through sudo for everybody else, who keeps the cache of their own home.
as_root() {
        if [ "$(id -u)" -eq 0 ]; then
                "$@"
        elif command -v sudo >/dev/null; then
                sudo --preserve-env=BRAMBLE_CACHE,CI,DEBIAN_FRONTEND,TERM "$@"
        else
                die "needs root (or sudo) for: $*"
        fi
}

# give_back: what was written as root below a tree and a cache that are somebody's is theirs again, to be removed like the
# rest. Asks for no password: whoever gave root a moment ago need not do it twice.
give_back() {
        [ "$(id -u)" -eq 0 ] || sudo -n chown -R -h --from=root "$(id -u):$(id -g)" "$logs" "$cache" 2>/dev/null || true
}

# packages_of LIST...: the lines of those lists of packages.txt.
packages_of() {
        local list
        for list in "$@"; do
                awk -v want="[$list]" '/^\[/ { on = ($1 == want); next } on && NF && !/^#/ { print $1 }' tools/packages.txt
        done
}

# In a file of its own because as_root starts a new process: no freshly installed service may start.
apt_install() {
        as_root bash -c '
                guard=/usr/sbin/policy-rc.d
                if [ ! -e $guard ]; then
                        printf "#!/bin/sh\nexit 101\n" >$guard && chmod 755 $guard
                        trap "rm -f $guard" EXIT
                fi
                apt-get install -y -q --no-install-recommends -o DPkg::Lock::Timeout=300 "$@"' apt_install "$@"
}

apt_update() {
        local try
        for try in 1 2 3; do
                as_root apt-get update -q -o DPkg::Lock::Timeout=300 && return
                sleep $((try * 5))
        done
        die "the package lists could not be fetched: is this machine on the network?"
}

# install_lists LIST...: install what is missing; the package lists are refreshed only when that does not work without.
install_lists() {
        local -a wanted missing
        mapfile -t wanted < <(packages_of "$@")
        mapfile -t missing < <(comm -13 \
                <(dpkg-query -W -f '${db:Status-Abbrev} ${Package}\n' 2>/dev/null | sed -n 's/^ii  *//p' | sort -u) \
                <(printf '%s\n' "${wanted[@]}" | sort -u))
        [ "${#missing[@]}" -gt 0 ] || return 0
        say "installing ${missing[*]}"
        apt_install "${missing[@]}" >"$logs/install.log" 2>&1 && return
        apt_update >>"$logs/install.log" 2>&1
        local try
        for try in 1 2 3; do
                apt_install "${missing[@]}" >>"$logs/install.log" 2>&1 && return
                sleep $((try * 5))
        done
        tail -n 20 "$logs/install.log" >&2
        die "could not install ${missing[*]}: all of it is in $logs/install.log"
}

# build_tree DIR OPTION...: configure (again only when the options changed) and build; the log is shown when it fails.
build_tree() {
        local dir=$1 log=$logs/$1.log
        shift
        say "building $dir"
        mkdir -p "${log%/*}"
        if [ ! -f "$dir/build.ninja" ]; then
                # What it leaves half made goes, but not the whole folder: the log lies in it.
                meson setup "$dir" "$@" >"$log" 2>&1 || { rm -rf "$dir"/meson-* && build_failed "$dir" "$log"; }
        elif [ "$*" != "$(cat "$dir/.options" 2>/dev/null)" ]; then
                meson setup --reconfigure "$dir" "$@" >"$log" 2>&1 || build_failed "$dir" "$log"
        fi
        printf '%s\n' "$*" >"$dir/.options"
        ninja -C "$dir" >"$log" 2>&1 || build_failed "$dir" "$log"
}

build_failed() {
        grep -nE 'error|ERROR|FAILED|warning:' "$2" | head -n 20 >&2
        tail -n 20 "$2" >&2
        die "$1 did not build: all of it is in $2"
}

# build_agents: bramble-agent for every architecture, and the archive that is appended to an initrd; needs build/.
build_agents() {
        local arch
        for arch in arm64 armhf amd64; do
                make_sysroot "$arch"
                printf "[constants]\nsysroots = '%s'\n" "$cache/sysroot" >"$logs/sysroots.ini"
                build_tree "build/agent/$arch" --cross-file "$logs/sysroots.ini" --cross-file "tools/cross/$arch.ini" \
                        -Dagent_only=true -Dbuildtype=release -Doptimization=2 -Db_staticpic=false
                pack_agent "$arch"
        done
}

# make_sysroot ARCH: the libraries for an agent, linked together into one tree from the packages that were unpacked.
make_sysroot() {
        local arch=$1 root=$cache/sysroot/$1 package
        exec 8>"$cache/sysroot.lock"
        flock 8
        if [ "$(cat "$root/.packages" 2>/dev/null)" != "$(packages_of agent)" ]; then
                rm -rf "$root" "$root.part" && mkdir -p "$root.part"
                for package in $(packages_of agent); do
                        case $package in *-dev:each) cp -al "$cache/foreign/${package%:each}-$arch/." "$root.part" ;; esac
                done
                packages_of agent >"$root.part/.packages"
                mv "$root.part" "$root"
        fi
        exec 8>&-
}

# unpacked_file PACKAGE-ARCH PATTERN: the one file of an unpacked package, below whatever folder its libraries lie in.
unpacked_file() { find "$cache/foreign/$1" \( -type f -o -type l \) -name "$2" | sort | head -n 1; }

# pack_agent ARCH: the agent, its names, busybox, and an SSH server with its libraries for rescue mode. All of it lies below
# one folder, so that nothing meets what is in an initrd.
pack_agent() {
        local arch=$1 archive=build/agent/bramble-agent-$1.cpio agent=build/agent/$1/bramble-agent package file
        [ "$archive.gz" -nt "$agent" ] && [ "$archive.gz" -nt tools/setup.bash ] && return
        {
                echo "directory bramble"
                echo "program bramble/agent $agent"
                echo "link bramble/lease agent"
                echo "link bramble/modprobe agent"
                echo "link bramble/sshd agent"
                echo "program bramble/busybox $cache/foreign/busybox-static-$arch/bin/busybox"
                echo "directory bramble/rescue"
                echo "program bramble/rescue/ld.so $(unpacked_file "libc6-$arch" 'ld-linux*.so.*')"
                for file in dropbear dropbearkey; do
                        echo "program bramble/rescue/$file $(unpacked_file "dropbear-bin-$arch" $file)"
                done
                for package in libc6/libc.so.6 libcrypt1/libcrypt.so.1 libgmp10/libgmp.so.10 libtomcrypt1/libtomcrypt.so.1 \
                        libtommath1/libtommath.so.1 zlib1g/libz.so.1; do
                        file=${package#*/}
                        echo "file bramble/rescue/$file $(unpacked_file "${package%/*}-$arch" "$file")"
                done
        } | build/app/bramble-agent/pack-cpio >"$archive" || die "could not pack the agent for $arch"
        gzip -9nkf "$archive"
}

build_optimised() { build_tree build -Db_sanitize=none -Dbuildtype=debugoptimized; }

# make_user: brambled, started as root, becomes the first and takes no other that nobody named; the second serves disks.
make_user() {
        local name
        for name in bramble bramble-nbd; do
                id -u "$name" >/dev/null 2>&1 && continue
                local -a group=(--user-group)
                ! getent group "$name" >/dev/null || group=(--gid "$name") # left from before, with members
                as_root useradd --system "${group[@]}" --home-dir /var/lib/bramble --no-create-home \
                        --shell /usr/sbin/nologin "$name" || die "could not make the user $name"
        done
}

# enable_foreign_programs: this kernel starts programs of other architectures by qemu-user-static; what needs it skips without.
enable_foreign_programs() {
        [ -e /proc/sys/fs/binfmt_misc/register ] || as_root mount -t binfmt_misc none /proc/sys/fs/binfmt_misc || return 0
        as_root update-binfmts --enable >"$logs/binfmt.log" 2>&1 || true
}

# fetch_foreign LIST...: the packages that are only unpacked.
fetch_foreign() {
        tools/fetch-foreign "$@" >"$logs/foreign.log" 2>&1 && return
        tail -n 20 "$logs/foreign.log" >&2
        die "could not fetch the packages that the machines need: all of it is in $logs/foreign.log"
}

logs=$PWD/build/logs
mkdir -p "$logs"
