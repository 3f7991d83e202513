import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ThresholdError } from '../../src/stats/errors.ts';
import { parseThreshold } from '../../src/stats/thresholds.ts';
import { eventLine, eventLines, summarizeLog } from './read-log.ts';

const FAILED = { st: 1, timers: '0/0/-1/-1/500 1/1 0/0' };

/** Ten events of mirror, one of which failed after 500 ms. */
const TEN = eventLines(0, 9) + eventLine(9, { ...FAILED, processed: 10 });

function check(expression: string, text = TEN, minEvents = 1) {
  const thresholds = [parseThreshold(expression)];
  return summarizeLog(text, {}, { thresholds, minEvents }).thresholds?.[0];
}

test('expressions are a metric, >, >=, < or <=, and a limit with its unit', () => {
  const read = (text: string) => {
    const { scope, metric, operator, limit } = parseThreshold(text);
    return [scope, metric, operator, limit];
  };
  assert.deepEqual(read('error-rate>1%'), [undefined, 'error-rate', '>', 0.01]);
  assert.deepEqual(read(' error-rate >= 0.5 '), [undefined, 'error-rate', '>=', 0.5]);
  assert.deepEqual(read('p99>50ms'), [undefined, 'p99', '>', 50]);
  assert.deepEqual(read('p99.9>0.05s'), [undefined, 'p99.9', '>', 50]);
  assert.deepEqual(read('mirror:p99>=50'), ['mirror', 'p99', '>=', 50]);
  assert.deepEqual(read('error-rate>0.7%'), [undefined, 'error-rate', '>', 0.007]);
  assert.deepEqual(read('p99 < 50'), [undefined, 'p99', '<', 50]);
  assert.deepEqual(read('p50<=1s'), [undefined, 'p50', '<=', 1000]);
  assert.deepEqual(read('a:b:max>500us'), ['a:b', 'max', '>', 0.5]);
});

test('anything else is refused with what would be right', () => {
  for (const text of ['', 'p99', 'p98>1ms', 'p99=1ms', 'error-rate>1ms', 'p99>5%', 'p99>ms', ':p99>1ms', 'p99>-1']) {
    assert.throws(
      () => parseThreshold(text),
      (error) =>
        error instanceof ThresholdError && error.code === 'bad-threshold' && /write '|knows/.test(error.message),
      text,
    );
  }
});

test('> is crossed above its limit, < below, >= and <= at it, too', () => {
  assert.deepEqual(check('error-rate>10%'), { expression: 'error-rate>10%', observed: 0.1, crossed: false });
  assert.equal(check('error-rate>=10%')?.crossed, true);
  assert.equal(check('error-rate>9%')?.crossed, true);
  assert.deepEqual(check('max>499ms'), { expression: 'max>499ms', observed: 500, crossed: true });
  assert.equal(check('p50>1ms')?.crossed, false);
  assert.equal(check('error-rate<10%')?.crossed, false);
  assert.equal(check('error-rate<=10%')?.crossed, true);
  assert.equal(check('max<1s')?.crossed, true);
});

test('an agent is judged by its own events', () => {
  const text = TEN + eventLines(0, 10, { agent: 'waf' });
  assert.equal(check('waf:error-rate>0%', text)?.crossed, false);
  assert.equal(check('mirror:error-rate>0%', text)?.observed, 0.1);
  assert.equal(check('error-rate>0%', text)?.observed, 0.05);
});

test('fewer events than --min-events cross, with the reason', () => {
  assert.deepEqual(check('error-rate>50%', TEN, 11), {
    expression: 'error-rate>50%',
    observed: 0.1,
    crossed: true,
    reason: '10 events, fewer than the 11 that --min-events requires',
  });
  assert.equal(check('other:p99>1s')?.reason, '0 events of agent other, fewer than the 1 that --min-events requires');
});

test('no event at all crosses even without a minimum', () => {
  assert.deepEqual(check('p99>1s', 'no SPOE line\n', 0), {
    expression: 'p99>1s',
    observed: null,
    crossed: true,
    reason: 'no event to judge by',
  });
});

test('an error rate that is not known crosses, for the total and for the agent', () => {
  const text = eventLine(0, { ...FAILED, processed: 5 }) + eventLine(9, { ...FAILED, processed: 14 });
  for (const expression of ['error-rate>99%', 'mirror:error-rate>99%']) {
    const result = check(expression, text);
    assert.equal(result?.observed, null);
    assert.equal(result?.crossed, true);
    assert.equal(result?.reason, 'the error rate is not known: it is at least 20 %: successes may have no line');
  }
});
