#!/usr/bin/env bash
# Real HAProxies for test/haproxy, in a folder of their own: nothing is installed on the system.
#
#   scripts/install-haproxy.sh DIR [SERIES…]     2.6, 3.0 and 3.2 unless some of them are named
#
# They are Debian's packages with all that they depend on, the C library included, unpacked below DIR/SERIES. The program
# then is DIR/SERIES/haproxy. What is there and runs is left alone; a DIR that was moved is made anew.
#
# Needs Linux with apt-get, dpkg-deb and the keyring of the Debian archive, and a Debian mirror: the one of /etc/apt, or
# DEBIAN_MIRROR=http://HOST/debian. About 160 MB.
set -euo pipefail

readonly KEYRING=/usr/share/keyrings/debian-archive-keyring.gpg

fail() {
  echo "install-haproxy: $*" >&2
  exit 1
}

# The releases of Debian in which a series is or was to be found, the likeliest first.
suites_of() {
  case $1 in
    2.6) echo bookworm ;;
    3.0) echo trixie ;;
    3.2) echo sid forky ;;
    *) fail "there is no series '$1', only 2.6, 3.0 and 3.2" ;;
  esac
}

# The first archive /etc/apt names whose path ends in /debian, in either of its two formats.
find_mirror() {
  local file lines=()
  for file in /etc/apt/sources.list /etc/apt/sources.list.d/*; do
    [ ! -f "$file" ] || mapfile -t -O "${#lines[@]}" lines <"$file"
  done
  printf '%s\n' "${lines[@]}" | awk '
    $1 == "URIs:" || $1 == "deb" {
      for (i = 2; i <= NF; i++) {
        sub(/\/+$/, "", $i)
        if (!found && $i ~ /:\/.*\/debian$/) found = $i
      }
    }
    END { print found }'
}

# apt FOLDER SUITE COMMAND…: with lists, cache and state below FOLDER, as if no package was installed at all.
apt() {
  local folder=$1 suite=$2
  shift 2
  echo "deb [signed-by=$KEYRING] $mirror $suite main" >"$folder/sources.list"
  local tool=apt-get
  [ "$1" != policy ] || tool=apt-cache
  "$tool" -qq \
    -o Dir::Etc::SourceList="$folder/sources.list" -o Dir::Etc::SourceParts=/dev/null \
    -o Dir::Etc::Preferences=/dev/null -o Dir::Etc::PreferencesParts=/dev/null \
    -o Dir::State="$folder/state" -o Dir::State::Status="$folder/status" -o Dir::Cache="$folder/cache" \
    -o Dir::Cache::PkgCache= -o Dir::Cache::SrcPkgCache= \
    -o APT::Sandbox::User=root -o Debug::NoLocking=true -o APT::Install-Recommends=false \
    -o APT::Update::Error-Mode=any -o Acquire::Languages=none -o Acquire::Retries=3 \
    -o APT::Keep-Downloaded-Packages=true "$@"
}

reason() {
  grep -m 1 '^E:' "$1" || tail -n 1 "$1"
}

# download SERIES FOLDER: the packages, from the first release that has this series.
download() {
  local series=$1 folder=$2 suite candidate found=
  for suite in $(suites_of "$series"); do
    rm -rf "$folder"
    mkdir -p "$folder/state/lists/partial" "$folder/cache/archives/partial"
    : >"$folder/status"
    if ! apt "$folder" "$suite" update >"$folder/log" 2>&1; then
      found+=", $suite: $(reason "$folder/log")"
      continue
    fi
    candidate=$(apt "$folder" "$suite" policy haproxy | awk '$1 == "Candidate:" { print $2 }')
    found+=", $suite has ${candidate:-none}"
    [[ $candidate == "$series".* ]] || continue
    apt "$folder" "$suite" install -y --download-only haproxy patchelf >"$folder/log" 2>&1 ||
      fail "$series: the packages cannot be had: $(reason "$folder/log")"
    return
  done
  fail "$series: not on $mirror: ${found#, }"
}

# unpack SERIES ARCHIVES ROOT: without running any of the packages' scripts. The program is told its loader and its
# libraries for good, so that a master can start itself again when it is reloaded.
unpack() {
  local series=$1 archives=$2 root=$3 package loader libraries
  mkdir -p "$root"
  for package in "$archives"/*.deb; do dpkg-deb --extract "$package" "$root"; done
  loader=$(find "$root/" -name 'ld-linux*.so.*' | sort | tail -n 1)
  [ -n "$loader" ] || fail "$series: its packages have no loader"
  libraries=$(find "$root/" -type d -path '*/lib/*-linux-gnu' | sort | paste -sd :)
  "$loader" --library-path "$libraries" "$root/usr/bin/patchelf" \
    --set-interpreter "$loader" --force-rpath --set-rpath "$libraries" "$root/usr/sbin/haproxy"
}

# version_of FOLDER: the first line it says. No pipe: one that ends early would fail the whole.
version_of() {
  local text
  text=$("$1/haproxy" -v 2>&1) || true
  printf '%s\n' "${text%%$'\n'*}"
}

runs() {
  [[ $(version_of "$1") == "HAProxy version $2."* ]]
}

install() {
  local series=$1 home=$dir/$1
  if ! runs "$home" "$series"; then
    rm -rf "$home"
    mkdir -p "$home"
    download "$series" "$home/apt"
    unpack "$series" "$home/apt/cache/archives" "$home/root"
    rm -rf "$home/apt" "$home/root/usr/share"
    # Last of all: without it the folder counts as not installed.
    printf '#!/bin/sh\nexec "%s" "$@"\n' "$home/root/usr/sbin/haproxy" >"$home/haproxy"
    chmod +x "$home/haproxy"
    runs "$home" "$series" || fail "$series: unpacked, but it does not run: $(version_of "$home")"
  fi
  version_of "$home"
}

[ $# -gt 0 ] || fail 'where to? scripts/install-haproxy.sh DIR [SERIES…]'
[ "$(uname -s)" = Linux ] || fail 'the packages are for Linux'
for tool in apt-get apt-cache dpkg-deb; do
  command -v "$tool" >/dev/null || fail "$tool is needed, as on Debian and Ubuntu"
done
[ -r "$KEYRING" ] || fail "$KEYRING is missing: install the package debian-archive-keyring"
mirror=${DEBIAN_MIRROR:-$(find_mirror)}
mirror=${mirror%/}
[ -n "$mirror" ] || fail 'no Debian mirror in /etc/apt: set DEBIAN_MIRROR=http://HOST/debian'
mkdir -p "$1" 2>/dev/null || fail "$1 cannot be made"
dir=$(cd "$1" && pwd)
shift
[ $# -gt 0 ] || set -- 2.6 3.0 3.2
for series in "$@"; do suites_of "$series" >/dev/null; done
for series in "$@"; do install "$series"; done
