/** The built agent as the program its users start. */
import { readFileSync } from 'node:fs';
import { get } from 'node:http';
import { Run, workersOf } from '../programs/spoa-mirror/program.ts';

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
  readonly #run: Run;
  readonly #adminSocket: string;

  constructor(folder: string, args: readonly string[]) {
    this.#adminSocket = `${folder}/admin.sock`;
    const own = ['-r0', '--record', recordFile(folder), '--admin', `unix:${this.#adminSocket}`];
    this.#run = new Run([...own, ...args]);
  }

  async ready(): Promise<void> {
    await this.says(/ready on /);
  }

  get said(): string {
    return this.#run.said;
  }

  /** Waits for a line of its log. */
  async says(pattern: RegExp): Promise<string> {
    await this.#run.sees(pattern);
    return pattern.exec(this.said)?.[0] ?? '';
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
    this.#run.child.kill('SIGSTOP');
  }

  signal(signal: NodeJS.Signals): void {
    this.#run.child.kill(signal);
  }

  /** Its worker processes; none where one process does everything. */
  workers(): number[] {
    return workersOf(this.#run.pid);
  }

  /** SIGTERM, as a service manager does: the exit code. */
  async stop(): Promise<number | NodeJS.Signals> {
    return await this.#run.end();
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
