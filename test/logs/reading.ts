/** What tests of reading share: a plain scanner that keeps its records, and inputs in a temporary folder. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { LineFeed } from '../../src/logs/line-feed.ts';
import { PlainScanner } from '../../src/logs/plain-scanner.ts';
import { type ReadControl, readInput } from '../../src/logs/read.ts';
import { LineTally } from '../../src/logs/tally.ts';
import { TimeResolver } from '../../src/logs/time.ts';
import { parseZone } from '../../src/logs/zone.ts';

/** An event line whose sid tells it apart; 117 bytes and more. */
export function eventLine(sid: number): string {
  return `Nov 22 07:00:00 lb1 haproxy[713]: SPOE: [mirror] <EVENT:on-frontend-http-request> sid=${sid} st=0 0/0/0/1/1 1/1 0/0 0/${sid}`;
}

export class Reading {
  readonly tally = new LineTally();
  /** The sid of each event, in order. */
  readonly sids: number[] = [];
  readonly #scanner: PlainScanner;
  readonly #times = new TimeResolver({ zone: parseZone('UTC'), referenceMs: Date.UTC(2026, 10, 23) });

  constructor() {
    this.#scanner = new PlainScanner(this.tally, this.#times, ({ parsed }) => {
      if (parsed.kind === 'event') this.sids.push(Number(parsed.event.sid));
    });
  }

  feed(): LineFeed {
    return new LineFeed(this.#scanner, this.tally, this.#times);
  }

  /** Reads an input as the command line does. */
  async read(path: string, control: Partial<ReadControl> = {}): Promise<this> {
    const { signal } = new AbortController();
    await readInput(path, this.feed(), { signal, onTurn: () => {}, onSample: () => {}, ...control });
    return this;
  }

  get counts() {
    const { lines, overlong, malformed, bytes } = this.tally;
    return { lines, events: this.sids.length, overlong, malformed, bytes };
  }
}

/** The tally and the events of an input that arrives in these pieces. */
export function feedPieces(pieces: readonly Uint8Array[]): { tally: unknown; sids: readonly number[] } {
  const reading = new Reading();
  const feed = reading.feed();
  for (const piece of pieces) feed.push(piece);
  feed.end();
  return { tally: reading.tally.toState(), sids: reading.sids };
}

/** The pieces that cuts at these offsets make. */
export function cutAt(bytes: Uint8Array, offsets: readonly number[]): Uint8Array[] {
  const cuts = [0, ...[...offsets].filter((offset) => offset < bytes.length).sort((a, b) => a - b), bytes.length];
  return cuts.slice(1).map((end, i) => bytes.subarray(cuts[i], end));
}

export function byteByByte(bytes: Uint8Array): Uint8Array[] {
  return Array.from(bytes, (_, i) => bytes.subarray(i, i + 1));
}

export class TemporaryFolder {
  readonly path = mkdtempSync(join(tmpdir(), 'spoe-logs-test-'));

  file(name: string): string {
    return join(this.path, name);
  }

  write(name: string, content: string | Uint8Array): string {
    const path = this.file(name);
    writeFileSync(path, content);
    return path;
  }

  remove(): void {
    rmSync(this.path, { recursive: true, force: true });
  }
}
