import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { test } from 'node:test';
import fc from 'fast-check';
import { commandLines, nextSteps } from '../../../src/report/diff/next-step.ts';
import { quoteArgument } from '../../../src/report/shell.ts';
import { CODE_POINT } from '../../text/code-points.ts';
import {
  answers,
  burstReport,
  coverage,
  destinationReport,
  errors,
  failReport,
  fieldReport,
  HOSTILE,
  hostileReport,
  lostRouteReport,
  paired,
  passReport,
  report,
  route,
  statusReport,
} from './reports.ts';

/** The arguments as a shell takes them from the text. */
function shellWords(command: string): string[] {
  const text = execFileSync('bash', ['-c', `printf '%s\\0' ${command}`], {
    encoding: 'utf8',
    env: { LC_ALL: 'C.UTF-8' },
  });
  return text.split('\0').slice(0, -1);
}

const commands = (...given: Parameters<typeof nextSteps>): string[] =>
  nextSteps(...given).map(({ command }) => command.join(' '));

test('a shell takes from a quoted argument what was meant', () => {
  const texts = fc
    .sample(fc.string({ unit: CODE_POINT, minLength: 1 }), { numRuns: 300, seed: 5 })
    .concat(
      HOSTILE.replaceAll(/[\0\ud800]/g, ''),
      "it's",
      '-',
      '$HOME',
      'a\\b',
      '!',
      '{…}',
      '\u202e1',
      '',
      '::error::x',
      '/##[a]',
      '\n##vso[b]',
    );
  for (const ascii of [false, true]) {
    const sayable = texts.filter((text) => quoteArgument(text, ascii) !== null);
    assert.ok(sayable.length > 200);
    const quoted = sayable.map((text) => quoteArgument(text, ascii) ?? '');
    assert.deepEqual(shellWords(quoted.join(' ')), sayable);
    for (const text of quoted) assert.doesNotMatch(text, /##[a-z]*\[|::error::/);
    for (const text of quoted) assert.doesNotMatch(text, ascii ? /[^\x20-\x7e]/ : /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u);
  }
});

test('what no argument can hold is not quoted at all', () => {
  assert.equal(quoteArgument('a\0b'), null);
  assert.equal(quoteArgument('a\ud800'), null);
});

test('new errors are asked for, of the route that regressed', () => {
  assert.deepEqual(
    commands(failReport())[0],
    "spoe-logs diff --production lb-access.log --mirror mirror.log --format ndjson --only new_error --route 'GET /orders/{…}'",
  );
});

test('where bodies or answers did not come, the next step is what to configure', () => {
  const stepsFor = (production: { readonly [state: string]: number }, pairs = 600) => {
    const base = fieldReport();
    const { responses } = base;
    assert.ok(responses !== undefined);
    const bodyStates = { production, mirror: { whole: pairs } };
    return commands({
      ...base,
      verdict: { ...base.verdict, status: 'inconclusive' },
      responses: { ...responses, pairs, fields: [], bodiesCompared: 1, bodyStates },
    })[0];
  };
  assert.equal(stepsFor({ later: 599, whole: 1 }), 'spoe-logs config print --answers body --bodies wait');
  assert.equal(
    stepsFor({ unasked: 500, later: 50, whole: 50 }),
    'spoe-logs config print --answers body --bufsize 65536',
  );
  assert.equal(stepsFor({}, 0), 'spoe-logs config check /etc/haproxy/haproxy.cfg');
  for (const states of [{ whole: 400, later: 200 }, { none: 599, whole: 1 }, { cut: 600 }])
    assert.doesNotMatch(stepsFor(states) ?? '', /config/);
});

test('the command that was given is kept, an option with its value', () => {
  const command = ['spoe-logs', 'diff', '--production', "o'brien.log", 'b.log', '--mirror', 'm.log', '--since', '-15m'];
  const [step] = nextSteps(failReport(), { command });
  assert.deepEqual(step?.command.slice(0, 5), [
    'spoe-logs diff',
    "--production 'o'\\''brien.log'",
    'b.log',
    '--mirror m.log',
    '--since -15m',
  ]);
});

test('a file that no line can hold, or too many of them, become a general command', () => {
  const long = failReport().inputs.map((input) => ({ ...input, path: 'x'.repeat(200) }));
  assert.match(
    commands({ ...failReport(), inputs: long })[0] ?? '',
    /^spoe-logs diff --production PRODUCTION\.log --mirror MIRROR\.log /,
  );
  const command = ['spoe-logs', 'diff', ...Array.from({ length: 60 }, (_, i) => `lb${i}.log`)];
  assert.match(
    commands(failReport(), { command })[0] ?? '',
    /^spoe-logs diff --production lb-access\.log --mirror mirror\.log /,
  );
});

test('a route that cannot be said is left out of the command', () => {
  for (const command of commands(hostileReport())) assert.doesNotMatch(command, /--route/);
});

test('a path that starts with a dash stays a path', () => {
  const inputs = passReport().inputs.map((input) => ({ ...input, path: `-${input.path}` }));
  assert.match(commands(report({ inputs }))[0] ?? '', /--production \.\/-lb-access\.log --mirror \.\/-mirror\.log/);
});

test('SPOE lines inside the production log need no option', () => {
  const [production, mirror] = passReport().inputs;
  assert.ok(production && mirror);
  const inputs = [production, { ...production, role: 'spoe' as const, format: 'haproxy-spoe' as const }, mirror];
  assert.doesNotMatch(commands(report({ inputs }))[0] ?? '', /--spoe/);
});

test('new 4xx, failures of SPOE and lost requests have their own next step', () => {
  const routes = [
    route('GET /a', errors({ ...paired(5, 0, 0, 0), new4xx: 1 })),
    route('GET /b', errors({ ...paired(5, 0, 0, 0), new4xx: 3 })),
  ];
  const steps = commands(
    report({
      errors: errors({ n: 10, bothOk: 10, new4xx: 4 }),
      routes,
      coverage: coverage({ paired: 10, spoe_failed: 2, acked_but_missing: 1 }),
    }),
  );
  assert.match(steps[0] ?? '', /--only new_4xx --route 'GET \/b'$/);
  assert.equal(steps[1], 'spoe-logs summarize lb-access.log');
  assert.match(steps[2] ?? '', /--only missing$/);
});

test('a FAIL by answers alone leads to the field that it names, on a route that has it', () => {
  const found = fieldReport();
  const changed = {
    ...found,
    routes: [route('GET /other', errors({ ...paired(5, 1, 0, 0) }))],
    errors: paired(9, 1, 0, 0),
  };
  assert.match(commands(changed)[0] ?? '', /--only differing --route 'GET \/items\/\{…\}'$/);
  const [, header] = answers().fields;
  assert.ok(header);
  const named = { ...header, routeNames: ['GET /b', 'GET /a'] };
  const [, gate] = found.verdict.gates;
  assert.ok(gate);
  const ofAll = { ...changed, responses: answers({ fields: [named] }), verdict: { ...found.verdict, gates: [gate] } };
  assert.match(commands(ofAll)[0] ?? '', /--only differing --route 'GET \/b'$/);
});

test('with nothing to look into the report itself is next', () => {
  const fine = report({ errors: paired(10, 0, 0, 0), coverage: coverage({ paired: 10 }) });
  assert.deepEqual(commands(fine), ['spoe-logs diff --production lb-access.log --mirror mirror.log --format html']);
});

test('a command in several lines is one command', () => {
  const lines = commandLines(['printf %s', "'a b'", '--long-option', "'GET /{…}'", 'x'], 24, '  ');
  assert.deepEqual(lines, ["  printf %s 'a b' \\", '    --long-option \\', "    'GET /{…}' x"]);
});

test('a burst is looked at in its own minutes, a lost route by what is missing', () => {
  assert.match(
    commands(burstReport())[0] ?? '',
    /--since 2026-11-22T12:03:00\.000Z --until 2026-11-22T12:04:00\.000Z --format ndjson --only new_error$/,
  );
  assert.match(commands(lostRouteReport())[0] ?? '', /--only missing --route 'POST \/checkout\/pay'$/);
});

test('a status that got worse without being a 4xx is asked for as a change', () => {
  const base = statusReport();
  const redirected = {
    ...base,
    errors: { ...base.errors, new4xx: 0 },
    routes: base.routes.map((each) => ({ ...each, errors: { ...each.errors, new4xx: 0 } })),
  };
  assert.match(commands(redirected)[0] ?? '', /--only changed --route 'GET \/cart\/\{…\}'$/);
});

test('the next command is about the destination that was judged', () => {
  assert.match(commands(destinationReport())[0] ?? '', / --destination http:\/\/next\.example\/ .*--only new_error /);
  const command = ['spoe-logs', 'diff', '--destination', 'http://next.example/'];
  assert.equal(commands(destinationReport(), { command })[0]?.match(/--destination/g)?.length, 1);
});

test('too few pairs ask for patience, not for another report', () => {
  const few = {
    ...report({ errors: paired(57, 0, 0, 0), coverage: coverage({ paired: 57 }) }),
    verdict: { status: 'inconclusive' as const, exitCode: 3 as const, gates: [], reasons: [] },
    plan: { pairs: 57, needed: 276, visible: { difference: 0.05, ratio: null } },
  };
  assert.deepEqual(commands(few), ['spoe-logs diff --production lb-access.log --mirror mirror.log']);
  assert.equal(nextSteps(few)[0]?.why, 'mirror for longer, then compare again');
});
