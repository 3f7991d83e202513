import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { VtScreen } from '../../../scripts/terminal/vt-screen.ts';
import { Display, type TerminalSize } from '../../../src/programs/spoe-logs/screen.ts';

/** A display whose clock and output are the test's. */
function displayOf(options: {
  readonly redraws: boolean;
  readonly hasVerdict: boolean;
  readonly everyMs?: number;
  readonly size?: () => TerminalSize;
}) {
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

  test('in a terminal that is narrower than its lines, too, and in one of a single row', () => {
    for (const [columns, rows, wanted] of [
      [80, 24, 'HEALTHY — 2 events\nsecond line'],
      [5, 4, 'HEALT\nsecon'],
      [1, 4, 'H\ns'],
      [80, 1, 'HEALTHY — 2 events'],
      [1, 1, 'H'],
    ] as const) {
      const screen = new VtScreen(columns, rows);
      const { display, state, pass } = displayOf({
        ...{ redraws: true, hasVerdict: true, size: () => ({ columns, rows }) },
      });
      for (const count of [1, 2]) {
        state.text = `\x1b[32mHEALTHY — ${count} events\x1b[0m\nsecond line\n`;
        pass(1000);
      }
      // The line discipline makes it CR LF.
      screen.write(state.written.join('').replaceAll('\n', '\r\n'));
      assert.equal(screen.text, wanted, `${columns} x ${rows}`);
      display.finish('the end');
      assert.match(state.written.at(-1) ?? '', /^\S*\r?the end/);
    }
  });
});
