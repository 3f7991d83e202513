#!/usr/bin/env bash
# Builds an OpenTelemetry Collector for test/otel/collector.test.ts into a folder and prints the path of the program:
#
#     SPOE_LOGS_COLLECTOR=$(scripts/install-collector.sh FOLDER) npm test -- test/otel/collector.test.ts
#
# Its sources and the Go compiler are Debian packages (unstable), taken from the mirror this machine already uses and
# unpacked into the folder: nothing is installed on the system, no root is needed. About 400 MB and two minutes the first
# time; a folder that holds the program already is left as it is.
set -euo pipefail

[ $# -eq 1 ] || { echo "usage: $0 FOLDER" >&2; exit 2; }
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
mkdir -p "$1"
folder=$(cd "$1" && pwd)
program=$folder/otelcol
[ ! -x "$program" ] || { echo "$program"; exit 0; }

for tool in apt-get dpkg-deb; do
  command -v "$tool" >/dev/null || { echo "$0: $tool is needed, this is no Debian (no-apt)" >&2; exit 1; }
done

packages=(golang-1.26-go golang-opentelemetry-collector-dev)
keyring=/usr/share/keyrings/debian-archive-keyring.gpg

# The mirror of the first Debian source, in either notation of apt.
mirror=$(sed -nE 's/^URIs:[[:space:]]*([^[:space:]]+).*/\1/p; s/^deb[[:space:]]+(\[[^]]*\][[:space:]]+)?([^[:space:]]+).*/\2/p' \
  /etc/apt/sources.list.d/*.sources /etc/apt/sources.list.d/*.list /etc/apt/sources.list 2>/dev/null | head -n 1 || true)
[ -n "$mirror" ] || { echo "$0: no Debian mirror in the sources of apt (no-mirror)" >&2; exit 1; }

work=$folder/work
rm -rf "$work"
mkdir -p "$work"/{lists/partial,archives/partial,debs,root,home} "$work/go/src/collector"
trap 'rm -rf "$work"' EXIT
: >"$work/status"
echo "deb [signed-by=$keyring] $mirror sid main" >"$work/sources.list"

# An apt of its own: its lists, its cache, and a system on which nothing is installed yet.
apt() {
  apt-get -qq -o Dir::State::lists="$work/lists" -o Dir::State::status="$work/status" \
    -o Dir::Etc::sourcelist="$work/sources.list" -o Dir::Etc::sourceparts=/dev/null \
    -o Dir::Cache="$work" -o Dir::Cache::archives="$work/archives" -o APT::Sandbox::User="$(id -un)" "$@"
}

{
  echo 'package lists …'
  apt update
  # Only Go sources and the compiler: what else they would bring is not run.
  mapfile -t needed < <(apt -s --no-install-recommends install "${packages[@]}" | awk '/^Inst golang/ { print $2 }')
  echo "${#needed[@]} packages …"
  (cd "$work/debs" && apt download "${needed[@]}")
  for deb in "$work"/debs/*.deb; do dpkg-deb --extract "$deb" "$work/root"; done

  echo 'building …'
  cp "$here/collector/main.go" "$work/go/src/collector/"
  root=$work/root/usr
  cd "$work/go/src/collector"
  env HOME="$work/home" CGO_ENABLED=0 GO111MODULE=off GOTOOLCHAIN=local GOFLAGS= GOROOT="$root/lib/go-1.26" \
    GOPATH="$work/go:$root/share/gocode" GOCACHE="$work/go-cache" \
    "$root/lib/go-1.26/bin/go" build -trimpath -ldflags '-s -w' -o "$work/otelcol" collector
  printf 'receivers: {otlp: {protocols: {http: {}}}}\nexporters: {debug: {}}\nservice: {pipelines: {traces: {receivers: [otlp], exporters: [debug]}}}\n' >"$work/check.yaml"
  "$work/otelcol" validate --config "$work/check.yaml"
  mv "$work/otelcol" "$program"
} >&2
echo "$program"
