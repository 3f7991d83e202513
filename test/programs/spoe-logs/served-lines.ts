/** Lines of both sides of a release that is being mirrored, at any time: only what a test is about is said. */
import { appendFileSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';

export interface Mirrored {
  readonly id: string;
  /** Epoch ms. */
  readonly ms: number;
  readonly path?: string;
  readonly status?: number;
  /** Of the mirror; that of production without it. Null is none. */
  readonly mirrorStatus?: number | null;
  /** Why the agent has no answer. */
  readonly error?: string;
  readonly destination?: string;
  /** The agent sent it with its body cut. */
  readonly isCut?: boolean;
  /** Of the SPOE event. */
  readonly st?: number;
}

const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

/** The header of a line as rsyslog writes it in UTC. */
function header(ms: number): string {
  const [, , , hours] = ['', '', '', new Date(ms).toISOString().slice(11, 19)];
  const date = new Date(ms);
  return `${MONTHS[date.getUTCMonth()]} ${String(date.getUTCDate()).padStart(2)} ${hours} lb1 haproxy[11]: `;
}

function accessTime(ms: number): string {
  const iso = new Date(ms).toISOString();
  return `${iso.slice(8, 10)}/${MONTHS[Number(iso.slice(5, 7)) - 1]}/${iso.slice(0, 4)}:${iso.slice(11, 23)}`;
}

function accessLine({ id, ms, path = '/items', status = 200 }: Mirrored): string {
  return `${header(ms)}10.0.0.1:1000 [${accessTime(ms)}] fe be/s1 0/0/0/3/3 ${status} 100 - - ---- 1/1/0/0/0 0/0 "GET ${path} HTTP/1.1" ${id}\n`;
}

let sid = 0;

function spoeLine({ ms, st = 0 }: Mirrored): string {
  sid++;
  return `${header(ms)}SPOE: [mirror] <EVENT:on-frontend-http-request> sid=${sid} st=${st} 0/0/0/1/1 1/1 0/0 ${st === 0 ? 0 : 1}/${sid}\n`;
}

function recordLine(request: Mirrored): string {
  const {
    id,
    ms,
    path = '/items',
    status = 200,
    mirrorStatus = status,
    error = null,
    destination,
    isCut = false,
  } = request;
  const line = {
    ts: new Date(ms + 2).toISOString(),
    message: 'mirror',
    stream_id: 1,
    frame_id: 1,
    unique_id: id,
    ...(destination !== undefined && { destination }),
    method: 'GET',
    path,
    status: error === null ? mirrorStatus : null,
    latency_ms: 3,
    attempts: error === null ? 1 : 0,
    ...(isCut && { truncated: true }),
    error,
  };
  return `${JSON.stringify(line)}\n`;
}

/** `count` requests that end at `endMs`, one each ms. */
export function requests(
  name: string,
  count: number,
  endMs: number,
  fields: Partial<Mirrored> | ((i: number) => Partial<Mirrored>) = {},
): Mirrored[] {
  return Array.from({ length: count }, (_, i) => ({
    id: `${name}-${i}`,
    ms: endMs - count + i,
    path: `/items/${i % 5}`,
    ...(typeof fields === 'function' ? fields(i) : fields),
  }));
}

/** Both logs and the record of one release, in a folder of their own. */
export class Logs {
  readonly folder = mkdtempSync(join(tmpdir(), 'spoe-logs-serve-'));
  readonly log = join(this.folder, 'lb-access.log');
  readonly record = join(this.folder, 'mirror.jsonl');

  constructor(t: TestContext) {
    t.after(() => rmSync(this.folder, { recursive: true }));
  }

  path(name: string): string {
    return join(this.folder, name);
  }

  /** On both sides, the answer first: lines stand in a log when a request has ended. */
  both(all: readonly Mirrored[]): void {
    this.mirror(all);
    this.production(all);
  }

  production(all: readonly Mirrored[]): void {
    appendFileSync(this.log, all.map((each) => spoeLine(each) + accessLine(each)).join(''));
  }

  mirror(all: readonly Mirrored[]): void {
    appendFileSync(this.record, all.map(recordLine).join(''));
  }
}
