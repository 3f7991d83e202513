/**
 * The verdict of --verdict-production: `spoe-logs serve` in a process of its own, which is asked for whoever asks --admin. Comparing
 * takes time and memory, and a process that acknowledges frames has neither to give.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { existsSync, realpathSync } from 'node:fs';
import { request } from 'node:http';
import { constants, setPriority } from 'node:os';
import { dirname, join } from 'node:path';
import { AgentError } from '../../spoa/errors.ts';
import type { Log } from './log-file.ts';
import { VERDICTS } from './metrics.ts';
import { WorkerStderr } from './worker-stderr.ts';

export interface VerdictAnswer {
  readonly status: number;
  readonly type: string;
  readonly body: string;
}

type Word = (typeof VERDICTS)[number];

export interface VerdictStats {
  /** What was last seen, which is less than 15 s ago; inconclusive where that is not known. */
  readonly verdict: Word;
  readonly running: number;
  /** Processes that ended by themselves, and were or will be replaced. */
  readonly restarted: number;
  /** Questions that the process did not answer. */
  readonly unanswered: number;
  /** Questions that were turned away, because too many were under way. */
  readonly refused: number;
}

export interface VerdictOptions {
  readonly production: readonly string[];
  readonly record: string;
  /** More options of `serve`. */
  readonly args: readonly string[];
  /** Lines that the record has lost since the agent started. */
  readonly lostLines: () => Promise<number>;
  readonly log: Log;
  /** The script of `spoe-logs`; without it the one that is installed with this one. */
  readonly program?: string;
}

/** Questions under way; one more is turned away. */
const MOST_ASKED = 16;
const ANSWER_MS = 5_000;
/** One that does not listen by then is replaced. */
const START_MS = 60_000;
const MOST_BYTES = 1024 * 1024;
const FIRST_DELAY_MS = 1_000;
const MAX_DELAY_MS = 60_000;
/** The age below which the death of the process makes the next start slower. */
const STEADY_MS = 600_000;
/** How often it is looked what the verdict is: a FAIL has to outlive its process. */
const LOOK_MS = 5_000;
/** What was seen longer ago is not known any more. */
const SEEN_MS = 15_000;
/** The first line is an address: what is longer is none. */
const MOST_FIRST_LINE = 4096;
const TEXT = 'text/plain; charset=utf-8';

export interface Program {
  readonly script: string;
  /** What the process is called, where that says which program it is. */
  readonly name?: string;
}

/**
 * The toolkit beside this program: a script, or in the same executable under its own name.
 *
 * @throws AgentError `start` where it is not there
 */
export function findToolkit(): Program {
  const own = realpathSync(process.argv[1] as string);
  if (own === realpathSync(process.execPath)) return { script: process.execPath, name: 'spoe-logs' };
  const script = join(dirname(own), 'spoe-logs.js');
  if (!existsSync(script)) throw new AgentError('start', `--verdict-production needs ${script}, which is not there`);
  return { script };
}

interface Running {
  readonly child: ChildProcess;
  readonly startedMs: number;
  /** Lines that the record had lost before: the verdict is not about these. */
  readonly lostBefore: number;
  /** Undefined until it listens. */
  port: number | undefined;
}

interface Seen {
  readonly word: Word;
  readonly atMs: number;
}

const UNSEEN: Seen = { word: 'inconclusive', atMs: 0 };

export class VerdictProcess {
  readonly #counts = { running: 0, restarted: 0, unanswered: 0, refused: 0 };
  readonly #options: VerdictOptions;
  readonly #program: Program;
  /** What is asked with: the port is open to every user of this machine. */
  readonly #token = randomBytes(32).toString('base64url');
  #running: Running | undefined;
  #looking: NodeJS.Timeout | undefined;
  #waiting: NodeJS.Timeout | undefined;
  #delayMs = FIRST_DELAY_MS;
  #asked = 0;
  #isStopping = false;
  /** When the FAIL that stays was found, by the process that runs or one before it. */
  #failedAt: string | undefined;
  #failedBefore: string | undefined;
  #seen: Seen = UNSEEN;
  /** Why there is none, until the next one listens. */
  #lastWords = '';

  /** @throws AgentError `start` where `spoe-logs` is not installed beside this program */
  constructor(options: VerdictOptions) {
    this.#options = options;
    this.#program = options.program === undefined ? findToolkit() : { script: options.program };
  }

  /** To be called once the agent has become its user. */
  start(): void {
    void this.#start();
    this.#looking = setInterval(() => void this.#look(), LOOK_MS).unref();
  }

  stop(): void {
    this.#isStopping = true;
    clearInterval(this.#looking);
    clearTimeout(this.#waiting);
    // It has nothing to finish: what it knows is in the files.
    this.#running?.child.kill('SIGKILL');
  }

  get stats(): VerdictStats {
    const { word, atMs } = this.#seen;
    const isKnown = this.#counts.running === 1 && performance.now() - atMs < SEEN_MS;
    return { verdict: isKnown ? word : 'inconclusive', ...this.#counts };
  }

  /** Asks for a path, with its query. What is not known is 503, never 200. */
  async ask(path: string, search: string): Promise<VerdictAnswer> {
    if (this.#asked >= MOST_ASKED) {
      this.#counts.refused++;
      return unknown('too many ask at once');
    }
    this.#asked++;
    try {
      return await this.#answer(path, search);
    } catch (error) {
      this.#counts.unanswered++;
      return unknown((error as Error).message);
    } finally {
      this.#asked--;
    }
  }

  /** Throws what says why nothing is known. */
  async #answer(path: string, search: string): Promise<VerdictAnswer> {
    const running = this.#running;
    if (running?.port === undefined)
      throw new Error(`the process that compares is not up yet${this.#lastWords === '' ? '' : `: ${this.#lastWords}`}`);
    const answer = await this.#get(running.port, path, search);
    // Whoever was told of a FAIL is not told of a PASS by the next process.
    if (saysFail(path, answer)) await this.#look();
    const doubts = await this.#doubts(running);
    // Of a process that ended meanwhile nothing is known any more.
    if (this.#running !== running) throw new Error('the process that compares has ended');
    return doubted(path, answer, doubts, this.#failedBefore);
  }

  /** Why what the process calls a PASS is none. */
  async #doubts({ lostBefore }: Running): Promise<readonly string[]> {
    const lost = (await this.#options.lostLines()) - lostBefore;
    return [
      ...(this.#failedBefore === undefined
        ? []
        : [
            `it was FAIL at ${this.#failedBefore}, before the process that compares was replaced: start the agent again`,
          ]),
      ...(lost > 0 ? [`the record has lost lines (${lost}): start the agent again`] : []),
    ];
  }

  async #start(): Promise<void> {
    const { production, record, args: more, log, lostLines } = this.#options;
    try {
      const lostBefore = await lostLines();
      if (this.#isStopping) return;
      const args = [
        ...['serve', ...production, `--record=${record}`],
        ...production.map((path) => `--production=${path}`),
        ...['--listen=127.0.0.1:0', '--token-file=-', ...more],
      ];
      // The channel tells it when the agent is gone.
      const { script, name } = this.#program;
      const child = spawn(process.execPath, [script, ...args], {
        ...(name !== undefined && { argv0: name }),
        stdio: ['pipe', 'pipe', 'pipe', 'ipc'],
        env: environment(),
      });
      const running: Running = { child, startedMs: performance.now(), lostBefore, port: undefined };
      this.#running = running;
      this.#watch(running);
      child.stdin?.on('error', () => {}).end(this.#token);
    } catch (error) {
      log(`verdict: the process that compares cannot be started: ${(error as Error).message}`);
      this.#again();
    }
  }

  #watch(running: Running): void {
    const { child } = running;
    const { log } = this.#options;
    let first = '';
    const starting = setTimeout(() => child.kill('SIGKILL'), START_MS).unref();
    child.stdout?.setEncoding('utf8').on('data', (text: string) => {
      if (running.port !== undefined || first.length > MOST_FIRST_LINE) return;
      first += text;
      const port = /^http:\/\/127\.0\.0\.1:(\d+)\/\n/.exec(first)?.[1];
      if (port === undefined) return;
      running.port = Number(port);
      clearTimeout(starting);
      this.#counts.running = 1;
      this.#lastWords = '';
      void this.#look();
      log(`verdict: pid ${child.pid} compares with ${this.#options.production.join(', ')}`);
    });
    let said = '';
    new WorkerStderr(child.stderr, (line) => {
      said = line.trimEnd().replace(/^spoe-logs: /, '');
      log(`verdict: ${said}`);
    });
    let isOver = false;
    const over = (how: string) => {
      if (isOver) return;
      isOver = true;
      clearTimeout(starting);
      this.#running = undefined;
      this.#seen = UNSEEN;
      // What one says that listens is not why it ends.
      this.#lastWords = running.port === undefined && said !== '' ? said : `the last one ended with ${how}`;
      this.#counts.running = 0;
      if (this.#isStopping) return;
      this.#failedBefore ??= this.#failedAt;
      this.#counts.restarted++;
      if (performance.now() - running.startedMs >= STEADY_MS) this.#delayMs = FIRST_DELAY_MS;
      log(`verdict: the process that compares ended with ${how}; it is started again, and counts anew`);
      this.#again();
    };
    child.once('error', (error) => over(error.message));
    child.once('close', (code, signal) => over(signal ?? String(code)));
    try {
      if (child.pid !== undefined) setPriority(child.pid, constants.priority.PRIORITY_LOW);
    } catch {
      // It goes on as it is.
    }
  }

  #again(): void {
    if (this.#isStopping) return;
    this.#waiting = setTimeout(() => void this.#start(), this.#delayMs).unref();
    this.#delayMs = Math.min(2 * this.#delayMs, MAX_DELAY_MS);
  }

  async #look(): Promise<void> {
    const running = this.#running;
    if (running?.port === undefined) return;
    try {
      const answer = await this.#get(running.port, '/verdict', '');
      const { failedAt } = JSON.parse(answer.body);
      if (typeof failedAt === 'string') this.#failedAt ??= failedAt;
      const { verdict } = JSON.parse(doubted('/verdict', answer, await this.#doubts(running)).body);
      if (this.#running === running)
        this.#seen = { word: VERDICTS.find((word) => word === verdict) ?? 'inconclusive', atMs: performance.now() };
    } catch {
      // The next look is soon.
    }
  }

  #get(port: number, path: string, search: string): Promise<VerdictAnswer> {
    return new Promise((resolve, reject) => {
      const asking = request({
        ...{ host: '127.0.0.1', port, path: path + search, agent: false },
        headers: { authorization: `Bearer ${this.#token}` },
        signal: AbortSignal.timeout(ANSWER_MS),
      });
      const failed = (error: Error) => reject(new Error(`the process that compares does not answer: ${error.message}`));
      asking.once('error', failed).once('response', (response) => {
        const chunks: Buffer[] = [];
        let bytes = 0;
        response.on('data', (chunk: Buffer) => {
          bytes += chunk.length;
          if (bytes > MOST_BYTES) asking.destroy(new Error('its answer is too long'));
          else chunks.push(chunk);
        });
        response.once('error', failed).once('end', () =>
          resolve({
            status: response.statusCode ?? 503,
            type: response.headers['content-type'] ?? TEXT,
            body: Buffer.concat(chunks).toString(),
          }),
        );
      });
      asking.end();
    });
  }
}

/** What is for systemd and this process alone is not for that one. */
function environment(): NodeJS.ProcessEnv {
  const { NOTIFY_SOCKET, WATCHDOG_USEC, WATCHDOG_PID, LISTEN_FDS, LISTEN_PID, LISTEN_FDNAMES, ...others } = process.env;
  return others;
}

function unknown(why: string): VerdictAnswer {
  return { status: 503, type: TEXT, body: `INCONCLUSIVE: not known\n- ${why}\n` };
}

function saysFail(path: string, { status, body }: VerdictAnswer): boolean {
  if (path === '/verdict') return status === 200 && JSON.parse(body).verdict === 'fail';
  return status === (path === '/verdict/rollback' ? 200 : 412);
}

/**
 * The answer with a PASS, if it is one, taken back, and with doubts as the first reasons of what is not known. A FAIL stays as
 * it is.
 *
 * @param failedAt when it was FAIL before, of which the process that answers does not know
 */
export function doubted(
  path: string,
  answer: VerdictAnswer,
  doubts: readonly string[],
  failedAt?: string,
): VerdictAnswer {
  if (doubts.length === 0) return answer;
  if (path !== '/verdict') {
    const isPass = answer.status === (path === '/verdict/promote' ? 200 : 412);
    if (!isPass && answer.status !== 503) return answer;
    const [first = '', ...known] = answer.body.trimEnd().split('\n');
    // How many more pairs a PASS needs is of no use: none makes up for what is doubted.
    const pairs = /: \d[\d,]* pairs so far/.exec(first)?.[0] ?? '';
    const lines = [`INCONCLUSIVE${pairs}`, ...doubts.map((doubt) => `- ${doubt}`), ...known];
    return { ...answer, status: 503, type: TEXT, body: lines.map((line) => `${line}\n`).join('') };
  }
  if (answer.status !== 200) return answer;
  const value = JSON.parse(answer.body);
  if (value.verdict === 'fail') return answer;
  const taken = {
    ...{ ...value, verdict: 'inconclusive', promote: false, reasons: [...doubts, ...value.reasons] },
    ...{ pairs: { ...value.pairs, needed: null, missing: null }, failedAt: value.failedAt ?? failedAt ?? null },
  };
  return { ...answer, body: `${JSON.stringify(taken, null, 2)}\n` };
}
