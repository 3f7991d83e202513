#!/bin/sh
# Prometheus, by the textfile collector of node_exporter: what `spoe-logs summarize` says of the log, as metrics.
#
#     * * * * * root /usr/local/sbin/prometheus-textfile.sh /var/log/lb-access.log /var/lib/node_exporter/spoe_logs.prom
#
# in /etc/cron.d/, or the same as ExecStart= of a systemd service with Type=oneshot and a timer with OnCalendar=minutely. It is the
# product's own parser that reads: nothing is missed. Each run reads the log from its beginning, so the counters
# fall when it is rotated, as those of a process that was restarted.
#
# Run: by test/pipelines/textfile.test.ts.
#
# The file is replaced in one step: the collector never reads half of it. Where the log cannot be read, or has no event
# yet, the former one stays, and the age of node_textfile_mtime_seconds is what to alert on.
set -eu

[ $# -eq 2 ] || { echo "usage: $0 LOG FILE.prom" >&2; exit 2; }
# Not *.prom: that one would be read, too.
part=$2.$$
trap 'rm -f "$part"' EXIT
spoe-logs summarize --format prometheus --window 5m "$1" >"$part"
mv "$part" "$2"
