/** `spoe-logs doctor`: the troubleshooting chapter as one command. */
import { execFile } from 'node:child_process';
import { closeSync, existsSync, fstatSync, openSync, readSync, statSync } from 'node:fs';
import { type Finding, fail, ok, unknown, warning } from '../../../operate/diagnosis.ts';
import { diagnose } from '../../../operate/doctor.ts';
import { findLog } from '../../../operate/places.ts';
import { parseRuntimeAddress } from '../../../operate/runtime-api.ts';
import { choice, duration, FILE, text } from '../../../options/kinds.ts';
import { type Given, optionTable } from '../../../options/option.ts';
import { DOCTOR_OUTPUTS, renderDiagnosis } from '../../../report/doctor.ts';
import { verdictLine } from '../../../report/headline.ts';
import { Summarizer } from '../../../stats/summarizer.ts';
import { readAgentArguments } from '../../spoa-mirror/option-table.ts';
import { defineCommand } from '../command.ts';
import { CliError, Exit } from '../errors.ts';
import { setExit } from '../report-problem.ts';
import { tableOptions } from '../screen.ts';

const OPTIONS = optionTable({
  haproxy: { kind: FILE, help: 'the program', otherwise: 'that of the process, or a usual place' },
  config: {
    kind: FILE,
    repeatable: true,
    help: 'haproxy.cfg or a folder (repeatable)',
    otherwise: '-f of the process, or a usual place',
  },
  socket: { kind: text('ADDRESS'), help: 'the Runtime API: a path, or HOST:PORT', otherwise: 'stats socket' },
  agent: {
    kind: text('ADDRESS'),
    repeatable: true,
    help: 'where the agent listens (repeatable)',
    otherwise: 'the servers of its backend',
  },
  mirror: {
    kind: text('URL'),
    repeatable: true,
    help: 'where requests go (repeatable)',
    otherwise: '-u of the agent that runs',
  },
  'check-request': {
    kind: choice('METHOD', ['HEAD', 'GET', 'OPTIONS']),
    help: 'also sends such a request to each mirror',
  },
  log: { kind: FILE, help: "HAProxy's log", otherwise: 'a usual place, or the journal' },
  timeout: { kind: duration({ least: 1, most: 60_000 }), default: 3000, help: 'how long one answer may take' },
  output: { kind: choice('FORMAT', DOCTOR_OUTPUTS), default: 'short', help: 'short leaves out what is well' },
});

export const command = defineCommand({
  options: OPTIONS,
  positionals: {},
  examples: [
    ['$0 doctor', 'why does the mirror get nothing? reads, and changes nothing'],
    ['$0 doctor --output table --check-request HEAD', 'all that was looked at, and one request to the mirror'],
  ],
  run,
});

/** The end of the log that is read: some hundred thousand events. */
const TAIL_BYTES = 16 * 1024 * 1024;
const JOURNAL_LINES = '20000';
const MOST_CAUSES = 3;

async function run(given: Given<typeof OPTIONS>): Promise<void> {
  const { haproxy, config = [], socket, agent = [], mirror = [], checkRequest: request, log, timeout, output } = given;
  if (socket !== undefined) parseRuntimeAddress(socket);
  for (const path of [haproxy, log, ...config])
    if (path !== undefined && !existsSync(path)) throw new CliError('not-found', `no such file: ${path}`);
  const diagnosis = await diagnose({
    ...{ haproxy, config, socket, agents: agent, mirrors: mirror, request, timeoutMs: timeout },
    cwd: process.cwd(),
    uid: process.getuid?.(),
    env: process.env,
    readAgentArguments,
    lookAtLog: () => lookAtLog(log),
  });
  process.stdout.write(renderDiagnosis(diagnosis, output, tableOptions().unicode ?? true));
  const all = diagnosis.categories.flatMap(({ findings }) => findings);
  if (all.some(({ mark }) => mark === 'fail')) setExit(Exit.crossed);
}

async function lookAtLog(named: string | undefined): Promise<readonly Finding[]> {
  const { file = named, forbidden } = named === undefined ? findLog() : { forbidden: [] };
  if (file !== undefined) {
    try {
      return judge(file, readTail(file));
    } catch (error) {
      const why = (error as NodeJS.ErrnoException).code;
      return [
        unknown(
          `the log ${file} cannot be read: ${why}`,
          why === 'EACCES' ? 'run as root or a user of its group' : undefined,
        ),
      ];
    }
  }
  const journal = await readJournal();
  if ((journal === undefined || journal.length === 0) && forbidden.length > 0)
    return [unknown(`${forbidden.join(', ')} may not be looked at`, 'run as root, or as a user of its group')];
  if (journal === undefined || journal.length === 0)
    return [unknown('no log of HAProxy is found', 'name it: --log /var/log/haproxy.log')];
  return judge('the journal', journal);
}

/** Whole lines of the end. @throws what the system says */
function readTail(file: string): Buffer {
  if (!statSync(file).isFile()) throw Object.assign(new Error('no regular file'), { code: 'it is no regular file' });
  const fd = openSync(file, 'r');
  try {
    const { size } = fstatSync(fd);
    const from = Math.max(0, size - TAIL_BYTES);
    const bytes = Buffer.alloc(Math.min(size, TAIL_BYTES));
    const length = readSync(fd, bytes, 0, bytes.length, from);
    const whole = from === 0 ? 0 : bytes.indexOf('\n') + 1;
    return bytes.subarray(whole, length);
  } finally {
    closeSync(fd);
  }
}

/** Undefined where there is none, or it may not be read. */
function readJournal(): Promise<Buffer | undefined> {
  const args = ['-t', 'haproxy', '-t', 'hapee-lb', '-o', 'short-iso', '-n', JOURNAL_LINES, '--no-pager', '--quiet'];
  return new Promise((resolve) => {
    execFile('journalctl', args, { encoding: 'buffer', maxBuffer: TAIL_BYTES, timeout: 10_000 }, (error, stdout) =>
      resolve(error === null ? stdout : undefined),
    );
  });
}

function judge(name: string, bytes: Buffer): readonly Finding[] {
  const summarizer = new Summarizer();
  summarizer.begin(name);
  summarizer.write(bytes);
  const summary = summarizer.summary();
  const { verdict, input } = summary;
  if (input.spoe === 0)
    return [
      fail(
        `${name} has no SPOE line among ${input.lines} lines`,
        'the spoe-agent needs "log global", its frontend no "option dontlog-normal": spoe-logs config check',
      ),
    ];
  const line = `${name}: ${verdictLine(summary)}`;
  const causes = verdict.causes.filter(({ earlier }) => earlier !== true).slice(0, MOST_CAUSES);
  const [first, ...rest] = causes;
  const hint = first === undefined ? `spoe-logs summarize ${name}` : `${first.message}. ${first.next ?? ''}`.trim();
  const others = rest.map(({ message, next }) => warning(message, next));
  if (verdict.silence !== undefined) return [warning(line, hint), ...others];
  switch (verdict.status) {
    case 'healthy':
      return [ok(line)];
    case 'failing':
      return [fail(line, hint), ...others];
    case 'degraded':
      return [warning(line, hint), ...others];
    case 'unknown':
      return [unknown(line, hint), ...others];
  }
}
