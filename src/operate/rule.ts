/** A rule: what is looked for, why it matters, how it is mended, and an example that has it. */
import { cutText } from '../text/cut.ts';
import type { Engine } from './configuration/engines.ts';
import type { Place } from './configuration/statements.ts';
import type { Configuration } from './configuration.ts';
import type { SetupChoices } from './setup.ts';
import { isSince, type Version } from './version.ts';

/** error: HAProxy refuses it, or nothing (or something else) is mirrored. warning: it costs clients or data. note: good to know. */
export const LEVELS = ['error', 'warning', 'note'] as const;
export type Level = (typeof LEVELS)[number];

/** What is looked at. */
export interface Subject {
  readonly configuration: Configuration;
  /** Of the HAProxy that it is for; what differs between versions is not looked for without it. */
  readonly version?: Version | undefined;
  /** Of the HAProxy that it comes from. */
  readonly from?: Version | undefined;
  /** What a client may lose, in ms. */
  readonly maxDelayMs: number;
  /** The command line of the agent, where it is known. */
  readonly agent?: AgentCommand | undefined;
}

export interface AgentCommand {
  /** `-m`. */
  readonly maxFrameBytes: number;
  /** `-c`. */
  readonly capabilities: readonly string[];
  /** `--answers`; undefined without it. */
  readonly answers: string | undefined;
  /** `--answers-key` is given. */
  readonly hasAnswersKey: boolean;
  /** `--mark`: the mirror can tell copies, and leave out what must not happen twice. */
  readonly isMarked: boolean;
  /** `--methods`; empty for all of them. */
  readonly methods: readonly string[];
  /** `--strip-header`, lower case. */
  readonly strippedHeaders: readonly string[];
}

export interface Found {
  readonly at: Place;
  readonly message: string;
}

/** What HAProxy itself makes of the example when it is started with `-c`. */
type Reception = 'refuses' | 'warns' | 'accepts';

/** Lines of what `config print` prints that are replaced. */
export interface Edit {
  readonly file: 'haproxy' | 'spoe';
  readonly replace: string;
  readonly with: string;
}

export interface Example {
  readonly edits: readonly Edit[];
  /** What is printed, where it is not what is printed without options. */
  readonly setup?: Partial<SetupChoices>;
  /** `--for`, `--from`, `--agent-command`. */
  readonly version?: string;
  readonly from?: string;
  readonly agentCommand?: string;
  /** What is named, behind -f, instead of haproxy.cfg. */
  readonly named?: string;
  readonly haproxy: Reception;
}

export interface Rule {
  /** Stable, as the words are not. */
  readonly code: string;
  readonly level: Level;
  readonly title: string;
  readonly why: string;
  readonly mend: string;
  /** Where it is written, or what was run. */
  readonly reference: string;
  readonly example: Example;
  readonly find: (subject: Subject) => Iterable<Found>;
}

/** Up to 3.0 the engine had its own connections, since 3.1 they are those of a multiplexer. */
export const MULTIPLEXER = '3.1';

/** Undefined where no version is named. */
export function isMultiplexed({ version }: Subject): boolean | undefined {
  return version && isSince(version, MULTIPLEXER);
}

/** Finds per engine, but for those that HAProxy may not read. */
export function perEngine(
  find: (engine: Engine, subject: Subject) => Iterable<Found>,
): (subject: Subject) => Iterable<Found> {
  return function* (subject) {
    for (const engine of subject.configuration.engines) {
      if (engine.filter?.isCertain !== false) yield* find(engine, subject);
    }
  };
}

/** Where what is said of an engine as a whole stands. */
export function placeOf({ filter, agent, scope }: Engine): Place {
  return filter ?? agent?.header ?? scope?.place ?? { file: '', line: 1 };
}

/** `"a", "b"`; only so many of them. */
export function listNames(names: readonly (string | undefined)[]): string {
  const known = names.filter((name) => name !== undefined);
  const more = known.length > MOST_NAMES ? ` and ${known.length - MOST_NAMES} more` : '';
  return `${known.slice(0, MOST_NAMES).map(quoted).join(', ')}${more}`;
}

const MOST_NAMES = 5;

/** A name of the configuration in a sentence. */
export function quoted(name: string): string {
  return `"${cutText(name, LONGEST_NAME)}"`;
}

const LONGEST_NAME = 100;
