/** The built agent as the program its users start. */
import { readFileSync } from 'node:fs';
import { get } from 'node:http';
import { fileURLToPath } from 'node:url';
import { until } from '../until.ts';
import { Child } from './children.ts';

const PROGRAM = fileURLToPath(new URL('../../bin/spoa-mirror.js', import.meta.url));

/** The fields of a line of --record that the tests look at. */
export interface AgentRecord {
  readonly message: string;
  readonly unique_id?: string;
  readonly method: string;
  readonly path: string;
  readonly status: number | null;
  readonly request_bytes: number;
  readonly truncated: boolean;
  readonly attempts: number;
  readonly error: string | null;
}

export class AgentProcess {
  readonly #child: Child;
  readonly #adminSocket: string;

  constructor(folder: string, args: readonly string[]) {
    this.#adminSocket = `${folder}/admin.sock`;
    const own = ['-r0', '--record', recordFile(folder), '--admin', `unix:${this.#adminSocket}`];
    this.#child = new Child(process.execPath, [PROGRAM, ...own, ...args]);
  }

  async ready(): Promise<void> {
    await this.says(/ready on /);
  }

  get said(): string {
    return this.#child.said;
  }

  /** Waits for a line of its log. */
  async says(pattern: RegExp): Promise<string> {
    return await until(`the agent says ${pattern}`, () => {
      const found = pattern.exec(this.said)?.[0];
      if (found === undefined && this.#child.ended !== undefined) {
        throw new Error(`it ended with ${this.#child.ended}: ${this.said}`);
      }
      return found;
    });
  }

  /** `/stats` of --admin. */
  // biome-ignore lint/suspicious/noExplicitAny: any of its many figures may be asked for
  async stats(): Promise<any> {
    return JSON.parse((await this.#ask('/stats')).text);
  }

  /** `/readyz` of --admin. */
  async readyz(): Promise<string> {
    const { status, text } = await this.#ask('/readyz');
    return `${status} ${text.trim()}`;
  }

  #ask(path: string): Promise<{ status: number | undefined; text: string }> {
    return new Promise((resolve, reject) => {
      get({ socketPath: this.#adminSocket, path, agent: false }, (response) => {
        let text = '';
        response.setEncoding('utf8').on('data', (part) => {
          text += part;
        });
        response.on('end', () => resolve({ status: response.statusCode, text }));
      }).on('error', reject);
    });
  }

  /** Makes the process hang that serves, with -n 1. It does not hear SIGTERM any more: `stop` kills it. */
  hang(): void {
    this.#child.kill('SIGSTOP');
  }

  signal(signal: NodeJS.Signals): void {
    this.#child.kill(signal);
  }

  /** Its worker processes; none where one process does everything. */
  workers(): number[] {
    const { pid } = this.#child;
    return readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').split(' ').filter(Boolean).map(Number);
  }

  /** SIGTERM, as a service manager does: the exit code. */
  async stop(): Promise<number | NodeJS.Signals> {
    return await this.#child.end();
  }
}

export function recordFile(folder: string): string {
  return `${folder}/record.jsonl`;
}

/** Of all agents that ran in this folder. */
export function readRecords(folder: string): AgentRecord[] {
  const lines = readFileSync(recordFile(folder), 'utf8').split('\n').filter(Boolean);
  return lines.map((line) => JSON.parse(line));
}
