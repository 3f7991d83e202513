/**
 * What the C agent (haproxytech/spoa-mirror) writes with `-l` when a mirrored request is over (its src/curl.c, 1.2.19):
 *
 *     [ 1][1795331640.406960] "GET http://127.0.0.1:8080/x HTTP/1.1" 200 0/127 1.234 ok
 *     [worker][time] "METHOD URL VERSION" status sent/received milliseconds ok-or-error
 *
 * It says nothing of the request's id. URLs have no raw spaces; the error is libcurl's text.
 */

import type { AccessRecord } from '../access-record.ts';
import type { LineHeader } from '../record.ts';
import type { AccessClock } from './clock.ts';
import type { AccessFormat } from './format.ts';

const LINE =
  /^\[ *\d+\]\[ *(\d+)\.(\d{3})\d*\] "(\S+) (\S+) HTTP\/[\d.?]+" (-?\d{1,3}) -?\d+\/-?\d+ (-?\d+(?:\.\d+)?) (.*)$/;

/** Times below this count from the start of the process, not from 1970. */
const EARLIEST_SECOND = 1e8;

export class MirrorLogFormat implements AccessFormat {
  readonly name = 'spoa-mirror-log';
  readonly description = 'log of the C agent (-l): no ids in it, so only rates of routes can be compared';

  read(line: string, start: number, header: LineHeader, clock: AccessClock): AccessRecord | undefined {
    if (line.charCodeAt(start) !== 0x5b) return undefined;
    const match = LINE.exec(start === 0 ? line : line.slice(start));
    if (match === null) return undefined;
    const [, seconds = '', millis = '', method = '', target = '', code = '', total = '', outcome = ''] = match;
    const isMoment = Number(seconds) >= EARLIEST_SECOND;
    const status = Number(code);
    return {
      timeMs: isMoment ? Number(seconds) * 1000 + Number(millis) : clock.header(header.time),
      method,
      target,
      malformed: false,
      status: status >= 100 ? status : -1,
      termination: '',
      noServer: false,
      firstByteMs: Number.NaN,
      totalMs: Number(total),
      uniqueId: '',
      traceId: '',
      spanId: '',
      sid: -1,
      pid: header.pid ?? -1,
      host: header.host ?? '',
      error: outcome.trim() === 'ok' ? '' : outcome.trim(),
    };
  }
}
