/** A mirror with several destinations: one report each, and the worst of them for all. */
import { DiffError } from './errors.ts';
import type { DestinationSummary, DiffReport, GateStatus } from './model.ts';
import { NoiseBaseline } from './noise.ts';

/** Shown for the lines that name no destination, where others do. */
const UNNAMED = '(not named)';

export interface DestinationChoice {
  readonly destination?: string | null | undefined;
  readonly baselineDestination?: string | null | undefined;
}

/** Worst first. */
const SEVERITY: readonly GateStatus[] = ['fail', 'inconclusive', 'pass'];

/**
 * @param names of the destinations there are, at least one; a single one may be empty
 * @param make the report on one of them, over the noise of another
 * @throws DiffError `unknown-destination` when one that was asked for is not among them
 */
export function reportDestinations(
  names: readonly string[],
  { destination, baselineDestination }: DestinationChoice,
  make: (name: string, noise: NoiseBaseline | undefined) => DiffReport,
): DiffReport {
  const baseline = baselineDestination ? findDestination(names, baselineDestination) : undefined;
  const judged = judgedDestinations(names, { destination, baselineDestination });
  const ofBaseline = baseline === undefined ? undefined : { name: baseline, report: make(baseline, undefined) };
  const noise = ofBaseline && new NoiseBaseline(ofBaseline.report);
  const reports = judged.map((name) => ({ name, report: make(name, noise) }));
  reports.sort((a, b) => SEVERITY.indexOf(a.report.verdict.status) - SEVERITY.indexOf(b.report.verdict.status));
  const [worst] = reports as [(typeof reports)[number]];
  if (names.length === 1) return worst.report;
  const all = ofBaseline === undefined ? reports : [...reports, ofBaseline];
  const summaries = all.map(({ name, report }) => summarize(shownDestination(name), report, name === baseline));
  return { ...worst.report, destinations: summaries };
}

/** Those that are judged, by name. @throws DiffError `unknown-destination` */
export function judgedDestinations(
  names: readonly string[],
  { destination, baselineDestination }: DestinationChoice,
): readonly string[] {
  const baseline = baselineDestination ? findDestination(names, baselineDestination) : undefined;
  if (destination) {
    const chosen = findDestination(names, destination);
    if (chosen !== baseline) return [chosen];
  }
  const judged = names.filter((name) => name !== baseline);
  if (judged.length > 0 && !destination) return [...judged].sort();
  if (judged.length > 0)
    throw new DiffError(
      'unknown-destination',
      `${baselineDestination} is the baseline, and cannot be judged by itself`,
      `name another one with --destination: ${listOf(judged)}`,
    );
  throw new DiffError(
    'unknown-destination',
    `${baselineDestination} is the baseline, and there is no other destination to judge`,
    `destinations are ${listOf(names)}`,
  );
}

/** The empty name, where others have one. */
function shownDestination(name: string): string {
  return name === '' ? UNNAMED : name;
}

/** As the agent writes it, or as it was given to the agent. */
function findDestination(names: readonly string[], wanted: string): string {
  const found = names.find((name) => isDestination(name, wanted));
  if (found !== undefined) return found;
  throw new DiffError(
    'unknown-destination',
    `no line of the mirror is of the destination ${wanted}`,
    names.every((name) => name === '') ? 'its lines name no destination' : `destinations are ${listOf(names)}`,
  );
}

export function isDestination(name: string, wanted: string): boolean {
  return shownDestination(name) === wanted || name === written(wanted);
}

/** The agent writes origin and prefix: no port that is the default one, no slash at the end. */
function written(wanted: string): string | undefined {
  if (!URL.canParse(wanted)) return undefined;
  const { origin, pathname } = new URL(wanted);
  return origin + pathname.replace(/\/+$/, '');
}

function listOf(names: readonly string[]): string {
  return names.map(shownDestination).sort().join(', ');
}

function summarize(destination: string, report: DiffReport, isBaseline: boolean): DestinationSummary {
  const { status, reasons } = report.verdict;
  const { n, newError, fixedError, productionRate, mirrorRate } = report.errors;
  return {
    destination,
    isBaseline,
    verdict: { status, reasons },
    paired: report.coverage.paired,
    errors: { n, newError, fixedError, productionRate, mirrorRate },
  };
}
