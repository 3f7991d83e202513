#!/usr/bin/env bash
# Programs of pipelines/ for test/pipelines/programs.test.ts, in a folder of their own, and prints it:
#
#     SPOE_LOGS_PIPELINES=$(scripts/install-pipelines.sh FOLDER) npm test -- test/pipelines
#
# lnav and rsyslog are the packages of this Debian or Ubuntu, with those that they depend on and that are not installed here,
# unpacked into the folder: nothing is installed on the system, no root is needed. Some 10 MB; what is there and runs is
# left as it is.
set -euo pipefail

[ $# -eq 1 ] || { echo "usage: $0 FOLDER" >&2; exit 2; }
mkdir -p "$1"
folder=$(cd "$1" && pwd)

runs() {
  printf 'module(load="mmnormalize")\n*.* /dev/null\n' >"$folder/check.conf"
  "$folder/lnav" -V && "$folder/rsyslogd" -N1 -f "$folder/check.conf"
} >/dev/null 2>&1
! runs || { echo "$folder"; exit 0; }

for tool in apt-get dpkg-deb; do
  command -v "$tool" >/dev/null || { echo "$0: $tool is needed, this is no Debian (no-apt)" >&2; exit 1; }
done

{
  rm -rf "$folder"/{debs,root}
  mkdir -p "$folder"/{debs,root}
  mapfile -t needed < <(apt-get -qq -s --no-install-recommends install --reinstall lnav rsyslog | awk '/^Inst/ { print $2 }')
  echo "${#needed[@]} packages …"
  (cd "$folder/debs" && apt-get -qq -o APT::Sandbox::User="$(id -un)" download "${needed[@]}")
  for deb in "$folder"/debs/*.deb; do dpkg-deb --extract "$deb" "$folder/root"; done
  rm -rf "$folder/debs" "$folder/root/usr/share"

  libraries=$(find "$folder/root/" -type d -path '*/lib/*-linux-gnu' | sort | paste -sd :)
  modules=$(find "$folder/root/" -type d -path '*-linux-gnu/rsyslog')
  printf '#!/bin/sh\nLD_LIBRARY_PATH=%s exec "%s" "$@"\n' "$libraries" "$folder/root/usr/bin/lnav" >"$folder/lnav"
  printf '#!/bin/sh\nLD_LIBRARY_PATH=%s exec "%s" -M "%s" "$@"\n' "$libraries" "$folder/root/usr/sbin/rsyslogd" "$modules" >"$folder/rsyslogd"
  chmod +x "$folder"/{lnav,rsyslogd}
  runs || { echo "$0: unpacked, but they do not run (cannot-run)"; exit 1; }
} >&2
echo "$folder"
