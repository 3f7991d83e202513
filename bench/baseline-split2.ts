// The baseline: what one writes first. split2 for lines, one expression for SPOE lines, counts and pT percentiles by
// status. Reads standard input or one file.
import { createReadStream } from 'node:fs';
import split2 from 'split2';

const SPOE =
  /SPOE: \[([^\]]+)\] <(EVENT|GROUP):([^>]+)> sid=(\d+) st=(\d+) (?:(-?\d+)\/(-?\d+)\/(-?\d+)\/(-?\d+)\/)?(-?\d+) (?:(\d+)\/(\d+) (\d+)\/(\d+) )?(\d+)\/(\d+)/;

const input = process.argv[2] ? createReadStream(process.argv[2]) : process.stdin;
const byStatus = new Map<string, number>();
/** How many took so many milliseconds. */
const times: number[] = [];
let lines = 0;
input
  .pipe(split2())
  .on('data', (line: string) => {
    lines += 1;
    const match = SPOE.exec(line);
    if (match === null) return;
    const status = match[5] as string;
    byStatus.set(status, (byStatus.get(status) ?? 0) + 1);
    const total = Number(match[10]);
    times[total] = (times[total] ?? 0) + 1;
  })
  .on('end', () => {
    const count = [...byStatus.values()].reduce((sum, n) => sum + n, 0);
    const quantile = (q: number) => {
      let seen = 0;
      for (const [ms, n = 0] of times.entries()) {
        seen += n;
        if (seen >= q * count) return ms;
      }
      return undefined;
    };
    console.log(
      JSON.stringify({ lines, count, p50: quantile(0.5), p99: quantile(0.99), st: Object.fromEntries(byStatus) }),
    );
  });
