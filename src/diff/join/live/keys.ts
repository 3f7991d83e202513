/** What a single line is recognised by, as texts of its own: nothing of the line itself is kept alive. */
import { createHash } from 'node:crypto';
import type { AccessRecord } from '../../../logs/access-record.ts';
import { detached } from '../detached.ts';
import { describeStream, type IdKind, isStream, spanNumber } from '../ids.ts';

/** Each is empty where the line does not tell. */
export interface Keys {
  readonly uniqueId: string;
  readonly traceId: string;
  /** Made of trace and parent id. */
  readonly span: string;
  /** Made of host, pid and sid. A sid alone is no key: every process has the same ones. */
  readonly stream: string;
  /** Made of pid and sid: a mirror's record knows no host. */
  readonly hostless: string;
}

/** The longest id that is kept as it is: a mirror's log may repeat any header that a client sends. */
const MAX_ID = 256;

export function keysOf({ uniqueId, traceId, spanId = '', host, pid, sid }: AccessRecord): Keys {
  return {
    uniqueId: boundedId(uniqueId),
    traceId: boundedId(traceId),
    span: traceId === '' || spanId === '' ? '' : `${traceId} ${spanNumber(traceId, spanId)}`,
    stream: streamKey(host, pid, sid),
    hostless: streamKey('', pid, sid),
  };
}

export function streamKey(host: string, pid: number, sid: number): string {
  return isStream(pid, sid) ? `${pid} ${sid} ${boundedId(host)}` : '';
}

/** For people: the unique id, else the trace, else `lb1[713] 42`; empty when a line has none of them. */
export function describeKeys({ uniqueId, traceId, stream }: Keys): string {
  return uniqueId || traceId || describe(stream);
}

/** What a request is drawn by: as the comparison of whole files does it. */
export function keyText(keys: Keys, kind: IdKind): string {
  if (kind === 'unique-id') return keys.uniqueId;
  if (kind === 'span') return keys.span;
  return kind === 'trace' ? keys.traceId : describe(keys.stream);
}

function describe(stream: string): string {
  if (stream === '') return '';
  const [pid = '', sid = '', host = ''] = stream.split(' ');
  return describeStream(host, pid, sid);
}

export function hasAnyKey({ uniqueId, traceId, stream }: Keys): boolean {
  return uniqueId !== '' || traceId !== '' || stream !== '';
}

/** What is longer is told apart by its hash. */
function boundedId(id: string): string {
  if (id.length <= MAX_ID) return detached(id);
  return `${id.slice(0, MAX_ID / 2)}#${createHash('sha256').update(id).digest('hex')}`;
}
