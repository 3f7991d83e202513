/** `spoe-logs mirroring`. A bundle of its own (scripts/build.mjs): no other command loads undici. */
import { setTimeout as delay } from 'node:timers/promises';
import { saveMapFile } from '../../../operate/map-file.ts';
import {
  isSame,
  isSameNote,
  type Mirroring,
  MirroringSwitch,
  type Note,
  noteOf,
} from '../../../operate/mirroring-switch.ts';
import { OperateError } from '../../../operate/operate-error.ts';
import { text } from '../../../options/kinds.ts';
import { defineCommand } from '../command.ts';
import { CliError, Exit } from '../errors.ts';
import { runFilter } from '../filter-run.ts';
import { runGuard } from '../guard-run.ts';
import { catchInterrupts } from '../interrupt.ts';
import {
  MIRRORING_OPTIONS,
  type MirroringArguments,
  readAction,
  readRate,
  readSample,
  readSwitch,
} from '../mirroring-options.ts';
import { type Report, readRestored, renderJson, renderStatus, renderSwitched } from '../mirroring-report.ts';
import { reportProblem, setExit } from '../report-problem.ts';

/** To switch back, and between two of them. */
const BACK_ATTEMPTS = 5;
const BACK_PAUSE_MS = 1000;

export const command = defineCommand({
  options: MIRRORING_OPTIONS,
  positionals: {
    words: {
      kind: text('ACTION'),
      repeatable: true,
      help: 'status, on, off, sample N%, guard LOG.., filter list|add|remove',
    },
  },
  examples: [
    ['$0 mirroring status --socket /run/haproxy/admin.sock', 'is it on, and after a reload?'],
    ['$0 mirroring off --save --socket /run/haproxy/admin.sock', 'off, in the map file too'],
    ['$0 mirroring guard --max-p99 50ms --socket /run/haproxy/admin.sock haproxy.log', 'off beyond a budget'],
  ],
  run,
});

async function run(given: MirroringArguments & { readonly words?: readonly string[] | undefined }): Promise<void> {
  const { action, rest } = readAction(given.words ?? [], given);
  const [first, ...more] = rest;
  switch (action) {
    case 'status':
      refuseMore(rest);
      return await showStatus(given);
    case 'on':
    case 'off':
      refuseMore(rest);
      return await switchTo(given, () => ({ kind: action }));
    case 'guard': {
      const { api, place } = readSwitch(given);
      return await runGuard(given, new MirroringSwitch(api, place), rest);
    }
    case 'filter list':
      refuseMore(rest);
      return await runFilter('list', given);
    case 'filter add':
      refuseMore(rest);
      return await runFilter('add', given);
    case 'filter remove':
      refuseMore(rest);
      return await runFilter('remove', given);
    case 'sample':
      refuseMore(more);
      if (first === undefined) throw new CliError('usage', 'mirroring sample needs a share', 'write sample 10%');
      return await switchTo(given, ({ sampleOf }) =>
        sampled(readRate('sample', readSample(first), sampleOf), sampleOf),
      );
  }
}

function sampled(rate: number, of: number): Mirroring {
  return rate >= of ? { kind: 'on' } : { kind: 'sample', rate };
}

function refuseMore([first]: readonly string[]): void {
  if (first !== undefined)
    throw new CliError('usage', `unexpected ${JSON.stringify(first)}`, 'see spoe-logs mirroring --help');
}

async function showStatus(given: MirroringArguments): Promise<void> {
  const { api, place } = readSwitch(given);
  const mirroring = new MirroringSwitch(api, place);
  const reading = await mirroring.read();
  const report = { mirroring, reading, restored: readRestored(mirroring, mapFile(given, mirroring)) };
  process.stdout.write(given.format === 'json' ? renderJson(report) : renderStatus(report, Date.now()));
}

/** HAProxy's map names a file of this machine where HAProxy is on this machine. */
function mapFile({ mapFile: named }: MirroringArguments, { map, address }: MirroringSwitch): string | undefined {
  if (named !== undefined) return named;
  const isHere = 'path' in address || /^(127\.|::1$|localhost$)/.test(address.host);
  return isHere && map.startsWith('/') ? map : undefined;
}

async function switchTo(
  given: MirroringArguments,
  wantedOf: (place: MirroringSwitch['place']) => Mirroring,
): Promise<void> {
  const { api, place } = readSwitch(given);
  const mirroring = new MirroringSwitch(api, place);
  const wanted = wantedOf(place);
  if (given.for !== undefined) return await switchForAWhile(given, given.for, mirroring, wanted);
  const before = (await mirroring.read()).current.mirroring;
  const reading = await mirroring.write(wanted);
  const path = mapFile(given, mirroring);
  if (given.save) save(mirroring, path, wanted, reading.current.hasSample);
  const report: Report = {
    mirroring,
    reading,
    before,
    restored: readRestored(mirroring, path),
    isSaved: given.save === true,
  };
  tell(given, report);
}

/** Switches, stays, and switches back, unless somebody else has switched meanwhile. */
async function switchForAWhile(
  given: MirroringArguments,
  forMs: number,
  mirroring: MirroringSwitch,
  wanted: Mirroring,
): Promise<void> {
  if (given.save)
    throw new CliError(
      'usage',
      '--save and --for cannot be together',
      'what is saved stays, what is for a while does not',
    );
  const { current } = await mirroring.read();
  // Another run may be waiting to switch back: this one takes over.
  const back = current.note?.back ?? current.mirroring;
  if (isSame(back, wanted))
    throw new CliError(
      'usage',
      `mirroring is ${mirroring.describe(wanted)} already: --for has nothing to switch back to`,
      'leave --for away',
    );
  const note = noteOf('for', back, Date.now() + forMs, process.pid);
  const interruption = catchInterrupts({ hangUp: true });
  try {
    const reading = await mirroring.write(wanted, note);
    tell(given, {
      mirroring,
      reading,
      before: current.mirroring,
      restored: readRestored(mirroring, mapFile(given, mirroring)),
    });
    await delay(forMs, undefined, { signal: interruption.signal }).catch(() => undefined);
    await switchBack(given, mirroring, wanted, note);
  } finally {
    interruption.release();
  }
  if (interruption.interrupted()) setExit(Exit.interrupted);
}

async function switchBack(
  given: MirroringArguments,
  mirroring: MirroringSwitch,
  wanted: Mirroring,
  note: Note,
): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    try {
      const { current } = await mirroring.read();
      if (!isSameNote(current.note, note) || !isSame(current.mirroring, wanted)) {
        // Who switched by other means than this command left it there.
        await mirroring.removeNote(note);
        reportProblem({
          code: 'switched-meanwhile',
          message: `mirroring is ${mirroring.describe(current.mirroring)} by somebody else, or by a reload: it is left so`,
        });
        return;
      }
      const reading = await mirroring.write(note.back);
      tell(given, { mirroring, reading, before: wanted, restored: readRestored(mirroring, mapFile(given, mirroring)) });
      return;
    } catch (error) {
      if (!(error instanceof OperateError)) throw error;
      if (attempt === BACK_ATTEMPTS)
        throw new OperateError(
          'cannot-switch',
          `mirroring may STILL BE ${mirroring.describe(wanted)}: it cannot be switched back: ${error.message}`,
          `switch it by hand: mirroring ${note.back.kind}`,
        );
      await delay(BACK_PAUSE_MS);
    }
  }
}

function tell({ format }: MirroringArguments, report: Report): void {
  process.stdout.write(format === 'json' ? renderJson(report) : renderSwitched(report));
}

/** What is in memory stays switched where the file cannot be written: that is said, too. */
function save(mirroring: MirroringSwitch, path: string | undefined, wanted: Mirroring, hasSample: boolean): void {
  const done = `mirroring is ${mirroring.describe(wanted)}, until a reload`;
  if (path === undefined)
    throw new OperateError(
      'cannot-save',
      `${done}; not saved: where ${mirroring.map} is on this machine is not known`,
      'name it with --map-file',
    );
  try {
    saveMapFile(path, mirroring.fileValues(wanted, hasSample));
  } catch (error) {
    if (!(error instanceof OperateError)) throw error;
    throw new OperateError(error.code, `${done}; not saved: ${error.message}`, error.hint);
  }
}
