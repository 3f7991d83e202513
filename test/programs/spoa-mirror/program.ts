/** spoa-mirror as it is installed, for the tests: started, waited for, asked, ended. */
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { request } from 'node:http';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after } from 'node:test';
import { fileURLToPath } from 'node:url';
import { Child } from '../../child.ts';
import { Client, HELLO } from '../../spoa/client.ts';

export const PROGRAM = fileURLToPath(new URL('../../../bin/spoa-mirror.js', import.meta.url));
const ROOT = fileURLToPath(new URL('../../..', import.meta.url));
export const folder = mkdtempSync(join(tmpdir(), 'spoa-mirror-test-'));
after(() => rmSync(folder, { recursive: true, force: true }));

let files = 0;
export const fresh = (name: string) => join(folder, `${files++}-${name}`);

export class Run extends Child {
  constructor(
    args: readonly string[],
    env: NodeJS.ProcessEnv = {},
    cwd: string = ROOT,
    identity: { uid?: number; gid?: number } = {},
    openFiles?: number,
    /** The descriptor of a socket, which the agent gets as systemd hands it over. */
    handedOver?: number,
  ) {
    const inherited = Object.fromEntries(
      Object.entries(process.env).filter(([name]) => !/^(OTEL_|NODE_OPTIONS$)/.test(name)),
    );
    const limited = openFiles === undefined ? [] : ['sh', '-c', 'ulimit -n "$0" && exec "$@"', String(openFiles)];
    const started = handedOver === undefined ? [] : ['sh', '-c', 'export LISTEN_PID=$$; exec "$@"', 'sh'];
    const [file = '', ...rest] = [...limited, ...started, process.execPath, PROGRAM, ...args];
    super(file, rest, {
      cwd,
      env: { ...inherited, ...env },
      ...identity,
      ...(handedOver !== undefined && { stdio: ['pipe', 'pipe', 'pipe', handedOver] as const }),
    });
  }

  /** Waits for a line of the log. */
  async says(pattern: RegExp): Promise<void> {
    await this.sees(pattern, 'stdout');
  }
}

/** HAProxy, behind its HELLO. */
export async function client(path: string): Promise<Client> {
  const socket = connect({ path });
  await once(socket, 'connect');
  const opened = new Client(socket);
  opened.hello(HELLO);
  await opened.until(1);
  return opened;
}

export function workersOf(pid: number): number[] {
  const children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim().split(' ');
  return children.filter((each) => readFileSync(`/proc/${each}/cmdline`, 'utf8').includes('spoa-mirror')).map(Number);
}

/** Asks --admin at a unix socket. */
export function get(socketPath: string, path: string): Promise<{ status: number | undefined; body: string }> {
  return new Promise((resolve, reject) => {
    request({ socketPath, path, agent: false }, (response) => {
      let body = '';
      response.setEncoding('utf8').on('data', (text) => {
        body += text;
      });
      response.on('end', () => resolve({ status: response.statusCode, body }));
    })
      .on('error', reject)
      .end();
  });
}
