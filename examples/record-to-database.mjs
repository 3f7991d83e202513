/**
 * The agent's record as SQL, for the program sqlite3 (Node has a database of its own from 22.5 on; this runs on 20, too):
 *
 *     node examples/record-to-database.mjs < mirror.jsonl | sqlite3 mirror.db
 *     sqlite3 mirror.db 'SELECT status, count(*), avg(latency_ms) FROM mirrored GROUP BY status'
 */
import { pipeline } from 'node:stream/promises';
import { readRecord } from 'spoe-logs';

const COLUMNS = ['ts', 'unique_id', 'method', 'path', 'status', 'ttfb_ms', 'latency_ms', 'attempts', 'error'];
const BATCH = 1000;

/** Texts are what clients sent: quotes are doubled, and a NUL, which would end the text, is left out. */
function literal(value) {
  if (value === null || value === undefined) return 'NULL';
  return typeof value === 'string' ? `'${value.replaceAll("'", "''").replaceAll('\0', '')}'` : String(value);
}

const record = readRecord();
await pipeline(
  process.stdin,
  record,
  async function* toSql(requests) {
    yield `CREATE TABLE IF NOT EXISTS mirrored (${COLUMNS.join(', ')});\nBEGIN;\n`;
    let rows = 0;
    for await (const request of requests) {
      yield `INSERT INTO mirrored VALUES (${COLUMNS.map((name) => literal(request[name])).join(', ')});\n`;
      rows += 1;
      if (rows % BATCH === 0) yield 'COMMIT;\nBEGIN;\n';
    }
    yield 'COMMIT;\n';
  },
  process.stdout,
);
const { records, unread } = record.counts;
console.error(`${records} requests, ${unread} lines that are none`);
