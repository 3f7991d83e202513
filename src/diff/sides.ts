/** The logs of both sides, read into a collection; and what is said about each input. */

import type { AccessReadOptions } from '../logs/access-options.ts';
import type { AccessRecord, LoggedAnswer } from '../logs/access-record.ts';
import { type AccessCounts, AccessScanner } from '../logs/access-scanner.ts';
import { compileFormat } from '../logs/builtin-formats.ts';
import type { Problem } from '../logs/input-errors.ts';
import { Inputs, type ReadTurns, type TimeOptions } from '../logs/inputs.ts';
import type { LineHeader, SpoeEvent } from '../logs/record.ts';
import { LineTally } from '../logs/tally.ts';
import type { UnreadId } from '../logs/unread-ids.ts';
import type { Added, Collection } from './collection.ts';
import type { InputReport, Role } from './model.ts';

/** The files of one role, and how its lines are read. */
export interface Side {
  readonly role: Role;
  readonly paths: readonly string[];
  readonly reading: SideReading;
  readonly scanner: AccessScanner;
  /** Lines that were there before, by input. */
  readonly duplicates: ReadonlyMap<string, number>;
  /** SPOE lines of the agent that mirrors. */
  readonly agentLines: { count: number };
  /** What tells whether two inputs hold the same lines. */
  readonly contents: ReadonlyMap<string, InputContent>;
  /** The next lines are of this input. */
  enter(path: string): void;
}

/** The requests of an input, in whatever order: two that have the same lines have the same numbers. */
export interface InputContent {
  requests: number;
  low: number;
  high: number;
}

/** How the lines of a side are read. */
export interface SideReading {
  readonly format: string | undefined;
  readonly options: AccessReadOptions;
  /** The spoe-agent that mirrors. */
  readonly agent: string;
}

/** Where the lines go of both sides. */
export interface LineSink extends Pick<Collection, 'addProduction' | 'addMirror' | 'addNoise' | 'addAnswer'> {
  addSpoe(event: SpoeEvent, header: LineHeader, lineHash: number): Added;
}

/** The files of each role; a role without files is no side. */
export interface SidePaths {
  readonly production: readonly string[];
  readonly spoe: readonly string[];
  readonly mirror: readonly string[];
  /** Records of an agent whose mirror runs production's version. */
  readonly noise: readonly string[];
}

export interface SideReadings {
  readonly production: SideReading;
  readonly mirror: SideReading;
}

/** Throws AccessFormatError. */
export function openSides(paths: SidePaths, reading: SideReadings, sink: LineSink): Side[] {
  return [
    openSide('production', paths.production, reading.production, {
      onRequest: (record, hash, input) => sink.addProduction(record, hash, input),
      onSpoe: (event, header, hash) => sink.addSpoe(event, header, hash),
    }),
    openSide('spoe', paths.spoe, reading.production, {
      onRequest: () => 'filtered',
      onSpoe: (event, header, hash) => sink.addSpoe(event, header, hash),
    }),
    openMirror('mirror', paths.mirror, reading.mirror, {
      onRequest: (record, hash, input) => sink.addMirror(record, hash, input),
      onAnswer: (answer) => sink.addAnswer('mirror', answer),
    }),
    openMirror('baseline', paths.noise, noiseReading(reading.mirror), {
      onRequest: (record, hash, input) => sink.addNoise(record, hash, input),
      onAnswer: (answer) => sink.addAnswer('noise', answer),
    }),
  ].filter((side) => side.paths.length > 0);
}

/** Only a record of the agent has answers. */
function noiseReading({ agent }: SideReading): SideReading {
  return { format: 'agent-jsonl', options: {}, agent };
}

export type MirrorRole = 'mirror' | 'baseline';

/** What lines of a mirror, or of its record, are given to. */
export interface MirrorHandlers {
  readonly onRequest: (record: AccessRecord, lineHash: number, input: number) => Added;
  readonly onAnswer: (answer: LoggedAnswer) => void;
}

export function openMirror(
  role: MirrorRole,
  paths: readonly string[],
  reading: SideReading,
  handlers: MirrorHandlers,
): Side {
  // SPOE lines of a HAProxy in front of the mirror say nothing about production.
  return openSide(role, paths, reading, { ...handlers, onSpoe: () => 'filtered' });
}

interface SideHandlers {
  readonly onRequest: MirrorHandlers['onRequest'];
  readonly onAnswer?: MirrorHandlers['onAnswer'];
  readonly onSpoe: LineSink['addSpoe'];
}

function openSide(role: Role, paths: readonly string[], reading: SideReading, take: SideHandlers): Side {
  const { format, options, agent } = reading;
  const duplicates = new Map<string, number>();
  const contents = new Map<string, InputContent>();
  const agentLines = { count: 0 };
  let current = '';
  let input = 0;
  let content = newContent();
  const count = (added: Added) => {
    if (added === 'duplicate') duplicates.set(current, (duplicates.get(current) ?? 0) + 1);
  };
  const scanner = new AccessScanner(
    format === undefined ? { reading: options } : { format: compileFormat(format, options) },
    {
      onRequest: (record, hash) => {
        addLine(content, hash);
        count(take.onRequest(record, hash, input));
      },
      ...(take.onAnswer && { onAnswer: take.onAnswer }),
      onSpoe: (event, header, _time, hash) => {
        if (event.agent === agent) agentLines.count++;
        count(take.onSpoe(event, header, hash));
      },
    },
  );
  const enter = (path: string) => {
    // What still waits for its format belongs to the input before.
    scanner.settle();
    current = path;
    input = Math.max(0, paths.indexOf(path));
    content = contents.get(path) ?? newContent();
    contents.set(path, content);
    scanner.begin(path);
  };
  return { role, paths, reading, scanner, duplicates, agentLines, contents, enter };
}

/** Of no request so far. */
export function newContent(): InputContent {
  return { requests: 0, low: 0, high: 0 };
}

/** @param hash 53 bits */
export function addLine(content: InputContent, hash: number): void {
  content.requests++;
  content.low ^= hash | 0;
  content.high = (content.high + Math.floor(hash / 0x20_0000)) | 0;
}

/** So often another thread is listened to. */
const TURN_BYTES = 1024 * 1024;

/** Reads all files of a side to their ends. What could not be read is given back; the others are read. */
export async function readSide(
  { scanner, paths, enter }: Side,
  options: TimeOptions,
  signal: AbortSignal,
): Promise<readonly Problem[]> {
  const inputs = new Inputs(scanner, new LineTally(), options);
  const turns: ReadTurns = { signal, onTurn: () => undefined, onEnter: enter, turnBytes: TURN_BYTES };
  await inputs.read(
    paths.map((path) => ({ path })),
    turns,
  );
  scanner.settle();
  return inputs.problems;
}

/** What a report says of every input, in the order in which they were named. */
function describeInputs({ role, scanner, duplicates }: Side): InputReport[] {
  return scanner.inputs.map((input) => describeInput(role, input, duplicates.get(input.name) ?? 0));
}

/** What of an input is in a report. */
export interface CountedInput {
  readonly name: string;
  readonly format: { readonly name: InputReport['format']; readonly description: string } | undefined;
  readonly counts: Readonly<AccessCounts>;
}

export function describeInput(role: Role, { name, format, counts }: CountedInput, duplicateLines: number): InputReport {
  return {
    role,
    path: name,
    format: role === 'spoe' ? 'haproxy-spoe' : (format?.name ?? FALLBACK[role] ?? 'json'),
    ...(format !== undefined && role !== 'spoe' && { description: format.description }),
    lines: counts.lines,
    parsed: counts.parsed + counts.spoe,
    unparsed: counts.unparsed + counts.malformedSpoe,
    duplicateLines,
    notices: counts.notices,
    ...(counts.answers > 0 && { answers: counts.answers }),
  };
}

/** What is expected where no line told the format. */
const FALLBACK: { readonly [role in Role]?: InputReport['format'] } = {
  production: 'haproxy-httplog',
  mirror: 'agent-jsonl',
};

/** What is known of a side besides its requests, as a thread can hand it over. */
export interface SideFacts {
  readonly inputs: readonly InputReport[];
  readonly agentLines: number;
  /** By path. */
  readonly contents: ReadonlyMap<string, InputContent>;
  readonly unread: readonly UnreadFields[];
}

/** What of an input is not read for want of a word about it. */
export interface UnreadFields {
  readonly role: Role;
  readonly path: string;
  readonly ids: readonly UnreadId[];
  /** The name of a time whose unit is not known. */
  readonly time: string | undefined;
}

export function describeSide(side: Side): SideFacts {
  const { role, scanner, agentLines, contents } = side;
  const unread = scanner.inputs.map(({ name, format, unreadIds }) => ({
    role,
    path: name,
    ids: unreadIds,
    time: format?.unknownTime,
  }));
  return { inputs: describeInputs(side), agentLines: agentLines.count, contents, unread };
}
