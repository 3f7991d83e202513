/** The rules: what promtool says of them, and that each alert is tested and leads to its section of docs/alerts.md. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { copyFileSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { parse, stringify } from 'yaml';
import { LOST, NEVER_SENT } from '../../scripts/dashboards/panels.ts';
import { TemporaryFolder } from '../logs/reading.ts';
import { FOLDER } from './expressions.ts';
import { programOf, skip } from './prometheus.ts';

const RULES = 'spoe-logs.rules.yaml';
const TESTS = ['spoe-logs.rules.test.yaml', 'spoe-logs.silence.test.yaml'];
const folder = new TemporaryFolder();
after(() => folder.remove());

interface Rule {
  readonly alert?: string;
  readonly record?: string;
  readonly expr: string;
  readonly for?: string;
  readonly labels?: { readonly [name: string]: string };
  readonly annotations?: { readonly [name: string]: string };
}
interface Group {
  readonly name: string;
  readonly rules: readonly Rule[];
}

const text = readFileSync(join(FOLDER, RULES), 'utf8');
const { groups } = parse(text) as { groups: readonly Group[] };
const alerts = groups.flatMap(({ rules }) => rules.filter(({ alert }) => alert !== undefined));

function promtool(...args: readonly string[]) {
  const { status, stdout, stderr } = spawnSync(programOf('promtool'), args, { encoding: 'utf8' });
  return { status, said: stdout + stderr };
}

test('alerts have a severity, words, and a section in docs/alerts.md that is about them', () => {
  const document = readFileSync(fileURLToPath(new URL('../../docs/alerts.md', import.meta.url)), 'utf8');
  const sections = new Map(
    document
      .split(/^### /m)
      .slice(1)
      .map((section) => [section.split('\n', 1)[0] as string, section]),
  );
  for (const { alert = '', labels, annotations, record } of alerts) {
    assert.equal(record, undefined);
    assert.match(labels?.severity ?? '', /^(critical|warning|info)$/, alert);
    assert.match(annotations?.summary ?? '', /\.$/, alert);
    assert.match(annotations?.description ?? '', /\.$/, alert);
    // As GitHub makes it of the heading.
    assert.equal(annotations?.runbook, `docs/alerts.md#${alert.toLowerCase()}`);
    const section = sections.get(alert) ?? '';
    for (const part of ['Means', 'Look at', 'Do']) assert.ok(section.includes(`**${part}:**`), `${alert}: ${part}`);
  }
  const named = [...sections.keys()].filter((name) => /^(Spoa|SpoeLogs)/.test(name)).sort();
  assert.deepEqual(named, alerts.map(({ alert = '' }) => alert).sort());
});

test('what was never sent, and what was lost, is what the programs take for it', () => {
  const lists = [...text.matchAll(/error(!~|=~)"([^"]*)"/g)].map(([, operator, list]) => [operator, list]);
  assert.ok(lists.length >= 4);
  for (const [operator, list] of lists) assert.equal(list, operator === '!~' ? NEVER_SENT : LOST);
});

test('promtool finds nothing wrong with the rules, and its tests of them pass', { skip }, () => {
  assert.equal(promtool('check', 'rules', join(FOLDER, RULES)).status, 0);
  for (const name of TESTS) {
    const { status, said } = promtool('test', 'rules', join(FOLDER, name));
    assert.equal(status, 0, said);
  }
});

test('the tests miss each alert that never fires', { skip }, () => {
  const changed = groups.map((group) => ({
    ...group,
    rules: group.rules.map((rule) => ({ ...rule, ...(rule.alert !== undefined && { expr: 'vector(0) > 1' }) })),
  }));
  folder.write(RULES, stringify({ groups: changed }));
  const said = TESTS.map((name) => {
    copyFileSync(join(FOLDER, name), folder.file(name));
    return promtool('test', 'rules', folder.file(name)).said;
  }).join('');
  const missed = new Set([...said.matchAll(/alertname=\\?"(\w+)\\?"/g)].map(([, name]) => name));
  assert.deepEqual([...missed].sort(), alerts.map(({ alert }) => alert).sort());
});
