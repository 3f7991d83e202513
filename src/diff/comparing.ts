/** From both sides, read whole, to the report on them. */
import type { AccessRecord } from '../logs/access-record.ts';
import { type Analysis, type AnalysisOptions, analyse } from './analysis.ts';
import { PAIRED } from './buckets.ts';
import type { RequestFilter } from './choices.ts';
import type { Collection, CollectionOptions } from './collection.ts';
import { reportDestinations } from './destinations.ts';
import { reportWhole } from './join/whole/whole-report.ts';
import type { DiffReport } from './model.ts';
import { readingWarnings } from './reading-warnings.ts';
import type { ReportOptions } from './report.ts';
import type { SideFacts } from './sides.ts';

export type Comparison = Pick<AnalysisOptions, 'rules' | 'overrides' | 'key'>;

export interface Compared {
  readonly report: DiffReport;
  /** The analysis of each destination of the mirror, by name. */
  readonly analyses: readonly Analysis[];
}

/** Throws DiffError. */
export function reportOn(
  collection: Collection,
  facts: readonly SideFacts[],
  comparison: Comparison,
  options: Omit<ReportOptions, 'inputs' | 'warnings'>,
): Compared {
  const { settings } = options;
  const inputs = facts.flatMap((side) => side.inputs);
  const { event, baselineDestination, maxRoutes } = settings;
  const analyses = analyse(collection, { ...comparison, event, baselineDestination, maxRoutes });
  const isPaired = analyses.some(({ buckets }) => buckets.includes(PAIRED));
  const warnings = readingWarnings(facts, isPaired ? undefined : collection.requestIds);
  const report = reportDestinations(namesOf(analyses), settings, (name, noise) =>
    reportWhole(analysisOf(analyses, name), { ...options, ...(noise && { noise }), inputs, warnings }),
  );
  return { report, analyses };
}

export function namesOf(analyses: readonly Analysis[]): readonly string[] {
  return analyses.map(({ destination }) => destination);
}

/** @param name one of theirs */
export function analysisOf(analyses: readonly Analysis[], name: string): Analysis {
  return analyses.find(({ destination }) => destination === name) as Analysis;
}

export function acceptsOf({ since, until, hosts, pids }: RequestFilter): Pick<CollectionOptions, 'accepts'> {
  if (since === undefined && until === undefined && hosts === undefined && pids === undefined) return {};
  const accepts = ({ timeMs, host, pid }: AccessRecord) =>
    (since === undefined || timeMs >= since) &&
    (until === undefined || timeMs < until) &&
    (hosts === undefined || hosts.includes(host)) &&
    (pids === undefined || pids.includes(pid));
  return { accepts };
}
