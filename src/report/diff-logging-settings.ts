/** The settings of HAProxy's and the mirror's logs with which every request finds its mirrored one. */

import { LOG_FORMAT, UNIQUE_ID_FORMAT } from '../logs/pairing-settings.ts';

/** Files in the order in which they are set up; comments explain what is not obvious. */
export const LOGGING_SETTINGS = `# haproxy.cfg: production. Add to what you have.
global
    # The id stands at the end of the line: with the usual 1024 bytes a long URL cuts it off.
    log 127.0.0.1:514 len 8192 format rfc3164 local0

defaults
    mode http
    log global
    timeout connect 5s
    timeout client 30s
    timeout server 30s

frontend fe_main
    bind :80
    option http-buffer-request
    unique-id-format ${UNIQUE_ID_FORMAT}
    log-format "${LOG_FORMAT}"
    filter spoe engine mirror config /etc/haproxy/spoe-mirror.conf
    default_backend be_servers

backend be_servers
    server app1 127.0.0.1:8080

backend mirroragents
    mode tcp
    option spop-check
    server agent1 127.0.0.1:12345 check

# /etc/haproxy/spoe-mirror.conf: what the agent is told. arg_uid is the %ID of the log.
[mirror]
spoe-agent mirror
    log global
    messages mirror
    use-backend mirroragents
    timeout hello 500ms
    timeout idle 5s
    timeout processing 500ms

spoe-message mirror
    args arg_method=method arg_path=url arg_ver=req.ver arg_hdrs=req.hdrs_bin arg_body=req.body arg_uid=unique-id
    event on-frontend-http-request

# The mirror's side, one of the two.
#
# The agent's record:
#   spoa-mirror -r 0 -u http://mirror.example/ -c pipelining --record /var/log/mirror.jsonl
#
# nginx.conf in front of the mirrored version: the agent sends arg_uid as X-Unique-ID.
#   log_format mirror '$remote_addr - $remote_user [$time_local] "$request" $status $body_bytes_sent '
#                     '"$http_referer" "$http_user_agent" "$http_x_unique_id" $request_time';
#   access_log /var/log/nginx/mirror.log mirror;
#
# Then:
#   spoe-logs diff --production lb-access.log --mirror mirror.jsonl
`;
