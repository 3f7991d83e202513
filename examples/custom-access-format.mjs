/**
 * Access logs of formats of one's own: HAProxy's log-format string and nginx's log_format say how lines are read. The lines
 * come from memory here; they may as well come from files, or from any stream of bytes.
 *
 *     node examples/custom-access-format.mjs
 */
import { compare } from 'spoe-logs';

// HAProxy: log-format "%ci %ID %{+Q}r %ST %Ta"
const PRODUCTION_FORMAT = '%ci %ID %{+Q}r %ST %Ta';
// nginx: log_format mirror '$http_x_unique_id "$request" $status $request_time';
const MIRROR_FORMAT = '$http_x_unique_id "$request" $status $request_time';

const ids = Array.from({ length: 400 }, (_, i) => `0A000001:${(40000 + i).toString(16).toUpperCase()}`);
const production = ids.map((id, i) => `10.0.0.1 ${id} "GET /items/${i} HTTP/1.1" 200 12\n`);
// Every tenth request fails on the mirror.
const mirror = ids.map((id, i) => `${id} "GET /items/${i} HTTP/1.1" ${i % 10 === 0 ? 500 : 200} 0.012\n`);

const report = await compare({
  production: [{ name: 'production', bytes: production }],
  mirror: [{ name: 'mirror', bytes: mirror }],
  productionFormat: PRODUCTION_FORMAT,
  mirrorFormat: MIRROR_FORMAT,
});
for (const { role, format, parsed, unparsed } of report.inputs)
  console.log(`${role}: ${format}, ${parsed} requests, ${unparsed} not read`);
console.log(`${report.coverage.paired} pairs by ${report.correlation.key}`);
for (const { production: from, mirror: to, count } of report.transitions) console.log(`${from} -> ${to}: ${count}`);
console.log(report.verdict.status);
