/** The manual page and completions of `spoa-mirror`: what its tables of options do not say. Read by scripts/manuals.ts alone. */
import packageJson from '../../../package.json' with { type: 'json' };
import type { CompletedProgram } from '../../options/completions.ts';
import type { ManPage } from '../../options/man-page.ts';
import { OPTION_TABLE } from './option-table.ts';
import { ORIGINAL_OPTIONS } from './original-options.ts';
import { OWN_OPTIONS } from './own-options.ts';
import { PROXY_CREDENTIALS } from './secrets.ts';
import { EXAMPLES } from './usage.ts';

export const MAN_PAGE: ManPage = {
  name: 'spoa-mirror',
  section: 8,
  source: `spoe-logs ${packageJson.version}`,
  summary: 'mirror the HTTP requests of HAProxy: an SPOP agent',
  synopsis: ['spoa-mirror -r TIME [-u URL]... [OPTION]...', 'spoa-mirror [--help] [--version]'],
  description: [
    "The agent that HAProxy's traffic mirroring talks to. It takes the command line of the vendor's agent as it is, acknowledges each request before the mirror is contacted, sends a copy to every -u, and tells what came of it: as a line of a record, as figures for Prometheus, as spans.",
    'No client waits for the mirror: what cannot be sent in time is dropped, counted and recorded. Nothing of HAProxy or of its configuration changes.',
    'Arguments are read as by getopt_long(3): unique beginnings of long names will do, values may be attached to letters.',
  ],
  options: [
    { heading: "Options of the vendor's agent", options: ORIGINAL_OPTIONS },
    { heading: 'Options of this agent alone', options: OWN_OPTIONS },
  ],
  sections: [
    {
      heading: 'SIGNALS',
      entries: [
        [
          'SIGTERM, SIGINT, SIGUSR1',
          'End: no new connections; what HAProxy has sent is acknowledged; the queue has --grace to empty, and what is left is recorded as lost.',
        ],
        [
          'SIGHUP',
          'Opens log, record and trace again, for rotation, and reads --tls-cert, --tls-key and --tls-ca again.',
        ],
        ['SIGUSR2', 'Nothing.'],
      ],
    },
    {
      heading: 'EXIT STATUS',
      entries: [
        ['0', 'Ended by --runtime or a signal; with -D: the daemon listens.'],
        [
          '64',
          'Wrong usage; a certificate, key, user or group that cannot be used; an OTEL_* variable that makes no sense.',
        ],
        [
          '70',
          'The address cannot be listened on, a worker does not start, or there are too few file descriptors; with --check-request: a mirror does not answer, or with 5xx.',
        ],
        ['255', 'Log, record, trace or pidfile cannot be opened, or not again by --user.'],
        ['with --check', 'That of a start with the first failure, 0 without one.'],
      ],
    },
    {
      heading: 'ENVIRONMENT',
      entries: [
        [PROXY_CREDENTIALS, 'Stands for --proxy-userpwd, as user:password: a command line can be read by every user.'],
        ['OTEL_*', 'Where --otel sends to, and how, as the specification of OpenTelemetry has it.'],
        ['NODE_OPTIONS', 'With --max-old-space-size=MB, memory for each process.'],
        [
          'NOTIFY_SOCKET, WATCHDOG_USEC',
          'Of systemd: READY, RELOADING, STOPPING, STATUS and WATCHDOG go there by systemd-notify(1). -D has no effect with it.',
        ],
        ['LISTEN_FDS, LISTEN_PID', 'Of systemd: a socket that it listens on takes the place of --address and --port.'],
      ],
    },
    {
      heading: 'FILES',
      entries: [
        ['--record', 'A line of JSON for each request and mirror. Made with --record-mode.'],
        [
          '--logfile',
          'The log; without it standard output, or standard error where the record goes there. Made with 0640.',
        ],
        ['--pidfile', 'Made with 0644, removed at the end.'],
        [
          '--set-header @FILE, --proxy-header @FILE',
          'A header a line; empty lines and those that begin with # are left out.',
        ],
      ],
    },
    {
      heading: 'NOTES',
      entries: [
        ['Supported capabilities', 'fragmentation, pipelining, async.'],
        [
          'Modes of --logfile',
          'a opens or creates the file for writing at its end, w empties or creates it; without a mode the file must not exist yet.',
        ],
      ],
    },
  ],
  examples: EXAMPLES.map(([line, describe]) => [`spoa-mirror ${line}`, describe]),
  seeAlso: [
    ['spoe-logs', 1],
    ['spoe-logs-summarize', 1],
    ['spoe-logs-diff', 1],
    ['haproxy', 1],
    ['systemd-notify', 1],
  ],
};

export const COMPLETED_PROGRAM: CompletedProgram = { name: 'spoa-mirror', options: OPTION_TABLE, commands: [] };
