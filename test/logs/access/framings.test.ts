import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { test } from 'node:test';
import { detectFormat } from '../../../src/logs/access/detect.ts';
import { linesOf, readerOf } from './reading.ts';

const FILES = readdirSync(new URL('../../../fixtures/logs/formats/', import.meta.url)).filter((name) =>
  name.endsWith('.log'),
);

/** Which framings name the host, and the process beside the %pid that all of these lines have. */
const HOSTS: Readonly<Record<string, string>> = {
  'rsyslog-fileformat-iso': 'node1',
  'rsyslog-hapee-doublecolon': 'node1',
  'rsyslog-json': 'node1',
  'rsyslog-syslog23': 'node1',
  'rsyslog-traditional': 'node1',
  'stdout-rfc3164': 'localhost',
  'udp-rfc3164': 'node1',
  'udp-rfc5424': 'node1',
};

test('the folder holds 21 framings of two versions', () => {
  assert.equal(FILES.length, 42);
});

for (const name of FILES) {
  test(`${name}: 13 requests, whatever stands before them`, () => {
    const lines = linesOf(`formats/${name}`).filter((line) => !line.includes('SPOE: ['));
    const detection = detectFormat(lines);
    assert.equal(detection?.format.name, 'haproxy-httplog');
    assert.equal(detection?.format.description, 'httplog + rt= pid= id=');
    assert.equal(detection?.parsed, 13);
    const read = readerOf(detection.format);
    const records = lines.map(read);
    assert.equal(records[0]?.malformed, true);
    assert.equal(records[0]?.uniqueId, '');
    const framing = /--(.*)\.log$/.exec(name)?.[1] ?? '';
    const targets = new Set<string>();
    for (const record of records.slice(1)) {
      assert.ok(record !== undefined);
      targets.add(record.target);
      assert.equal(record.status, 200);
      assert.equal(record.termination, '----');
      assert.equal(record.host, HOSTS[framing] ?? '');
      // The documented id ends in `_RT:PID`.
      const [rt, pid] = /_([0-9A-F]+):([0-9A-F]+)$/.exec(record.uniqueId)?.slice(1) ?? [];
      assert.equal(record.sid, Number.parseInt(rt ?? '', 16));
      assert.equal(record.pid, Number.parseInt(pid ?? '', 16));
      assert.match(new Date(record.timeMs).toISOString(), /^2026-11-22T07:2[01]:/);
    }
    assert.deepEqual([...targets].sort(), Array.from({ length: 12 }, (_, i) => `/fmt?i=${i}`).sort());
  });
}
