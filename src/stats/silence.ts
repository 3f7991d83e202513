/**
 * Finds events that have stopped: all of them, or those of one host or agent while others go on. It shows in a log that
 * goes on without them or, live, by the clock.
 */
import type { LineTally } from '../logs/tally.ts';
import { timeText } from '../text/times.ts';
import type { Aggregator } from './aggregator.ts';
import { acceptsStream } from './filter.ts';
import type { Cause } from './model.ts';
import type { Stream } from './streams.ts';
import type { Judgement } from './verdict.ts';

/** The shortest silence that only the clock shows. */
const SHORTEST_MS = 2000;
/** How many times the usual interval between two events is no chance. */
const LIVE_INTERVALS = 20;
const TRAFFIC_INTERVALS = 5;
/** Events that the lines since the last one should have held; more of them where only the order of lines is known. */
const EXPECTED_EVENTS = 6;
const EXPECTED_BY_ORDER = 20;
/** How many events and seconds have to be known before the habits of a log are. */
const KNOWN_EVENTS = 20;
const KNOWN_SECONDS = 3;
/** From this many seconds on a pause has to have come three times to belong to the log; before, the longest one does. */
const BETTER_KNOWN_SECONDS = 10;
const WELL_KNOWN_SECONDS = 60;
/** Times of whole seconds leave no shorter ones. */
const STEADY_PAUSE_MS = 1000;
const UNKNOWN_MS = 60_000;
const UNKNOWN_PAUSE_MS = 10_000;
const UNKNOWN_TRAFFIC_MS = 10_000;
/** How many times one of the three longest pauses is unusual: more where little is known. */
const PAUSES = 2;
const FIRST_PAUSES = 3;
const RUNS = 3;

/** The state of the present, which a log does not hold; injected, so that a summary of the same input is the same. */
export interface Present {
  /** Epoch ms, of one clock. When the last event and the last line came; null before the first. */
  readonly nowMs: number;
  readonly lastEventMs: number | null;
  readonly lastLineMs: number | null;
  /** Epoch ms of the last request in the agent's record; absent where none is followed. */
  readonly lastRequestMs?: number | null;
  /** When the first event came after that request; null without one. Absent where no log is read beside the record. */
  readonly firstUnansweredMs?: number | null;
}

export interface FoundSilence {
  /** Epoch ms of the last event; null where lines have no time. */
  readonly since: number | null;
  readonly traffic: boolean;
  readonly lines: number;
  /** The agent that alone is silent, while others go on; agent, host and destination are absent where all is. */
  readonly agent?: string;
  readonly host?: string;
  readonly destination?: string;
}

/** The judgement of one half of mirroring: HAProxy to the agent, or the agent to the mirror. */
export interface HalfJudgement extends Judgement {
  readonly causes: readonly Cause[];
  readonly silence?: FoundSilence;
}

/** Makes a judgement unknown because what was last seen is over; only a failure still holds. */
export function hush<Known extends HalfJudgement>(known: Known, reason: string, cause: Cause): Known {
  return {
    ...known,
    status: known.status === 'failing' ? 'failing' : 'unknown',
    reasons: [reason, ...known.reasons],
    causes: [cause, ...known.causes],
  };
}

const MOST_SILENCES = 3;

/** How a log is read: by its name, of which --follow finds the file that is there now, or from whoever feeds a pipe. */
export interface SilentLog {
  readonly tally: LineTally;
  readonly isPiped: boolean;
}

/** The half of the events, of which some or all do not come any more. */
export function silenced(events: HalfJudgement, silences: readonly FoundSilence[], log: SilentLog): HalfJudgement {
  const [silence, ...others] = silences;
  if (silence === undefined) return events;
  const hushed = hush(events, describeQuiet(silence), describeSilence(silence, log));
  const reasons = others.slice(0, MOST_SILENCES - 1).map(describeQuiet);
  if (others.length >= MOST_SILENCES) reasons.push(`${others.length - MOST_SILENCES + 1} more are silent`);
  // A degraded state of events that go on still holds.
  const stays = silentOne(silence) !== '' && events.status === 'degraded' && events.until === null;
  const [first = '', ...rest] = hushed.reasons;
  return { ...hushed, ...(stays && { status: events.status }), reasons: [first, ...reasons, ...rest], silence };
}

function describeQuiet(silence: FoundSilence): string {
  const { traffic, lines } = silence;
  const since = silence.since === null ? 'any more' : `since ${timeText(silence.since)}`;
  const who = silentOne(silence);
  if (who !== '') return `${who}: nothing mirrored ${since}, while others go on`;
  return traffic
    ? `traffic, but nothing mirrored ${since}: none of the ${lines} lines since then is an event`
    : `no event ${since}: longer than this log is used to`;
}

function describeSilence(silence: FoundSilence, { tally, isPiped }: SilentLog): Cause {
  const { traffic, lines } = silence;
  const who = silentOne(silence);
  const since = silence.since === null ? 'at the end' : `since ${timeText(silence.since)}`;
  if (who !== '')
    return {
      code: 'not-mirrored',
      message: `${who} has no SPOE line ${since}, though requests go on: they are not mirrored, it is not logged, or none was to be mirrored`,
      next: 'Check on that host that the frontend still has this filter spoe line (a reload?), and the condition of its event.',
    };
  if (hasStopped(tally))
    return {
      code: 'haproxy-stopped',
      message: 'HAProxy says that it stopped: nothing more comes from this process',
      next: 'Look whether HAProxy runs (systemctl status haproxy), and whether a new process logs to another file.',
    };
  if (traffic)
    return {
      code: 'not-mirrored',
      message: `requests are logged without an SPOE line ${since} (${lines} lines): they are not mirrored, it is not logged, or none was to be mirrored (health checks)`,
      next: 'Check that the frontend still has its filter spoe line (a reload?), the condition of the event, and that the log target takes notices.',
    };
  return {
    code: 'silent',
    message:
      lines === 0
        ? `nothing is logged any more: no request comes, HAProxy has stopped, or ${isPiped ? 'the log was rotated under tail -f' : 'it logs to another place'}`
        : 'no event comes any more, and few other lines: no request comes, or they are not mirrored',
    next: isPiped
      ? 'Look whether the log still grows. tail -f stays with a file that is rotated away; spoe-logs summarize --follow FILE goes on with the new one.'
      : 'Look whether the log still grows, and whether HAProxy runs and logs to this file.',
  };
}

/** The last that is known of the log is that HAProxy stopped. */
export function hasStopped({ sinceEvent, endsInStop }: LineTally): boolean {
  return sinceEvent > 0 && endsInStop !== undefined;
}

/** Silences, the whole or the longest first; empty while events come as usual. */
export function findSilence(aggregator: Aggregator, tally: LineTally, present?: Present): readonly FoundSilence[] {
  const { filter } = aggregator.options;
  const streams = aggregator.streams.all().filter((stream) => acceptsStream(filter, stream) && stream.total > 0);
  if (streams.length === 0) return [];
  const whole = findWhole(streams, aggregator, tally, present);
  if (whole !== undefined) return [whole];
  return streams
    .flatMap((stream) => findStopped(stream, aggregator, tally))
    .sort((a, b) => (a.since ?? 0) - (b.since ?? 0));
}

/**
 * The half of the events, of a live log that pauses before what it is used to is known: it may be well, and that is not
 * known.
 */
export function paused(events: HalfJudgement, aggregator: Aggregator, present: Present | undefined): HalfJudgement {
  if (present === undefined || present.lastEventMs === null || events.status !== 'healthy') return events;
  const ageMs = present.nowMs - present.lastEventMs;
  const habit = habitOfAll(aggregator.streams.all());
  if (habit.events < KNOWN_EVENTS || habit.seconds >= KNOWN_SECONDS || ageMs <= UNKNOWN_PAUSE_MS) return events;
  const reason = `no event for ${Math.floor(ageMs / 1000)} s, and what this log is used to is not known yet: it came in ${habit.seconds === 0 ? 'lines without a time' : `${habit.seconds} s`}`;
  return { ...events, status: 'unknown', reasons: [reason, ...events.reasons] };
}

/** The usual intervals and pauses of a stream, or of several together. */
interface Habit {
  readonly events: number;
  readonly seconds: number;
  readonly usualMs: number;
  /** The longest pause that belongs to the log. */
  readonly pauseMs: number;
}

function habitOf({ total, seconds, usualMs, gaps }: Stream): Habit {
  return { events: total, seconds, usualMs, pauseMs: gaps[seconds < BETTER_KNOWN_SECONDS ? 0 : 2] ?? 0 };
}

function habitOfAll(streams: readonly Stream[]): Habit {
  const habits = streams.map(habitOf);
  const rate = habits.reduce((sum, { usualMs }) => sum + (usualMs > 0 ? 1 / usualMs : 0), 0);
  return {
    events: habits.reduce((sum, { events }) => sum + events, 0),
    seconds: Math.max(...habits.map(({ seconds }) => seconds)),
    usualMs: rate > 0 ? 1 / rate : 0,
    pauseMs: Math.min(...habits.map(({ pauseMs }) => pauseMs)),
  };
}

/** How long requests go on without an event by chance, in ms. */
function trafficPatience({ usualMs, pauseMs, seconds }: Habit): number {
  const shortest = seconds < KNOWN_SECONDS ? UNKNOWN_TRAFFIC_MS : 1000;
  return Math.max(shortest, TRAFFIC_INTERVALS * usualMs, pauseMs > STEADY_PAUSE_MS ? 1.5 * pauseMs : 0);
}

/** The longest pause that is nothing unusual, in ms, where nothing else is known to go on. */
function patience({ events, seconds, usualMs, pauseMs }: Habit): number {
  if (events < KNOWN_EVENTS || seconds < KNOWN_SECONDS) return UNKNOWN_MS;
  const pauses = seconds < WELL_KNOWN_SECONDS ? FIRST_PAUSES : PAUSES;
  return Math.max(SHORTEST_MS, LIVE_INTERVALS * usualMs, pauseMs > STEADY_PAUSE_MS ? pauses * pauseMs : 0);
}

function findWhole(
  streams: readonly Stream[],
  aggregator: Aggregator,
  tally: LineTally,
  present: Present | undefined,
): FoundSilence | undefined {
  const { read } = aggregator.streams;
  const since = latestTime(streams);
  const events = streams.reduce((sum, { total }) => sum + total, 0);
  const others = Math.min(...streams.map((stream) => stream.position(read).since));
  const all = aggregator.streams.all().reduce((sum, { total }) => sum + total, 0) + aggregator.duplicates;
  const perEvent = (tally.lines - tally.sinceEvent) / Math.max(1, all);
  // Of events that the filter leaves out, only the number is known.
  const lines = tally.sinceEvent + Math.round(others * perEvent);
  const isAll = streams.length === aggregator.streams.all().length;
  const expected = lines / Math.max(1, (tally.lines - lines) / (events + (isAll ? aggregator.duplicates : 0)));
  const silence = { since, lines };
  const goesOn = lastSign(streams, aggregator, tally);
  const habit = habitOfAll(streams);
  if (since === null) {
    // Lines of another input say nothing of the order.
    const isOne = read > 0 && streams.some((stream) => stream.position(read).count > 0);
    const isLong = Math.min(...streams.map((stream) => longestRun(stream, read))) < Math.max(1, others) || isAll;
    if (isOne && isLong && expected >= EXPECTED_BY_ORDER)
      return { ...silence, since: goneSince(present), traffic: true };
  } else if (goesOn !== null && expected >= EXPECTED_EVENTS && goesOn - since > trafficPatience(habit))
    return { ...silence, traffic: true };
  if (present === undefined || present.lastEventMs === null || aggregator.options.filter?.until !== undefined)
    return undefined;
  if (present.nowMs - present.lastEventMs <= patience(habit)) return undefined;
  const isKnown = since !== null && since <= present.nowMs;
  return { ...silence, since: isKnown ? since : goneSince(present), traffic: expected >= EXPECTED_EVENTS };
}

/** When the last event came, for a log whose lines have no time, or one that has not come yet. */
function goneSince(present: Present | undefined): number | null {
  return present?.lastEventMs ?? null;
}

function latestTime(streams: readonly Stream[]): number | null {
  const latest = Math.max(
    ...streams.map(({ lastTime }) => (Number.isNaN(lastTime) ? Number.NEGATIVE_INFINITY : lastTime)),
  );
  return Number.isFinite(latest) ? latest : null;
}

/** Epoch ms of the last request, or event of another agent, on the hosts of these streams; null without one. */
function lastSign(streams: readonly Stream[], { options, streams: all }: Aggregator, tally: LineTally): number | null {
  const hosts = new Set(streams.map(({ host }) => host ?? ''));
  const isEvery = streams.length === all.all().length;
  const signs = [
    ...tally.hosts.flatMap(({ host, last }) => (last !== null && (isEvery || hosts.has(host)) ? [last] : [])),
    ...all.all().flatMap(({ host, lastTime }) => (hosts.has(host ?? '') && !Number.isNaN(lastTime) ? [lastTime] : [])),
  ];
  if (signs.length === 0) return null;
  return Math.min(Math.max(...signs), options.filter?.until ?? Number.POSITIVE_INFINITY);
}

/** Events of others between two of this stream that are nothing unusual. */
function longestRun(stream: Stream, read: number): number {
  return stream.position(read).runs[2] ?? 0;
}

/** A stream that stopped while its host goes on: with events of another agent, or with requests. */
function findStopped(stream: Stream, aggregator: Aggregator, tally: LineTally): FoundSilence[] {
  const { options, streams } = aggregator;
  if (stream.total < KNOWN_EVENTS) return [];
  const { since: others, span, count } = stream.position(streams.read);
  const until = options.filter?.until ?? Number.POSITIVE_INFINITY;
  const neighbours = streams.all().filter((other) => other !== stream && other.host === stream.host);
  const requests = tally.hosts.find(({ host }) => host === (stream.host ?? ''));
  const since = Number.isNaN(stream.lastTime) ? null : stream.lastTime;
  const perEvent = (span - count) / Math.max(1, count);
  const run = longestRun(stream, streams.read);
  const expectedOfEvents = span - count < EXPECTED_EVENTS || others <= RUNS * run ? 0 : others / perEvent;
  const all = streams.all().reduce((sum, { total }) => sum + total, 0) + aggregator.duplicates;
  const expectedOfRequests = (requests?.count ?? 0) / Math.max(1, tally.lines / Math.max(1, all));
  const found: FoundSilence = {
    since,
    traffic: true,
    lines: Math.max(others, requests?.count ?? 0),
    ...describeStream(stream, streams.all()),
  };
  if (since === null) {
    const goesOn = neighbours.some((other) => other.position(streams.read).since < others / 2);
    return goesOn && expectedOfEvents >= EXPECTED_BY_ORDER ? [found] : [];
  }
  const waits = trafficPatience(habitOf(stream));
  const quietFor = (last: number | null) => Math.min(last ?? since, until) - since;
  const byEvents =
    expectedOfEvents >= EXPECTED_BY_ORDER && neighbours.some(({ lastTime }) => quietFor(lastTime) > waits);
  const byRequests = expectedOfRequests >= EXPECTED_EVENTS && quietFor(requests?.last ?? null) > waits;
  return byEvents || byRequests ? [found] : [];
}

/** The agent, the host, or both, as they tell the stream from the others. */
function describeStream({ agent, host }: Stream, all: readonly Stream[]): Pick<FoundSilence, 'agent' | 'host'> {
  const isOneHost = all.every((other) => other.host === host);
  const isOneAgent = all.every((other) => other.agent === agent);
  return {
    ...(!isOneAgent && { agent }),
    ...(!isOneHost && host !== undefined && { host }),
  };
}

/** `agent mirror on lb1`; empty where everything is silent. Text of the log. */
export function silentOne({ agent, host, destination }: Pick<FoundSilence, 'agent' | 'host' | 'destination'>): string {
  if (destination !== undefined) return destination;
  if (agent === undefined) return host ?? '';
  return `agent ${agent}${host === undefined ? '' : ` on ${host}`}`;
}
