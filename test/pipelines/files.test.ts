/** What stands in the files of pipelines/, as far as it can be told without the programs that read them. */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import { parse } from 'yaml';
import { EXPRESSION, NAMED, pipelines } from '../../scripts/pipelines.ts';
import { EVENT } from '../logs/framing/examples.ts';

const FOLDER = new URL('../../pipelines/', import.meta.url);
const NAMES = readdirSync(FOLDER);

function read(name: string): string {
  return readFileSync(new URL(name, FOLDER), 'utf8');
}

for (const { name, text, wanted } of pipelines()) {
  test(`${name} has the expression of spoe-event.re: npm run pipelines writes it`, () => assert.equal(text, wanted));
}

test('the expression has nothing that one of its programs does not know', () => {
  assert.equal(EXPRESSION.split('\n').length, 1);
  // Quotes end it in YAML, TOML, VRL and Logstash; RE2 and Rust have neither look-around nor references.
  assert.doesNotMatch(EXPRESSION, /['"]|\(\?[=!<]|\\[1-9bdswDSW]/);
  assert.match(EXPRESSION, /^\^.*\$$/);
});

test('YAML and JSON can be read, and the parsed expression is the whole one', () => {
  for (const name of NAMES.filter((file) => /\.(yaml|json)$/.test(file)))
    assert.equal(typeof parse(read(name)), 'object', name);
  const [collector, fluentBit, vector] = ['opentelemetry-collector', 'fluent-bit', 'vector'].map((name) =>
    parse(read(`${name}.yaml`)),
  );
  const operators: { type: string; regex?: string }[] = collector.receivers.file_log.operators;
  assert.equal(operators.find(({ type }) => type === 'regex_parser')?.regex, EXPRESSION);
  assert.equal(fluentBit.parsers[0].regex, NAMED);
  assert.ok(vector.transforms.spoe.source.includes(`r'${EXPRESSION}'`));
  assert.ok(read('logstash.conf').includes(`=> '${NAMED}'`));
});

test('what the Collector is told fits together', () => {
  const { receivers, processors, exporters, service } = parse(read('opentelemetry-collector.yaml'));
  for (const { receivers: from, processors: by, exporters: to } of Object.values<Record<string, string[]>>(
    service.pipelines,
  )) {
    for (const [names, defined] of [
      [from, receivers],
      [by, processors],
      [to, exporters],
    ])
      for (const name of names as string[]) assert.ok(name in defined, name);
  }
});

test("lnav's samples fit the pattern that they shall fit, and no other one", () => {
  const { regex, sample, value, ...format } = JSON.parse(read('haproxy_spoe_log.json')).haproxy_spoe_log;
  const patterns = Object.entries<{ pattern: string }>(regex).map(([name, { pattern }]) => [
    name,
    new RegExp(pattern),
  ]) as [string, RegExp][];
  const fitting = (line: string) => patterns.flatMap(([name, pattern]) => (pattern.test(line) ? [name] : []));
  for (const { line } of sample) assert.deepEqual(fitting(line), [line.includes('SPOE: [') ? 'event' : 'other'], line);
  // A line that is torn or that a client has written is shown, as one that is no event.
  const header = 'Nov 22 06:57:11 lb1 haproxy[1]: ';
  assert.deepEqual(fitting(header + EVENT.slice(0, 60)), ['other']);
  assert.deepEqual(fitting(`${header}10.0.0.9:4711 {${EVENT}`), ['other']);
  assert.deepEqual(fitting(EVENT), []);
  const groups = patterns.flatMap(([, { source }]) => [...source.matchAll(/\(\?<(\w+)>/g)].map(([, name]) => name));
  assert.deepEqual([...new Set(groups)].filter((name) => name !== 'timestamp').sort(), Object.keys(value).sort());
  assert.ok(format['level-field'] in value && format['opid-field'] in value);
});

test('every file says at its head what it does and whether it was run, and is in the documentation', () => {
  const document = readFileSync(new URL('../../docs/pipelines.md', import.meta.url), 'utf8');
  for (const name of NAMES) {
    assert.ok(document.includes(`\`${name}\``), name);
    // Neither JSON, nor an expression, nor the rules that belong to rsyslog.conf have a place for it.
    if (/\.(json|re|rulebase)$/.test(name)) continue;
    assert.match(read(name), /^(#!.*\n)?(#|--) .+\n(#|--)/, name);
    assert.match(read(name), /^(#|--) Run: /m, name);
  }
});
