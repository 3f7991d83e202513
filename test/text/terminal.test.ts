import assert from 'node:assert/strict';
import { test } from 'node:test';
import { escapeLogLine, escapeTerminal } from '../../src/text/terminal.ts';

test('whatever is unseen becomes the same text in a report and in a log, but for the line ends of a stack', () => {
  const hostile = '\u001b[2J\u009b\u202e\u200b\u2028\u{e0001}\ud800\r';
  assert.equal(escapeTerminal(hostile), '\\x1b[2J\\x9b\\u202e\\u200b\\u2028\\u{e0001}\\ud800\\x0d');
  assert.equal(escapeLogLine(hostile), escapeTerminal(hostile));
  assert.deepEqual([escapeTerminal('a\nb'), escapeLogLine('a\nb')], ['a\\x0ab', 'a\\nb']);
});
