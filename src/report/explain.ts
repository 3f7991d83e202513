/** `explain`: a status code or a whole SPOE line in plain words, at most 100 columns, safe for a terminal. */
import type { HeaderTime, LineHeader, SpoeEvent } from '../logs/record.ts';
import type { StatusDescription } from '../status/describe.ts';
import { SPOP_OFFSET } from '../status/engine-codes.ts';
import { levelOfEvent, type MessageLevel } from '../status/messages.ts';
import { SPOP_CODES } from '../status/spop-codes.ts';
import { escapeJson } from '../text/json.ts';
import { escapeTerminal } from '../text/terminal.ts';
import { escapeToAscii } from './escape.ts';
import type {
  CodeExplanation,
  EventExplanation,
  MessageExplanation,
  PatternReading,
  TableReading,
} from './explain-model.ts';
import { explainCode, explainEvent, explainMessage } from './explain-model.ts';
import { truncate, wrap } from './width.ts';

export type { CodeExplanation, EventExplanation, MessageExplanation } from './explain-model.ts';
export { explainCode, explainEvent, explainMessage } from './explain-model.ts';

export interface ExplainOptions {
  /** The table that comes first; both are always shown. Default: `engine`, which is what HAProxy writes. */
  readonly codes?: 'engine' | 'documented';
  /** False writes ASCII only. Default true. */
  readonly unicode?: boolean;
}

/** Two less than the screen: `->` for an arrow still fits. */
const WIDTH = 98;
/** Text of the log that is longer than this is cut: an agent name of 64 KiB is not worth 700 lines. */
const LONGEST_TEXT = 400;
const LABEL_WIDTH = 20;

/** Text for `explain 264`. */
export function renderExplainCode(st: number, options: ExplainOptions = {}): string {
  const explanation = explainCode(st);
  const lines = [...statusLines(explanation, options)];
  if (explanation.patterns.length > 0) {
    lines.push('', 'The whole line says more than the code:');
    for (const pattern of explanation.patterns) lines.push(...patternLines(pattern));
  }
  return finish([...lines, ...nextLines(explanation.status.next)], options);
}

/** Text for `explain '<line>'`. */
export function renderExplainEvent(header: LineHeader, event: SpoeEvent, options: ExplainOptions = {}): string {
  const explanation = explainEvent(header, event);
  const { pattern, status } = explanation;
  const lines = [...whatLines(explanation), '', ...statusLines(explanation, options)];
  if (pattern !== undefined) lines.push('', 'This line says more than its code:', ...patternLines(pattern));
  lines.push('', 'Timers (ms)', ...timerLines(explanation));
  if (explanation.gauges.length > 0) {
    lines.push('', 'Gauges, at the moment of the line');
    for (const { gauge, value, says } of explanation.gauges) lines.push(...labelled(`${gauge} ${value}`, says));
  }
  lines.push('', 'Counters');
  for (const { counter, value, says } of explanation.counters) lines.push(...labelled(`${counter} ${value}`, says));
  return finish([...lines, ...nextLines(pattern?.next ?? status.next)], options);
}

/** Text for `explain '<line>'` where the line is a message of the filter, not an event. */
export function renderExplainMessage(
  header: LineHeader,
  agent: string | undefined,
  text: string,
  options: ExplainOptions = {},
): string {
  const { message } = explainMessage(header, agent, text);
  const lines = [
    ...(agent === undefined ? [] : labelled('agent', agent)),
    ...labelled('message', text),
    ...headerLines(header),
    '',
    ...labelled('means', message.meaning),
    ...levelLines(message.level),
  ];
  return finish([...lines, ...nextLines(message.next)], options);
}

/**
 * JSON of either explanation: stable key order, two spaces, a final newline.
 * A counter beyond 2^53 is written as an exact integer literal, as in a record.
 */
export function renderExplainJson(explanation: CodeExplanation | EventExplanation | MessageExplanation): string {
  const json = JSON.stringify(
    explanation,
    (_, value: unknown) => (typeof value === 'bigint' ? String(value) : value),
    2,
  );
  // Only counters live under these keys, and a key at the start of a line is never inside a text of the log.
  return `${escapeJson(json.replaceAll(/^( +"(?:nbError|nbProcessed|value)": )"(\d+)"/gm, '$1$2'))}\n`;
}

function statusLines(
  { status, engine, documented }: CodeExplanation | EventExplanation,
  options: ExplainOptions,
): string[] {
  const first = engineText(status.st, engine, documented);
  const second = documentedText(status.st, documented);
  const tables = [
    ['HAProxy writes', first],
    ['SPOP documentation', second],
  ] as const;
  const ordered = options.codes === 'documented' ? [...tables].reverse() : tables;
  const lines = [`st=${status.st}  ${headline(status, documented, options)}`];
  for (const [label, text] of ordered) lines.push(...labelled(label, text));
  if (status.documented !== undefined && status.documented !== status.meaning) {
    lines.push(...wrap(TWO_TABLES, WIDTH, '  '));
  }
  return lines;
}

const TWO_TABLES =
  "Two tables share this number. In the log it is HAProxy's engine that writes it: SPOP errors appear as 256 + code.";

function headline({ name, meaning }: StatusDescription, documented: TableReading, options: ExplainOptions): string {
  if (options.codes === 'documented' && documented.meaning !== null) return documented.meaning;
  return `${meaning} (${name})`;
}

function engineText(st: number, engine: TableReading, documented: TableReading): string {
  const { meaning, spopCode } = engine;
  if (meaning !== null) return spopCode === undefined ? meaning : `${st} = 256 + ${spopCode}, ${meaning}`;
  const instead = documented.meaning === null ? '' : `; SPOP error ${st} is written as st=${st + SPOP_OFFSET}`;
  return `has no meaning for ${st}${instead}`;
}

function documentedText(st: number, { meaning, spopCode }: TableReading): string {
  if (meaning !== null) return meaning;
  if (spopCode === undefined) return `does not list ${st}`;
  const listed = SPOP_CODES.get(spopCode)?.meaning;
  return listed === undefined
    ? `lists neither ${st} nor ${spopCode}`
    : `does not list ${st}; ${spopCode} is: ${listed}`;
}

function patternLines({ when, message }: PatternReading): string[] {
  return wrap(`${when}: ${message}`, WIDTH, '  ', '    ');
}

function nextLines(next: string | undefined): string[] {
  return next === undefined ? [] : ['', 'What to check next', ...wrap(next, WIDTH, '  → ', '    ')];
}

/** The parts of the line that come from outside (host, time, event), escaped and cut to the line. */
function whatLines({ header, event }: EventExplanation): string[] {
  const kind = event.type === 'GROUP' ? 'group' : 'event';
  const lines = [
    ...labelled('agent', event.agent),
    ...labelled(kind, event.name),
    ...labelled('sid', `${event.sid}, the number of the stream in its HAProxy process`),
  ];
  return [...lines, ...headerLines(header), ...levelLines(levelOfEvent(event.st))];
}

/** A log line of HAProxy that asks for less does not get it: `log 127.0.0.1 local1 warning` has failures only. */
function levelLines(level: MessageLevel | undefined): string[] {
  if (level === undefined) return [];
  const why = level === 'notice' ? 'notice: not where the log line of HAProxy asks for warning or less' : level;
  return labelled('logged at', why);
}

export function headerLines(header: LineHeader): string[] {
  const lines: string[] = [];
  if (header.time !== undefined) lines.push(...labelled('time', formatHeaderTime(header.time)));
  if (header.host !== undefined) lines.push(...labelled('host', header.host));
  if (header.process !== undefined) {
    const pid = header.pid === undefined ? '' : `[${header.pid}]`;
    lines.push(...labelled('process', `${header.process}${pid}`));
  }
  if (header.severity !== undefined) lines.push(...labelled('severity', header.severity));
  return lines;
}

function formatHeaderTime(time: HeaderTime): string {
  if (time.kind === 'absolute') return new Date(time.epochMs).toISOString();
  const two = (number: number): string => String(number).padStart(2, '0');
  const clock = `${two(time.hour)}:${two(time.minute)}:${two(time.second)}`;
  return `${two(time.month)}-${two(time.day)} ${clock} (month-day; the line has no year and no zone)`;
}

function timerLines({ timers }: EventExplanation): string[] {
  const lines = timers.flatMap(({ timer, phase, ms, says }) =>
    labelled(`${timer.padEnd(5)}${String(ms).padStart(5)}`, `${phase}: ${says}`),
  );
  if (timers.length === 1) lines.push('  HAProxy >= 3.1 does not log the phases (encode, queue, wait, decode).');
  return lines;
}

export function labelled(label: string, text: string): string[] {
  return wrap(
    truncate(escapeTerminal(text), LONGEST_TEXT),
    WIDTH,
    `  ${label.padEnd(LABEL_WIDTH)} `,
    ' '.repeat(LABEL_WIDTH + 3),
  );
}

export function finish(lines: readonly string[], options: ExplainOptions): string {
  const text = lines.map((line) => line.trimEnd());
  return (options.unicode === false ? text.map(escapeToAscii) : text).map((line) => `${line}\n`).join('');
}
