/** --check: what a start would find, a line each; nothing is served and nothing is left behind. */
import { accessSync, closeSync, constants, existsSync } from 'node:fs';
import { dirname } from 'node:path';
import type { MirrorOptions } from '../../mirror/options.ts';
import type { MirrorRecord } from '../../mirror/record.ts';
import { AgentError } from '../../spoa/errors.ts';
import { type ListenOptions, listen } from '../../spoa/listener.ts';
import { KvList } from '../../spop/kv-list.ts';
import { DataType, TypedData } from '../../spop/typed-data.ts';
import { describeMirrorError, isFailure } from '../../status/mirror-errors.ts';
import { shownUrl } from '../../text/shown-url.ts';
import { escapeLogLine } from '../../text/terminal.ts';
import { AGENT_DEFAULTS } from './defaults.ts';
import { type DescriptorNeeds, describeShortage, planDescriptors, readFileLimit } from './descriptors.ts';
import { listenOptions } from './entrance.ts';
import { EX_OK, exitCodeOf } from './exit-codes.ts';
import { describeTlsProblem } from './mirroring.ts';
import { addressesOf } from './names.ts';
import { parseAddress } from './option-values.ts';
import { type MirrorAgentOptions, mirrorOptions } from './options.ts';
import { describeOpenError, openOutput } from './output-file.ts';
import { checkPem, type Pem, readListenTls, readPem } from './pem.ts';
import { PidFile } from './pid-file.ts';
import { describeAccount, findAccount, withUmask } from './privileges.ts';

/** `note`: a start goes on all the same. */
type Mark = 'ok' | 'note' | 'fail';

interface Finding {
  readonly mark: Mark;
  readonly text: string;
}

/** One thing that is looked at; what it throws is what a start would end with. */
interface Check {
  readonly what: string;
  /** A text is an `ok`. */
  readonly look: () => Promise<string | Finding | readonly Finding[]>;
}

/**
 * Prints a line for each thing that is looked at, and one that sums up.
 * @returns the exit code: that of a start with the first failure, 70 for a mirror that does not answer, 0 without one
 */
export async function checkStart(
  options: MirrorAgentOptions,
  needs: DescriptorNeeds,
  write: (text: string) => void,
): Promise<number> {
  const failures: unknown[] = [];
  const checks = checksOf(options, needs);
  const width = Math.max(...checks.map(({ what }) => what.length));
  const print = (mark: Mark, what: string, text: string) =>
    write(`${mark.padEnd(4)}  ${what.padEnd(width)}  ${escapeLogLine(text)}\n`);
  for (const { what, look } of checks) {
    try {
      const found = await look();
      const findings = typeof found === 'string' ? [{ mark: 'ok' as const, text: found }] : [found].flat();
      for (const { mark, text } of findings) print(mark, what, text);
    } catch (error) {
      failures.push(error);
      print('fail', what, error instanceof Error ? error.message : String(error));
    }
  }
  write(
    failures.length === 0
      ? 'all is well for a start\n'
      : `${failures.length} of ${checks.length} would be in the way: see fail above\n`,
  );
  return failures.length === 0 ? EX_OK : exitCodeOf(failures[0]);
}

function checksOf(options: MirrorAgentOptions, needs: DescriptorNeeds): Check[] {
  const { logFile, record, traceFrames, pidFile, admin, urls, proxy, warnings, checkRequest } = options;
  const rights = { mode: withUmask(AGENT_DEFAULTS.fileMode) };
  let pem: Pem = {};
  return [
    { what: 'options', look: async () => (warnings.length === 0 ? 'can be read' : warnings.map(note)) },
    { what: 'descriptors', look: async () => lookAtDescriptors(needs) },
    ...present(options.user ?? options.group, 'account', async () => {
      const account = findAccount(options.user, options.group);
      return account === undefined ? 'none' : describeAccount(account);
    }),
    ...present(logFile, 'logfile', async ({ path, mode }) => {
      if (mode === 'x' && existsSync(path))
        throw new AgentError('log-file', `${path}: it exists, use a: to append or w: to empty it`);
      return lookAtFile(path, rights);
    }),
    ...present(pidFile, 'pidfile', async (path) => lookAtPidFile(path)),
    ...present(record === '-' ? undefined : record, 'record', async (path) => lookAtFile(path, rights)),
    ...present(traceFrames, 'trace', async (path) => lookAtFile(path, rights)),
    ...present(options.listenTlsFiles.cert, 'TLS', async () => {
      const tls = await readListenTls(options);
      const until = Date.parse(tls?.validUntil ?? '');
      if (until < Date.now())
        throw new AgentError('usage', `--tls-cert has expired: it was valid until ${tls?.validUntil}`);
      return [ok(`--tls-cert is valid until ${tls?.validUntil}`), ...(tls?.warnings ?? []).map(note)];
    }),
    ...present(Object.keys(options.tlsFiles)[0], 'mirror TLS', async () => {
      pem = readPem(options);
      await checkPem(pem);
      return `${Object.keys(options.tlsFiles)
        .map((name) => `--${name}`)
        .join(', ')} can be used`;
    }),
    { what: 'address', look: async () => lookAtAddress(listenOptions(options), describeListen(options)) },
    ...present(admin, 'admin', async (text) => {
      const address = parseAddress(text);
      const place = 'path' in address ? address : { host: address.host ?? '127.0.0.1', port: address.port };
      return lookAtAddress({ ...place, mode: options.socketMode }, text);
    }),
    ...present(proxy.url, 'proxy', async (url) => lookAtName(url)),
    ...(urls.length === 0
      ? [{ what: 'mirror', look: async () => note('no -u is given: requests are mirrored nowhere') }]
      : urls.flatMap((url) => [
          // Behind a proxy the name is the proxy's to look up.
          ...(proxy.url === undefined ? [{ what: 'mirror', look: async () => await lookAtName(url) }] : []),
          ...present(checkRequest, 'request', async (method) => ask(url, method, mirrorOptions(options, pem))),
        ])),
  ];
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

/** A file that is not there is not made: whether it could be is for its folder to say. */
function lookAtFile(path: string, rights: { readonly mode: number }): string {
  try {
    if (existsSync(path)) {
      closeSync(openOutput(path, 'a', rights));
      return `${path} can be written to`;
    }
    accessSync(dirname(path), constants.W_OK | constants.X_OK);
    return `${path} can be made`;
  } catch (error) {
    throw new AgentError('log-file', `${path}: ${describeOpenError(error)}`, { cause: error });
  }
}

function lookAtPidFile(path: string): string {
  if (existsSync(path)) {
    new PidFile(path, process.pid).remove();
    return `${path} names no agent that runs`;
  }
  try {
    return lookAtFile(path, { mode: AGENT_DEFAULTS.pidFileMode });
  } catch (error) {
    throw new AgentError('pid-file', (error as Error).message, { cause: error });
  }
}

async function lookAtAddress(options: ListenOptions, shown: string): Promise<string> {
  const server = await listen(options, (socket) => socket.destroy());
  await new Promise((resolve) => server.close(resolve));
  return `${shown} is free`;
}

function describeListen({ address, port }: MirrorAgentOptions): string {
  return address.startsWith('unix:') ? address : `${address.includes(':') ? `[${address}]` : address}:${port}`;
}

async function lookAtName(url: string): Promise<Finding> {
  const found = await addressesOf(url);
  return typeof found === 'string'
    ? note(`${shownUrl(url)}: ${found}; a start goes on, and looks again for each connection`)
    : ok(`${shownUrl(url)} leads to ${found.join(', ')}`);
}

/** How long a mirror has for the one request, whatever is set for those of HAProxy. */
const REQUEST_MS = 10_000;

/** One request the way of all others: same proxy, TLS, headers. What leaves requests out is not asked. */
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
  const why = problems[0] ?? (status === null ? `${error}: ${meaning}. ${next}` : `it answers ${status}`);
  throw new AgentError('start', `${asked}: ${why}`);
}
