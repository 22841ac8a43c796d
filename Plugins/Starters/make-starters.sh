#!/bin/sh
set -eu
printf '// Made by make-starters.sh.\n' > "$1"
