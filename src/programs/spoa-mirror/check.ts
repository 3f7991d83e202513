/** The command --check: what a start would find, a line each; nothing is served and nothing is left behind. */

import { accessSync, closeSync, constants, existsSync, lstatSync } from 'node:fs';
import type { Server } from 'node:net';
import { dirname } from 'node:path';
import type { AnswerParts } from '../../mirror/answer-capture.ts';
import type { MirrorOptions } from '../../mirror/options.ts';
import type { MirrorRecord } from '../../mirror/record.ts';
import { parseDestination } from '../../mirror/target.ts';
import { parseAddress } from '../../options/address.ts';
import { AgentError } from '../../spoa/errors.ts';
import { listen } from '../../spoa/listener.ts';
import { KvList } from '../../spop/kv-list.ts';
import { DataType, TypedData } from '../../spop/typed-data.ts';
import { describeMirrorError, isFailure } from '../../status/mirror-errors.ts';
import { shownUrl } from '../../text/shown-url.ts';
import { escapeLogLine } from '../../text/terminal.ts';
import { checkAccess } from './access.ts';
import { startAdmin } from './admin.ts';
import { AGENT_DEFAULTS } from './defaults.ts';
import {
  type DescriptorNeeds,
  describeShortage,
  descriptorNeeds,
  planDescriptors,
  readFileLimit,
} from './descriptors.ts';
import { listenOptions } from './entrance.ts';
import { EX_OK, exitCodeOf } from './exit-codes.ts';
import { describeTlsProblem } from './mirroring.ts';
import { addressesOf, urlsToResolve } from './names.ts';
import { type MirrorAgentOptions, mirrorOptions, valuesFile, valuesRights } from './options.ts';
import { describeOpenError, type FileRights, openOutput } from './output-file.ts';
import { checkPem, type Pem, readListenTls, readPem } from './pem.ts';
import { PidFile } from './pid-file.ts';
import { type Account, become, describeAccount, findAccount, withUmask } from './privileges.ts';
import { describeAddress } from './supervision.ts';
import { checkTelemetry, type LoadTelemetry } from './telemetry.ts';

/** The mark of a finding; with `note` a start goes on all the same. */
type Mark = 'ok' | 'note' | 'fail';

interface Finding {
  readonly mark: Mark;
  readonly text: string;
}

/** One thing that is looked at; its error is the one a start would end with. */
interface Check {
  readonly what: string;
  /** Returns what was found; a text is an `ok`. */
  readonly look: () => Promise<string | Finding | readonly Finding[]>;
}

/**
 * Prints a line for each thing that is looked at, and one that sums up.
 * @param workers how many a start would have
 * @returns the exit code: that of a start with the first failure, 70 for a mirror that does not answer, 0 without one
 */
export async function checkStart(
  options: MirrorAgentOptions,
  workers: number,
  load: LoadTelemetry,
  write: (text: string) => void,
): Promise<number> {
  const failures: unknown[] = [];
  let looked = 0;
  const print = (mark: Mark, what: string, text: string) =>
    write(`${mark.padEnd(4)}  ${what.padEnd(WIDTH)}  ${escapeLogLine(text)}\n`);
  const run = async ({ what, look }: Check) => {
    looked++;
    try {
      const found = await look();
      const findings = typeof found === 'string' ? [ok(found)] : [found].flat();
      for (const { mark, text } of findings) print(mark, what, text);
    } catch (error) {
      failures.push(error);
      print('fail', what, error instanceof Error ? error.message : String(error));
    }
  };
  const start = new Start(options, workers, load);
  for (const check of start.checks()) await run(check);
  // A request is sent as all others would be, so what they go by has to be well.
  if (start.canAsk) for (const check of start.requests()) await run(check);
  await start.end();
  write(
    failures.length === 0
      ? 'all is well for a start\n'
      : `${failures.length} of ${looked} would be in the way: see fail above\n`,
  );
  return failures.length === 0 ? EX_OK : exitCodeOf(failures[0]);
}

/** The width of the subjects, that of the longest. */
const WIDTH = 'descriptors'.length;

/** The checks: the steps of a start, by its own functions; what it would leave behind is removed. */
class Start {
  readonly #options: MirrorAgentOptions;
  readonly #workers: number;
  readonly #load: LoadTelemetry;
  /** The account of --user and --group; its own check finds it, and all later ones use it. */
  #account: Account | undefined;
  #pem: Pem = {};
  #areOptionsUsable = false;
  /** The servers, which listen until the end: two of them may want the same address. */
  readonly #servers: Server[] = [];

  constructor(options: MirrorAgentOptions, workers: number, load: LoadTelemetry) {
    this.#options = options;
    this.#workers = workers;
    this.#load = load;
  }

  checks(): readonly Check[] {
    const { logFile, record, answers, answersKey, traceFrames, pidFile, admin, otel, user, group } = this.#options;
    const { listenTlsFiles, tlsFiles, verdictProduction } = this.#options;
    return [
      { what: 'options', look: async () => this.#lookAtOptions() },
      { what: 'descriptors', look: async () => lookAtDescriptors(descriptorNeeds(this.#options, this.#workers)) },
      ...present(user ?? group, 'account', async () => {
        this.#account = findAccount(user, group);
        return this.#account === undefined ? 'none' : describeAccount(this.#account);
      }),
      ...present(listenTlsFiles.cert, 'TLS', async () => this.#lookAtTls()),
      ...present(Object.keys(tlsFiles)[0], 'mirror TLS', async () => this.#lookAtMirrorTls()),
      ...(otel ? [{ what: 'otel', look: async () => this.#lookAtTelemetry() }] : []),
      ...present(logFile, 'logfile', async ({ path, mode }) => {
        if (mode === 'x' && existsSync(path))
          throw new AgentError('log-file', `${path}: it exists, use a: to append or w: to empty it`);
        return this.#lookAtFile(path);
      }),
      ...present(record === '-' ? undefined : record, 'record', async (path) => this.#lookAtFile(path)),
      ...present(answers, 'answers', async (parts) => describeAnswers(parts, answersKey)),
      ...present(valuesFile(this.#options), 'values', async (path) => {
        return this.#lookAtFile(path, valuesRights({ account: this.#account }));
      }),
      ...present(verdictProduction[0], 'verdict', async () => {
        const { findToolkit } = await import('./verdict.ts');
        return `compared by ${findToolkit().script}`;
      }),
      ...verdictProduction.map((path) => ({ what: 'verdict', look: async () => lookAtProduction(path) })),
      ...present(traceFrames, 'trace', async (path) => this.#lookAtFile(path)),
      ...present(pidFile, 'pidfile', async (path) => this.#lookAtPidFile(path)),
      { what: 'address', look: async () => this.#lookAtAddress() },
      ...present(admin, 'admin', async (text) => this.#lookAtAdmin(text)),
      { what: 'mirror', look: async () => await this.#lookAtNames() },
      ...present(user ?? group, 'rights', async () => this.#lookAtRights()),
    ];
  }

  /** Whether a request could be made: its options make sense, and its certificates can be used. */
  get canAsk(): boolean {
    return this.#areOptionsUsable && Object.keys(this.#pem).length === Object.keys(this.#options.tlsFiles).length;
  }

  requests(): readonly Check[] {
    const { urls, checkRequest } = this.#options;
    return urls.flatMap((url) =>
      present(checkRequest, 'request', async (method) => ask(url, method, mirrorOptions(this.#options, this.#pem))),
    );
  }

  async end(): Promise<void> {
    for (const server of this.#servers) await new Promise((resolve) => server.close(resolve));
  }

  /** Checks the mirror's options by making what they are for. */
  async #lookAtOptions(): Promise<string | readonly Finding[]> {
    const { urls, warnings } = this.#options;
    if (urls.length > 0) {
      const { Mirror } = await import('../../mirror/mirror.ts');
      await new Mirror(mirrorOptions(this.#options, {}), () => undefined).close(0);
    }
    this.#areOptionsUsable = true;
    return warnings.length === 0 ? 'can be read' : warnings.map(note);
  }

  async #lookAtTls(): Promise<readonly Finding[]> {
    const tls = await readListenTls(this.#options);
    const valid = `--tls-cert is valid until ${tls?.validUntil}`;
    const isOver = Date.parse(tls?.validUntil ?? '') < Date.now();
    return [
      isOver ? note(`${valid}, which is over: HAProxy will not connect`) : ok(valid),
      ...(tls?.warnings ?? []).map(note),
    ];
  }

  async #lookAtMirrorTls(): Promise<string> {
    const pem = readPem(this.#options);
    await checkPem(pem);
    this.#pem = pem;
    const names = Object.keys(this.#options.tlsFiles).map((name) => `--${name}`);
    return `${names.join(', ')} can be used`;
  }

  async #lookAtTelemetry(): Promise<string> {
    await checkTelemetry(this.#load);
    return 'the OTEL_ variables can be read';
  }

  /** Checks a file; one that is not there is not made, and its folder is checked instead. */
  #lookAtFile(path: string, rights: FileRights = this.#rightsOf(AGENT_DEFAULTS.fileMode)): string {
    try {
      // A link that leads nowhere is there, too.
      if (lstatSync(path, { throwIfNoEntry: false }) !== undefined) {
        closeSync(openOutput(path, 'a', rights));
        return `${path} can be written to`;
      }
      accessSync(dirname(path), constants.W_OK | constants.X_OK);
      return `${path} can be made`;
    } catch (error) {
      throw new AgentError('log-file', `${path}: ${describeOpenError(error)}`, { cause: error });
    }
  }

  #rightsOf(mode: number): FileRights {
    return { mode: withUmask(mode), owner: this.#account };
  }

  #lookAtPidFile(path: string): string {
    if (lstatSync(path, { throwIfNoEntry: false }) !== undefined) {
      new PidFile(path, process.pid).remove();
      return `${path} names no agent that runs`;
    }
    try {
      return this.#lookAtFile(path, this.#rightsOf(AGENT_DEFAULTS.pidFileMode));
    } catch (error) {
      throw new AgentError('pid-file', (error as Error).message, { cause: error });
    }
  }

  async #lookAtAddress(): Promise<string> {
    const place = listenOptions({ ...this.#options, account: this.#account });
    this.#servers.push(await listen(place, (socket) => socket.destroy()));
    return `${describeAddress(this.#options)} is free`;
  }

  async #lookAtAdmin(text: string): Promise<string> {
    const nothing = async () => [];
    const pages = { healthy: () => false, unready: nothing, metrics: nothing, stats: nothing };
    const rights = { mode: this.#options.socketMode, owner: this.#account };
    this.#servers.push(await startAdmin(parseAddress(text), pages, { rights }));
    return `${text} is free`;
  }

  async #lookAtNames(): Promise<Finding | readonly Finding[]> {
    if (this.#options.urls.length === 0) return note('no -u is given: requests are mirrored nowhere');
    let urls: readonly string[];
    try {
      urls = urlsToResolve(this.#options);
    } catch {
      return note('not looked at: see options');
    }
    return await Promise.all(urls.map(lookAtName));
  }

  /** Changes the user for good: no later check needs more rights. */
  #lookAtRights(): readonly Finding[] {
    const account = this.#account;
    if (account === undefined) return [note('not looked at: see account')];
    become(account);
    const notes: Finding[] = [];
    checkAccess(this.#options, account, this.#workers, (line) => notes.push(note(line)));
    return notes.length > 0 ? notes : [ok(`${describeAccount(account)} can go on with all of it`)];
  }
}

/** A log is waited for. */
function lookAtProduction(path: string): Finding {
  try {
    accessSync(path, constants.R_OK);
    return ok(`${path} can be read`);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    return note(`${path} cannot be read (${code}): there is no PASS while that is so`);
  }
}

function describeAnswers(parts: AnswerParts, key: string | undefined): string {
  const what = parts === 'head' ? 'status and headers' : 'status, headers and body';
  return `${what} are kept as hashes, with ${key === undefined ? 'a key that is made at each start' : 'the key of --answers-key'}`;
}

function present<Value>(
  value: Value | undefined,
  what: string,
  look: (value: Value) => ReturnType<Check['look']>,
): readonly Check[] {
  return value === undefined ? [] : [{ what, look: () => look(value) }];
}

const ok = (text: string): Finding => ({ mark: 'ok', text });
const note = (text: string): Finding => ({ mark: 'note', text });

function lookAtDescriptors(needs: DescriptorNeeds): Finding {
  const limit = readFileLimit();
  const shortage = describeShortage(planDescriptors(limit, needs), needs);
  return shortage === undefined
    ? ok(limit === undefined ? 'no limit is known' : `${limit} are enough`)
    : note(shortage);
}

async function lookAtName(url: string): Promise<Finding> {
  const found = await addressesOf(url);
  return typeof found === 'string'
    ? note(`${shownUrl(url)}: ${found}; a start goes on, and looks again for each connection`)
    : ok(`${shownUrl(url)} leads to ${found.join(', ')}`);
}

/** The time a mirror has for the one request, whatever is set for those of HAProxy. */
const REQUEST_MS = 10_000;

/** Sends one request the way of all others: same proxy, TLS, headers; filters and sampling are left out. */
async function ask(url: string, method: string, options: MirrorOptions): Promise<string> {
  const { Mirror } = await import('../../mirror/mirror.ts');
  const problems: string[] = [];
  let answered: (record: MirrorRecord) => void = () => undefined;
  const outcome = new Promise<MirrorRecord>((resolve) => {
    answered = resolve;
  });
  const mirror = new Mirror(
    {
      ...options,
      destinations: [url],
      messages: undefined,
      methods: undefined,
      paths: undefined,
      sample: undefined,
      maxRate: undefined,
      totalTimeoutMs: Math.min(options.totalTimeoutMs ?? REQUEST_MS, REQUEST_MS),
    },
    (record) => answered(record),
    { onTlsProblem: (name, problem) => problems.push(describeTlsProblem(name, problem)) },
  );
  const text = (value: string) => new TypedData(DataType.string, null, Buffer.from(value), 0, Buffer.byteLength(value));
  mirror.accept(
    {
      name: 'check',
      args: KvList.of([
        ['arg_method', text(method)],
        ['arg_path', text('/')],
      ]),
    },
    { streamId: 0, frameId: 0, engineId: undefined, receivedMs: Date.now() },
  );
  const { status, error, latency_ms: ms } = await outcome;
  await mirror.close(0);
  const asked = `${method} ${shownUrl(url)}`;
  if (status !== null && !isFailure(status)) return `${asked}: ${status} in ${Math.round(ms ?? 0)} ms`;
  const { meaning, next } = describeMirrorError(error ?? '') ?? { meaning: '', next: '' };
  const { proxy } = parseDestination(url, options.proxy);
  // Behind a proxy it is the proxy that could not be reached.
  const isOfProxy = proxy !== undefined && /^(dns|connect-|unreachable)/.test(error ?? '');
  const failure = isOfProxy ? `${error}, at the proxy ${shownUrl(proxy.origin)}` : `${error}: ${meaning}. ${next}`;
  const why = problems[0] ?? (status === null ? failure : `it answers ${status}`);
  throw new AgentError('start', `${asked}: ${why}`);
}
