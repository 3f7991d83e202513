/** HAProxy with the documented mirroring configuration, on free ports. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';

export interface HaproxyPorts {
  readonly port: number;
  readonly productionPort: number;
  /** Without it nothing is mirrored. */
  readonly agentPort?: number | undefined;
  /** The path of a control socket: with it HAProxy logs to standard output and hands its listeners on when it reloads. */
  readonly control?: string;
}

function main({ port, productionPort, agentPort, control }: HaproxyPorts, spoePath: string): string {
  const filter = agentPort === undefined ? '' : `    filter spoe engine mirror config ${spoePath}\n`;
  const agents =
    agentPort === undefined
      ? ''
      : `
backend mirroragents
    mode tcp
    balance roundrobin
    timeout connect 5s
    timeout server 5s
    option spop-check
    server agent1 127.0.0.1:${agentPort} check inter 30s
`;
  return `global
    maxconn 2000
${control === undefined ? '' : `    log stdout format raw local0\n    stats socket ${control} expose-fd listeners\n`}
defaults
    mode http
${control === undefined ? '' : '    log global\n    option httplog\n'}    timeout connect 5s
    timeout client 30s
    timeout server 30s

frontend fe_main
    bind 127.0.0.1:${port}
    option http-buffer-request
    default_backend be_servers
${filter}
backend be_servers
    server s1 127.0.0.1:${productionPort}
${agents}`;
}

const SPOE = `[mirror]
spoe-agent mirror
    log global
    messages mirror
    use-backend mirroragents
    timeout hello 500ms
    timeout idle 5s
    timeout processing 5s

spoe-message mirror
    args arg_method=method arg_path=url arg_ver=req.ver arg_hdrs=req.hdrs_bin arg_body=req.body
    event on-frontend-http-request
`;

/** @returns the path of the main file */
export function writeHaproxyConfig(folder: string, ports: HaproxyPorts): string {
  const spoePath = join(folder, 'spoe.cfg');
  const path = join(folder, 'haproxy.cfg');
  writeFileSync(spoePath, SPOE);
  writeFileSync(path, main(ports, spoePath));
  return path;
}
