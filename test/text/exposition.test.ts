import assert from 'node:assert/strict';
import { test } from 'node:test';
import { escapeHelp, escapeLabelValue, formatValue, renderExposition } from '../../src/text/exposition.ts';

test('a family is help, type and one line a sample, in the given order', () => {
  const text = renderExposition([
    {
      name: 'pt_seconds',
      help: 'Latency.',
      type: 'summary',
      samples: [
        { labels: { agent: 'b', quantile: '0.5' }, value: 0.001 },
        { suffix: '_sum', value: 2.5 },
        { suffix: '_count', labels: {}, value: 18446744073709551615n },
      ],
    },
  ]);
  assert.equal(
    text,
    '# HELP pt_seconds Latency.\n# TYPE pt_seconds summary\n' +
      'pt_seconds{agent="b",quantile="0.5"} 0.001\npt_seconds_sum 2.5\npt_seconds_count 18446744073709551615\n',
  );
});

test('a family without samples is left out', () => {
  assert.equal(renderExposition([{ name: 'a', help: 'A.', type: 'gauge', samples: [] }]), '');
});

test('backslash, quote and newline are escaped in a label value', () => {
  assert.equal(escapeLabelValue('a\\b"c\nd'), 'a\\\\b\\"c\\nd');
});

test('a quote stays as it is in a help text', () => {
  assert.equal(escapeHelp('a\\b"c\nd'), 'a\\\\b"c\\nd');
});

test('infinities and NaN are written as the format wants them', () => {
  assert.deepEqual([Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, Number.NaN].map(formatValue), [
    '+Inf',
    '-Inf',
    'NaN',
  ]);
});
