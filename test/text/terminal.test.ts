import assert from 'node:assert/strict';
import { test } from 'node:test';
import { escapeJson } from '../../src/text/json.ts';
import { escapeLogLine, escapeTerminal } from '../../src/text/terminal.ts';

test('whatever is unseen becomes the same text in a report and in a log, but for the line ends of a stack', () => {
  const hostile = '\u001b[2J\u009b\u202e\u200b\u2028\u{e0001}\ud800\r';
  assert.equal(escapeTerminal(hostile), '\\x1b[2J\\x9b\\u202e\\u200b\\u2028\\u{e0001}\\ud800\\x0d');
  assert.equal(escapeLogLine(hostile), escapeTerminal(hostile));
  assert.deepEqual([escapeTerminal('a\nb'), escapeLogLine('a\nb')], ['a\\x0ab', 'a\\nb']);
});

test('what the runner of a CI server obeys is shown, and what only looks like it stays', () => {
  for (const [text, shown] of [
    ['##[set-output name=a]b', '#\\x23[set-output name=a]b'],
    ['##vso[task.setvariable]b', '#\\x23vso[task.setvariable]b'],
    ['::add-mask::FAIL', '\\x3a:add-mask::FAIL'],
    ['[[ATTACHMENT|/etc/passwd]]', '\\x5b[ATTACHMENT|/etc/passwd]]'],
    ['a::ERROR file=x::y', 'a\\x3a:ERROR file=x::y'],
  ] as const) {
    assert.equal(escapeTerminal(text), shown);
    assert.equal(escapeLogLine(text), shown);
  }
  for (const text of ['::1', '::ffff:10.0.0.1', 'std::error', 'a # b [c]', '## Heading', '#[x]']) {
    assert.equal(escapeTerminal(text), text);
  }
});

test('in JSON the same value is written as an escape', () => {
  for (const text of ['##[set-output name=a]b', '##vso[x]', '## [a]', '#', '####[a]']) {
    const json = escapeJson(JSON.stringify({ text }));
    assert.doesNotMatch(json, /##[a-z]*\[/i);
    assert.deepEqual(JSON.parse(json), { text });
  }
});
