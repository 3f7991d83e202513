/** `spoe-logs mirroring guard`: the log read as it grows, the guard turned, its steps told. */
import { statSync } from 'node:fs';
import { Inputs, type ReadTurns, timesFor } from '../../logs/inputs.ts';
import { STDIN } from '../../logs/read.ts';
import { RenewingScanner } from '../../logs/renewing-scanner.ts';
import { Float, Int, ROW_INTS, type RowBatch, RowFlag } from '../../logs/row.ts';
import { SeenEvents } from '../../logs/seen-events.ts';
import { LineTally } from '../../logs/tally.ts';
import { Budget, type BudgetLimits } from '../../operate/budget.ts';
import { Guard, type GuardedSwitch, type GuardStep } from '../../operate/guard.ts';
import { guardFamilies, serveMetrics } from '../../operate/guard-metrics.ts';
import { type MirroringSwitch, noteOf } from '../../operate/mirroring-switch.ts';
import { OperateError } from '../../operate/operate-error.ts';
import { parseRuntimeAddress } from '../../operate/runtime-api.ts';
import { escapeJson } from '../../text/json.ts';
import { escapeTerminal } from '../../text/terminal.ts';
import { CliError, Exit } from './errors.ts';
import { catchInterrupts } from './interrupt.ts';
import { type MirroringArguments, readRate } from './mirroring-options.ts';
import { inputPaths, STDIN_PATH } from './paths.ts';
import { reportProblem, setExit } from './report-problem.ts';
import { reportAwaited, reportGivenUp, reportUnread } from './report-reading.ts';
import { UnloggedEvents } from './unlogged-events.ts';

/** How often the guard looks at what has come; the log itself is looked at as often. */
const TURN_MS = 250;
const TURN_BYTES = 1024 * 1024;
/** The share of requests that a probe mirrors, unless another one is asked for. */
const PROBE = 0.05;
/** So many events of other agents, and none of the guard's, are a mistyped name. */
const OTHERS = 20;
/** `message repeated N times` is taken for no more events than these. */
const MOST_REPEATED = 1000;

export async function runGuard(
  given: MirroringArguments,
  mirroring: MirroringSwitch,
  files: readonly string[],
): Promise<void> {
  const limits = readLimits(given);
  const options = readOptions(given, mirroring.place.sampleOf);
  const isFollowed = files.some((file) => file !== STDIN_PATH);
  const paths = inputPaths(files, isFollowed);
  const listen = given.listen === undefined ? undefined : readListen(given.listen);
  const say = (step: GuardStep) => process.stdout.write(renderStep(step, given.format, new Date()));
  const now = () => performance.now();
  const budget = new Budget(limits);
  const guard = new Guard(guarded(mirroring), budget, { ...options, now, say });
  // What a file holds already tells of the past.
  const behind = new Set(isFollowed ? paths.filter(hasBytes) : []);
  await guard.start();
  const metrics = listen && (await serveMetrics(listen, () => guardFamilies(guard, budget, now())));
  if (metrics !== undefined) say({ kind: 'notice', state: guard.state, text: `metrics at ${metrics.url}` });
  const interruption = catchInterrupts({ hangUp: true });
  const agent = given.agent ?? 'mirror';
  const onOthers = (name: string) =>
    say({
      kind: 'notice',
      state: guard.state,
      text: `${OTHERS} events of other agents (${name}) came and none of ${agent}: nothing is guarded; is --agent right?`,
    });
  const events = { agent, guard, behind, onOthers };
  const reading = readEvents(paths, isFollowed, events, interruption.signal);
  let hasEnded = false;
  let failure: unknown;
  reading.done.then(
    () => {
      hasEnded = true;
    },
    (error) => {
      failure = error;
      hasEnded = true;
    },
  );
  try {
    while (!interruption.signal.aborted && !hasEnded) {
      await guard.turn();
      await Promise.race([passed(TURN_MS), reading.done.catch(() => undefined)]);
    }
    say({ kind: 'notice', state: guard.state, text: `ending: ${await guard.stop(given.onExit ?? 'leave')}` });
  } finally {
    interruption.stop();
    await reading.done.catch(() => undefined);
    interruption.release();
    metrics?.close();
  }
  if (failure !== undefined) throw failure;
  for (const problem of reading.inputs.problems) reportProblem(problem);
  if (interruption.interrupted()) setExit(Exit.interrupted);
  else {
    reportProblem({
      code: 'cannot-follow',
      message: 'the log has ended: mirroring has no guard any more',
      hint: 'name a file that grows, or pipe tail -F',
    });
    setExit(Exit.unusable);
  }
  if (reading.inputs.unread !== undefined) reportUnread(reading.inputs.unread);
}

async function passed(ms: number): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, ms));
}

interface Events {
  readonly agent: string;
  readonly guard: Guard;
  /** Files that were there already, and of which the end was not reached. */
  readonly behind: Set<string>;
  /** Many events came, and none of the agent. */
  readonly onOthers: (name: string) => void;
}

/** Hands the guard each event of the agent, and of a file that is behind only what comes once its end was reached. */
function readEvents(
  paths: readonly string[],
  isFollowed: boolean,
  { agent, guard, behind, onOthers }: Events,
  signal: AbortSignal,
) {
  const tally = new LineTally();
  const seen = new SeenEvents();
  let current = '';
  let read = 0;
  let others = 0;
  const unlogged = new UnloggedEvents();
  const take = (batch: RowBatch) => {
    seen.mark(batch);
    const { ints, floats, start, count, names } = batch;
    for (let i = 0, int = start >> 2; i < count; i++, int += ROW_INTS) {
      if (((ints[int + Int.flags] as number) & RowFlag.repeated) !== 0) continue;
      const [key, origin] = [ints[int + Int.key] as number, ints[int + Int.origin] as number];
      const name = names.keys[key]?.agent;
      const isFailure = (ints[int + Int.status] as number) !== 0;
      const processed = floats[(int >> 1) + Float.processed] as number;
      const isOurs = name === agent;
      // The counter is one of all events of an agent in a process.
      const good = isOurs ? unlogged.before(names, origin, processed, isFailure) : 0;
      if (behind.has(current)) continue;
      if (!isOurs) {
        if (++others === OTHERS && guard.counts.events === 0) onOthers(name ?? '');
        continue;
      }
      const repeat = Math.min(ints[int + Int.repeat] as number, MOST_REPEATED);
      for (let n = 0; n < good; n++) guard.event(0, false);
      for (let n = 0; n < repeat; n++) guard.event(ints[int + Int.pT] as number, isFailure);
    }
  };
  const times = { zone: 'local', nowMs: Date.now() } as const;
  const inputs = new Inputs(new RenewingScanner(tally, timesFor(STDIN, times), take), tally, times);
  const turns: ReadTurns = {
    signal,
    onTurn: () => {
      // A turn that does not fill its share has come to the end.
      if (tally.bytes - read < TURN_BYTES) behind.delete(current);
      read = tally.bytes;
    },
    turnBytes: TURN_BYTES,
    onEnter: (path, isAnew) => {
      current = path;
      if (isAnew) seen.beginInput();
    },
    onAwaited: reportAwaited,
    onGivenUp: reportGivenUp,
  };
  const regions = paths.map((path) => ({ path }));
  const done: Promise<unknown> = isFollowed ? inputs.follow(paths, turns) : inputs.read(regions, turns);
  return { inputs, done };
}

function hasBytes(path: string): boolean {
  return (statSync(path, { throwIfNoEntry: false })?.size ?? 0) > 0;
}

function guarded(mirroring: MirroringSwitch): GuardedSwitch {
  const here = noteOf('guard', { kind: 'on' }, 0, process.pid).host;
  return {
    read: () => mirroring.read(),
    write: (wanted, note) => mirroring.write(wanted, note),
    removeNote: (note) => mirroring.removeNote(note),
    note: (back) => noteOf('guard', back, Date.now(), process.pid),
    isOwn: ({ host, pid }) => host === here && pid === process.pid,
    isAlive: ({ host, pid }) => host !== here || isRunning(pid),
    processId: () => mirroring.processId(),
    describe: (each) => mirroring.describe(each),
  };
}

function isRunning(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

function readLimits(given: MirroringArguments): BudgetLimits {
  const { maxP99, maxErrorRate } = given;
  if (maxP99 === undefined && maxErrorRate === undefined)
    throw new CliError('usage', 'mirroring guard has no budget', 'give --max-p99 50ms, --max-error-rate 5%, or both');
  return { maxP99Ms: maxP99, maxErrorRate, windowMs: given.window ?? 10_000, minEvents: given.minEvents ?? 20 };
}

function readOptions(
  { pause = 30_000, maxPause, probe, probeTime = 10_000, retries = 10 }: MirroringArguments,
  of: number,
) {
  const maxPauseMs = maxPause ?? Math.max(600_000, pause);
  if (maxPauseMs < pause)
    throw new CliError('usage', '--max-pause is shorter than --pause', 'leave it out, or make it longer');
  const probeRate = probe === undefined ? Math.max(1, Math.round(PROBE * of)) : readRate('--probe', probe, of);
  return { pauseMs: pause, maxPauseMs, probeRate, probeMs: probeTime, retries };
}

/** `127.0.0.1:0` is a port that is free. */
function readListen(text: string): { host: string; port: number } {
  const anyPort = /^(.*:)?0$/.test(text);
  try {
    const address = parseRuntimeAddress(anyPort ? text.replace(/0$/, '1') : text);
    if ('port' in address) return { host: address.host, port: anyPort ? 0 : address.port };
  } catch (error) {
    if (!(error instanceof OperateError)) throw error;
  }
  throw new CliError('usage', `cannot read --listen ${JSON.stringify(text)}`, 'write 127.0.0.1:9101');
}

function renderStep({ kind, state, text }: GuardStep, format: 'text' | 'json' | undefined, time: Date): string {
  if (format === 'json') return `${escapeJson(JSON.stringify({ time: time.toISOString(), kind, state, text }))}\n`;
  return `${time.toISOString()} ${state.padEnd(9)} ${escapeTerminal(text)}\n`;
}
