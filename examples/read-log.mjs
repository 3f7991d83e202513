/**
 * The failed events of logs, one a line:
 *
 *     node examples/read-log.mjs lb-access.log lb-access.log.2.gz
 */
import { createReadStream } from 'node:fs';
import { createGunzip } from 'node:zlib';
import { describeStatus, escapeTerminal, spoeLines } from 'spoe-logs';

for (const path of process.argv.slice(2)) {
  const file = createReadStream(path);
  const log = path.endsWith('.gz') ? file.pipe(createGunzip()) : file;
  const lines = log.pipe(spoeLines({ tz: 'UTC' }));
  for await (const { timeMs, header, event } of lines) {
    if (event.st === 0) continue;
    const time = timeMs === undefined ? '-' : new Date(timeMs).toISOString();
    // What a line says is text of somebody else.
    const who = escapeTerminal(`${header.host ?? '-'} ${event.agent}`);
    console.log(`${time} ${who} sid=${event.sid} ${describeStatus(event.st).name} ${event.pT} ms`);
  }
  // Nothing is left out without being counted.
  const { lines: all, events, malformed } = lines.counts;
  console.log(`${path}: ${events} events in ${all} lines, ${malformed} malformed`);
}
