/** `log` lines → where lines go, and which. */
import type { Settings } from './settings.ts';
import type { Statement } from './statements.ts';

export interface LogTarget {
  readonly address: string;
  /** Where it is, however it is written: without the port that HAProxy has without one. */
  readonly place: string;
  /** Longest line; HAProxy's own bound without `len`. */
  readonly length: number;
  /** Whether it takes lines of the level notice, as SPOE's are where nothing failed. */
  readonly takesNotices: boolean;
  /** Only some of the lines. */
  readonly isSampled: boolean;
  /** A `profile` may have formats of its own. */
  readonly hasProfile: boolean;
  readonly statement: Statement;
}

/** The default of `len`. */
const USUAL_LENGTH = 1024;
const USUAL_PORT = /:(514)?$/;
const LEVELS = ['emerg', 'alert', 'crit', 'err', 'warning', 'notice', 'info', 'debug'];

/** Undefined where a line is not known. `log global` stands for the targets of section global. */
export function logTargets(settings: Settings, global: Settings): LogTarget[] | undefined {
  const { lines, isKnown } = settings.logs;
  if (!isKnown) return undefined;
  const targets: LogTarget[] = [];
  for (const line of lines) {
    if (line.words[1] !== 'global') {
      targets.push(readTarget(line));
      continue;
    }
    const globals = global.logs;
    if (!globals.isKnown) return undefined;
    targets.push(...globals.lines.map(readTarget));
  }
  return targets;
}

/** `log ADDRESS [len N] [format F] [sample RANGES:SIZE] [profile P] FACILITY [LEVEL [MINIMUM]]` */
function readTarget(statement: Statement): LogTarget {
  const { words } = statement;
  const named = new Map<string, string>();
  let at = 2;
  for (; ['len', 'format', 'sample', 'profile'].includes(words[at] ?? ''); at += 2)
    named.set(words[at] as string, words[at + 1] ?? '');
  const level = LEVELS.indexOf(words[at + 1] ?? 'debug');
  const address = words[1] ?? '';
  return {
    address,
    place: address.replace(USUAL_PORT, ''),
    length: Number(named.get('len') ?? USUAL_LENGTH) || USUAL_LENGTH,
    takesNotices: level < 0 || level >= LEVELS.indexOf('notice'),
    isSampled: named.has('sample'),
    hasProfile: named.has('profile'),
    statement,
  };
}
