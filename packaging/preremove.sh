#!/bin/sh
# "remove" is dpkg's word for it, "0" is rpm's; an upgrade has others.
set -e
case "$1" in
remove | 0) if [ -d /run/systemd/system ]; then systemctl disable --now spoa-mirror.service || true; fi ;;
esac
