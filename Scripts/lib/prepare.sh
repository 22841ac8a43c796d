# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash disable=SC2034 # the lists are read by the scripts
# Sourced by the scripts beside this folder: what they need installed, which Swift builds, when a build is needed.
# Everything said goes to standard error, so that `./Scripts/dsh … | program` passes on only what dsh writes.

top=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
build="$top/.build"

# What compiling, linking and the images that dsh carries need, on Debian 12 and Ubuntu 24.04 alike.
build_packages=(
    git gcc g++ libc6-dev zlib1g-dev busybox-static
    libedit-dev libisal-dev libzstd-dev libseccomp-dev libnftables-dev libsqlite3-dev
    # For Swift's own tools: certificates to fetch packages with, and programs that bring libcurl and libxml2, since the
    # names of those packages differ from one release to the next.
    ca-certificates curl libxml2-utils
)
# What the tests look at the machine with.
test_packages=(iproute2 procps curl)
# What CrossBuildTests make contexts and read images with, and the libraries of a Docker that is not installed.
cross_packages=(python3 bzip2 xz-utils libdevmapper1.02.1 libsystemd0 libseccomp2)
# An emulated machine and its disk.
vm_packages=(qemu-system-x86 e2fsprogs busybox-static)
bench_packages=(runc iproute2 busybox-static gcc libc6-dev time)
image_packages=(mmdebstrap attr debian-archive-keyring)

say() { printf '%s\n' "$*" >&2; }

die() {
    say "$*"
    exit 1
}

# as_root COMMAND…: runs it as root, by sudo where we are not.
as_root() {
    if [ "$(id -u)" = 0 ]; then
        "$@"
    elif command -v sudo >/dev/null; then
        sudo "$@"
    else
        die "Installing packages needs root: run this as root once, or install sudo."
    fi
}

# need_packages NAME…: installs the Debian packages that are missing, with one `apt-get update`.
need_packages() {
    command -v dpkg-query >/dev/null || die "dsh builds on Debian and Ubuntu; elsewhere install: $*"
    local missing=() name status
    local -A installed=()
    while read -r status name; do
        [ "$status" = ii ] && installed[${name%%:*}]=1
    done < <(dpkg-query -W -f='${db:Status-Abbrev} ${Package}\n' "$@" 2>/dev/null)
    for name in "$@"; do
        [ -n "${installed[$name]:-}" ] || missing+=("$name")
    done
    [ ${#missing[@]} = 0 ] && return 0
    say "Installing ${missing[*]} …"
    as_root apt-get update -qq >/dev/null
    as_root env DEBIAN_FRONTEND=noninteractive apt-get install -qq -y --no-install-recommends "${missing[@]}" >/dev/null
}

# unpack_docker PLACE: Docker of Debian's packages below PLACE, once. It is not installed: nothing is started, and no
# other Docker of this machine is replaced.
unpack_docker() {
    local place=$1 package
    [ -x "$place/usr/sbin/dockerd" ] && return 0
    say "Fetching Docker, for tests that compare with it …"
    rm -rf "$place" "$place.new" && mkdir -p "$place.new/packages"
    as_root apt-get update -qq >/dev/null || return 1
    # apt's own user may not enter our folders.
    (cd "$place.new/packages" && apt-get download -qq -o APT::Sandbox::User=root docker.io containerd runc) || return 1
    for package in "$place.new/packages"/*.deb; do dpkg-deb -x "$package" "$place.new" || return 1; done
    rm -r "$place.new/packages"
    mv "$place.new" "$place"
}

# need_swift: puts a Swift toolchain of version 6.2 or later in PATH, or says how to get one.
need_swift() {
    local candidate owner_home=
    [ -n "${SUDO_USER:-}" ] && owner_home=$(getent passwd "$SUDO_USER" | cut -d: -f6)
    for candidate in "$(command -v swift 2>/dev/null || true)" \
        "$HOME/.local/share/swiftly/bin/swift" "$owner_home/.local/share/swiftly/bin/swift" \
        /opt/swift/usr/bin/swift /opt/swift/bin/swift /usr/local/swift/usr/bin/swift /usr/libexec/swift/*/bin/swift; do
        [ -x "$candidate" ] || continue
        if "$candidate" --version 2>/dev/null | grep -Eq 'Swift version (6\.([2-9]|[1-9][0-9])|[7-9])'; then
            PATH="$(dirname "$candidate"):$PATH"
            export PATH
            return 0
        fi
    done
    say "dsh is built with Swift 6.2 or later, and there is none here. Get it with swiftly, Swift's installer:"
    say
    say "    curl -O https://download.swift.org/swiftly/linux/swiftly-\$(uname -m).tar.gz"
    say "    tar zxf swiftly-\$(uname -m).tar.gz && ./swiftly init"
    say
    say "(all ways: https://www.swift.org/install/linux), then run this again."
    exit 1
}

# is_fresh STAMP PATH…: true when nothing under the paths is newer than the stamp.
is_fresh() {
    local stamp=$1
    shift
    [ -f "$stamp" ] && [ -z "$(find "$@" -newer "$stamp" -print -quit 2>/dev/null)" ]
}

# as_owner COMMAND…: under sudo, builds as the person who owns the tree, or their next build would meet root's files.
as_owner() {
    if [ "$(id -u)" = 0 ] && [ -n "${SUDO_USER:-}" ] && [ "$(stat -c %U "$top")" = "$SUDO_USER" ]; then
        runuser -u "$SUDO_USER" -- env PATH="$PATH" "$@"
    else
        "$@"
    fi
}

# build_once STAMP PATHS -- COMMAND…: runs the build unless nothing has changed since it last succeeded.
#
# The stamp is as old as the build's start: what is saved while it compiles is built the next time.
build_once() {
    local stamp=$1 paths=()
    shift
    while [ "$1" != -- ]; do
        paths+=("$1")
        shift
    done
    shift
    is_fresh "$stamp" "${paths[@]}" && return 0
    need_packages "${build_packages[@]}"
    need_swift
    as_owner mkdir -p "$build"
    as_owner touch "$stamp.started"
    say "Building (the first time takes minutes): $*"
    (cd "$top" && as_owner "$@" >&2)
    as_owner mv "$stamp.started" "$stamp"
}

# The libraries that dsh takes into itself, with what they need in their turn. Measured: a dsh that the dynamic loader
# must put together starts in 7.9 ms, this one in 1.7 (an empty Swift program: 1.7, /bin/true: 0.6).
static_libraries=(edit zstd seccomp sqlite3 tinfo bsd md stdc++)

# build_release: the program that people use, in .build/release.
build_release() {
    local library file flags=(-c release --static-swift-stdlib)
    # A folder that has nothing but static archives, searched first: the linker would prefer the shared libraries.
    as_owner mkdir -p "$build/static"
    for library in "${static_libraries[@]}"; do
        [ -L "$build/static/lib$library.a" ] && continue
        need_packages "${build_packages[@]}"
        file=$(cc -print-file-name="lib$library.a")
        if [ -f "$file" ]; then as_owner ln -sf "$file" "$build/static/"; fi
    done
    flags+=(-Xswiftc "-L$build/static" -Xlinker --as-needed -Xlinker -lbsd -Xlinker -lmd -Xlinker -ltinfo)
    # Swift asks to have every symbol exported, which a program that loads nothing does not need: looking through them
    # for its own path was a twentieth of the start.
    flags+=(-Xlinker --no-export-dynamic)
    # Nothing that is loaded lies beside the program: the loader would look there first, forty times in vain.
    flags+=(--disable-local-rpath)
    # Position independence makes the loader patch 100,000 addresses at each start: 1.3 ms.
    flags+=(-Xswiftc -Xclang-linker -Xswiftc -no-pie -Xswiftc -Xclang-linker -Xswiftc -static-libgcc)
    build_once "$build/.stamp-release" "$top"/{Package.swift,Sources,Plugins,Scripts/lib/prepare.sh} -- \
        swift build "${flags[@]}"
}

# build_tests: everything with its tests, in .build/debug.
build_tests() {
    build_once "$build/.stamp-tests" "$top"/{Package.swift,Sources,Plugins,Tests,Scripts/lib/prepare.sh} -- \
        swift build --build-tests
}
