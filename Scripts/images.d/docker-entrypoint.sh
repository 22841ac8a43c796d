#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# The node image's entrypoint: what is no program is for node (`run node -e …`, `run node server.js`).
set -e
case ${1-} in
-*) set -- node "$@" ;;
*)
    # A file that is there but may not be executed is a script.
    if ! command -v "${1-node}" >/dev/null || { [ -f "$1" ] && [ ! -x "$1" ]; }; then
        set -- node "$@"
    fi
    ;;
esac
exec "$@"
