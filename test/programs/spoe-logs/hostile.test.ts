import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, describe, test } from 'node:test';
import { TemporaryFolder } from '../../logs/reading.ts';
import { spoeLogs } from './one-process.ts';
import { hasRawControl } from './run.ts';

const ESCAPES = ['\x1b[2J', '\x1b]0;title\x07', '\u009b31m', '\x08\x08', '\u202e', '\x7f', '\u2028', '\r'];
const LINES = ESCAPES.flatMap((sequence, i) => [
  `Nov 22 07:00:00 lb1 haproxy[1]: SPOE: [mir${sequence}ror] <EVENT:on-${sequence}request> sid=${i} st=1 0/0/-1/-1/9 1/1 0/0 0/1`,
  `{"host":${JSON.stringify(`lb${sequence}`)},"program":"haproxy","message":"SPOE: [mirror] <EVENT:e> sid=${i} st=0 0/0/0/1/1 1/1 0/0 0/1"}`,
  `Nov 22 07:00:00 lb1 haproxy[1]: SPOE: [mirror] failed to ${sequence} create SPOE applet`,
  `Nov 22 07:00:00 lb1 haproxy[1]: 1.2.3.4:5 "GET /${sequence} HTTP/1.1"`,
]);
const stdin = `${LINES.join('\n')}\n`;

const folder = new TemporaryFolder();
after(() => folder.remove());

describe('a log with terminal commands in it', () => {
  const runs: readonly (readonly string[])[] = [
    ...['table', 'json', 'markdown', 'csv', 'prometheus'].map((format) => [
      'summarize',
      '--format',
      format,
      '--by',
      'agent,event,host,pid,st',
    ]),
    ['parse'],
    ['parse', '--format', 'csv'],
    ['parse', '--source', '--status', 'error'],
  ];
  for (const args of runs) {
    test(`reaches no output raw: ${args.slice(0, 3).join(' ')}`, async () => {
      const { code, stdout, stderr } = await spoeLogs(args, { stdin });
      assert.equal(code, 0);
      assert.notEqual(stdout, '');
      assert.equal(hasRawControl(stdout), false);
      assert.equal(hasRawControl(stderr), false);
    });
  }

  const files: readonly (readonly string[])[] = [
    ['export', '--otlp-file'],
    ['export', '--metrics', '--spans', 'none', '--otlp-file'],
    ['summarize', '--by', 'agent,event,host', '--save'],
  ];
  for (const args of files) {
    test(`reaches no file raw: ${args.join(' ')}`, async () => {
      const file = folder.file(`${args.length}.json`);
      await spoeLogs([...args, file, '--tz', 'UTC'], { stdin });
      const text = readFileSync(file, 'utf8');
      assert.match(text, /\\u202e/);
      assert.equal(hasRawControl(text), false);
    });
  }

  test('is no SPOE log, and its description is safe too', async () => {
    const { code, stderr } = await spoeLogs(['summarize'], { stdin: ESCAPES.join('\n') });
    assert.equal(code, 2);
    assert.equal(hasRawControl(stderr), false);
  });

  test('is explained without them', async () => {
    for (const sequence of ESCAPES) {
      for (const what of [sequence, `x${sequence}y`, LINES[0]?.replace('\x1b[2J', sequence) ?? '']) {
        const { stdout, stderr } = await spoeLogs(['explain', what]);
        assert.equal(hasRawControl(stdout + stderr), false, JSON.stringify(what));
      }
    }
  });

  test('may have any name', async () => {
    for (const name of ['\x1b[2J.log', 'a\nb.log']) {
      const { code, stderr } = await spoeLogs(['parse', name]);
      assert.equal(code, 2);
      assert.equal(hasRawControl(stderr), false);
      assert.equal(stderr.split('\n').length, 2);
    }
  });
});
