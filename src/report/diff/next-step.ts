/** The next steps, as commands that can be pasted. */
import type { DiffReport, ErrorComparison, Role, RouteComparison } from '../../diff/model.ts';
import { pathArgument, quoteArgument } from '../shell.ts';
import { displayWidth } from '../width.ts';
import { hasRegressed, isWeak } from './reading.ts';

export interface NextStep {
  readonly why: string;
  /** Quoted, one text an argument with its value; safe to print. */
  readonly command: readonly string[];
}

export interface CommandHint {
  /** The command line of this report, unquoted and without output options; made up from its inputs when absent. */
  readonly command?: readonly string[];
  /** ASCII only. */
  readonly ascii?: boolean;
  /** A longer piece cannot be printed whole, and half a command is worse than a general one. */
  readonly longest?: number;
}

const MOST_STEPS = 3;
/** A command with more files than this is not for reading. */
const MOST_PATHS = 4;
/** The most words of a command: a longer one is not for reading. */
const MOST_WORDS = 50;
const LONGEST = 90;

/** The next steps: at least one and at most three, the most useful first. */
export function nextSteps(report: DiffReport, hint: CommandHint = {}): readonly NextStep[] {
  const base = [...baseCommand(report, hint), ...judgedOnly(report, hint)];
  const { buckets } = report.coverage;
  const steps: NextStep[] = [];
  const [changes, answers] = [changeSteps(report, base, hint), answerSteps(report, base, hint)];
  if (isWeak(report)) steps.push({ why: 'make pairing work', command: ['spoe-logs diff', '--print-haproxy-config'] });
  else
    steps.push(
      ...burstSteps(report, base, hint),
      ...lossSteps(report, base, hint),
      ...(failsByAnswers(report) ? [...answers, ...changes] : [...changes, ...answers]),
      ...hearingSteps(report),
    );
  if (buckets.spoe_failed > 0) steps.push(spoeStep(report, hint));
  if (steps.length === 0 && isTooShort(report))
    steps.push({ why: 'mirror for longer, then compare again', command: base });
  if (steps.length === 0) steps.push({ why: 'a report to keep', command: [...base, '--format html'] });
  // A reason for a failed verdict is looked into before what is only missing.
  const ranked =
    report.verdict.status === 'inconclusive' ? steps : [...steps].sort((a, b) => Number(isLoss(a)) - Number(isLoss(b)));
  return ranked.slice(0, MOST_STEPS);
}

/** The report is about one of several destinations, and so is the next command. */
function judgedOnly({ correlation, destinations = [] }: DiffReport, hint: CommandHint): string[] {
  const { destination } = correlation;
  const isChosen = hint.command?.some((word) => word === '--destination') === true;
  if (destination === undefined || destinations.length < 2 || isChosen) return [];
  const chosen = option('--destination', destination, hint);
  return chosen === null ? [] : [chosen];
}

const ONLY_MISSING = '--only missing';

function isLoss({ command }: NextStep): boolean {
  return command.includes(ONLY_MISSING);
}

function isTooShort({ plan, verdict }: DiffReport): boolean {
  return verdict.status === 'inconclusive' && plan !== undefined && (plan.needed ?? 0) > plan.pairs;
}

/** Requests without an answer, of the route that lost most where one did. */
function lossSteps({ coverage, routes }: DiffReport, base: readonly string[], hint: CommandHint): NextStep[] {
  const { acked_but_missing, missing, dropped } = coverage.buckets;
  if (acked_but_missing + missing + dropped === 0) return [];
  const lost = mostOf(
    routes.filter(({ delivery }) => delivery?.lost === true),
    ({ delivery }) => delivery?.unanswered ?? 0,
  );
  const command = [...base, '--format ndjson', ONLY_MISSING];
  return [onRoute('the requests that have no answer of the mirror', command, lost?.route, hint)];
}

/** A step that compares only the time of a burst, which is easier to see without the rest of the day. */
function burstSteps({ overTime }: DiffReport, base: readonly string[], hint: CommandHint): NextStep[] {
  const [burst] = overTime?.bursts ?? [];
  if (burst === undefined || base.some((piece) => /^--(since|until) /.test(piece))) return [];
  const times = [option('--since', burst.from, hint), option('--until', burst.to, hint)];
  if (!times.every((text) => text !== null)) return [];
  return [{ why: 'the new errors of the burst', command: [...base, ...times, '--format ndjson', '--only new_error'] }];
}

function changeSteps(report: DiffReport, base: readonly string[], hint: CommandHint): NextStep[] {
  const { errors, routes } = report;
  const kind = CHANGES.find(({ count }) => count(errors) > 0);
  if (kind === undefined) return [];
  const route = mostOf(routes, (each) => kind.count(each.errors));
  return [onRoute(kind.why, [...base, '--format ndjson', `--only ${kind.only}`], route?.route, hint)];
}

const OF_ANSWERS: readonly string[] = ['body-regression', 'header-regression', 'field'];

/** Whether the verdict is about answers alone: then what else changed is no reason of it. */
function failsByAnswers({ verdict }: DiffReport): boolean {
  const failed = verdict.gates.filter(({ status, warnOnly }) => status === 'fail' && warnOnly !== true);
  return failed.length > 0 && failed.every(({ gate }) => OF_ANSWERS.includes(gate));
}

/** The requests of the field that the verdict names first, or of the worst; each has its differences in its line. */
function answerSteps({ responses, verdict }: DiffReport, base: readonly string[], hint: CommandHint): NextStep[] {
  const worse = responses?.fields.filter(({ regressed }) => regressed) ?? [];
  const named = verdict.gates.find(({ gate, status }) => status === 'fail' && OF_ANSWERS.includes(gate))?.route;
  const worst = worse.find(({ route }) => route === named) ?? worse[0];
  if (worst === undefined) return [];
  const command = [...base, '--format ndjson', '--only differing'];
  const route = worst.route ?? worst.routeNames?.[0];
  return [onRoute('the requests whose answers differ', command, route, hint)];
}

/** Of so many bodies of production, this is why the others were not compared. */
const LEAST_WHOLE = 0.5;

/** What to configure where production's answers did not come, or their bodies did not. */
function hearingSteps({ responses, verdict }: DiffReport): NextStep[] {
  if (responses === undefined || verdict.status !== 'inconclusive') return [];
  const { production } = responses.bodyStates;
  if (responses.pairs === 0 && responses.otherKey === 0)
    return [
      {
        why: 'whether HAProxy sends answers to the agent',
        command: ['spoe-logs config check', '/etc/haproxy/haproxy.cfg'],
      },
    ];
  const countOf = (state: string) => (Object.hasOwn(production, state) ? (production[state] ?? 0) : 0);
  const wanted = responses.pairs - countOf('none');
  if (countOf('whole') >= LEAST_WHOLE * wanted) return [];
  const [later, unasked] = [countOf('later'), countOf('unasked')];
  const print = ['spoe-logs config print', '--answers body'];
  if (later > 0 && later >= unasked)
    return [
      { why: `HAProxy waits for bodies that are not there in time (${later})`, command: [...print, '--bodies wait'] },
    ];
  if (unasked === 0) return [];
  return [{ why: `larger bodies, which were not asked for (${unasked})`, command: [...print, '--bufsize 65536'] }];
}

/** The first that there are. */
const CHANGES: readonly {
  readonly only: string;
  readonly why: string;
  readonly count: (errors: ErrorComparison) => number;
}[] = [
  { only: 'new_error', why: 'the requests with a new error', count: ({ newError }) => newError },
  { only: 'new_4xx', why: 'the requests with a new 4xx', count: ({ new4xx }) => new4xx },
  {
    only: 'changed',
    why: 'the requests whose status got worse',
    // New 4xx are among those that got worse, and asked for by their own name.
    count: ({ status, new4xx }) => Math.max(0, (status?.worse ?? 0) - new4xx),
  },
];

/** The worst route when it has any, else the one that has most. */
function mostOf(
  routes: readonly RouteComparison[],
  count: (route: RouteComparison) => number,
): RouteComparison | undefined {
  const worst = routes.find((route) => hasRegressed(route) && count(route) > 0);
  if (worst !== undefined) return worst;
  const most = routes.reduce<RouteComparison | undefined>(
    (best, route) => (best === undefined || count(route) > count(best) ? route : best),
    undefined,
  );
  return most !== undefined && count(most) > 0 ? most : undefined;
}

function onRoute(
  why: string,
  command: readonly string[],
  route: string | null | undefined,
  hint: CommandHint,
): NextStep {
  const filter = (route ?? '(other)') === '(other)' ? null : option('--route', route ?? '', hint);
  return filter === null ? { why, command } : { why: `${why}, on one route`, command: [...command, filter] };
}

function spoeStep(report: DiffReport, hint: CommandHint): NextStep {
  const input =
    report.inputs.find(({ role }) => role === 'spoe') ?? report.inputs.find(({ role }) => role === 'production');
  const path = input === undefined ? null : quotePath(input.path, hint);
  return {
    why: 'why HAProxy could not hand requests to the agent',
    command: ['spoe-logs summarize', path ?? 'HAPROXY.log'],
  };
}

/** The command of the report, without --agent and the like when they are not known: every report has file names. */
function baseCommand(report: DiffReport, hint: CommandHint): readonly string[] {
  if (hint.command !== undefined && hint.command.length <= MOST_WORDS) {
    const words = hint.command.map((word) => quoteArgument(word, hint.ascii));
    if (fits(words, hint)) return pairedOptions(words);
  }
  return fileOptions(report, hint) ?? GENERAL;
}

const GENERAL: readonly string[] = ['spoe-logs diff', '--production PRODUCTION.log', '--mirror MIRROR.log'];

function fileOptions({ inputs }: DiffReport, hint: CommandHint): readonly string[] | null {
  const roles: readonly Role[] = ['production', 'spoe', 'mirror'];
  const production = new Set(inputs.filter(({ role }) => role === 'production').map(({ path }) => path));
  // SPOE lines inside the production log are found without an option.
  const named = inputs.filter(({ role, path }) => roles.includes(role) && !(role === 'spoe' && production.has(path)));
  const complete = named.some(({ role }) => role === 'production') && named.some(({ role }) => role === 'mirror');
  if (!complete || named.length > MOST_PATHS) return null;
  const words = named.map(({ role, path }) => option(`--${role}`, pathArgument(path), hint));
  return fits(words, hint) ? ['spoe-logs diff', ...words] : null;
}

function fits(words: readonly (string | null)[], { longest = LONGEST }: CommandHint): words is readonly string[] {
  return words.every((word) => word !== null && displayWidth(word) <= longest);
}

function quotePath(path: string, hint: CommandHint): string | null {
  const quoted = quoteArgument(pathArgument(path), hint.ascii);
  return quoted === null || displayWidth(quoted) > (hint.longest ?? LONGEST) ? null : quoted;
}

function option(name: string, value: string, { ascii = false, longest = LONGEST }: CommandHint): string | null {
  const quoted = quoteArgument(value, ascii);
  const text = `${name} ${quoted}`;
  return quoted === null || displayWidth(text) > longest ? null : text;
}

/** `--production` and the file after it stay on one line. */
function pairedOptions(words: readonly string[]): readonly string[] {
  const pieces: string[] = [];
  for (const word of words) {
    const last = pieces.length - 1;
    const joins =
      last < 0
        ? false
        : pieces[last] === 'spoe-logs' || (/^--[a-z-]+$/.test(pieces[last] ?? '') && !word.startsWith('--'));
    if (joins) pieces[last] = `${pieces[last]} ${word}`;
    else pieces.push(word);
  }
  return pieces;
}

/** The command in lines of at most `width` columns that a shell joins again. */
export function commandLines(command: readonly string[], width: number, indent: string): string[] {
  const lines: string[] = [];
  let line = '';
  for (const piece of command) {
    const joined = line === '' ? `${indent}${piece}` : `${line} ${piece}`;
    // Two more columns for the backslash that may have to follow.
    if (line !== '' && displayWidth(joined) + 2 > width) {
      lines.push(`${line} \\`);
      line = `${indent}  ${piece}`;
    } else {
      line = joined;
    }
  }
  return [...lines, line];
}
