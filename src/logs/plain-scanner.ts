/**
 * The plain path: every line on its own through LineInterpreter. Used where each line is wanted as a record, and by
 * tests, which hold the fast path against it.
 */
import { type InterpretedLine, LineInterpreter } from './interpreter.ts';
import type { BlockScanner } from './scanner.ts';
import type { LineTally } from './tally.ts';
import type { TimeResolver } from './time.ts';

const INPUT_BYTES = 1024 * 1024;
const NEWLINE = 0x0a;

export class PlainScanner implements BlockScanner {
  readonly input = Buffer.allocUnsafe(INPUT_BYTES);
  readonly #tally: LineTally;
  readonly #interpreter: LineInterpreter;
  readonly #onLine: (line: InterpretedLine, lineNumber: number) => void;

  /** `onLine` gets every line, numbered from 1 over all that this scanner sees. */
  constructor(tally: LineTally, times: TimeResolver, onLine: (line: InterpretedLine, lineNumber: number) => void) {
    this.#tally = tally;
    this.#interpreter = new LineInterpreter(tally, times);
    this.#onLine = onLine;
  }

  setTimes(times: TimeResolver): void {
    this.#interpreter.times = times;
  }

  scan(start: number, end: number): void {
    for (let at = start; at < end; ) {
      const newline = this.input.indexOf(NEWLINE, at);
      this.#tally.lines += 1;
      const line = this.#interpreter.interpret(this.input.subarray(at, newline));
      this.#tally.sinceEvent = line.parsed.kind === 'event' ? 0 : this.#tally.sinceEvent + 1;
      this.#onLine(line, this.#tally.lines);
      at = newline + 1;
    }
    this.#interpreter.keepEnd(this.input, start, end);
  }
}
