#!/usr/bin/env bash
# Tests --external-rsync with the rsync of Debian's main archive. It is older than the one of the
# security updates and needs other options. Debian only.
set -euo pipefail
cd "$(dirname "$0")/.."

place=out/rsync
version=$(apt-cache madison rsync | awk 'END {print $3}')
mkdir -p "$place"
(cd "$place" && apt-get download -qq "rsync=$version")
dpkg-deb -x "$place"/rsync_*.deb "$place"
# A daemon of that version reports hardlinked files as changed in every run.
PATH=$PWD/$place/usr/bin:$PATH npx mocha --grep 'by a daemon' --invert 'test/engine/external/*.test.ts'
