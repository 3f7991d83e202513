/**
 * docs/rules.md is made from the rules.
 *
 *     UPDATE_RULES=1 npm test -- test/operate/rules-document.test.ts     writes it
 */
import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { RULES } from '../../src/operate/check.ts';
import { type Example, LEVELS, type Rule } from '../../src/operate/rule.ts';
import { SETUP_FILES } from '../../src/operate/setup.ts';
import { printed } from './examples.ts';

const DOCUMENT = fileURLToPath(new URL('../../docs/rules.md', import.meta.url));

const RECEPTIONS = {
  refuses: 'HAProxy does not start with it.',
  warns: 'HAProxy warns of it and starts.',
  accepts: 'HAProxy says nothing.',
} as const;

/** Whole lines that an example has, and those that `config print` has in their place. */
function diffOf({ example: { setup, edits } }: Rule): string {
  const files: { [name: string]: string } = { ...printed(setup) };
  const parts = edits.map(({ file, replace, with: text }) => {
    const name = SETUP_FILES[file];
    const before = files[name] ?? '';
    const after = before.replace(replace, () => text);
    files[name] = after;
    return [`# ${name}`, ...changedLines(before.split('\n'), after.split('\n'))].join('\n');
  });
  return parts.length === 0 ? '' : `\n\`\`\`diff\n${parts.join('\n')}\n\`\`\`\n`;
}

function changedLines(before: readonly string[], after: readonly string[]): string[] {
  let start = 0;
  while (start < before.length && before[start] === after[start]) start++;
  let end = 0;
  while (end < Math.min(before.length, after.length) - start && before.at(-1 - end) === after.at(-1 - end)) end++;
  const removed = before.slice(start, before.length - end).map((line) => `-${line}`);
  return [...removed, ...after.slice(start, after.length - end).map((line) => `+${line}`)];
}

function conditionsOf({ example }: Rule): string {
  const { version, from, agentCommand, named } = example;
  const options = [
    named === undefined ? '' : `-f ${named}`,
    version === undefined ? '' : `--for ${version}`,
    from === undefined ? '' : `--from ${from}`,
    agentCommand === undefined ? '' : `--agent-command '${agentCommand}'`,
  ].filter((option) => option !== '');
  const printed = printOptions(example);
  return [
    printed === '' ? '' : ` Printed with \`${printed}\`.`,
    options.length === 0 ? '' : ` Found with \`${options.join(' ')}\`.`,
  ].join('');
}

function printOptions({ setup = {} }: Example): string {
  const { answers, bufsize, group, map, sample, uid, spoeFile, waits } = setup;
  return [
    answers === undefined ? '' : `--answers ${answers}`,
    waits === true ? '--bodies wait' : '',
    bufsize === undefined ? '' : `--bufsize ${bufsize}`,
    group === undefined ? '' : `--group ${group}`,
    map === undefined ? '' : `--map ${map}`,
    sample === undefined ? '' : `--sample ${sample * 100}%`,
    uid === false ? '--without-uid' : '',
    spoeFile === undefined ? '' : `--spoe-file ${spoeFile}`,
  ]
    .filter((option) => option !== '')
    .join(' ');
}

function sectionOf(rule: Rule): string {
  const { code, title, why, mend, reference, example } = rule;
  return `### ${code}

${title}. ${why}

→ ${mend}
${diffOf(rule)}
${RECEPTIONS[example.haproxy]}${conditionsOf(rule)} Reference: ${reference}.
`;
}

const MEANINGS = {
  error: 'HAProxy refuses it, or nothing, or something else, is mirrored',
  warning: 'mirroring works, and costs clients or data when something goes wrong',
  note: 'good to know',
} as const;

function documentText(): string {
  const levels = LEVELS.map((level) => {
    const rules = RULES.filter((rule) => rule.level === level);
    return `## ${level}: ${MEANINGS[level]}\n\n${rules.map(sectionOf).join('\n')}`;
  });
  return `# The rules of \`config check\`

Made from the rules themselves (\`test/operate/rules-document.test.ts\`). Codes are stable. A diff shows lines of what
[\`config print\`](config.md) prints that are replaced; a test tries each with HAProxy 2.6, 3.0 and 3.2.

${levels.join('\n')}`;
}

test('docs/rules.md says what the rules say', () => {
  const text = documentText();
  if (process.env.UPDATE_RULES === '1') writeFileSync(DOCUMENT, text);
  assert.ok(readFileSync(DOCUMENT, 'utf8') === text, 'UPDATE_RULES=1 writes it');
});
