/** Loads files of a test into a target, in this process. */

import type { Inputs } from '../../src/logs/inputs.ts';
import { timesFor } from '../../src/logs/inputs.ts';
import { STDIN } from '../../src/logs/read.ts';
import { parseZone } from '../../src/logs/zone.ts';
import { EVENT_TABLES, type EventTable } from '../../src/tables/event-part.ts';
import { EventReader } from '../../src/tables/event-reader.ts';
import { loadFiles } from '../../src/tables/load-files.ts';
import { type LoadCounts, Loader, type LoaderLimits, type LoaderOptions } from '../../src/tables/loader.ts';
import type { RequestRole } from '../../src/tables/request-part.ts';
import { RequestReader } from '../../src/tables/request-reader.ts';
import type { RowTarget } from '../../src/tables/target.ts';

export const TIMES = { zone: parseZone('UTC'), year: 2026, nowMs: Date.UTC(2026, 10, 27) };

export interface LoadingOptions {
  readonly limits?: Partial<LoaderLimits>;
  readonly tables?: readonly EventTable[];
  readonly follow?: boolean;
  readonly signal?: AbortSignal;
  readonly turnBytes?: number;
  readonly onLook?: () => void;
}

export interface Loaded {
  readonly counts: LoadCounts;
  readonly problems: readonly { readonly code: string }[];
  readonly fault: unknown;
  readonly inputs: Inputs;
}

export async function loadEvents(
  target: RowTarget,
  paths: readonly string[],
  { tables = EVENT_TABLES, ...options }: LoadingOptions = {},
): Promise<Loaded> {
  const reader = new EventReader(timesFor(STDIN, TIMES), tables, 'here');
  return await load(target, paths, { reader, kind: 'events', run: '', role: 'events' }, options);
}

export async function loadRequests(
  target: RowTarget,
  role: RequestRole,
  paths: readonly string[],
  options: LoadingOptions = {},
): Promise<Loaded> {
  const reader = new RequestReader(role, { format: undefined, options: {} }, { run: 'r1', host: 'here' });
  return await load(target, paths, { reader, kind: `${role}.r1`, run: 'r1', role }, options);
}

async function load(
  target: RowTarget,
  paths: readonly string[],
  what: Pick<LoaderOptions, 'reader' | 'kind' | 'run' | 'role'>,
  { limits, follow = false, signal = new AbortController().signal, onLook, turnBytes }: LoadingOptions,
): Promise<Loaded> {
  const problems: { code: string }[] = [];
  let fault: unknown;
  const ended = new AbortController();
  signal.addEventListener('abort', () => ended.abort());
  const onFault = (error: unknown) => {
    fault = error;
    ended.abort();
  };
  const loader = new Loader({
    ...{ target, ...what, host: 'here', follow, signal: ended.signal, now: Date.now, onFault },
    limits: { rows: 1_000_000, bytes: 16 * 1024 * 1024, ageMs: 10_000, ...limits },
    onProblem: (problem) => problems.push(problem),
  });
  const inputs = await loadFiles(loader, paths, {
    ...{ follow, onFault, times: TIMES, signal: ended.signal },
    ...(onLook && { onLook }),
    ...(turnBytes !== undefined && { turnBytes }),
  });
  return { counts: loader.counts, problems, fault, inputs };
}
