/** The service of one process: an agent whose messages go to the mirror, whose outcomes go to the record. */
import type { Mirror } from '../../mirror/mirror.ts';
import type { MirrorOptions, Share } from '../../mirror/options.ts';
import type { MirrorStats } from '../../mirror/statistics.ts';
import {
  type Agent,
  type AgentOptions,
  createSecuredAgent,
  type HelloSizes,
  type SharingAgent,
} from '../../spoa/agent.ts';
import { type AgentStats, turnedAway } from '../../spoa/counters.ts';
import { AgentError } from '../../spoa/errors.ts';
import type { MessageHandler } from '../../spoa/handlers.ts';
import type { AgentLimits } from '../../spoa/limits.ts';
import { LOCAL_PEER } from '../../spoa/peers.ts';
import type { FrameTrace } from '../../spoa/session-host.ts';
import { setVarAction, VariableScope } from '../../spop/actions.ts';
import { SpopStatus } from '../../spop/errors.ts';
import { booleanData } from '../../spop/values.ts';
import { documentedMeaning } from '../../status/describe.ts';
import type { Answers, AnswersStats } from './answers.ts';
import { Entrance, listenOptions } from './entrance.ts';
import type { Handshakes, ListenPem } from './handshakes.ts';
import { fitQueues } from './heap.ts';
import { LineFile, type LineStats } from './line-file.ts';
import type { Log } from './log-file.ts';
import { startMirror } from './mirroring.ts';
import type { Notice } from './notices.ts';
import { type MirrorAgentOptions, valuesFile, valuesRights } from './options.ts';
import { describeOpenError, type FileRights } from './output-file.ts';
import { ownPid } from './process-stats.ts';
import { type LoadTelemetry, startTelemetry, type Telemetry, type TelemetryStats } from './telemetry.ts';
import { addUp } from './totals.ts';

export interface ServiceStats {
  readonly agent: AgentStats;
  /** The figures of the mirror; null without -u. */
  readonly mirror: MirrorStats | null;
  /** The figures of the record; null without --record. */
  readonly record: LineStats | null;
  /** The figures of answers; null without --answers. */
  readonly answers: AnswersStats | null;
  /** The figures of the frame trace; null without --trace-frames. */
  readonly trace: LineStats | null;
  /** The figures of telemetry; null without --otel. */
  readonly otel: TelemetryStats | null;
}

export interface Service {
  /** The entrance of connections, unless a primary process hands them out. */
  readonly entrance: Entrance;
  /** @throws AgentError `listen` */
  listen(): Promise<void>;
  /** The connections that other processes have accepted or given away, and those that can be given to them. */
  readonly connections: Pick<SharingAgent, 'busyConnections' | 'giveAway' | 'take'>;
  /** Has another share of what all processes may, from now on. */
  resize(share: Share): void;
  stats(): ServiceStats;
  reopen(): Promise<void>;
  /** Sets the certificate of TLS connections from now on. */
  renewTls(pem: ListenPem): void;
  close(): Promise<void>;
}

/** The most characters of a trace that wait for its disk: beside queues and record there is no room for more. */
const TRACE_BYTES = 1024 * 1024;

/** @throws AgentError, MirrorError for options that cannot be used */
export async function startService(
  options: MirrorAgentOptions,
  mirror: MirrorOptions,
  log: Log,
  notice: Notice,
  load: LoadTelemetry,
  limits: Partial<AgentLimits> = {},
): Promise<Service> {
  const telemetry = await startTelemetry(options, log, load);
  const record =
    options.record === undefined ? undefined : openLines('record', options.record, recordRights(options), log);
  const trace =
    options.traceFrames === undefined
      ? undefined
      : openLines('trace', options.traceFrames, recordRights(options), log, TRACE_BYTES);
  const values = openValues(options, log);
  const answers = record && (await startAnswers(options, record, values, notice));
  const mirroring =
    options.urls.length === 0
      ? undefined
      : await startMirror(fitQueues(mirror, notice), record, notice, telemetry?.tracer, answers);
  if (mirroring !== undefined) telemetry?.watch(() => mirroring.stats());
  const handshakes = await startHandshakes(options.listenPem);
  const agentOptions: AgentOptions = {
    handlers: { '*': handlerOf(mirroring, options.delayMs, answers && (() => notice(NO_ID, 'answers'))) },
    capabilities: options.capabilities,
    maxFrameSize: options.maxFrameSize,
    limits,
    onHello: (sizes) => sayFrameSize(sizes, notice),
    onBehind: (peer) => sayBehind(peer, notice),
    onDisconnect: (by, statusCode) => sayDisconnect(by, statusCode, options.maxFrameSize, notice),
    onError: (error) => notice(`internal error: ${error instanceof Error ? error.stack : error}`, 'internal'),
  };
  const frames = trace && (await startFrameTrace(trace, options));
  const agent = createSecuredAgent(agentOptions, handshakes, frames);
  const entrance = new Entrance(options.allow, (socket, peer) => agent.accept(socket, peer));
  return {
    entrance,
    listen: () => entrance.open(listenOptions(options)),
    connections: agent,
    resize: (share) => mirroring?.resize(fitQueues({ ...mirror, ...share }, notice)),
    stats: () => ({
      agent: addUp([agent.stats(), turnedAway(entrance.notAllowed, 0)]),
      mirror: mirroring?.stats() ?? null,
      record: record === undefined ? null : { ...record.stats },
      answers: answers?.stats() ?? null,
      trace: trace === undefined ? null : { ...trace.stats },
      otel: telemetry?.stats() ?? null,
    }),
    reopen: async () => {
      await Promise.all([
        reopen(record, options.record, 'record', log),
        reopen(trace, options.traceFrames, 'trace', log),
        reopen(values, valuesFile(options), 'file of values', log),
      ]);
    },
    renewTls: (pem) => handshakes?.renew(pem),
    close: () => {
      entrance.close();
      return close(agent, mirroring, answers, [record, trace, values], telemetry, options.graceMs);
    },
  };
}

/** Loads the TLS side only where it is asked for. */
async function startHandshakes(pem: ListenPem | undefined): Promise<Handshakes | undefined> {
  if (pem === undefined) return undefined;
  const { Handshakes } = await import('./handshakes.ts');
  return new Handshakes(pem);
}

async function reopen(lines: LineFile | undefined, path: string | undefined, what: string, log: Log): Promise<void> {
  try {
    await lines?.reopen();
  } catch (error) {
    log(
      `the ${what} stays where it is, and is written on there: ${path} cannot be opened: ${describeOpenError(error)}`,
    );
  }
}

async function startFrameTrace(lines: LineFile, { mirror }: MirrorAgentOptions): Promise<FrameTrace> {
  const { traceFrames } = await import('./frame-trace.ts');
  return traceFrames((line) => lines.write(line), mirror.redactQuery === true, ownPid());
}

/** @throws AgentError `log-file` */
function openLines(
  what: 'record' | 'trace' | 'values',
  path: string,
  rights: FileRights | undefined,
  log: Log,
  maxBuffered?: number,
): LineFile {
  const name = path === '-' ? 'on standard output' : path;
  try {
    return new LineFile(path, {
      ...(maxBuffered !== undefined && { maxBuffered }),
      rights,
      onLosing: (why) => log(`the ${what} ${name} loses lines: ${why}`),
      onRecovered: (lost) => log(`the ${what} ${name} is written again; ${lost} lines of it were lost`),
    });
  } catch (error) {
    const why = describeOpenError(error);
    throw new AgentError('log-file', `unable to open ${what} file ${path}: ${why}`, { cause: error });
  }
}

/** @throws AgentError `log-file`, also for a file that others can read */
function openValues(options: MirrorAgentOptions, log: Log): LineFile | undefined {
  const path = valuesFile(options);
  if (path === undefined) return undefined;
  return openLines('values', path, valuesRights(options), log);
}

function sayFrameSize({ theirs, agreed }: HelloSizes, notice: Notice): void {
  if (agreed >= theirs) return;
  notice(
    `-m ${agreed} is below HAProxy's max-frame-size of ${theirs}: requests that do not fit into ${agreed} bytes are not ` +
      `mirrored (st=3 or 259 in its log); start with -m ${theirs}`,
    'frame-size',
  );
}

function sayBehind(peer: string, notice: Notice): void {
  const who = peer === LOCAL_PEER ? 'a program of this machine' : peer;
  notice(
    `more comes than there is time to read, most of it from ${who}: it is read in turns, and ACKs are late; with -n more cores ` +
      'read, --allow names who may send',
    'behind',
  );
}

/**
 * HAProxy ends a connection that was idle with "timeout" at nearly every start: nothing is wrong then. Of what the agent
 * says itself only a frame that is too big concerns an operator: the rest is what strangers send to an open port.
 */
function sayDisconnect(by: 'agent' | 'haproxy', statusCode: number, maxFrameSize: number, notice: Notice): void {
  if (by === 'haproxy') {
    if (statusCode === SpopStatus.timeout) return;
    const meaning = documentedMeaning(statusCode) ?? 'not one of the protocol';
    notice(`HAProxy ends connections with status ${statusCode}: ${meaning}`, 'disconnect');
  } else if (statusCode === SpopStatus.frameTooBig) {
    notice(
      `a connection was closed: its frame is larger than -m ${maxFrameSize} allows, what it asked is not mirrored`,
      'frame-size',
    );
  }
}

/** Loads and starts what makes fingerprints, only with --answers. */
async function startAnswers(
  { answers: parts, answersKey, answersValues = 0, rounding, urls }: MirrorAgentOptions,
  record: LineFile,
  values: LineFile | undefined,
  notice: Notice,
): Promise<Answers | undefined> {
  if (parts === undefined || answersKey === undefined || urls.length === 0) return undefined;
  const { Answers } = await import('./answers.ts');
  const key = Buffer.from(answersKey, 'base64url');
  const samples =
    values &&
    new (await import('./answer-values.ts')).AnswerValues(answersValues, urls.length, (line) => values.write(line));
  return new Answers({ parts, key, rounding }, (line) => record.write(line), notice, samples);
}

/** Asks HAProxy for production's answer, of the request that is acknowledged: its rules look at `txn.PREFIX.answer`. */
const ASK_FOR_ANSWER = [setVarAction(VariableScope.transaction, 'answer', booleanData(true))];

const NO_ID =
  'requests come without arg_uid=unique-id, or with one that is too long: their answers cannot be found again, and are not kept';

/**
 * The handler of messages: first the mirror has the request, then HAProxy has its answer, at once or after the delay of -t.
 * @param sayNoId called with --answers for a request that is mirrored and has no id
 */
function handlerOf(mirroring: Mirror | undefined, delayMs: number, sayNoId: (() => void) | undefined): MessageHandler {
  const take: MessageHandler = (message, context) => {
    const acceptance = mirroring?.accept(message, context);
    if (acceptance === 'answer-wanted') return ASK_FOR_ANSWER;
    if (acceptance === 'queued') sayNoId?.();
    return undefined;
  };
  if (delayMs === 0) return take;
  return async (message, context) => {
    const actions = take(message, context);
    await new Promise<void>((resolve) => setTimeout(resolve, delayMs));
    return await actions;
  };
}

/** Closes all in the order of the flow: connections, then the mirror, then its answers, then the files and telemetry. */
async function close(
  agent: Agent,
  mirroring: Mirror | undefined,
  answers: Answers | undefined,
  files: readonly (LineFile | undefined)[],
  telemetry: Telemetry | undefined,
  graceMs: number,
): Promise<void> {
  await agent.close({ graceMs });
  await mirroring?.close(graceMs);
  await answers?.close(graceMs);
  await Promise.all([...files.map((file) => file?.close()), telemetry?.close()]);
}

/** The rights of a record or trace that is made; without a mode those of any file of lines. */
function recordRights({ recordMode, account }: MirrorAgentOptions): FileRights | undefined {
  return recordMode === undefined ? undefined : { mode: recordMode, owner: account };
}
