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
    log 127.0.0.1:${logPort} format rfc5424 local0

defaults
    mode http
    log global
    option httplog
    option dontlognull
    timeout connect 5s
    timeout client 30s
    timeout server 30s
    timeout http-request 10s

frontend production
    bind unix@${escapeWord(frontend)}
    option http-buffer-request
    unique-id-format %{+X}o\\ %Ts_%rt:%pid
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

export function renderSpoeConfig(): string {
  return `[mirror]
spoe-agent mirror
    log global
    messages mirror
    use-backend mirroragents
    timeout hello ${HELLO_MS}ms
    timeout idle 5s
    timeout processing ${PROCESSING_MS}ms
spoe-message mirror
    args arg_method=method arg_path=url arg_ver=req.ver arg_hdrs=req.hdrs_bin arg_body=req.body arg_uid=unique-id
    event on-frontend-http-request
`;
}

/** A path as one word of the configuration. */
function escapeWord(path: string): string {
  return path.replace(/[\s\\"'#$]/g, '\\$&');
}
