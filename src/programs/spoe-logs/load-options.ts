/** The options of `load`: where rows go, what is loaded, how it is batched. */
import { LATENCY_UNITS } from '../../logs/access-options.ts';
import { choice, count, duration, FILE, FLAG, SIZE, text } from '../../options/kinds.ts';
import { type Given, optionTable } from '../../options/option.ts';
import { ENGINE_OPTIONS, LOCATIONS, RUN } from './engine-options.ts';
import { FOLLOW_OPTIONS, TIME_OPTIONS } from './log-options.ts';

const WHERE = 'Where to:';
const WHAT = 'What:';
const BATCHES = 'Batches:';
const COMPARISON = 'For a comparison:';

export const LOAD_OPTIONS = optionTable({
  to: {
    kind: text('WHERE'),
    group: WHERE,
    help: LOCATIONS,
  },
  ...ENGINE_OPTIONS,
  'minutes-only': { kind: FLAG, group: WHAT, help: 'counts of each minute alone, no single events' },
  host: {
    kind: text('NAME'),
    group: WHAT,
    help: 'host of lines that name none',
    otherwise: 'the name of this machine',
  },
  run: { kind: RUN, group: COMPARISON, help: 'name of the comparison that requests are loaded for' },
  production: { kind: FILE, repeatable: true, greedy: true, group: COMPARISON, help: "production's logs, gzip or not" },
  mirror: {
    kind: FILE,
    repeatable: true,
    greedy: true,
    group: COMPARISON,
    help: "the mirror's logs, or the agent's record",
  },
  spoe: {
    kind: FILE,
    repeatable: true,
    greedy: true,
    group: COMPARISON,
    help: 'SPOE lines, where they are in a log of their own',
  },
  'production-format': {
    kind: text('FORMAT', ['httplog', 'httpslog', 'json']),
    group: COMPARISON,
    help: "HAProxy's log-format string, or httplog, httpslog, json",
    otherwise: 'found out',
  },
  'mirror-format': {
    kind: text('FORMAT'),
    group: COMPARISON,
    help: 'log-format of HAProxy or log_format of nginx, or a name',
    otherwise: 'found out',
  },
  'production-id': { kind: text('FIELD'), group: COMPARISON, help: "field of production's log that holds the id" },
  'mirror-id': { kind: text('FIELD'), group: COMPARISON, help: "the same for the mirror's log" },
  'production-latency-unit': {
    kind: choice('UNIT', LATENCY_UNITS),
    group: COMPARISON,
    help: 'of a time whose unit is not known',
  },
  'mirror-latency-unit': { kind: choice('UNIT', LATENCY_UNITS), group: COMPARISON, help: 'the same for the mirror' },
  'batch-rows': {
    kind: count('N', { least: 1 }),
    default: 1_000_000,
    group: BATCHES,
    help: 'the most rows of a part, about',
  },
  'batch-bytes': {
    kind: SIZE,
    group: BATCHES,
    help: 'the most bytes of its rows, about',
    otherwise: '16m; of Parquet 4m',
  },
  'batch-age': {
    kind: duration({ least: 1 }),
    group: BATCHES,
    help: 'with --follow: how long rows wait for others',
    otherwise: '10s; of Parquet 5m',
  },
  ...FOLLOW_OPTIONS,
  ...TIME_OPTIONS,
});

export type LoadArguments = Given<typeof LOAD_OPTIONS> & { readonly files?: readonly string[] | undefined };
