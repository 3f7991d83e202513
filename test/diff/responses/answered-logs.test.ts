/** Logs with answers, from the prints that the agent makes to the verdict. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { ACCOUNTS } from '../../../bench/diff/responses/accounts.ts';
import { type AnsweredLogsOptions, answeredLogs } from '../../../bench/diff/responses/answered-logs.ts';
import { SHOP } from '../../../bench/diff/responses/shop.ts';
import { simulate } from '../../../bench/diff/responses/simulation.ts';
import { type CompareOptions, compare } from '../../../src/diff/compare.ts';
import type { DiffReport, GateResult } from '../../../src/diff/model.ts';

const CHANGES = { type: 1, missing: 0.1, reversed: 1 };

function input(name: string, text: string) {
  return { name, bytes: [Buffer.from(text)] };
}

async function reportOf(logs: AnsweredLogsOptions, options: Partial<CompareOptions> = {}): Promise<DiffReport> {
  const { production, mirror, noise } = answeredLogs(logs);
  return await compare({
    production: [input('production.log', production)],
    mirror: [input('mirror.jsonl', mirror)],
    ...(noise !== '' && { mirrorNoise: [input('aa.jsonl', noise)] }),
    ...options,
  });
}

function gatesOf({ verdict }: DiffReport, ...names: string[]): GateResult[] {
  return verdict.gates.filter(({ gate }) => names.includes(gate));
}

test('what changed fails, named with its shape and never with a value, and what is noise does not', async () => {
  const { verdict, responses } = await reportOf({ site: SHOP, plants: CHANGES, pairs: 300, noise: true });
  assert.equal(verdict.status, 'fail');
  const bodies = responses?.bodiesCompared;
  assert.deepEqual(verdict.reasons.slice(0, 2), [
    `GET /articles/{…}: $.stock.count changed from number to string in 100 % of ${bodies} pairs (never in A/A)`,
    `GET /articles/{…}: $.tags is in another order in 100 % of ${bodies} pairs (never in A/A)`,
  ]);
  assert.match(verdict.reasons[2] ?? '', /^GET \/articles\/\{…\}: \$\.shipping\.eta is missing in \d/);
  assert.equal(verdict.reasons.length, 3);
  assert.deepEqual(responses?.noise, { source: 'file', name: 'aa.jsonl', pairs: 300, sameRequests: true });
  const [first] = responses?.fields ?? [];
  assert.equal(first?.examples.length, 3);
  assert.ok(responses?.suppressed.some(({ by, fields }) => by === 'noise' && fields > 5));
});

test('a change of what all routes have is one finding, and the route is none', async () => {
  const { verdict } = await reportOf({ site: ACCOUNTS, plants: { type: 1 }, pairs: 300, noise: true });
  assert.deepEqual(verdict.reasons.length, 1);
  assert.match(verdict.reasons[0] ?? '', /^all 5 routes: \$\.meta\.total changed from number to string in [\d.]+ % of/);
});

test('equal versions pass, and the verdict says how far bodies were compared', async () => {
  const logs = { site: SHOP, pairs: 400, noise: true, whole: 0.7 };
  const report = await reportOf(logs, { gates: '-latency,-route-latency', margin: '5pp' });
  const share = report.responses?.bodyShare ?? 0;
  assert.ok(share > 0.6 && share < 0.8, String(share));
  assert.equal(report.verdict.status, 'pass', report.verdict.reasons.join('\n'));
  assert.match(report.verdict.reasons[0] ?? '', /; bodies compared in [67]\d\.\d % of pairs$/);
});

test('where most bodies could not be compared nobody is told that they are the same, unless he says so', async () => {
  const logs = { site: SHOP, pairs: 400, noise: true, whole: 0.3 };
  const open = await reportOf(logs, { margin: '5pp' });
  assert.equal(open.verdict.status, 'inconclusive');
  assert.match(
    open.verdict.reasons.join('\n'),
    /whether bodies changed is not known: only \d+ of \d+ bodies were whole on both sides/,
  );
  const without = await reportOf(logs, { margin: '5pp', gates: '-body-regression' });
  assert.equal(without.verdict.status, 'pass', without.verdict.reasons.join('\n'));
});

test('where most pairs lack an answer neither headers nor bodies are said to be the same', async () => {
  const report = await reportOf({ site: SHOP, pairs: 400, noise: true, answered: 0.3 }, { margin: '5pp' });
  assert.equal(report.verdict.status, 'inconclusive');
  assert.deepEqual(
    gatesOf(report, 'body-regression', 'header-regression').map(({ status }) => status),
    ['inconclusive', 'inconclusive'],
  );
});

test('without noise only what has an opposite is judged, and the PASS says so', async () => {
  const changed = await reportOf({ site: SHOP, plants: CHANGES, pairs: 300 });
  assert.deepEqual(
    gatesOf(changed, 'body-regression').map(({ title = '' }) => title.replace(/in [\d.]+ % of \d+ pairs/, 'in some')),
    [
      'GET /articles/{…}: $.stock.count changed from number to string in some (noise unknown)',
      'GET /articles/{…}: $.shipping.eta is missing in some (noise unknown)',
    ],
  );
  const equal = await reportOf({ site: SHOP, pairs: 400 }, { margin: '5pp' });
  assert.match(
    equal.verdict.reasons[0] ?? '',
    /\(noise unknown: \d+ differences not tested, only status, types, and what is missing or new\)$/,
  );
});

test('field:PLACE asks for one place, and for what is below it', async () => {
  const logs = { site: SHOP, plants: { type: 1 }, pairs: 300, noise: true };
  const asked = ['field:$.stock', 'field:/tags', 'field:header x-cache', 'field:$.nowhere'];
  const report = await reportOf(logs, { failOn: asked, gates: 'pairs', margin: '5pp' });
  assert.deepEqual(
    gatesOf(report, 'field').map(({ expression, status }) => `${expression} ${status}`),
    ['field:$.stock fail', 'field:/tags pass', 'field:header x-cache pass', 'field:$.nowhere inconclusive'],
  );
  assert.equal(report.verdict.status, 'fail');
});

test('a place that is none is refused with what one looks like', async () => {
  for (const wrong of ['field:price', 'field:header', 'field:header a b']) {
    const failing = reportOf({ site: SHOP, pairs: 1 }, { failOn: [wrong] });
    await assert.rejects(failing, { code: 'bad-gate', hint: /field:\$\.items\[\*\]\.price/ });
  }
});

test('logs without answers have no gate of answers, unless one is asked for', async () => {
  const logs = answeredLogs({ site: SHOP, pairs: 300 });
  const bare = logs.mirror.replace(/^.*"kind":"production".*\n/gm, '').replace(/,"answer":.*\}\}\}$/gm, '}');
  const inputs = { production: [input('p.log', logs.production)], mirror: [input('m.jsonl', bare)] };
  const plain = await compare(inputs);
  assert.equal(plain.responses, undefined);
  assert.deepEqual(gatesOf(plain, 'body-regression', 'header-regression'), []);
  assert.ok(!plain.settings.gates?.includes('body-regression'));
  const asked = await compare({ ...inputs, failOn: ['body-regression', 'field:$.a'] });
  assert.deepEqual(
    gatesOf(asked, 'body-regression', 'header-regression', 'field').map(({ gate, status }) => `${gate} ${status}`),
    ['body-regression inconclusive', 'field inconclusive'],
  );
});

test('the order of lines makes no difference', async () => {
  const { production, mirror, noise } = answeredLogs({ site: ACCOUNTS, plants: CHANGES, pairs: 200, noise: true });
  const reversed = (text: string) => `${text.trimEnd().split('\n').reverse().join('\n')}\n`;
  const of = (turn: (text: string) => string) =>
    compare({
      production: [input('p', turn(production))],
      mirror: [input('m', turn(mirror))],
      mirrorNoise: [input('n', turn(noise))],
    });
  const [forwards, backwards] = [await of((text) => text), await of(reversed)];
  assert.deepEqual(backwards.responses, forwards.responses);
});

for (const site of [SHOP, ACCOUNTS]) {
  test(`hashes say what values say: ${site.name}`, async () => {
    const run = { site, plants: CHANGES, pairs: 250, seed: 3 };
    const { all } = simulate({ ...run, noise: 'same requests' });
    const { responses } = await reportOf({ ...run, noise: true }, { withoutBuiltIn: true });
    const told = (fields: NonNullable<DiffReport['responses']>['fields']) =>
      fields
        .map(({ place, kind, mirror, noise, regressed }) => `${place} ${kind} ${mirror} ${noise} ${regressed}`)
        .sort();
    assert.deepEqual(told(responses?.fields ?? []), told(all));
  });
}

test('the report is as its schema says', async () => {
  const schema = JSON.parse(
    readFileSync(new URL('../../../docs/schemas/diff-report.schema.json', import.meta.url), 'utf8'),
  );
  const validate = new Ajv2020({ strict: false, validateFormats: false }).compile(schema);
  const report = await reportOf({ site: ACCOUNTS, plants: CHANGES, pairs: 200, noise: true });
  assert.ok(validate(JSON.parse(JSON.stringify(report))), JSON.stringify(validate.errors));
});
