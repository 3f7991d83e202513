/** What a verdict on answers must not promise: what nobody looked at, or could not be what it is held to be. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Fingerprinter } from '../../../src/answers/fingerprint.ts';
import { type CompareOptions, compare } from '../../../src/diff/compare.ts';
import type { DiffReport } from '../../../src/diff/model.ts';

const START = Date.UTC(2026, 10, 26, 2);

/** What one route answers. */
interface RouteAnswers {
  readonly path: string;
  readonly times: number;
  readonly type?: string;
  /** HAProxy sends the head alone. */
  readonly isHeadOnly?: boolean;
  readonly production: (i: number) => unknown;
  /** As production's without it. */
  readonly candidate?: (i: number) => unknown;
  /** Undefined: there is no A/A run. */
  readonly secondary?: (i: number) => unknown;
}

const CANDIDATE = 'http://candidate';
const SECONDARY = 'http://secondary';

/** The logs of all routes, one request of each after the other. */
function logsOf(routes: readonly RouteAnswers[]): { readonly production: string; readonly mirror: string } {
  const printer = new Fingerprinter(new Uint8Array(32).fill(3));
  const production: string[] = [];
  const mirror: string[] = [];
  let number = 0;
  for (const { path, times, type = 'application/json', isHeadOnly = false, ...of } of routes) {
    for (let i = 0; i < times; i++) {
      const id = `7F000001:${number.toString(16).padStart(6, '0')}`;
      const at = new Date(START + number++ * 20).toISOString();
      const day = `26/Nov/2026:${at.slice(11, 23)}`;
      production.push(
        `Nov 26 02:00:00 lb haproxy[7]: 127.0.0.1:9 [${day}] fe be/s 0/0/0/9/9 200 500 - - ---- 1/1/0/0/0 0/0 "GET ${path} HTTP/1.1" ${id} ${number}`,
      );
      const print = (content: unknown, isHead: boolean) => {
        const text = typeof content === 'string' ? content : JSON.stringify(content);
        const headers = [
          ['content-type', type],
          ['content-length', String(text.length)],
        ] as const;
        return printer.print(id, { status: 200, headers, body: isHead ? undefined : Buffer.from(text) });
      };
      const line = (destination: string, content: unknown) =>
        JSON.stringify({
          ...{ ts: at, message: 'mirror', stream_id: number, frame_id: 1, unique_id: id, method: 'GET', path },
          ...{ status: 200, ttfb_ms: 9, latency_ms: 9, request_bytes: 0, response_bytes: 9, truncated: false },
          ...{ attempts: 1, error: null, destination, answer: print(content, false) },
        });
      const answer = of.production(i);
      const heard = { ts: at, kind: 'production', message: 'answer-body', unique_id: id };
      mirror.push(JSON.stringify({ ...heard, answer: print(answer, isHeadOnly) }));
      mirror.push(line(CANDIDATE, (of.candidate ?? of.production)(i)));
      if (of.secondary !== undefined) mirror.push(line(SECONDARY, of.secondary(i)));
    }
  }
  const text = (lines: readonly string[]) => lines.map((each) => `${each}\n`).join('');
  return { production: text(production), mirror: text(mirror) };
}

async function reportOn(routes: readonly RouteAnswers[], options: Partial<CompareOptions> = {}): Promise<DiffReport> {
  const { production, mirror } = logsOf(routes);
  const hasNoise = routes.some(({ secondary }) => secondary !== undefined);
  return await compare({
    production: [{ name: 'production.log', bytes: [Buffer.from(production)] }],
    mirror: [{ name: 'mirror.jsonl', bytes: [Buffer.from(mirror)] }],
    ...{ margin: '5pp', gates: '-latency,-route-latency' },
    ...(hasNoise && { baselineDestination: SECONDARY }),
    ...options,
  });
}

const said = ({ verdict }: DiffReport) => `${verdict.status}: ${verdict.reasons.join(' | ')}`;

const ITEM = (i: number) => ({ id: i, price: 1.5 });
const ITEMS: RouteAnswers = { path: '/items', times: 300, production: ITEM };

test('JSON that HAProxy did not send is a body that is not known, and what is known of it is its length', async () => {
  const large = { path: '/large', times: 300, isHeadOnly: true, production: ITEM };
  const report = await reportOn([large]);
  assert.equal(
    said(report),
    'inconclusive: whether bodies changed is not known: only 0 of 300 bodies were whole on both sides',
  );
  const other = await reportOn([{ ...large, candidate: () => ({ id: 'longer' }) }]);
  assert.deepEqual(
    other.responses?.fields.map(({ place, kind, mirror }) => [place, kind, mirror]),
    [['length', 'length', 300]],
  );
});

test('a PASS names the routes of whose bodies none was compared', async () => {
  const report = await reportOn([
    ITEMS,
    { path: '/large', times: 60, isHeadOnly: true, production: ITEM, candidate: () => ({ id: [] }) },
    { path: '/text', times: 50, type: 'text/plain', isHeadOnly: true, production: () => 'a', candidate: () => 'b' },
  ]);
  assert.match(
    said(report),
    /^pass: .*; bodies compared in 73\.2 % of pairs \(.*\); no body of GET \/large, GET \/text$/,
  );
  assert.deepEqual(report.responses?.uncompared, [
    { route: 'GET /large', pairs: 60, state: 'unasked' },
    { route: 'GET /text', pairs: 50, state: 'unasked' },
  ]);
});

test('bodies that neither side was asked for are no part of the comparison', async () => {
  const report = await reportOn([ITEMS]);
  assert.equal(report.responses?.uncompared, undefined);
  assert.doesNotMatch(said(report), /no body of/);
});

test('a place that no answer has is not said to be unchanged', async () => {
  const asked = (place: string) => reportOn([ITEMS], { failOn: [`field:${place}`] });
  assert.equal(
    said(await asked('$.prise')),
    'inconclusive: whether $.prise changed is not known: no answer that was compared has such a place',
  );
  assert.match(said(await asked('header nope')), /^inconclusive: whether header nope changed is not known: no answer/);
  for (const place of ['$.price', '$', 'header content-type', 'status', 'length'])
    assert.match(said(await asked(place)), /^pass: /, place);
});

test('a field of logs without answers is named where it is not known', async () => {
  const { production, mirror } = logsOf([ITEMS]);
  const bare = mirror.replace(/^.*"kind":"production".*\n/gm, '').replace(/,"answer":.*$/gm, '}');
  const report = await compare({
    production: [{ name: 'p', bytes: [Buffer.from(production)] }],
    mirror: [{ name: 'm', bytes: [Buffer.from(bare)] }],
    ...{ failOn: ['field:$.price'], margin: '5pp', gates: '-latency,-route-latency' },
  });
  assert.match(said(report), /whether \$\.price changed is not known: no pair has answers of both sides/);
});

test('what was not tested is counted and said', async () => {
  const report = await reportOn([{ ...ITEMS, candidate: (i) => ({ id: i, price: 2.5 }) }], { gates: 'pairs' });
  assert.deepEqual(report.responses?.suppressed, [{ by: 'untested', name: 'value', fields: 1, differences: 300 }]);
  assert.match(
    said(report),
    /\(noise unknown: 300 differences not tested, only status, types, and what is missing or new\)$/,
  );
});

test('what differs from production one way in most pairs is no noise of production’s version', async () => {
  const without = (i: number) => ({ id: i });
  const swapped = await reportOn([{ ...ITEMS, secondary: without }]);
  assert.match(
    said(swapped),
    /^inconclusive: http:\/\/secondary cannot be production's version: \$\.price of GET \/items is missing in 100 % of its 300 pairs/,
  );
  assert.deepEqual(
    swapped.responses?.fields.map(({ place, kind, mirror, noise }) => [place, kind, mirror, noise]),
    [['$.price', 'missing', 0, 300]],
  );
  // Both mirrors run the new version.
  const both = await reportOn([{ ...ITEMS, candidate: without, secondary: without }]);
  assert.match(said(both), /^inconclusive: http:\/\/secondary cannot be production's version/);
  const typed = await reportOn([{ ...ITEMS, secondary: (i) => ({ id: i, price: '1.5' }) }]);
  assert.match(said(typed), /\$\.price of GET \/items changed in 100 %/);
  const excused = await reportOn([{ ...ITEMS, secondary: without }], {
    ignoreField: ['$.price missing'],
  });
  assert.match(said(excused), /^pass: /);
});

test('noise that fails itself makes no PASS', async () => {
  const sometimes = (i: number) => (i % 3 === 0 ? { id: i } : ITEM(i));
  const report = await reportOn([{ ...ITEMS, secondary: sometimes }]);
  assert.match(
    said(report),
    /^inconclusive: what the noise is of fails itself, so that it cannot be production's version: GET \/items: \$\.price is missing in 33\.3 %/,
  );
});

test('what comes and goes both ways is noise, however often', async () => {
  const half = (of: number) => (i: number) => (Math.floor(i / of) % 2 === 0 ? ITEM(i) : { id: i });
  const report = await reportOn([{ ...ITEMS, production: half(1), candidate: half(2), secondary: half(4) }]);
  assert.match(said(report), /^pass: /);
});

test('too few pairs are said to be too few, with a number', async () => {
  const report = await reportOn([{ ...ITEMS, times: 39 }]);
  assert.match(
    said(report),
    /whether bodies changed is not known: only the answers of 39 pairs were compared, and 100 are the least that say anything/,
  );
});

test('a finding of several routes names them, and counts none that is noise', async () => {
  const of = (path: string, isChanged: boolean): RouteAnswers => ({
    ...ITEMS,
    path,
    times: 100,
    candidate: (i) => (isChanged ? { id: i } : ITEM(i)),
    secondary: ITEM,
  });
  const noisy: RouteAnswers = {
    ...ITEMS,
    path: '/noisy',
    times: 100,
    candidate: (i) => (i % 10 < 3 ? { id: i } : ITEM(i)),
    secondary: (i) => (i % 10 > 6 ? { id: i } : ITEM(i)),
  };
  const report = await reportOn([of('/a', true), of('/b', true), of('/c', false), noisy]);
  assert.match(said(report), /^fail: 2 of 4 routes \(GET \/a, GET \/b\): \$\.price is missing in /);
  const [field] = report.responses?.fields ?? [];
  assert.deepEqual([field?.routes, field?.routeNames], [2, ['GET /a', 'GET /b']]);
});
