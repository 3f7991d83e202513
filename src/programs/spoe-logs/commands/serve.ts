/** `spoe-logs serve`. A bundle of its own (scripts/build.mjs): no other command loads it. */
import { closeSync, openSync, readSync, statSync } from 'node:fs';
import { isIP } from 'node:net';
import packageJson from '../../../../package.json' with { type: 'json' };
import { DEFAULT_CHOICES } from '../../../diff/settings.ts';
import { STDIN } from '../../../logs/read.ts';
import { HOST_NAMES, type HostAndPort, parseAddress } from '../../../options/address.ts';
import { OptionError } from '../../../options/errors.ts';
import { duration, FILE, type Kind, namedFile, someOf, special } from '../../../options/kinds.ts';
import { type Given, optionsWithout, optionTable } from '../../../options/option.ts';
import { bearerCheck } from '../../../serving/bearer.ts';
import { EventStreams } from '../../../serving/event-streams.ts';
import { startWebServer, type WebServer } from '../../../serving/web-server.ts';
import { DIMENSIONS } from '../../../stats/grouping.ts';
import { defineCommand } from '../command.ts';
import { DIFF_OPTIONS, type DiffArguments } from '../diff-options.ts';
import { commandOf } from '../diff-output.ts';
import { refuseSameFile } from '../diff-refusals.ts';
import { refuseNoiseTwice } from '../diff-setup.ts';
import { CliError, Exit } from '../errors.ts';
import { catchInterrupts } from '../interrupt.ts';
import { readLogOptions } from '../log-options.ts';
import { inputPaths, STDIN_PATH } from '../paths.ts';
import { reportProblem, setExit } from '../report-problem.ts';
import { changeTeller } from '../served-changes.ts';
import { ServedComparison } from '../served-comparison.ts';
import { ServedLogs } from '../served-logs.ts';
import { makePages, type Served } from '../served-pages.ts';

const SERVING = 'Serving:';

/** Where to listen, and how that was written. */
interface ListenAddress extends Required<HostAndPort> {
  readonly text: string;
}

const ADDRESS: Kind<ListenAddress> = special(
  'ADDRESS',
  (text) => {
    const address = readTcpAddress(text);
    if (address === undefined)
      throw new OptionError(`invalid address: '${text}'`, { hint: 'write HOST:PORT, as 127.0.0.1:9190' });
    return { ...address, text };
  },
  { format: ({ text }) => text },
);
const LOOPBACK = '127.0.0.1';

/** What `diff` has for its output, and for reading to an end, is not for a server. */
const NOT_SERVED = [
  ...['print-haproxy-config', 'answers', 'bodies', 'anytime', 'plan', 'max-requests'],
  ...['format', 'report', 'only', 'timestamp', 'follow', 'plain'],
  ...['from', 'run', 'part-rows', 'memory', 'user', 'password-file', 'ca', 'cert', 'cert-key', 'insecure', 'retry-for'],
] as const;
const COMPARING = optionsWithout(DIFF_OPTIONS, NOT_SERVED);

const OPTIONS = optionTable({
  listen: {
    kind: ADDRESS,
    default: { host: LOOPBACK, port: 9190, text: `${LOOPBACK}:9190` },
    group: SERVING,
    help: 'HOST:PORT; port 0 is any free one, which is printed; other hosts than this machine need --token-file',
  },
  'token-file': {
    kind: namedFile('token file'),
    group: SERVING,
    help: 'a file (-: standard input) that holds the token clients have to send: Authorization: Bearer TOKEN',
  },
  'served-name': {
    kind: HOST_NAMES,
    repeatable: true,
    group: SERVING,
    help: 'a name by which the pages may be asked, beside addresses and localhost',
  },
  'max-age': {
    kind: duration({ least: 1000, examples: '2m; at least 1s' }),
    default: 120_000,
    group: SERVING,
    help: 'no PASS when the last pair, or the last line of a side, is older',
  },
  record: { kind: FILE, repeatable: true, help: "the agent's record: what the mirror answered (repeatable)" },
  by: {
    kind: someOf('KEYS', DIMENSIONS),
    default: ['agent', 'event'],
    help: `groups of the summary: any of ${DIMENSIONS.join(',')}`,
  },
  ...COMPARING,
});

type ServeArguments = Given<typeof OPTIONS> & { readonly files?: readonly string[] | undefined };

export const command = defineCommand({
  options: OPTIONS,
  positionals: { files: { kind: FILE, repeatable: true, help: 'log files with SPOE lines, followed (tail -F)' } },
  examples: [
    ['$0 serve lb-access.log --record mirror.jsonl', 'the summary as a page that stays up to date'],
    [
      '$0 serve lb-access.log --record mirror.jsonl --production lb-access.log',
      'and the comparison, with a verdict for pipelines at /verdict',
    ],
  ],
  run,
});

/** A client that listens keeps its place: some are left for those that ask once. */
const MOST_STREAMS = 32;
/** How often it is looked whether there is something new to tell. */
const TELL_MS = 1_000;

async function run(given: ServeArguments): Promise<void> {
  // Of a program that started it for itself, as spoa-mirror does: when that has ended, nobody is left to ask.
  if (process.connected === false) return;
  process.once('disconnect', () => process.kill(process.pid, 'SIGTERM'));
  process.channel?.unref();
  const { files = [], record = [], production = [] } = given;
  if (files.length === 0 && record.length === 0)
    throw new CliError('usage', 'no LOG and no --record', 'spoe-logs serve lb-access.log --record mirror.jsonl');
  refuseStandardInput(given);
  const isLetIn = readToken(given);
  const startMs = Date.now();
  const options = readLogOptions({ ...given, follow: true, agent: undefined, status: undefined }, startMs);
  const paths = (some: readonly string[]) => (some.length === 0 ? [] : inputPaths([...new Set(some)], true));
  const logs = new ServedLogs({ ...options, files: paths(files), record: paths(record), by: given.by });
  const diff = diffArguments(given);
  const since = options.filter.since ?? startMs;
  const comparison =
    production.length === 0
      ? undefined
      : new ServedComparison(diff, { ...options, filter: { ...options.filter, since } }, given.maxAge, logs);
  const interruption = catchInterrupts();
  const counts = {
    ...{ requests: 0, connectionsCut: 0, hostsRefused: 0, unauthorized: 0 },
    ...{ streamsRefused: 0, streamsLeft: 0, eventsDropped: 0 },
  };
  const streams = new EventStreams(MOST_STREAMS, counts);
  const served: Served = {
    ...{ logs, comparison, streams, counts },
    version: packageJson.version,
    command: commandOf(diff),
    isEnding: () => interruption.signal.aborted,
  };
  const server = await listen(given, served, isLetIn);
  const tellProblems = problemTeller(served);
  const tellPages = changeTeller({ Summary: logs, ...(comparison && { Comparison: comparison }) }, streams);
  const telling = setInterval(() => {
    tellProblems();
    tellPages();
  }, TELL_MS);
  process.stdout.write(`http://${shownAddress(given.listen.host, server.port)}/\n`);
  if (comparison !== undefined && options.filter.since === undefined)
    reportProblem({
      message: `requests count for the verdict from now on, ${new Date(startMs).toISOString()}`,
    });
  try {
    await Promise.all([logs.follow(interruption.signal), comparison?.follow(interruption.signal)]);
    tellProblems();
    // Reading has ended by itself: no input can be read any more, and nothing can come of that.
    if (!interruption.signal.aborted) setExit(Exit.unusable);
  } finally {
    clearInterval(telling);
    streams.end();
    await server.close();
    interruption.release();
  }
  report(served);
}

/** Its end would be the end of what is known, and nobody can give it to a service again. */
function refuseStandardInput({
  files = [],
  record = [],
  production = [],
  mirror = [],
  spoe = [],
}: ServeArguments): void {
  const all = [...files, ...record, ...production, ...mirror, ...spoe];
  if (all.some((path) => path === STDIN || path === STDIN_PATH))
    throw new CliError(
      'cannot-follow',
      'serve reads no standard input (-): it follows files for as long as it runs',
      'write what comes into a file, and name that',
    );
}

/** Reports each input that cannot be read as soon as that is known: the others are served. */
function problemTeller({ logs, comparison }: Served): () => void {
  let told = new Set<string>();
  return () => {
    const problems = new Map(
      [...logs.problems, ...(comparison?.problems ?? [])].map((problem) => [problem.message, problem]),
    );
    for (const [message, problem] of problems) if (!told.has(message)) reportProblem(problem);
    // What there is no more needs no place: there are as many problems as inputs at most.
    told = new Set(problems.keys());
  };
}

/** What the verdict was, for the journal. */
function report({ comparison }: Served): void {
  if (comparison === undefined) return;
  const { status, pairs, reasons } = comparison.verdict();
  reportProblem({ message: `ended: ${status.toUpperCase()} over ${pairs.counted} pairs`, hint: reasons[0] });
}

function diffArguments(given: ServeArguments): DiffArguments {
  const { files = [], record = [], production = [], mirror = record, spoe } = given;
  if (production.length === 0 && given.mirror !== undefined)
    throw new CliError('usage', '--production is not given', '--mirror is one side of the comparison: give both');
  if (production.length > 0 && mirror.length === 0)
    throw new CliError('usage', '--mirror is not given', "name the agent's record with --record, or the mirror's log");
  // SPOE lines say what was mirrored; those in production's own log are read with it.
  const apart = files.filter((file) => !production.includes(file));
  const diff: DiffArguments = {
    ...given,
    mirror,
    ...(spoe !== undefined ? { spoe } : apart.length > 0 && { spoe: apart }),
    ...{ follow: true, anytime: true, timestamp: true, plan: false, printHaproxyConfig: false },
    ...{ plain: true, insecure: false, partRows: 1, retryFor: 0 },
    format: 'html',
    maxRequests: DEFAULT_CHOICES.maxRequests,
  };
  refuseNoiseTwice(diff);
  refuseSameFile(diff);
  return diff;
}

/** Undefined for what is none. */
function readTcpAddress(text: string): Required<HostAndPort> | undefined {
  try {
    const address = parseAddress(text);
    return 'path' in address ? undefined : { host: LOOPBACK, ...address };
  } catch (error) {
    if (error instanceof OptionError) return undefined;
    throw error;
  }
}

const LEAST_TOKEN = 16;
const MOST_TOKEN = 4096;

/** Beyond this machine nobody is let in without a token. @throws CliError */
function readToken({
  tokenFile: path,
  listen: { host, text: given },
}: ServeArguments): ((authorization: string | undefined) => boolean) | undefined {
  if (path === undefined) {
    if (isLoopback(host)) return undefined;
    throw new CliError(
      'token-needed',
      `--listen ${given} lets other machines in: --token-file is needed`,
      'head -c 32 /dev/urandom | base64 > token; chmod 600 token',
    );
  }
  const token = readTokenFile(path);
  if (token.length < LEAST_TOKEN || !/^[\x21-\x7e]+$/.test(token))
    throw new CliError(
      'bad-token',
      `--token-file ${path} holds no token: it takes ${LEAST_TOKEN} printable characters or more, without blanks`,
      'head -c 32 /dev/urandom | base64 > token; chmod 600 token',
    );
  return bearerCheck(token);
}

/** @param path `-` is standard input, to its end. @throws CliError */
function readTokenFile(path: string): string {
  try {
    // A pipe that nobody writes to would be waited for.
    if (path !== STDIN && !statSync(path).isFile()) throw new CliError('bad-token', `--token-file ${path} is no file`);
    const fd = path === STDIN ? 0 : openSync(path, 'r');
    try {
      const bytes = Buffer.alloc(MOST_TOKEN + 1);
      let length = 0;
      for (let read = -1; read !== 0 && length < bytes.length; length += read)
        read = readSync(fd, bytes, length, bytes.length - length, null);
      if (length > MOST_TOKEN) throw new CliError('bad-token', `--token-file ${path} is too long for a token`);
      return bytes.toString('latin1', 0, length).trim();
    } finally {
      if (path !== STDIN) closeSync(fd);
    }
  } catch (error) {
    if (error instanceof CliError) throw error;
    throw new CliError('cannot-read', `cannot read --token-file ${path}: ${(error as NodeJS.ErrnoException).code}`);
  }
}

function isLoopback(host: string): boolean {
  if (host === 'localhost' || host === '::1') return true;
  return isIP(host) === 4 && host.startsWith('127.');
}

function shownAddress(host: string, port: number): string {
  return `${isIP(host) === 6 ? `[${host}]` : host}:${port}`;
}

async function listen(
  { listen: { host, port, text: given }, servedName = [] }: ServeArguments,
  served: Served,
  isLetIn: ((authorization: string | undefined) => boolean) | undefined,
): Promise<WebServer> {
  try {
    return await startWebServer({
      ...{ host, port, hosts: servedName, counts: served.counts, pages: makePages(served) },
      ...(isLetIn && { isLetIn }),
      hostHint: 'ask by address or as localhost, or start with --served-name NAME',
    });
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    const hint =
      code === 'EADDRINUSE' ? 'another program has the port: --listen 127.0.0.1:0 takes a free one' : undefined;
    throw new CliError('cannot-listen', `cannot listen on ${given}: ${code}`, hint);
  }
}
