/**
 * HAProxies that are as `config print` prints them, with answers and without, before the same server: what a client sees of each
 * must be the same. The agent is a stand-in that does what a test says.
 */
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { DEFAULT_SETUP, makeSetup, SETUP_FILES } from '../../src/operate/setup.ts';
import { parseVersion } from '../../src/operate/version.ts';
import { type Agent, createAgent } from '../../src/spoa/agent.ts';
import { setVarAction, VariableScope } from '../../src/spop/actions.ts';
import type { Message } from '../../src/spop/messages.ts';
import { booleanData } from '../../src/spop/values.ts';
import { reservePort } from '../ports.ts';
import { Haproxy, type Series } from './haproxy.ts';
import { HaproxyLog } from './haproxy-log.ts';

/** `none` is what `event` is without its filter: production as it was before. */
export const VARIANTS = ['none', 'event', 'wait'] as const;
export type Variant = (typeof VARIANTS)[number];

/** Rules of a frontend that answer in the place of the server, or change what it answered. */
const RULES = `
    filter cache pages
    filter compression
    compression algo gzip
    compression type text/plain
    timeout tarpit 100ms
    stats uri /stats
    http-request set-var(txn.path) path
    http-request return status 200 content-type application/json string '{"from":"haproxy"}' if { path /returned }
    http-request deny deny_status 403 if { path /denied }
    http-request tarpit deny_status 429 if { path /tarpit }
    http-request redirect location /elsewhere if { path /redirected }
    http-response deny deny_status 500 if { var(txn.path) -m str /answer-denied }
    http-response set-header x-added by-haproxy if { var(txn.path) -m str /changed }
    http-request cache-use pages if { path_beg /cached }
    http-response cache-store pages if { var(txn.path) -m beg /cached }
    use_backend be_silent if { path /silent /half /half-page /later /before /within }
    use_backend be_down if { path /down }
`;

const SECTIONS = `
backend be_silent
    timeout server 6s
    server app1 127.0.0.1:SERVER

backend be_down
    retries 0
    server none 127.0.0.1:CLOSED

cache pages
    total-max-size 4
    max-age 60
`;

/** What the agent heard of an answer. */
export interface Heard {
  /** `head` or `body`. */
  readonly message: string;
  /** Of the request with its unique id, without query. */
  readonly path: string;
  readonly status: number;
  readonly body: string | undefined;
  readonly size: number;
}

/** What the stand-in does with a message: `never` leaves it without ACK. */
type Manner = 'ack' | 'never';

export class AgentStandIn {
  readonly heard: Heard[] = [];
  /** Paths of requests, by unique id. */
  readonly #paths = new Map<string, string>();
  /** Of requests and of answers. */
  manners: { request: Manner; answer: Manner } = { request: 'ack', answer: 'ack' };
  readonly #agent: Agent;

  static async start(t: TestContext, port: number): Promise<AgentStandIn> {
    const agent = new AgentStandIn();
    await agent.#agent.listen({ host: '127.0.0.1', port });
    t.after(() => agent.stop());
    return agent;
  }

  private constructor() {
    const wanted = [setVarAction(VariableScope.transaction, 'answer', booleanData(true))];
    const never = new Promise<never>(() => {});
    this.#agent = createAgent({
      maxFrameSize: 16_380,
      handlers: {
        mirror: ({ args }) => {
          this.#paths.set(args.get('arg_uid')?.text ?? '', args.get('arg_path')?.text ?? '');
          return this.manners.request === 'ack' ? wanted : never;
        },
        '*': (message) => {
          this.heard.push(this.#hear(message));
          return this.manners.answer === 'ack' ? [] : never;
        },
      },
    });
  }

  async stop(): Promise<void> {
    await this.#agent.close({ graceMs: 0 });
  }

  #hear({ name, args }: Message): Heard {
    return {
      message: name.replace('answer-', ''),
      path: (this.#paths.get(args.get('arg_uid')?.text ?? '') ?? '').replace(/^https?:\/\/[^/]+|\?.*/g, ''),
      status: Number(args.get('arg_status')?.value),
      body: args.get('arg_body')?.text,
      size: Number(args.get('arg_body_size')?.value),
    };
  }
}

/** Accepts connections and says nothing, health checks included. */
export async function startMute(t: TestContext, port: number): Promise<void> {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => {});
    socket.resume();
  });
  server.listen(port, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
}

export type AgentPorts = { readonly [variant in Variant]: number };

export interface AnsweringPlaces {
  readonly serverPort: number;
  readonly agentPorts: AgentPorts;
  /** Whether the agents do as they should: then nothing is about the time that they take, and every answer has to reach them. */
  readonly areAgentsWell: boolean;
}

export class AnsweringHaproxies {
  readonly log: HaproxyLog;
  readonly #haproxies: ReadonlyMap<Variant, Haproxy>;

  static async start(t: TestContext, series: Series, places: AnsweringPlaces) {
    const folder = mkdtempSync(join(tmpdir(), 'spoe-logs-answers-'));
    const log = await HaproxyLog.open(t);
    const haproxies = new Map<Variant, Haproxy>();
    t.after(async () => {
      await Promise.all([...haproxies.values()].map((haproxy) => haproxy.stop()));
      rmSync(folder, { recursive: true, force: true });
    });
    for (const variant of VARIANTS) {
      const home = { folder: join(folder, variant), frontPort: await reservePort(), http2Port: await reservePort() };
      mkdirSync(home.folder);
      const ports = { log: log.port, agent: places.agentPorts[variant], closed: await reservePort() };
      haproxies.set(variant, new Haproxy(series, home, textsOf(series, variant, home, { ...places, ...ports }), false));
    }
    for (const haproxy of haproxies.values()) await haproxy.ready();
    return new AnsweringHaproxies(log, haproxies);
  }

  private constructor(log: HaproxyLog, haproxies: ReadonlyMap<Variant, Haproxy>) {
    this.log = log;
    this.#haproxies = haproxies;
  }

  of(variant: Variant): Haproxy {
    return this.#haproxies.get(variant) as Haproxy;
  }
}

/** What is printed for this version, at the places of a test, and with rules that many have. */
function textsOf(
  series: Series,
  variant: Variant,
  { folder, frontPort, http2Port }: { folder: string; frontPort: number; http2Port: number },
  places: AnsweringPlaces & { log: number; agent: number; closed: number },
) {
  const { areAgentsWell } = places;
  const files = makeSetup({
    ...DEFAULT_SETUP,
    answers: 'body',
    waits: variant === 'wait',
    agents: [`127.0.0.1:${places.agent}`],
    spoeFile: join(folder, 'spoe.cfg'),
    version: parseVersion(series),
    ...(areAgentsWell && { processing: '25s' }),
  });
  const textOf = (name: string) => files.find((file) => file.name === name)?.text ?? '';
  const haproxy = edited(textOf(SETUP_FILES.haproxy), [
    [
      '\n    log 127.0.0.1:514',
      `\n    stats socket ${folder}/command.sock level admin\n    log 127.0.0.1:${places.log}`,
    ],
    ['    bind :80\n', `    bind 127.0.0.1:${frontPort}\n    bind 127.0.0.1:${http2Port} proto h2\n`],
    ...(areAgentsWell ? [['timeout check 200ms', 'timeout check 25s'] as const] : []),
    ['    default_backend be_servers\n', `${RULES}    default_backend be_servers\n`],
    ['    server app1 127.0.0.1:8080\n', `    server app1 127.0.0.1:${places.serverPort}\n`],
    ...(variant === 'none' ? [[/ {4}filter spoe .*\n/.exec(textOf(SETUP_FILES.haproxy))?.[0] ?? '', ''] as const] : []),
  ]);
  return {
    haproxy: `${haproxy}${SECTIONS.replace('CLOSED', `${places.closed}`).replace('SERVER', `${places.serverPort}`)}`,
    spoe: textOf('spoe.cfg'),
  };
}

function edited(text: string, edits: readonly (readonly [from: string, to: string])[]): string {
  return edits.reduce((before, [from, to]) => {
    if (from === '' || !before.includes(from)) throw new Error(`what is printed has no ${JSON.stringify(from)}`);
    return before.replace(from, () => to);
  }, text);
}
