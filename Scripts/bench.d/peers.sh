# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash disable=SC2034,SC2154 # `work` is the bench's
# Sourced by Scripts/bench: Docker and Podman from Debian's packages, each with state of its own below $work and in a
# network namespace of its own, so that neither this machine's rules nor its containers are touched.

peer_packages=(docker.io containerd iptables podman conmon runc netavark aardvark-dns ca-certificates)

# Words that begin a command of each; empty where there is none of it here.
docker=() podman=()
dockerd=''
peer_namespace="/run/netns/peers"

# write_podman_configuration: Debian's defaults, but for places and for limits that root may not raise everywhere.
write_podman_configuration() {
    mkdir -p "$work/podman"
    cat >"$work/podman/containers.conf" <<CONF
[containers]
default_ulimits = []
log_driver = "k8s-file"
[network]
network_backend = "netavark"
network_config_dir = "$work/podman/networks"
[engine]
runtime = "runc"
cgroup_manager = "cgroupfs"
events_logger = "file"
image_copy_tmp_dir = "$work/podman"
CONF
    printf '[storage]\ndriver = "overlay"\nrunroot = "%s"\ngraphroot = "%s"\n' \
        "$work/podman/run" "$work/podman/lib" >"$work/podman/storage.conf"
    export CONTAINERS_CONF="$work/podman/containers.conf" CONTAINERS_STORAGE_CONF="$work/podman/storage.conf"
    printf '{"default":[{"type":"insecureAcceptAnything"}]}' >"$work/podman/policy.json"
}

# start_peers: the daemon is awaited; an engine that is installed and does not start ends the bench.
start_peers() {
    ip netns add peers
    ip -n peers link set lo up
    if command -v dockerd >/dev/null; then start_docker; fi
    if command -v podman >/dev/null; then
        write_podman_configuration
        podman=("$(command -v podman)" --root "$work/podman/lib" --runroot "$work/podman/run"
            --tmpdir "$work/podman/tmp" --runtime runc --cgroup-manager cgroupfs)
        in_peers "${podman[@]}" info >/dev/null || die "bench: podman is installed and does not start."
    fi
}

start_docker() {
    local tries
    mkdir -p "$work/docker"
    nsenter "--net=$peer_namespace" "$(command -v dockerd)" \
        --data-root "$work/docker/lib" --exec-root "$work/docker/run" --pidfile "$work/docker/pid" \
        -H "unix://$work/docker/socket" --exec-opt native.cgroupdriver=cgroupfs --cgroup-parent "$cgroup_parent" \
        >"$work/docker/log" 2>&1 </dev/null &
    dockerd=$!
    # Debian's client: another one in PATH may not know this daemon's builder.
    docker=(/usr/bin/docker -H "unix://$work/docker/socket")
    for tries in {1..300}; do
        if "${docker[@]}" version >/dev/null 2>&1; then return 0; fi
        if [ "$tries" = 300 ] || ! kill -0 "$dockerd" 2>/dev/null; then
            tail -n 20 "$work/docker/log" >&2
            die "bench: dockerd is installed and does not start."
        fi
        sleep 0.1
    done
}

# in_peers COMMAND…: runs it in the peers' network namespace.
in_peers() { nsenter "--net=$peer_namespace" "$@"; }

# each_peer WORD…: the same command for each engine that is here, its output thrown away.
each_peer() {
    if [ ${#docker[@]} -gt 0 ]; then "${docker[@]}" "$@" >/dev/null; fi
    if [ ${#podman[@]} -gt 0 ]; then in_peers "${podman[@]}" "$@" >/dev/null; fi
}

# remove_from_peers NAME…: removes containers, running or not, without the seconds that Podman grants a program.
remove_from_peers() {
    if [ ${#docker[@]} -gt 0 ]; then "${docker[@]}" rm -f "$@" >/dev/null; fi
    if [ ${#podman[@]} -gt 0 ]; then in_peers "${podman[@]}" rm -f -t 0 "$@" >/dev/null; fi
}

# give_peers IMAGE: loads an image of dsh's into both.
give_peers() {
    "$dsh" save "$1" -o "$work/image.tar"
    each_peer load -q -i "$work/image.tar"
    rm "$work/image.tar"
}

stop_peers() {
    if [ ${#podman[@]} -gt 0 ]; then
        in_peers "${podman[@]}" rm -f -t 0 -a >/dev/null 2>&1 || true
    fi
    if [ -n "$dockerd" ]; then
        "${docker[@]}" ps -aq | xargs -r "${docker[@]}" rm -f >/dev/null 2>&1 || true
        kill "$dockerd" 2>/dev/null || true
        wait "$dockerd" 2>/dev/null || true
        dockerd=''
    fi
    find /sys/fs/cgroup -depth -type d \( -path "*$cgroup_parent" -o -path "*$cgroup_parent/*" \) -exec rmdir {} + \
        2>/dev/null || true
}
