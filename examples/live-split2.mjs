/**
 * Line by line, as HAProxy writes: each failed event is said at once.
 *
 *     tail -F lb-access.log | node examples/live-split2.mjs
 *
 * split2 cuts the stream into lines and drops what its mapper gives back as undefined. Its bound on a line's length is
 * set, and what is longer is skipped: a line that never ends must not fill the memory.
 */
import { pipeline } from 'node:stream/promises';
import split2 from 'split2';
import { describeStatus, escapeTerminal, parseLine } from 'spoe-logs';

/** The event of a line that tells of a failure; undefined for any other line. */
function failureOf(line) {
  const parsed = parseLine(line);
  return parsed.kind === 'event' && parsed.event.st !== 0 ? parsed.event : undefined;
}

await pipeline(
  process.stdin,
  split2(failureOf, { maxLength: 64 * 1024, skipOverflow: true }),
  async function* explain(failures) {
    for await (const event of failures) {
      const { meaning } = describeStatus(event.st);
      yield `${escapeTerminal(`${event.agent} ${event.name}`)} sid=${event.sid} st=${event.st}: ${meaning}\n`;
    }
  },
  process.stdout,
);
