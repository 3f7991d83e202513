#!/usr/bin/env bash
# A browser for test/pages, in a folder of its own, and prints it:
#
#     SPOE_LOGS_BROWSER=$(scripts/install-browser.sh FOLDER) npm test -- test/pages
#
# Chromium is the one of the system; else, as root, the Debian package, and as anybody else that package with those that it
# depends on, unpacked into the folder. playwright-core, which drives it, and axe-core, which looks for what people with a
# screen reader or weak eyes cannot use, come from npm. What is there and runs is left as it is.
set -euo pipefail

[ $# -eq 1 ] || { echo "usage: $0 FOLDER" >&2; exit 2; }
mkdir -p "$1"
folder=$(cd "$1" && pwd)

readonly PLAYWRIGHT=1.64.1 AXE=4.14.1

runs() {
  [ -x "$folder/chromium" ] && "$folder/chromium" --headless --no-sandbox --disable-gpu --dump-dom about:blank
} >/dev/null 2>&1

# The program that the tests start.
starts() {
  printf '#!/bin/sh\n%sexec "%s" "$@"\n' "$2" "$1" >"$folder/chromium"
  chmod +x "$folder/chromium"
}

unpack() {
  local libraries
  rm -rf "$folder"/{debs,root}
  mkdir -p "$folder"/{debs,root}
  mapfile -t needed < <(apt-get -qq -s --no-install-recommends install --reinstall chromium | awk '/^Inst/ { print $2 }')
  echo "${#needed[@]} packages …"
  (cd "$folder/debs" && apt-get -qq -o APT::Sandbox::User="$(id -un)" download "${needed[@]}")
  for deb in "$folder"/debs/*.deb; do dpkg-deb --extract "$deb" "$folder/root"; done
  rm -rf "$folder/debs"
  libraries=$(find "$folder/root/" -type d -path '*/lib/*-linux-gnu' | sort | paste -sd :)
  starts "$folder/root/usr/lib/chromium/chromium" "LD_LIBRARY_PATH=$libraries "
}

{
  if ! runs; then
    if system=$(command -v chromium || command -v chromium-browser || command -v google-chrome); then
      starts "$system" ''
    else
      for tool in apt-get dpkg-deb; do
        command -v "$tool" >/dev/null || { echo "$0: there is no Chromium, and $tool is needed to get it (no-apt)"; exit 1; }
      done
      if [ "$(id -u)" -eq 0 ]; then
        apt-get -qq -y --no-install-recommends install chromium
        starts "$(command -v chromium)" ''
      else
        unpack
      fi
    fi
    runs || { echo "$0: Chromium is there, but does not run (cannot-run)"; exit 1; }
  fi
  [ -d "$folder/node_modules/playwright-core" ] && [ -d "$folder/node_modules/axe-core" ] ||
    npm install --prefix "$folder" --no-audit --no-fund --silent "playwright-core@$PLAYWRIGHT" "axe-core@$AXE"
} >&2
echo "$folder"
