/** What `spoe-logs mirroring` says of the switch: text for people, or one JSON object. */
import { readMapFile } from '../../operate/map-file.ts';
import {
  isSame,
  type Mirroring,
  type MirroringSwitch,
  type Note,
  type Reading,
} from '../../operate/mirroring-switch.ts';
import { OperateError } from '../../operate/operate-error.ts';
import { escapeJson } from '../../text/json.ts';
import { escapeTerminal } from '../../text/terminal.ts';

/** A process that waits for a time may be that late. */
const OVERDUE_MS = 10_000;

/** What HAProxy will find in the file when it is reloaded. */
export type Restored =
  | { readonly path: string; readonly mirroring: Mirroring | undefined }
  | { readonly path: string; readonly why: string };

/** `path` is undefined where the map has no file that is known here. */
export function readRestored(mirroring: MirroringSwitch, path: string | undefined): Restored {
  const name = mirroring.map;
  if (path === undefined)
    return { path: name, why: 'where its file is on this machine is not known, --map-file tells' };
  try {
    const { key, sampleKey } = mirroring.place;
    return { path, mirroring: mirroring.interpret(readMapFile(path, [key, sampleKey])) };
  } catch (error) {
    if (error instanceof OperateError) return { path, why: error.message };
    throw error;
  }
}

/** `restores on: /etc/haproxy/mirroring.map says so`. */
function describeRestored(mirroring: MirroringSwitch, restored: Restored): string {
  if ('why' in restored) return `what a reload restores is not known: ${restored.why}`;
  if (restored.mirroring === undefined)
    return `a reload leaves the map without a switch: ${restored.path} has no key ${mirroring.place.key}`;
  return `a reload restores ${mirroring.describe(restored.mirroring)}: so says ${restored.path}`;
}

export interface Report {
  readonly mirroring: MirroringSwitch;
  readonly reading: Reading;
  readonly restored: Restored;
  /** Of a run that has switched. */
  readonly before?: Mirroring;
  readonly isSaved?: boolean;
}

/** @param nowMs of which a note may be overdue */
export function renderStatus(report: Report, nowMs: number): string {
  const { mirroring, reading, restored } = report;
  const { current, old } = reading;
  const rows: [string, string][] = [
    ['mirroring', mirroring.describe(current.mirroring)],
    ['map', `${mirroring.map}, key ${mirroring.place.key}`],
    ['read from', `${mirroring.where}${current.worker.pid === undefined ? '' : `, process ${current.worker.pid}`}`],
    [
      'sample',
      current.hasSample
        ? `key ${mirroring.place.sampleKey}`
        : `no key ${mirroring.place.sampleKey}: all requests or none`,
    ],
    ['reload', describeRestored(mirroring, restored)],
  ];
  const { note } = current;
  if (note !== undefined) rows.push(['note', describeNote(mirroring, note, nowMs)]);
  for (const each of old) rows.push(['old process', `${each.worker.pid}: ${mirroring.describe(each.mirroring)}`]);
  return rows.map(([name, value]) => `${name.padEnd(12)} ${escapeTerminal(value)}\n`).join('');
}

export function renderSwitched(report: Report): string {
  const { mirroring, reading, restored, before, isSaved } = report;
  const { current, old } = reading;
  const was =
    before === undefined || isSame(before, current.mirroring) ? 'it was before' : `was ${mirroring.describe(before)}`;
  const saved = isSaved ? `, and ${restored.path} says so, too` : '';
  const lines = [`mirroring is ${mirroring.describe(current.mirroring)} (${was})${saved}`];
  if (!isSaved) lines.push(describeRestored(mirroring, restored));
  const { note } = current;
  if (note?.by === 'for')
    lines.push(
      `until ${new Date(note.atMs).toISOString()}, then ${mirroring.describe(note.back)} again: this process waits for it; Ctrl-C and TERM switch back at once`,
    );
  if (old.length > 0) lines.push(`switched in ${old.length} old ${old.length === 1 ? 'process' : 'processes'}, too`);
  return lines.map((line) => `${escapeTerminal(line)}\n`).join('');
}

function describeNote(mirroring: MirroringSwitch, { by, back, atMs, host, pid }: Note, nowMs: number): string {
  const at = new Date(atMs).toISOString();
  if (by === 'guard')
    return `mirroring guard, process ${pid} on ${host}, switched at ${at}; it was ${mirroring.describe(back)}`;
  const promise = `process ${pid} on ${host} switches back to ${mirroring.describe(back)} at ${at}`;
  return atMs + OVERDUE_MS < nowMs ? `${promise}: that time is over, so it has ended` : promise;
}

export function renderJson({ mirroring, reading, restored, before, isSaved }: Report): string {
  const { current, old } = reading;
  const { map, where, place } = mirroring;
  const model = {
    schema: 'spoe-logs/mirroring/1',
    mirroring: plain(current.mirroring, place.sampleOf),
    before: before === undefined ? null : plain(before, place.sampleOf),
    map,
    key: place.key,
    socket: where,
    pid: current.worker.pid ?? null,
    canSample: current.hasSample,
    reload: 'why' in restored ? null : ((restored.mirroring && plain(restored.mirroring, place.sampleOf)) ?? null),
    mapFile: restored.path,
    saved: isSaved === true,
    note:
      current.note === undefined
        ? null
        : {
            ...current.note,
            back: plain(current.note.back, place.sampleOf),
            atMs: undefined,
            at: new Date(current.note.atMs).toISOString(),
          },
    old: old.map(({ worker, mirroring: value }) => ({
      pid: worker.pid,
      mirroring: value === undefined ? null : plain(value, place.sampleOf),
    })),
  };
  return `${escapeJson(JSON.stringify(model))}\n`;
}

function plain(mirroring: Mirroring, of: number): { state: string; rate: number | null } {
  const { kind } = mirroring;
  if (kind === 'other') return { state: 'unknown', rate: null };
  return { state: kind, rate: kind === 'on' ? 1 : kind === 'off' ? 0 : mirroring.rate / of };
}
