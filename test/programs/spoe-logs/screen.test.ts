import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { Display } from '../../../src/programs/spoe-logs/screen.ts';

/** A display whose clock and output are the test's. */
function displayOf(options: { readonly redraws: boolean; readonly hasVerdict: boolean; readonly everyMs?: number }) {
  const written: string[] = [];
  const state = { text: 'HEALTHY\n', nowMs: 0, written };
  const write = (text: string) => void written.push(text);
  const display = new Display(() => state.text, { everyMs: undefined, ...options, write, now: () => state.nowMs });
  /** Lets time go on, as the display's timer sees it. */
  const pass = (ms: number, stepMs = 250) => {
    for (const end = state.nowMs + ms; state.nowMs < end; ) {
      state.nowMs += stepMs;
      display.look();
    }
  };
  display.stop();
  return { display, state, pass };
}

describe('where nothing can be drawn over', () => {
  test('the first text is there at once, and the next when its time has come', () => {
    const { state, pass } = displayOf({ redraws: false, hasVerdict: true, everyMs: 10_000 });
    pass(250);
    assert.deepEqual(state.written, ['HEALTHY\n']);
    pass(9_750);
    assert.equal(state.written.length, 1);
    pass(250);
    assert.equal(state.written.length, 2);
  });

  test('another verdict is shown within a second, whatever else changes', () => {
    const { display, state, pass } = displayOf({ redraws: false, hasVerdict: true, everyMs: 10_000 });
    pass(250);
    state.text = 'HEALTHY still\n';
    display.changed();
    pass(2_000);
    assert.equal(state.written.length, 1);
    state.text = 'FAILING\n';
    pass(1_000);
    assert.deepEqual(state.written, ['HEALTHY\n', 'FAILING\n']);
    pass(5_000);
    assert.equal(state.written.length, 2);
  });

  test('a text without a verdict comes in its time alone', () => {
    const { state, pass } = displayOf({ redraws: false, hasVerdict: false, everyMs: 10_000 });
    pass(250);
    state.text = '{}\n';
    pass(9_750);
    assert.equal(state.written.length, 1);
  });
});

describe('where the text is drawn over', () => {
  test('it is drawn when it has changed, and each second', () => {
    const { display, state, pass } = displayOf({ redraws: true, hasVerdict: true });
    pass(250);
    pass(750);
    assert.equal(state.written.length, 1);
    pass(250);
    assert.equal(state.written.length, 2);
    display.changed();
    pass(250);
    assert.equal(state.written.length, 3);
  });

  test('with --every it is drawn at once, too', () => {
    const { display, state, pass } = displayOf({ redraws: true, hasVerdict: true, everyMs: 5_000 });
    pass(250);
    assert.equal(state.written.length, 1);
    display.changed();
    pass(4_750);
    assert.equal(state.written.length, 1);
    pass(250);
    assert.equal(state.written.length, 2);
  });
});
