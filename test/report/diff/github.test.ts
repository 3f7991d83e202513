import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { GateResult } from '../../../src/diff/model.ts';
import { renderDiffGithub } from '../../../src/report/diff-github.ts';
import { CODE_POINT } from '../../text/code-points.ts';
import { commandsOf } from '../workflow-runner.ts';
import { failReport, hostileReport, inconclusiveReport, passReport, REPORTS, report } from './reports.ts';

const LEVELS = ['error', 'warning', 'notice'];

test('annotations of a release that must not go out', () => {
  assert.equal(
    renderDiffGithub(failReport()),
    `::error title=spoe-logs diff%3A FAIL::GET /orders/{…} regressed: 0.00 %25 -> 5.30 %25 errors in 4000 pairs%0Acompared: 117650 of 120431 production requests (97.7 %25), paired by unique id; 2026-11-22 07:00:00Z to 2026-11-23 07:00:00Z (1 d); statuses and times only; bodies and headers need --answers; 4 of them with a change that --ignore allows: not judged
::error title=spoe-logs diff%3A FAIL route-regression::more errors, route by route: GET /orders/{…}%0Aobserved difference +5.30 pp, q <0.001; 212 new errors, 0 fixed in 4000 pairs, q <0.001
::warning title=spoe-logs diff%3A WARN p95-ratio>1.2::slowest answers (p95)%0Aobserved 1.31, limit 1.2; given with --warn-on: does not change the verdict
::notice title=spoe-logs diff%3A unparsed::28 of 117700 mirror lines could not be read
`,
  );
});

test('the first annotation is the verdict, at the level of what a job does with it', () => {
  const first = (of: ReturnType<typeof passReport>) => {
    const [command] = commandsOf(renderDiffGithub({ ...of, warnings: [] }));
    return [command?.name, command?.properties.get('title')];
  };
  assert.deepEqual(first(passReport()), ['notice', 'spoe-logs diff: PASS']);
  assert.deepEqual(first(failReport()), ['error', 'spoe-logs diff: FAIL']);
  assert.deepEqual(first(inconclusiveReport()), ['warning', 'spoe-logs diff: INCONCLUSIVE']);
});

test('where an input could not be read an error says so, whatever was compared', () => {
  const [first, second] = commandsOf(renderDiffGithub(passReport(), { exitCode: 2 }));
  assert.deepEqual([first?.name, first?.properties.get('title')], ['error', 'spoe-logs diff: no verdict']);
  assert.deepEqual([second?.name, second?.properties.get('title')], ['notice', 'spoe-logs diff: PASS']);
});

test('each line is one annotation, at most ten of a level, as long as the runner keeps', () => {
  for (const [what, each] of REPORTS) {
    const output = renderDiffGithub(each);
    const commands = commandsOf(output);
    assert.equal(commands.length, output.trimEnd().split('\n').length, what);
    for (const { name, properties, data } of commands) {
      assert.ok(LEVELS.includes(name), `${what}: ${name}`);
      assert.deepEqual([...properties.keys()], ['title'], what);
      assert.ok((properties.get('title') ?? '').length <= 255 && data.length <= 4096, what);
    }
    for (const level of LEVELS) assert.ok(commands.filter(({ name }) => name === level).length <= 10, what);
  }
});

test('the tenth of a level says how many more there are', () => {
  const base = failReport();
  const gates = Array.from({ length: 30 }, (_, i): GateResult => {
    return {
      gate: 'route-regression',
      expression: 'route-regression',
      status: 'fail',
      observed: 1,
      route: `GET /${i}`,
    };
  });
  const errors = commandsOf(renderDiffGithub(report({ verdict: { ...base.verdict, gates } }))).filter(
    ({ name }) => name === 'error',
  );
  assert.equal(errors.length, 10);
  // The verdict and eight of thirty gates are shown.
  assert.equal(errors.at(-1)?.properties.get('title'), 'spoe-logs diff: 22 more of these');
});

test('no text of a log is a command, a property or a line of its own', () => {
  const text = fc.oneof(
    fc.string({ unit: CODE_POINT }),
    fc.constantFrom(
      '::add-mask::FAIL',
      '##[set-output name=verdict]PASS',
      'x,file=a::error::y',
      '%0A::stop-commands::x',
      '\r\n::error::z',
    ),
  );
  fc.assert(
    fc.property(text, text, (one, other) => {
      const output = renderDiffGithub(hostileReport(`${one}${other}`));
      const commands = commandsOf(output);
      assert.equal(commands.length, output.trimEnd().split('\n').length);
      for (const { name, properties } of commands) {
        assert.ok(LEVELS.includes(name), name);
        assert.deepEqual([...properties.keys()], ['title']);
      }
    }),
    { numRuns: 60 },
  );
});
