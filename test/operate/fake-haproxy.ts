/** The Runtime API of HAProxy, as far as the switch needs it: what 2.6, 3.0 and 3.2 answered when they were asked. */
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';

export const MAP = '/etc/haproxy/mirroring.map';

/** A process with its maps: entries in order, a key may be there several times. */
export class FakeWorker {
  readonly pid: number;
  readonly maps: Map<string, [key: string, value: string][]>;
  startedSec = 1_795_735_084;

  constructor(pid: number, entries: [key: string, value: string][]) {
    this.pid = pid;
    this.maps = new Map([[MAP, entries]]);
  }

  value(key: string): string | undefined {
    return this.maps.get(MAP)?.find(([name]) => name === key)?.[1];
  }

  answer(command: string): string {
    const [verb = '', what, map = '', key = '', value = ''] = words(command);
    if (verb === 'show' && what === 'info')
      return `Name: HAProxy\nPid: ${this.pid}\nStart_time_sec: ${this.startedSec}\n\n`;
    if (what !== 'map')
      return `Unknown command: '${verb}', but maybe one of the following ones is a better match:\n  quit\n\n`;
    if (verb === 'show' && map === '') return this.#list();
    const entries = this.maps.get(map);
    if (entries === undefined) return 'Unknown map identifier. Please use #<id> or <file>.\n\n';
    const found = entries.filter(([name]) => name === key);
    switch (verb) {
      case 'get':
        return found[0] === undefined
          ? 'type=str, case=sensitive, found=no\n\n'
          : `type=str, case=sensitive, found=yes, idx=tree, key="${key}", value="${found[0][1]}", type="str"\n\n`;
      case 'set':
        for (const entry of found) entry[1] = value;
        return found.length === 0 ? 'entry not found.\n\n' : '\n';
      case 'add':
        entries.push([key, value]);
        return '\n';
      default:
        this.maps.set(
          map,
          entries.filter(([name]) => name !== key),
        );
        return found.length === 0 ? 'Key not found.\n\n' : '\n';
    }
  }

  #list(): string {
    const lines = [...this.maps].map(
      ([name, { length }], id) =>
        `${id * 2} (${name}) pattern loaded from file '${name}' used by map at file 'spoe.cfg' line 11. curr_ver=0 next_ver=0 entry_cnt=${length}\n`,
    );
    return `# id (file) description\n${lines.join('')}\n`;
  }
}

function words(command: string): string[] {
  return [...command.matchAll(/(?:\\.|[^\\ ])+/g)].map(([word]) => word.replace(/\\(.)/g, '$1'));
}

export interface FakeOptions {
  /** As the master does; the first worker is the present one. */
  readonly isMaster?: boolean;
  /** What is said in the place of an answer; undefined: the usual one, null: nothing, ever. */
  readonly instead?: (command: string) => string | Buffer | null | undefined;
}

export class FakeHaproxy {
  readonly path: string;
  readonly folder: string;
  readonly commands: string[] = [];
  /** May be changed while it runs. */
  workers: FakeWorker[];
  instead: FakeOptions['instead'];
  readonly #server: Server;

  static async start(t: TestContext, workers: FakeWorker[], options: FakeOptions = {}): Promise<FakeHaproxy> {
    const folder = mkdtempSync(join(tmpdir(), 'spoe-logs-operate-'));
    const fake = new FakeHaproxy(folder, workers, options);
    t.after(() => {
      fake.#server.close();
      rmSync(folder, { recursive: true, force: true });
    });
    fake.#server.listen(fake.path);
    await once(fake.#server, 'listening');
    return fake;
  }

  private constructor(folder: string, workers: FakeWorker[], { isMaster = false, instead }: FakeOptions) {
    this.folder = folder;
    this.path = join(folder, 'haproxy.sock');
    this.workers = workers;
    this.instead = instead;
    this.#server = createServer({ allowHalfOpen: true }, (socket) => {
      let text = '';
      socket.on('error', () => undefined);
      socket.setEncoding('utf8').on('data', (part) => {
        text += part;
      });
      socket.on('end', () => {
        const command = text.trimEnd();
        this.commands.push(command);
        const said = this.instead?.(command);
        if (said === null) return;
        socket.end(said ?? (isMaster ? this.#asMaster(command) : this.#current.answer(command)));
      });
    });
    this.#server.unref();
  }

  get #current(): FakeWorker {
    const [current] = this.workers;
    if (current === undefined) throw new Error('no worker');
    return current;
  }

  #asMaster(command: string): string {
    if (command === 'show proc') {
      const row = ({ pid }: FakeWorker) =>
        `${pid}            worker          0               0d00h00m12s     3.2.26-1\n`;
      const [current, ...old] = this.workers.map(row);
      return `#<PID>          <type>          <reloads>       <uptime>        <version>      \n1          master          0 [failed: 0]   0d00h00m12s     3.2.26-1\n# workers\n${current}${old.length === 0 ? '' : `# old workers\n${old.join('')}`}# programs\n\n`;
    }
    const [, pid, rest = ''] = /^@!(\d+) (.*)$/s.exec(command) ?? [];
    const worker = this.workers.find((each) => `${each.pid}` === pid);
    return worker === undefined ? `Can't find the target PID matching the prefix '@!${pid}'\n` : worker.answer(rest);
  }
}
