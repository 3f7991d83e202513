/** The two files of the vendor's page, and what a test may change in them. */

/** Lines a test adds, or has in the place of the usual ones. */
export interface Variation {
  /** In section global. */
  readonly global?: readonly string[];
  /** `log-format` in the place of the one that the evidence is read from. */
  readonly logFormat?: string;
  /** In the backend of the agent. */
  readonly backend?: readonly string[];
  /** After `check` on the line of its server. */
  readonly check?: string;
  /** In the spoe-agent section. */
  readonly agent?: readonly string[];
  /** `timeout hello`. */
  readonly hello?: string;
  /** `timeout processing`. */
  readonly processing?: string;
  /** Name of the message. */
  readonly message?: string;
  /** Arguments besides the documented ones. */
  readonly args?: string;
  /** `acl` lines of the message. */
  readonly acls?: readonly string[];
  /** The condition of its event. */
  readonly condition?: string;
}

/** As the vendor's page has it, to the letter. */
export const DOCUMENTED: Variation = { hello: '500ms', processing: '5s', args: '' };

/** The unique id, by which records are found; and time enough for the slowest machine, as no test is about time. */
const USUAL = { hello: '10s', processing: '25s', args: 'arg_uid=unique-id', message: 'mirror', condition: '' };

const USUAL_LOG_FORMAT = '%ci:%cp %ft %b/%s %ST %tsc pid=%pid sid=%rt id=%ID %{+Q}r';

export interface Places {
  readonly folder: string;
  readonly frontPort: number;
  readonly http2Port: number;
  readonly productionPort: number;
  /** UDP. */
  readonly logPort: number;
  /** `127.0.0.1:PORT` or `unix@PATH`. */
  readonly agentAddress: string;
}

/** haproxy.cfg, with logs to read and a socket for commands. */
export function frontConfiguration(places: Places, variation: Variation): string {
  const { global = [], backend = [], check = '', logFormat = USUAL_LOG_FORMAT } = variation;
  const { folder, frontPort, http2Port, productionPort, logPort, agentAddress } = places;
  return `
global
    nbthread 2
    log 127.0.0.1:${logPort} len 8192 local0
    stats socket ${folder}/command.sock level admin expose-fd listeners
    ${global.join('\n    ')}
defaults
    mode http
    log global
    unique-id-format %{+X}o\\ %ci:%cp_%fi:%fp_%Ts_%rt:%pid
    log-format "${logFormat}"
    timeout connect 5s
    timeout client 30s
    timeout server 30s
frontend fe_main
    bind 127.0.0.1:${frontPort}
    bind 127.0.0.1:${http2Port} proto h2
    option http-buffer-request
    filter spoe engine mirror config ${folder}/spoe.cfg
    default_backend be_servers
backend be_servers
    server production 127.0.0.1:${productionPort}
backend mirroragents
    mode tcp
    balance roundrobin
    timeout connect 5s
    timeout server 10s
    option spop-check
    ${backend.join('\n    ')}
    server agent1 ${agentAddress} check ${check}
`;
}

export function spoeConfiguration(variation: Variation): string {
  const { agent = [], acls = [] } = variation;
  const { hello, processing, args, message, condition } = { ...USUAL, ...variation };
  return `
[mirror]
spoe-agent mirror
    log global
    messages ${message}
    use-backend mirroragents
    timeout hello ${hello}
    timeout idle 5s
    timeout processing ${processing}
    ${agent.join('\n    ')}
spoe-message ${message}
    args arg_method=method arg_path=url arg_ver=req.ver arg_hdrs=req.hdrs_bin arg_body=req.body ${args}
    ${acls.join('\n    ')}
    event on-frontend-http-request ${condition}
`;
}
