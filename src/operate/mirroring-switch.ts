/**
 * The switch of the vendor's page: a key of a map that the spoe-message's ACL looks up.
 *
 *     acl mirroring_on str(mirroring),map(/etc/haproxy/mirroring.map) -m str on
 *
 * A second key holds how many of a hundred requests are mirrored, where the configuration asks for it (docs/mirroring.md). A
 * third one, which no configuration looks up, is a note of who has switched for a while: others see it, and it goes with the
 * switch when HAProxy is reloaded.
 */
import { hostname } from 'node:os';
import { nearest } from '../text/nearest.ts';
import { OperateError } from './operate-error.ts';
import { escapeWord, type RuntimeAddress, type RuntimeApi, type Worker } from './runtime-api.ts';

/** What the map says of mirroring. `other`: the value is neither of the two, which the configuration takes for off. */
export type Mirroring =
  | { readonly kind: 'on' }
  | { readonly kind: 'off' }
  /** `rate` of `SwitchPlace.sampleOf` requests. */
  | { readonly kind: 'sample'; readonly rate: number }
  | { readonly kind: 'other'; readonly value: string };

/** Names and values, as the configuration has them. */
export interface SwitchPlace {
  /** The file, as it stands in the configuration, or `#ID`; undefined: the only one called mirroring.map. */
  readonly map: string | undefined;
  readonly key: string;
  readonly sampleKey: string;
  readonly on: string;
  readonly off: string;
  /** What `rand()` is given. */
  readonly sampleOf: number;
}

export const PAGE_PLACE: SwitchPlace = {
  map: undefined,
  key: 'mirroring',
  sampleKey: 'mirroring.sample',
  on: 'on',
  off: 'off',
  sampleOf: 100,
};

/** Who has switched for a while, and what comes back after it. */
export interface Note {
  readonly by: 'for' | 'guard';
  readonly back: Mirroring;
  /** Epoch ms: when it comes back; of a guard when it switched. */
  readonly atMs: number;
  readonly host: string;
  readonly pid: number;
}

/** What one process of HAProxy has in its memory. */
export interface WorkerReading {
  readonly worker: Worker;
  /** Undefined where an old process has no such map or key. */
  readonly mirroring: Mirroring | undefined;
  /** The map has a key for the sample. */
  readonly hasSample: boolean;
  readonly note: Note | undefined;
}

export interface Reading {
  /** The process that takes new connections. */
  readonly current: WorkerReading & { readonly mirroring: Mirroring };
  /** Replaced by reloads, and still serving. */
  readonly old: readonly WorkerReading[];
}

const DEFAULT_NAME = 'mirroring.map';
/** Maps that are named in an error. */
const SHOWN_MAPS = 4;
const WORD = /^[\w.:@=,/+-]{1,200}$/;

/** For an option: what the Runtime API and a map file both take as one word. Throws OperateError. */
export function checkWord(option: string, word: string): string {
  if (WORD.test(word)) return word;
  throw new OperateError(
    'bad-map',
    `cannot use ${option} ${JSON.stringify(word)}`,
    'write letters, digits and . : @ = , / + - _',
  );
}

export class MirroringSwitch {
  readonly place: SwitchPlace;
  readonly #api: RuntimeApi;
  #map: string | undefined;

  constructor(api: RuntimeApi, place: SwitchPlace) {
    this.#api = api;
    this.place = place;
    this.#map = place.map;
  }

  /** Of the map, as HAProxy has it; after the first reading. */
  get map(): string {
    return this.#map ?? DEFAULT_NAME;
  }

  get noteKey(): string {
    return `${this.place.key}.note`;
  }

  get where(): string {
    return this.#api.where;
  }

  get address(): RuntimeAddress {
    return this.#api.address;
  }

  /** Throws OperateError. */
  async read(): Promise<Reading> {
    const workers = await this.#workers();
    const readings: WorkerReading[] = [];
    for (const worker of workers) {
      const reading = await this.#readWorker(worker);
      if (reading !== undefined) readings.push(reading);
    }
    return readingOf(readings, this.#missing());
  }

  /**
   * Switches in every process and reads back. The sample comes first, so that no request is mirrored that was not meant to
   * be. Without a note, one that is there is removed: whoever switches by hand has the last word. Throws OperateError.
   */
  async write(wanted: Mirroring, note?: Note): Promise<Reading> {
    const before = await this.read();
    if (wanted.kind === 'sample' && !before.current.hasSample) throw this.#noSample();
    for (const { worker, mirroring, hasSample } of [before.current, ...before.old]) {
      if (mirroring === undefined) continue;
      for (const [key, value] of this.#valuesOf(wanted, hasSample)) await this.#set(worker, key, value);
      await this.#writeNote(worker, note);
    }
    const after = await this.read();
    this.#refuseUnchanged(after, wanted);
    return after;
  }

  /** Leaves the switch as it is, and the note of somebody else. Throws OperateError. */
  async removeNote(note: Note): Promise<void> {
    const { current, old } = await this.read();
    for (const reading of [current, ...old])
      if (isSameNote(reading.note, note)) await this.#writeNote(reading.worker, undefined);
  }

  /** Of the process that takes new connections; undefined where it does not tell. Throws OperateError. */
  async processId(): Promise<string | undefined> {
    const worker = (await this.#api.workers()).find(({ isOld }) => !isOld);
    const answer = await this.#api.ask('show info', worker);
    const [pid, started] = [/^Pid: (\d+)$/m.exec(answer)?.[1], /^Start_time_sec: (\d+)$/m.exec(answer)?.[1]];
    return pid === undefined ? undefined : `${pid} ${started}`;
  }

  /** What a map file has to hold for it. */
  fileValues(wanted: Mirroring, hasSample: boolean): ReadonlyMap<string, string> {
    return new Map(this.#valuesOf(wanted, hasSample));
  }

  /** What the values of the keys come to; undefined without the switch itself. */
  interpret(values: ReadonlyMap<string, string>): Mirroring | undefined {
    const { key, sampleKey, on, off, sampleOf } = this.place;
    const value = values.get(key);
    if (value === undefined) return undefined;
    if (value === off) return { kind: 'off' };
    if (value !== on) return { kind: 'other', value };
    const rate = values.get(sampleKey);
    if (rate === undefined) return { kind: 'on' };
    if (!/^\d{1,9}$/.test(rate)) return { kind: 'other', value: `${on}, ${sampleKey} ${rate}` };
    if (Number(rate) === 0) return { kind: 'off' };
    return Number(rate) >= sampleOf ? { kind: 'on' } : { kind: 'sample', rate: Number(rate) };
  }

  #valuesOf(wanted: Mirroring, hasSample: boolean): (readonly [key: string, value: string])[] {
    const { key, sampleKey, on, off, sampleOf } = this.place;
    switch (wanted.kind) {
      case 'off':
        return [[key, off]];
      case 'other':
        return [[key, wanted.value]];
      case 'on':
        return hasSample
          ? [
              [sampleKey, `${sampleOf}`],
              [key, on],
            ]
          : [[key, on]];
      case 'sample':
        return [
          [sampleKey, `${wanted.rate}`],
          [key, on],
        ];
    }
  }

  async #workers(): Promise<readonly Worker[]> {
    const workers = await this.#api.workers();
    const current = workers.find(({ isOld }) => !isOld);
    if (current !== undefined) this.#map = await this.#resolveMap(current);
    return workers;
  }

  /** `#ID` becomes its file: after a reload another map may have the number. Without a name it is the only one called mirroring.map. */
  async #resolveMap(worker: Worker): Promise<string> {
    if (this.#map !== undefined && !this.#map.startsWith('#')) return this.#map;
    const listed = await this.#listMaps(worker);
    const maps = listed.map(({ name }) => name);
    if (this.#map !== undefined) {
      const named = listed.find(({ id }) => `#${id}` === this.#map);
      if (named !== undefined) return named.name;
      throw new OperateError('no-map', `HAProxy at ${this.where} has no map ${this.#map}`, hintOfMaps(maps));
    }
    const found = maps.filter((name) => name === DEFAULT_NAME || name.endsWith(`/${DEFAULT_NAME}`));
    if (found.length === 1) return found[0] as string;
    const message =
      found.length === 0
        ? `HAProxy at ${this.where} has no map called ${DEFAULT_NAME}`
        : `HAProxy at ${this.where} has ${found.length} maps called ${DEFAULT_NAME}`;
    throw new OperateError('no-map', message, hintOfMaps(found.length === 0 ? maps : found));
  }

  async #listMaps(worker: Worker): Promise<{ id: string; name: string }[]> {
    const answer = await this.#api.ask('show map', worker);
    return answer.split('\n').flatMap((line) => {
      const [, id, name] = /^(\d+) \((.+?)\) pattern loaded/.exec(line) ?? [];
      return id === undefined || name === undefined ? [] : [{ id, name }];
    });
  }

  /** Undefined for an old process that has ended meanwhile. */
  async #readWorker(worker: Worker): Promise<WorkerReading | undefined> {
    const { key, sampleKey } = this.place;
    const values = new Map<string, string>();
    for (const each of [key, sampleKey, this.noteKey]) {
      const answer = await this.#api.ask(`get map ${escapeWord(this.map)} ${escapeWord(each)}`, worker);
      if (worker.isOld && /^(Can't find|Unknown map)/.test(answer)) {
        if (answer.startsWith('Can')) return undefined;
        break;
      }
      if (answer.startsWith('Unknown map')) throw await this.#unknownMap(worker);
      const value = lookedUp(answer);
      if (value === undefined) this.#refuse(`get map`, answer);
      else if (value !== '') values.set(each, value);
      // Without the switch the rest says nothing.
      if (each === key && value === '') break;
    }
    const note = values.get(this.noteKey);
    return {
      worker,
      mirroring: this.interpret(values),
      hasSample: values.has(sampleKey),
      note: note === undefined ? undefined : this.#parseNote(note),
    };
  }

  async #set(worker: Worker, key: string, value: string): Promise<void> {
    const answer = await this.#api.ask(
      `set map ${escapeWord(this.map)} ${escapeWord(key)} ${escapeWord(value)}`,
      worker,
    );
    if (answer === '' || (worker.isOld && answer.startsWith("Can't find"))) return;
    this.#refuse(`set map ${this.map} ${key} ${value}`, answer);
  }

  async #writeNote(worker: Worker, note: Note | undefined): Promise<void> {
    const map = escapeWord(this.map);
    const deleted = await this.#api.ask(`del map ${map} ${escapeWord(this.noteKey)}`, worker);
    if (deleted !== '' && !/not found|Can't find/i.test(deleted)) this.#refuse('del map', deleted);
    if (note === undefined) return;
    const added = await this.#api.ask(
      `add map ${map} ${escapeWord(this.noteKey)} ${escapeWord(this.#formatNote(note))}`,
      worker,
    );
    if (added !== '' && !/Can't find/.test(added)) this.#refuse('add map', added);
  }

  #formatNote({ by, back, atMs, host, pid }: Note): string {
    const { kind } = back;
    const text = kind === 'sample' ? `${back.rate}` : kind === 'other' ? 'off' : kind;
    return `${by},${text},${new Date(atMs).toISOString()},${host}:${pid}`;
  }

  /** Anybody may have written it. */
  #parseNote(text: string): Note | undefined {
    const [, by, back = '', at = '', host = '', pid] =
      /^(for|guard),(on|off|\d{1,9}),(\d{4}-\d\d-\d\dT[\d:.]{8,12}Z),([\w.-]{1,64}):(\d{1,10})$/.exec(text) ?? [];
    const atMs = Date.parse(at);
    if ((by !== 'for' && by !== 'guard') || Number.isNaN(atMs)) return undefined;
    return {
      by,
      back: back === 'on' || back === 'off' ? { kind: back } : { kind: 'sample', rate: Number(back) },
      atMs,
      host,
      pid: Number(pid),
    };
  }

  #refuseUnchanged({ current, old }: Reading, wanted: Mirroring): void {
    const wrong = [current, ...old].find(({ mirroring }) => mirroring !== undefined && !isSame(mirroring, wanted));
    if (wrong === undefined) return;
    const whose = wrong.worker.isOld ? ` in the old process ${wrong.worker.pid}` : '';
    throw new OperateError(
      'not-switched',
      `the map ${this.map}${whose} says ${this.describe(wrong.mirroring)} after it was set to ${this.describe(wanted)}`,
      'did somebody else switch at the same time? look with status',
    );
  }

  /** `on`, `off`, `on for 10 %`. */
  describe(mirroring: Mirroring | undefined): string {
    if (mirroring === undefined) return 'nothing';
    switch (mirroring.kind) {
      case 'sample':
        return `on for ${Number(((mirroring.rate / this.place.sampleOf) * 100).toFixed(6))} %`;
      case 'other':
        return `${JSON.stringify(mirroring.value)}, which is neither ${this.place.on} nor ${this.place.off}`;
      default:
        return mirroring.kind;
    }
  }

  #missing(): OperateError {
    const { key, off } = this.place;
    return new OperateError(
      'no-key',
      `the map ${this.map} has no key ${key}`,
      `add a line to the file ("${key} ${off}") and reload, or name another one with --key`,
    );
  }

  #noSample(): OperateError {
    const { sampleKey, sampleOf } = this.place;
    return new OperateError(
      'no-key',
      `the map ${this.map} has no key ${sampleKey}: HAProxy is not configured to take a sample`,
      `docs/mirroring.md has the two ACLs for it; add "${sampleKey} ${sampleOf}" to the file with them`,
    );
  }

  async #unknownMap(worker: Worker): Promise<OperateError> {
    const maps = (await this.#listMaps(worker)).map(({ name }) => name);
    return new OperateError('no-map', `HAProxy at ${this.where} has no map ${this.map}`, hintOfMaps(maps, this.map));
  }

  #refuse(command: string, answer: string): never {
    throw new OperateError(
      'command-refused',
      `${this.where} refuses "${command}": ${JSON.stringify(answer.slice(0, 120))}`,
      'look with status',
    );
  }
}

/** Of this process. */
export function noteOf(by: Note['by'], back: Mirroring, atMs: number, pid: number): Note {
  return {
    by,
    back,
    atMs,
    host: hostname()
      .replace(/[^\w.-]/g, '_')
      .slice(0, 64),
    pid,
  };
}

export function isSame(a: Mirroring, b: Mirroring): boolean {
  if (a.kind === 'sample' && b.kind === 'sample') return a.rate === b.rate;
  if (a.kind === 'other' && b.kind === 'other') return a.value === b.value;
  return a.kind === b.kind;
}

export function isSameNote(a: Note | undefined, b: Note | undefined): boolean {
  return a !== undefined && b !== undefined && a.atMs === b.atMs && a.pid === b.pid && a.host === b.host;
}

function readingOf(readings: readonly WorkerReading[], missing: OperateError): Reading {
  const current = readings.find(({ worker }) => !worker.isOld);
  if (current?.mirroring === undefined) throw missing;
  const { mirroring } = current;
  return { current: { ...current, mirroring }, old: readings.filter(({ worker }) => worker.isOld) };
}

/**
 * One line for each way in which the configuration looks the map up (map, map_beg, …). The value; empty where there is none,
 * undefined where the answer is something else.
 */
function lookedUp(answer: string): string | undefined {
  let value: string | undefined;
  for (const line of answer.split('\n')) {
    const found = /^type=\S+, case=\w+, found=(yes|no)(?:, idx=\w+)?(.*)$/.exec(line);
    if (found === null) continue;
    value ||= /, value="(.*)", type="\w+"$/.exec(found[2] ?? '')?.[1] ?? '';
  }
  return value;
}

function hintOfMaps(maps: readonly string[], wanted?: string): string {
  const meant = wanted === undefined ? undefined : nearest(wanted, maps);
  if (meant !== undefined) return `did you mean --map ${meant}?`;
  if (maps.length === 0) return 'its configuration uses no map file; docs/mirroring.md has the lines that do';
  const shown = maps.slice(0, SHOWN_MAPS).join(', ');
  return `name one with --map: ${shown}${maps.length > SHOWN_MAPS ? ` and ${maps.length - SHOWN_MAPS} more` : ''}`;
}
