#!/usr/bin/env bash
# Prometheus, promtool and node_exporter for test/dashboards, in a folder of their own, and prints it:
#
#     SPOE_LOGS_PROMETHEUS=$(scripts/install-prometheus.sh FOLDER) npm test -- test/dashboards
#
# They are the packages prometheus and prometheus-node-exporter of this Debian or Ubuntu, unpacked into the folder: nothing is
# installed on the system, no root is needed. Some 100 MB; what is there and runs is left as it is.
set -euo pipefail

[ $# -eq 1 ] || { echo "usage: $0 FOLDER" >&2; exit 2; }
mkdir -p "$1"
folder=$(cd "$1" && pwd)

runs() {
  "$folder/prometheus" --version && "$folder/promtool" --version && "$folder/node_exporter" --version
} >/dev/null 2>&1
! runs || { echo "$folder"; exit 0; }

for tool in apt-get dpkg-deb; do
  command -v "$tool" >/dev/null || { echo "$0: $tool is needed, this is no Debian (no-apt)" >&2; exit 1; }
done

{
  rm -rf "$folder"/{debs,root}
  mkdir -p "$folder"/{debs,root}
  # What they depend on are the C library, and JavaScript of Prometheus' pages, which no test looks at.
  (cd "$folder/debs" && apt-get -qq -o APT::Sandbox::User="$(id -un)" download prometheus prometheus-node-exporter)
  for deb in "$folder"/debs/*.deb; do dpkg-deb --extract "$deb" "$folder/root"; done
  for program in prometheus promtool; do ln -sf "root/usr/bin/$program" "$folder/$program"; done
  ln -sf root/usr/bin/prometheus-node-exporter "$folder/node_exporter"
  rm -rf "$folder/debs" "$folder/root/usr/share" "$folder/root/etc" "$folder/root/var"
  runs || { echo "$0: unpacked, but they do not run (cannot-run)"; exit 1; }
} >&2
echo "$folder"
