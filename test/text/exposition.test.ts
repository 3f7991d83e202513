import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  answerScrape,
  escapeHelp,
  escapeLabelValue,
  formatValue,
  type MetricFamily,
  renderExposition,
  renderOpenMetrics,
} from '../../src/text/exposition.ts';

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

const FAMILIES: readonly MetricFamily[] = [
  { name: 'connections', type: 'gauge', help: 'Open.', samples: [{ value: 2 }] },
  { name: 'connections_total', type: 'counter', help: 'Accepted.', samples: [{ value: 7 }] },
  { name: 'read_bytes_total', type: 'counter', help: 'Read "all".', samples: [{ labels: { a: 'x' }, value: 9 }] },
  { name: 'odd', type: 'counter', help: 'A counter without _total.', samples: [{ value: 1 }] },
  { name: 'empty', type: 'gauge', help: 'Nothing.', samples: [] },
  {
    name: 'latency_seconds',
    type: 'histogram',
    help: 'Latency.',
    samples: [
      { suffix: '_bucket', labels: { le: '0.5' }, value: 1 },
      { suffix: '_bucket', labels: { le: '1' }, value: 1 },
      { suffix: '_bucket', labels: { le: '+Inf' }, value: 2 },
      { suffix: '_sum', value: 3.5 },
      { suffix: '_count', value: 2 },
    ],
  },
];

test('OpenMetrics: families of counters without _total, unless that is the name of another one; units; numbers with a point', () => {
  assert.equal(
    renderOpenMetrics(FAMILIES),
    [
      '# TYPE connections gauge',
      '# HELP connections Open.',
      'connections 2',
      '# TYPE connections_total unknown',
      '# HELP connections_total Accepted.',
      'connections_total 7',
      '# TYPE read_bytes counter',
      '# UNIT read_bytes bytes',
      '# HELP read_bytes Read \\"all\\".',
      'read_bytes_total{a="x"} 9',
      '# TYPE odd unknown',
      '# HELP odd A counter without _total.',
      'odd 1',
      '# TYPE latency_seconds histogram',
      '# UNIT latency_seconds seconds',
      '# HELP latency_seconds Latency.',
      'latency_seconds_bucket{le="0.5"} 1',
      'latency_seconds_bucket{le="1.0"} 1',
      'latency_seconds_bucket{le="+Inf"} 2',
      'latency_seconds_sum 3.5',
      'latency_seconds_count 2',
      '# EOF',
      '',
    ].join('\n'),
  );
  assert.equal(renderOpenMetrics([]), '# EOF\n');
});

const PLAIN = 'text/plain; version=0.0.4; charset=utf-8';
const OPEN = 'application/openmetrics-text; version=1.0.0; charset=utf-8';
for (const [accept, type] of [
  [undefined, PLAIN],
  ['', PLAIN],
  ['*/*', PLAIN],
  ['text/html,application/xhtml+xml;q=0.9,*/*;q=0.8', PLAIN],
  ['application/openmetrics-text', OPEN],
  ['Application/OpenMetrics-Text; Version="1.0.0"; q=1', OPEN],
  // Prometheus 2 and 3.
  [
    'application/openmetrics-text;version=1.0.0,application/openmetrics-text;version=0.0.1;q=0.75,text/plain;version=0.0.4;q=0.5,*/*;q=0.1',
    OPEN,
  ],
  [
    'application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.5,application/openmetrics-text;version=0.0.1;q=0.4,text/plain;version=0.0.4;q=0.2,*/*;q=0.1',
    OPEN,
  ],
  ['application/openmetrics-text;version=0.0.1', OPEN.replace('1.0.0', '0.0.1')],
  ['application/openmetrics-text;version=2.0.0,text/plain;q=0.1', PLAIN],
  ['application/openmetrics-text;q=0.2,text/plain', PLAIN],
  ['application/openmetrics-text;q=0', PLAIN],
  ['application/openmetrics-text;q=x', PLAIN],
  [`application/openmetrics-text,${'a/b,'.repeat(1000)}`, PLAIN],
] as const) {
  test(`who accepts ${JSON.stringify(accept)?.slice(0, 60)} gets ${type.split(';')[0]}`, () => {
    const { contentType, body } = answerScrape(accept, FAMILIES);
    assert.equal(contentType, type);
    assert.equal(body.endsWith('# EOF\n'), type !== PLAIN);
  });
}
