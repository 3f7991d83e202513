/**
 * A summary in one's own words, for a chat or a ticket: what `spoe-logs summarize` counts, written as one likes.
 *
 *     node examples/own-report.mjs < lb-access.log
 */
import { pipeline } from 'node:stream/promises';
import { escapeTerminal, summarize } from 'spoe-logs';

const counter = summarize({ by: ['agent'], tz: 'UTC', failOn: ['error-rate>1%'] });
await pipeline(process.stdin, counter);
// It may be asked for at any time: a service would do so every minute, and go on writing.
const { verdict, groups, thresholds, input } = counter.summary();

console.log(`Mirroring is ${verdict.status}.`);
for (const { key, count, errors, timers } of groups) {
  const p99 = timers.pT?.p99 ?? '-';
  console.log(
    `* ${escapeTerminal(key.agent ?? '(other)')}: ${count} events, ${errors} failed, 99 % of the requests waited ${p99} ms or less`,
  );
}
for (const cause of verdict.causes) console.log(`  ${escapeTerminal(cause.next ?? cause.message)}`);
for (const { expression, crossed } of thresholds ?? []) console.log(`${crossed ? 'NOT kept' : 'kept'}: ${expression}`);
console.log(`(${input.lines} lines, ${input.malformed} malformed)`);
