/** The commands, and what is loaded for each. */
import { FLAG } from '../../options/kinds.ts';
import { optionTable } from '../../options/option.ts';
import type { Command } from './command.ts';

export const GLOBAL_OPTIONS = optionTable({ debug: { kind: FLAG, help: 'adds the stack to an error' } });

export interface Announced {
  readonly usage: string;
  readonly describe: string;
  /** A command brings what --help and the others do not need. Each is a bundle of its own in dist/. */
  readonly load: () => Promise<{ readonly command: Command }>;
}

export const COMMANDS = {
  summarize: {
    usage: 'summarize [files..]',
    describe: 'verdict, causes, error rates, latencies and log health',
    load: () => import('./commands/summarize.ts'),
  },
  merge: {
    usage: 'merge <states..>',
    describe: 'one summary of many saved ones, as over all their logs',
    load: () => import('./commands/merge.ts'),
  },
  parse: {
    usage: 'parse [files..]',
    describe: 'one record for each SPOE event line',
    load: () => import('./commands/parse.ts'),
  },
  export: {
    usage: 'export [files..]',
    describe: 'OpenTelemetry: a trace for each SPOE event, to a collector',
    load: () => import('./commands/export.ts'),
  },
  load: {
    usage: 'load [files..]',
    describe: 'events, minutes and requests into ClickHouse or Parquet, each once',
    load: () => import('./commands/load.ts'),
  },
  sql: {
    usage: 'sql [statement..]',
    describe: 'the tables of ClickHouse or DuckDB, and answers from them',
    load: () => import('./commands/sql.ts'),
  },
  diff: {
    usage: 'diff',
    describe: 'production against the mirrored version: errors, latencies, a verdict',
    load: () => import('./commands/diff.ts'),
  },
  serve: {
    usage: 'serve [files..]',
    describe: 'the summary and the comparison as pages, metrics and a verdict for pipelines',
    load: () => import('./commands/serve.ts'),
  },
  config: {
    usage: 'config [what..]',
    describe: 'print a configuration of HAProxy that mirrors, or check one',
    load: () => import('./commands/config.ts'),
  },
  mirroring: {
    usage: 'mirroring [words..]',
    describe: "HAProxy's switch: status, on, off, sample; a guard that holds a budget",
    load: () => import('./commands/mirroring.ts'),
  },
  doctor: {
    usage: 'doctor',
    describe: 'what is in the way of mirroring on this machine: HAProxy, agent, mirror, log',
    load: () => import('./commands/doctor.ts'),
  },
  lnav: {
    usage: 'lnav',
    describe: 'the format with which lnav shows SPOE events: install or print it',
    load: () => import('./commands/lnav.ts'),
  },
  explain: {
    usage: 'explain <what..>',
    describe: 'what a status code or a whole line means',
    load: () => import('./commands/explain.ts'),
  },
} as const satisfies { readonly [name: string]: Announced };

export const EXAMPLES: [line: string, describe: string][] = [
  ['tail -f lb-access.log | $0 summarize', 'is mirroring healthy?'],
  ['$0 explain 264', 'what st=264 means'],
];

/** The commands that the arguments name. */
export type Loaded = ReadonlyMap<string, Command>;

export async function loadNamed(args: readonly string[]): Promise<Loaded> {
  const named = Object.entries(COMMANDS).filter(([name]) => args.includes(name));
  return new Map(await Promise.all(named.map(async ([name, { load }]) => [name, (await load()).command] as const)));
}
