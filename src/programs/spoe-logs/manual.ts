/** The manual pages and completions of `spoe-logs`: what its tables of options do not say. Read by scripts/manuals.ts alone. */
import packageJson from '../../../package.json' with { type: 'json' };
import type { CompletedProgram } from '../../options/completions.ts';
import type { ManPage, ManSection, OptionGroup } from '../../options/man-page.ts';
import { type OptionTable, placeholderOf } from '../../options/option.ts';
import { OWN_OF_YARGS } from '../../options/yargs.ts';
import type { Command } from './command.ts';
import { COMMANDS, EXAMPLES, GLOBAL_OPTIONS, loadNamed } from './command-list.ts';
import { helpText } from './parser.ts';

const SOURCE = `spoe-logs ${packageJson.version}`;
const EVERYWHERE = { ...GLOBAL_OPTIONS, ...OWN_OF_YARGS };

type Name = keyof typeof COMMANDS;

/** The description of each command, in paragraphs. */
const DESCRIPTIONS: { readonly [name in Name]: readonly string[] } = {
  summarize: [
    "Reads the lines that HAProxy's SPOE filter writes, and says whether requests reach the agent: a verdict and since when, likely causes with the next step, counts, error rates, latencies, and whether the log can be trusted.",
    'Files may be gzip. Without FILE, or with -, standard input is read; on a terminal a log that goes on fills the screen: ? shows the keys, q ends and leaves the summary behind, --plain is a text that is drawn over itself. With --record the answers of the mirror are judged, too.',
    'An event counts once, however often it is written. With --fail-on it is a gate for CI or cron.',
  ],
  merge: [
    'Adds up what spoe-logs summarize --save has written, on several hosts or for several days, and summarizes it as if all of their logs had been read at once.',
    'An event or a record that is in several of the states counts once.',
  ],
  parse: [
    'Writes a record for each SPOE event line, with names, numbers and times as they are in the log: a line of JSON, or of CSV.',
    'Lines that are no events are counted, and told at the end.',
  ],
  export: [
    'Sends a trace for each SPOE event, and with --metrics counters, histograms and gauges, by OTLP to a collector of OpenTelemetry, or writes them to a file.',
    'What an option does not say, the OTEL_* variables of the specification do. Ids are made of the event itself: who exports a log twice has the same traces.',
  ],
  load: [
    'Writes the SPOE events of logs, and what each minute counts, into tables of ClickHouse, over HTTP, or into a folder of Parquet files; with --run the requests of both sides of a comparison. spoe-logs sql --schema prints the tables.',
    'What is loaded is there once: who loads a file twice, is interrupted anywhere and begins again, or follows a log and loads it whole later, has the same rows. A file is known by its first KiB, whatever it is called, compressed or not. Lines without an end are left for the next time.',
  ],
  sql: [
    'With --schema it prints what makes the tables that load writes to, and views over them, for ClickHouse on one server or a cluster, or for DuckDB over Parquet files. What is there already stays; spoe_schema says which version that is.',
    'With --from it asks one question and prints the rows. A folder of Parquet files is read by DuckDB, which is no part of spoe-logs: the package @duckdb/node-api installed beside it, or the program duckdb.',
  ],
  diff: [
    "Compares production's answers with those of the mirrored version, request by request, and says whether it is safe to release: PASS, FAIL or INCONCLUSIVE, with the evidence.",
    "Production's side is its access log, the mirror's one its access log or the record of spoa-mirror(8). Formats are found out. With --follow both are joined while they grow.",
  ],
  serve: [
    'Follows the logs, and the record of spoa-mirror(8), and serves the summary as a page that stays up to date, as JSON and as metrics; with --production and --mirror the comparison of diff(1), too, and a verdict for pipelines: /verdict/promote answers 200 for PASS only, /verdict/rollback for FAIL only.',
    'It listens on this machine alone unless there is a token. Nothing that is sent to it changes anything. Requests count for the verdict from its start on, or from --since: one run is about one release.',
  ],
  config: [
    "config print writes a configuration of HAProxy that mirrors: haproxy.cfg, the SPOE file, a map to switch with, and the agent's command. With --out each is a file of its own; nothing is written over.",
    'config check reads haproxy.cfg, and the SPOE files that its filters name, as HAProxy does, and says what is wrong with them, where, why, and how it is mended. Variables and conditions that only HAProxy knows decide nothing. With --from and --for it says what an upgrade changes.',
  ],
  mirroring: [
    "Switches mirroring in a running HAProxy, by its Runtime API: a key of a map that the spoe-message looks up. status says what it is and what a reload restores; on, off and sample 10% switch and read back, with --save in the map file, too, with --for for a while. By the master's socket processes that a reload has replaced are switched as well.",
    'guard LOG follows the log and holds a budget of the time that mirroring adds to requests, of failures, or both. Beyond it mirroring goes off; after a pause a small sample probes, and when that goes well it is on again. Every step is a line, and in /metrics with --listen. Who switches by hand has the last word.',
    'filter list, filter add and filter remove do the same to the filter line of a frontend, by the Data Plane API, each change in a transaction.',
  ],
  doctor: [
    'Looks at all that mirroring needs on this machine, and changes nothing: HAProxy and its configuration, the agent, the way to the mirror, resources, the log, and whether traffic is handed over. Each failure comes with what to do.',
    'What is not named is found: by the processes that run, their arguments, and usual places. What cannot be seen is said.',
  ],
  lnav: [
    'Writes a log format for lnav, the log viewer: SPOE events of both shapes become rows of its table haproxy_spoe_log, failed ones are errors, and the other lines of HAProxy stand beside them.',
    'With --install it goes where lnav looks for formats: ~/.lnav, $XDG_CONFIG_HOME/lnav or ~/.config/lnav, whichever lnav itself takes. A file of that name which is not of this program is left alone; an older one of it is kept as .old.',
  ],
  explain: [
    'Says what a status code of SPOE means and what to check next: 264, or st=264. A whole line of a log is explained field by field.',
    'With --trace it shows the way of a line through the reader, and why it is no event.',
  ],
};

const EXIT_STATUS: ManSection = {
  heading: 'EXIT STATUS',
  entries: [
    ['0', 'Fine; also when the filters left nothing, and when the reader of the output closed it.'],
    [
      '1',
      'A threshold or gate was crossed, export or load could not deliver everything, or config check found something.',
    ],
    ['2', 'Wrong usage, an input that cannot be read, or one without a line of interest.'],
    ['3', 'Of diff: INCONCLUSIVE.'],
    ['130', 'Interrupted by SIGINT or SIGTERM: what was read was reported. A second one ends at once.'],
  ],
};

const DIFF_EXIT_STATUS: ManSection = {
  heading: 'EXIT STATUS',
  entries: [
    ['0', 'PASS: no gate failed, none is undecided, and the error rate rose by no more than --margin.'],
    ['1', 'FAIL: a gate failed.'],
    ['2', 'An input could not be read, or not as requests; the sides are exchanged; wrong usage.'],
    ['3', 'INCONCLUSIVE: too little evidence to call it safe, or to fail it.'],
    ['130', 'Interrupted before both sides were read; with --follow the report is written.'],
  ],
};

/** The section on the exit statuses that a command may end with. */
function exitStatus(statuses: readonly string[]): ManSection {
  return { ...EXIT_STATUS, entries: EXIT_STATUS.entries.filter(([status]) => statuses.includes(status)) };
}

const EXITS: { readonly [name in Name]: ManSection } = {
  summarize: exitStatus(['0', '1', '2', '130']),
  merge: exitStatus(['0', '1', '2']),
  parse: exitStatus(['0', '2', '130']),
  export: exitStatus(['0', '1', '2', '130']),
  load: exitStatus(['0', '1', '2', '130']),
  sql: exitStatus(['0', '2', '130']),
  diff: DIFF_EXIT_STATUS,
  serve: {
    heading: 'EXIT STATUS',
    entries: [
      ['0', 'SIGINT or SIGTERM has ended it.'],
      ['2', 'Wrong usage, an address that cannot be listened on, or no input can be read any more.'],
    ],
  },
  config: exitStatus(['0', '1', '2']),
  mirroring: {
    heading: 'EXIT STATUS',
    entries: [
      ['0', 'It is done.'],
      [
        '2',
        'It is not, or not known: the line on standard error says what mirroring may be. The log of guard has ended.',
      ],
      ['130', 'SIGINT or SIGTERM has ended --for, which switched back, or guard, as --on-exit says.'],
    ],
  },
  doctor: {
    heading: 'EXIT STATUS',
    entries: [
      ['0', 'Nothing has failed, as far as it could be seen.'],
      ['1', 'Something has failed.'],
      ['2', 'Wrong usage.'],
    ],
  },
  lnav: exitStatus(['0', '2']),
  explain: exitStatus(['0', '2']),
};

const SCREEN: ManSection = {
  heading: 'ENVIRONMENT',
  entries: [
    ['NO_COLOR, FORCE_COLOR', 'Whether the screen is coloured. Colour repeats what the text says.'],
    ['TERM', 'With dumb the screen is written again and again, without escapes.'],
    ['TZ', 'The zone of times that have none, without --tz.'],
  ],
};

const COLLECTOR: ManSection = {
  heading: 'ENVIRONMENT',
  entries: [
    [
      'OTEL_EXPORTER_OTLP_ENDPOINT, OTEL_EXPORTER_OTLP_PROTOCOL, OTEL_EXPORTER_OTLP_HEADERS, OTEL_EXPORTER_OTLP_COMPRESSION',
      'As --endpoint, --protocol, --header and --compression, which go before them.',
    ],
    ['OTEL_EXPORTER_OTLP_TIMEOUT', 'Milliseconds for one request. Default: 10000.'],
    ['OTEL_SERVICE_NAME, OTEL_RESOURCE_ATTRIBUTES', 'What is said of where the spans are from.'],
    ['OTEL_SDK_DISABLED', 'With true, export refuses to run.'],
  ],
};

const DATA_PLANE: ManSection = {
  heading: 'ENVIRONMENT',
  entries: [['DATAPLANEAPI_USER, DATAPLANEAPI_PASSWORD', 'Of the Data Plane API, without --credentials.']],
};

const ENGINE: ManSection = {
  heading: 'ENVIRONMENT',
  entries: [
    ['CLICKHOUSE_USER, CLICKHOUSE_PASSWORD', 'Of ClickHouse, without --user and --password-file.'],
    ['TZ', 'The zone of times that have none, without --tz.'],
  ],
};

const SQL_ENGINE: ManSection = {
  heading: 'ENVIRONMENT',
  entries: [
    ['CLICKHOUSE_USER, CLICKHOUSE_PASSWORD', 'Of ClickHouse, without --user and --password-file.'],
    ['SPOE_LOGS_DUCKDB', 'A folder where @duckdb/node-api was installed, or the program duckdb.'],
  ],
};

const ENVIRONMENTS: { readonly [name in Name]?: ManSection } = {
  summarize: SCREEN,
  merge: SCREEN,
  export: COLLECTOR,
  load: ENGINE,
  sql: SQL_ENGINE,
  diff: SCREEN,
  mirroring: DATA_PLANE,
};

/** The options of a command by their headings, those without one first, and behind them what all commands take. */
function grouped(own: OptionTable): OptionGroup[] {
  const headings = new Set([undefined, ...Object.values(own).map(({ group }) => group)]);
  const groups = [...headings].map((heading) => ({
    ...(heading !== undefined && { heading }),
    options: Object.fromEntries(Object.entries(own).filter(([, { group }]) => group === heading)),
  }));
  const isDivided = headings.size > 1;
  return [...groups, { ...(isDivided && { heading: 'Of every command' }), options: EVERYWHERE }];
}

async function loadCommands(): Promise<readonly (readonly [name: Name, summary: string, command: Command])[]> {
  const names = Object.keys(COMMANDS) as Name[];
  return await Promise.all(
    names.map(async (name) => [name, COMMANDS[name].describe, (await COMMANDS[name].load()).command] as const),
  );
}

function synopsis(name: Name, { positionals }: Command): string[] {
  if (name === 'diff')
    return [
      'spoe-logs diff --production FILE... --mirror FILE... [OPTION]...',
      'spoe-logs diff --plan [OPTION]...',
      'spoe-logs diff --print-haproxy-config',
    ];
  if (name === 'config')
    return [
      'spoe-logs config print [--for VERSION] [--out FOLDER] [OPTION]...',
      'spoe-logs config check [--for VERSION] [OPTION]... FILE...',
    ];
  if (name === 'sql')
    return ['spoe-logs sql --schema clickhouse|duckdb [OPTION]...', 'spoe-logs sql --from WHERE [OPTION]... SQL'];
  if (name === 'mirroring')
    return [
      'spoe-logs mirroring status|on|off --socket ADDRESS [OPTION]...',
      'spoe-logs mirroring sample N% --socket ADDRESS [OPTION]...',
      'spoe-logs mirroring guard --socket ADDRESS [OPTION]... LOG...',
      'spoe-logs mirroring filter list|add|remove --api URL --frontend NAME [OPTION]...',
    ];
  const operands = Object.values(positionals).map((option) =>
    option.required ? `${placeholderOf(option)}...` : `[${placeholderOf(option)}]...`,
  );
  return [`spoe-logs ${name} [OPTION]... ${operands.join(' ')}`];
}

/** The examples with the name of the program instead of `$0`. */
function withProgram(examples: Command['examples']): Command['examples'] {
  return examples.map(([line, describe]) => [line.replaceAll('$0', 'spoe-logs'), describe]);
}

/** The manual pages: spoe-logs(1), and one for each of its commands. */
export async function manPages(): Promise<ManPage[]> {
  const commands = await loadCommands();
  const program: ManPage = {
    name: 'spoe-logs',
    section: 1,
    source: SOURCE,
    summary: "read the SPOE lines in HAProxy's logs, and say what is wrong with mirrored traffic",
    synopsis: ['spoe-logs COMMAND [OPTION]... [FILE]...', 'spoe-logs [--help] [--version]'],
    description: [
      'HAProxy mirrors traffic through its SPOE filter and an agent. spoe-logs reads what the filter logs, and what the agent records, and says whether mirroring works, what the mirror answered, and whether the mirrored version is safe to release.',
    ],
    commands: commands.map(([name, summary]) => [name, `${capital(summary)}. See spoe-logs-${name}(1).`]),
    options: [{ options: EVERYWHERE }],
    sections: [
      EXIT_STATUS,
      SCREEN,
      {
        heading: 'FILES',
        entries: [
          ['$XDG_CACHE_HOME/spoe-logs, ~/.cache/spoe-logs', 'Compiled code, from Node 22 on. It may be removed.'],
        ],
      },
      {
        heading: 'DIAGNOSTICS',
        entries: [
          [
            'spoe-logs: WHAT (CODE); HINT',
            'Each error is one such line on standard error. The code is stable, words are not.',
          ],
        ],
      },
    ],
    examples: withProgram(EXAMPLES),
    seeAlso: [...commands.map(([name]) => [`spoe-logs-${name}`, 1] as const), ['spoa-mirror', 8], ['haproxy', 1]],
  };
  const pages = commands.map(([name, summary, command]): ManPage => {
    const environment = ENVIRONMENTS[name];
    return {
      name: `spoe-logs-${name}`,
      section: 1,
      source: SOURCE,
      summary,
      synopsis: synopsis(name, command),
      description: DESCRIPTIONS[name],
      options: grouped(command.options),
      sections: [EXITS[name], ...(environment === undefined ? [] : [environment])],
      examples: withProgram(command.examples),
      seeAlso: [
        ['spoe-logs', 1],
        ...commands.flatMap(([other]) => (other === name ? [] : [[`spoe-logs-${other}`, 1] as const])),
        ['spoa-mirror', 8],
      ],
    };
  });
  return [program, ...pages];
}

function capital(text: string): string {
  return text.slice(0, 1).toUpperCase() + text.slice(1);
}

export async function completedProgram(): Promise<CompletedProgram> {
  const commands = await loadCommands();
  return {
    name: 'spoe-logs',
    options: EVERYWHERE,
    commands: commands.map(([name, summary, { options, positionals }]) => ({
      name,
      summary,
      options,
      // Those of diff are behind its options, which take several; those of mirroring behind guard.
      takesFiles:
        name === 'diff' || name === 'mirroring' || Object.values(positionals).some(({ kind }) => kind.name === 'file'),
    })),
  };
}

/** What `--help` writes for these arguments, which is kept as a text by the build. */
export async function helpOf(args: readonly string[]): Promise<string> {
  return helpText(args, { commands: COMMANDS, examples: EXAMPLES, options: GLOBAL_OPTIONS }, await loadNamed(args));
}
