/** The machines of a data set: HAProxy processes with their stream numbers, and the clients that come to them. */

import type { Random } from '../random.ts';

interface Entry {
  readonly host: string;
  readonly pid: number;
  /** It writes SPOE lines as HAProxy from 3.1 on does. */
  readonly modern: boolean;
  /** Of the requests. */
  readonly weight: number;
  /** Its first sid. */
  readonly start?: number;
  /** The part of the requests that came before it started. */
  readonly from?: number;
}

export interface Client {
  readonly text: string;
  /** The address as the unique id has it. */
  readonly hex: string;
  readonly port: number;
  readonly version: 4 | 6;
}

/** What a unique id is made from. */
export interface Identity {
  readonly client: Client;
  readonly frontPort: number;
  readonly acceptMs: number;
  readonly sid: number;
  readonly process: { readonly pid: number };
}

/** The first sid of a process that soon goes round to 0: stream numbers are 32 bits. */
const WRAP_START = 2 ** 32 - 12;
/** When the third process of lb1 starts: the part of the requests that came before. */
const SECOND_RELOAD = 0.3;

/**
 * Two reloads of lb1, so three of its processes count the same sids; lb2 has a process of the same pid (as containers
 * have) with the same sids, and one whose sid wraps. lb1 writes SPOE lines as HAProxy <= 3.0 does, lb2 as >= 3.1.
 */
const BUSY: readonly Entry[] = [
  { host: 'lb1', pid: 576, modern: false, weight: 4 },
  { host: 'lb1', pid: 577, modern: false, weight: 4 },
  { host: 'lb2', pid: 576, modern: true, weight: 4 },
  { host: 'lb2', pid: 9001, modern: true, weight: 2, start: WRAP_START },
  { host: 'lb1', pid: 1432, modern: false, weight: 3, from: SECOND_RELOAD },
];
const CALM: readonly Entry[] = [
  { host: 'lb1', pid: 576, modern: false, weight: 1 },
  { host: 'lb2', pid: 812, modern: true, weight: 1 },
];

export const hex = (n: number, digits = 4): string => n.toString(16).toUpperCase().padStart(digits, '0');

const FRONT = {
  4: { hex: 'CB00710A' }, // 203.0.113.10
  6: { hex: '20010DB8FFFF00000000000000000010' }, // 2001:db8:ffff::10
};

/** One HAProxy process. Its clients have addresses of their own, so no unique id is ever made twice by chance. */
export class HaproxyProcess {
  readonly host: string;
  readonly pid: number;
  readonly modern: boolean;
  readonly start: number;
  /** How many streams it had. */
  streams = 0;
  /** What its SPOE filters count, by the name of the agent. */
  readonly spoe = { mirror: { processed: 0, failed: 0 }, iprep: { processed: 0, failed: 0 } };
  readonly #index: number;
  #port: number;
  #sid: number;

  constructor({ host, pid, modern, start = 0 }: Entry, index: number) {
    this.host = host;
    this.pid = pid;
    this.modern = modern;
    this.start = start;
    this.#index = index;
    this.#sid = start;
    this.#port = 20_000 + 997 * index;
  }

  nextSid(): number {
    const sid = this.#sid;
    this.#sid = (sid + 1) >>> 0;
    this.streams++;
    return sid;
  }

  /** Address and port of a client, with the address in hex as the unique id has it. */
  client(random: Random, version: 4 | 6): Client {
    this.#port = this.#port === 60_999 ? 10_000 : this.#port + 1;
    const group = this.#index + 1;
    const [x, y] = [1 + random.below(65_535), 1 + random.below(65_535)];
    if (version === 6) {
      const address = `20010DB8${hex(group)}${hex(x)}000000000000${hex(y)}`;
      return {
        text: `2001:db8:${group}:${x.toString(16)}::${y.toString(16)}`,
        hex: address,
        port: this.#port,
        version,
      };
    }
    const [a, b] = [x & 255, y & 255];
    return {
      text: `10.${group}.${a}.${b}`,
      hex: hex(10, 2) + hex(group, 2) + hex(a, 2) + hex(b, 2),
      port: this.#port,
      version,
    };
  }
}

/** As `unique-id-format %{+X}o\ %ci:%cp_%fi:%fp_%Ts_%rt:%pid` makes it. */
export function uniqueId({ client, frontPort, acceptMs, sid, process }: Identity): string {
  const front = FRONT[client.version].hex;
  return `${client.hex}:${hex(client.port)}_${front}:${hex(frontPort)}_${hex(Math.floor(acceptMs / 1000))}_${hex(sid)}:${hex(process.pid)}`;
}

export class Site {
  readonly processes: readonly HaproxyProcess[];
  readonly #early: readonly HaproxyProcess[];
  readonly #late: readonly HaproxyProcess[];

  constructor(isBusy: boolean) {
    const table = isBusy ? BUSY : CALM;
    const started = table.map((entry, index) => ({ entry, process: new HaproxyProcess(entry, index) }));
    const byWeight = ({ entry, process }: (typeof started)[number]) =>
      Array.from({ length: entry.weight }, () => process);
    this.processes = started.map(({ process }) => process);
    this.#early = started.filter(({ entry }) => entry.from === undefined).flatMap(byWeight);
    this.#late = started.flatMap(byWeight);
  }

  /** `progress` is the part of the requests that came before. */
  process(random: Random, progress: number): HaproxyProcess {
    return random.pick(progress < SECOND_RELOAD ? this.#early : this.#late);
  }

  /** A process on another host. */
  otherProcess({ host }: HaproxyProcess): HaproxyProcess {
    const other = this.processes.find((process) => process.host !== host);
    if (other === undefined) throw new Error(`no host besides ${host}`);
    return other;
  }

  /** How many streams shared what must not be mistaken for an identity. */
  collisions(): Record<string, number> {
    const counting = this.processes.filter(({ start }) => start === 0);
    const shared = (process: HaproxyProcess, others: readonly HaproxyProcess[]) =>
      Math.min(process.streams, Math.max(0, ...others.map(({ streams }) => streams)));
    const sum = (others: (a: HaproxyProcess) => (b: HaproxyProcess) => boolean) =>
      counting.reduce((total, process) => total + shared(process, counting.filter(others(process))), 0);
    return {
      'same-sid-other-pid': sum((a) => (b) => b !== a && b.host === a.host),
      'same-pid-and-sid-other-host': sum((a) => (b) => b.host !== a.host && b.pid === a.pid),
      'sid-wrapped': this.processes.reduce(
        (total, { start, streams }) => total + (start > 0 ? Math.max(0, streams - (2 ** 32 - start)) : 0),
        0,
      ),
    };
  }
}
