#!/bin/sh
# The user of the service, and what systemd knows of it. Nothing is started: where requests go is to be said first.
set -e
if command -v systemd-sysusers >/dev/null; then systemd-sysusers spoa-mirror.conf || true; fi
if ! getent passwd spoa-mirror >/dev/null; then
    groupadd --system spoa-mirror 2>/dev/null || true
    useradd --system --gid spoa-mirror --home-dir /run/spoa-mirror --no-create-home --shell /usr/sbin/nologin spoa-mirror
fi
if [ -d /run/systemd/system ]; then
    systemctl daemon-reload || true
    # An upgrade: the agent that runs is the old one until then.
    systemctl try-restart spoa-mirror.service || true
fi
