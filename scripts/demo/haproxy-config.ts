/** The configuration that docs/agent.md speaks of, for a real HAProxy; with arg_uid, so that log and record can be joined. */
import type { Address } from './agent.ts';
import { HELLO_MS, PROCESSING_MS } from './timeouts.ts';

/** Where everything is: paths of sockets and of the SPOE configuration, and the address of the agent. */
export interface HaproxyPlaces {
  readonly frontend: string;
  readonly server: string;
  readonly agent: Address;
  readonly spoe: string;
  /** UDP. */
  readonly logPort: number;
  /** Between two health checks of the agent. */
  readonly checkMs: number;
}

/**
 * Its own sockets are unix ones in the demo's folder, which no other program can have. The addresses that HAProxy's
 * documentation has in its unique-id-format are left out: a unix socket has none, and the id would be empty.
 */
export function renderHaproxyConfig({ frontend, server, agent, spoe, logPort, checkMs }: HaproxyPlaces): string {
  return `global
    maxconn 400
    log 127.0.0.1:${logPort} len 8192 format rfc5424 local0

defaults
    mode http
    log global
    option dontlognull
    timeout connect 5s
    timeout client 30s
    timeout server 30s
    timeout http-request 10s

frontend production
    bind unix@${escapeWord(frontend)}
    option http-buffer-request
    unique-id-format %{+X}o\\ %Ts_%rt:%pid
    log-format "${ACCESS_FORMAT}"
    filter spoe engine mirror config ${escapeWord(spoe)}
    default_backend servers

backend servers
    server server1 unix@${escapeWord(server)}

backend mirroragents
    mode tcp
    no log
    balance roundrobin
    timeout connect 5s
    timeout server 10s
    option spop-check
    server agent1 ${agent.host}:${agent.port} check inter ${checkMs}ms fall 2 rise 1
`;
}

/** HAProxy's HTTP log, and the id and number of the request: by these `spoe-logs diff` joins it with the record. */
const ACCESS_FORMAT =
  '%ci:%cp [%tr] %ft %b/%s %TR/%Tw/%Tc/%Tr/%Ta %ST %B %CC %CS %tsc %ac/%fc/%bc/%sc/%rc %sq/%bq %hr %hs %{+Q}r %ID %rt';

/** docs/responses.md: production's answers are for the agent where it has set the variable with its ACK. */
export function renderSpoeConfig(): string {
  return `[mirror]
spoe-agent mirror
    log global
    messages mirror answer-body answer-head
    option var-prefix mirror
    no option send-frag-payload
    use-backend mirroragents
    timeout hello ${HELLO_MS}ms
    timeout idle 5s
    timeout processing ${PROCESSING_MS}ms
spoe-message mirror
    args arg_method=method arg_path=url arg_ver=req.ver arg_hdrs=req.hdrs_bin arg_body=req.body arg_uid=unique-id
    event on-frontend-http-request
spoe-message answer-body
    args arg_uid=unique-id arg_method=method arg_status=status arg_hdrs=res.hdrs_bin arg_body=res.body arg_body_size=res.body_size
${ANSWER_ACLS}
    event on-http-response if answer_wanted answer_json answer_short
spoe-message answer-head
    args arg_uid=unique-id arg_method=method arg_status=status arg_hdrs=res.hdrs_bin arg_body_size=res.body_size
${ANSWER_ACLS}
    event on-http-response if answer_wanted !answer_json or answer_wanted !answer_short
`;
}

const ANSWER_ACLS = `    acl answer_wanted var(txn.mirror.answer) -m bool
    acl answer_json res.hdr(content-type) -m sub json
    acl answer_short res.hdr_val(content-length) 1:12000`;

/** A path as one word of the configuration. */
function escapeWord(path: string): string {
  return path.replace(/[\s\\"'#$]/g, '\\$&');
}
