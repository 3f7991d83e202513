/** The library's comparison, held against the command's. */
import assert from 'node:assert/strict';
import { createReadStream, readFileSync } from 'node:fs';
import { test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { compare } from '../../src/diff/compare.ts';
import { renderDiffJson } from '../../src/report/diff-json.ts';
import { TemporaryFolder } from '../logs/reading.ts';
import { spoeLogs } from '../programs/spoe-logs/one-process.ts';
import { fixture } from '../programs/spoe-logs/run.ts';

const PRODUCTION = fixture('diff/3.0.11--broken-orders--production.log');
const MIRROR = fixture('diff/3.0.11--broken-orders--mirror.jsonl');
const SIDES = ['--production', PRODUCTION, '--mirror', MIRROR];

async function ofCommand(...args: string[]): Promise<string> {
  const { stdout } = await spoeLogs(['diff', '--format', 'json', ...args]);
  return stdout;
}

test("files are compared as the command does: the report is the command's JSON, byte by byte", async () => {
  const report = await compare({ production: [PRODUCTION], mirror: [MIRROR] });
  assert.equal(renderDiffJson(report), await ofCommand(...SIDES));
  assert.equal(report.verdict.exitCode, 1);
});

test('so they are with options, which have the grammar of the command', async () => {
  const report = await compare({
    production: [PRODUCTION],
    mirror: [MIRROR],
    failOn: ['new-errors>5', 'p95-ratio>1.2'],
    warnOn: ['coverage<80%'],
    gates: '-latency',
    minEffect: '1pp',
    allowSlower: '3x,50ms',
    error: ['5xx,404'],
    ignore: ['GET /v1/carts/{…} 200->404'],
    route: ['/orders/{id}'],
    since: Date.UTC(2026, 10, 23),
    showQueries: true,
    key: undefined,
  } as never);
  const options = ['--fail-on', 'new-errors>5', '--fail-on', 'p95-ratio>1.2', '--warn-on', 'coverage<80%'];
  options.push('--gates=-latency', '--min-effect', '1pp', '--allow-slower', '3x,50ms', '--error', '5xx,404');
  options.push('--ignore', 'GET /v1/carts/{…} 200->404', '--route', '/orders/{id}', '--since', '2026-11-23T00:00:00Z');
  assert.equal(renderDiffJson(report), await ofCommand(...SIDES, ...options, '--show-queries'));
});

test('streams, and compressed files, are inputs too', async () => {
  const folder = new TemporaryFolder();
  try {
    const gzip = folder.write('p.log.gz', gzipSync(readFileSync(PRODUCTION)));
    const report = await compare({
      production: [gzip],
      mirror: [{ name: MIRROR, bytes: createReadStream(MIRROR, { highWaterMark: 13 }) }],
    });
    const plain = await compare({ production: [PRODUCTION], mirror: [MIRROR] });
    const named = report.inputs.map((input) => (input.path === gzip ? { ...input, path: PRODUCTION } : input));
    assert.deepEqual({ ...report, inputs: named }, plain);
  } finally {
    folder.remove();
  }
});

test('the noise of two equal versions is a report, as --noise-baseline has it', async () => {
  const noise = await compare({ production: [PRODUCTION], mirror: [MIRROR] });
  const report = await compare({ production: [PRODUCTION], mirror: [MIRROR], noiseBaseline: noise });
  assert.equal(
    report.warnings.some(({ code }) => code === 'baseline-failed'),
    true,
  );
});

test('what cannot be compared has a code', async () => {
  const both = { production: [PRODUCTION], mirror: [MIRROR] };
  await assert.rejects(compare({ production: [], mirror: [MIRROR] }), { code: 'usage' });
  await assert.rejects(compare({ production: [PRODUCTION], mirror: [PRODUCTION] }), { code: 'same-input' });
  await assert.rejects(compare({ production: [MIRROR], mirror: [PRODUCTION] }), { code: 'exchanged-sides' });
  await assert.rejects(compare({ ...both, failOn: ['nothing>1'] }), { code: 'bad-gate' });
  await assert.rejects(compare({ ...both, margin: 'wide' }), { code: 'bad-points' });
  await assert.rejects(compare({ ...both, maxRequests: 1 }), { code: 'too-many-requests' });
  await assert.rejects(compare({ ...both, mirror: ['/nonexistent/m.jsonl'] }), { code: 'not-found' });
  await assert.rejects(compare({ ...both, productionFormat: '%[' }), { code: 'bad-format' });
  await assert.rejects(compare({ ...both, tz: 'Nowhere/Land' }), { code: 'bad-time-zone' });
  await assert.rejects(compare({ ...both, signal: AbortSignal.abort(new Error('enough')) }), /enough/);
});

test('a word that an option does not have is refused, by name and with those it has', async () => {
  const both = { production: [PRODUCTION], mirror: [MIRROR] };
  const words = {
    key: 'auto, unique-id, traceparent, pid+sid',
    mirrorDuplicates: 'last, worst, first',
    compareLatency: 'first-byte, total',
    productionLatencyUnit: 'ns, us, ms, s',
    mirrorLatencyUnit: 'ns, us, ms, s',
  };
  for (const [option, values] of Object.entries(words)) {
    for (const given of ['x', '', null, 5]) {
      await assert.rejects(compare({ ...both, [option]: given } as never), {
        name: 'DiffError',
        code: 'bad-option',
        message: `cannot read ${option} "${given}": choose from ${values}`,
      });
    }
    for (const given of [undefined, ...values.split(', ')]) await compare({ ...both, [option]: given } as never);
  }
});

test('a signal ends the reading between blocks of bytes', async () => {
  const folder = new TemporaryFolder();
  try {
    const bytes = Buffer.from(readFileSync(PRODUCTION, 'utf8').repeat(30));
    const path = folder.write('large.log', bytes);
    const large = [
      path,
      { name: 'a chunk', bytes: [bytes] },
      { name: 'text', bytes: bytes.toString('latin1').match(/.*\n/g) ?? [] },
    ];
    for (const input of large) {
      const ending = new AbortController();
      setImmediate(() => ending.abort(new Error('enough')));
      await assert.rejects(compare({ production: [input], mirror: [MIRROR], signal: ending.signal }), /enough/);
    }
  } finally {
    folder.remove();
  }
});
