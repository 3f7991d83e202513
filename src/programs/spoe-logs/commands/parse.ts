import { Inputs, type ReadTurns, timesFor } from '../../../logs/inputs.ts';
import { type InterpretedLine, recordsOf } from '../../../logs/interpreter.ts';
import { Names } from '../../../logs/names.ts';
import { PlainScanner } from '../../../logs/plain-scanner.ts';
import { STDIN } from '../../../logs/read.ts';
import { Int, RowFlag } from '../../../logs/row.ts';
import { RowBuffer } from '../../../logs/row-buffer.ts';
import { SeenEvents } from '../../../logs/seen-events.ts';
import { LineTally } from '../../../logs/tally.ts';
import { choice, FILE, FLAG } from '../../../options/kinds.ts';
import { type Given, optionTable } from '../../../options/option.ts';
import { csvHeader, type EventLine, renderRecordCsv, renderRecordJson, toRecord } from '../../../report/record.ts';
import { acceptsEvent, type EventFilter } from '../../../stats/filter.ts';
import { BufferedOutput } from '../buffered-output.ts';
import { defineCommand } from '../command.ts';
import { toFilter } from '../filter-options.ts';
import { catchInterrupts } from '../interrupt.ts';
import { LOG_OPTIONS, readLogOptions } from '../log-options.ts';
import { inputPaths } from '../paths.ts';
import { reportProblem } from '../report-problem.ts';
import { reportAwaited, reportGivenUp, reportReading, reportUnread } from '../report-reading.ts';

/** The bytes between two waits for the reader: records are several times as long as their lines. */
const TURN_BYTES = 256 * 1024;
const FORMATS = ['ndjson', 'csv'] as const;

const OPTIONS = optionTable({
  ...LOG_OPTIONS,
  format: { kind: choice('FORMAT', FORMATS), default: 'ndjson', help: 'how records are written' },
  source: { kind: FLAG, help: 'adds the file and the line number' },
  'drop-duplicates': { kind: FLAG, help: 'one record for an event that was written twice' },
});

type ParseArguments = Given<typeof OPTIONS> & { readonly files?: readonly string[] | undefined };

export const command = defineCommand({
  options: OPTIONS,
  positionals: {
    files: { kind: FILE, repeatable: true, help: 'log files, gzip or not; none or - is standard input' },
  },
  examples: [
    ['$0 parse lb-access.log | jq .pT', 'one JSON record for each SPOE line'],
    ['$0 parse --format csv --status error --source a.log b.log.gz', 'failures only, with their places'],
  ],
  run,
});

async function run(given: ParseArguments): Promise<void> {
  const paths = inputPaths(given.files, given.follow);
  const options = readLogOptions(given, Date.now());
  const tally = new LineTally();
  const output = new BufferedOutput();
  const writer = new RecordWriter(given, toFilter(options.filter), output);
  const scanner = new PlainScanner(tally, timesFor(STDIN, options), (line) => writer.take(line));
  const inputs = new Inputs(scanner, tally, options);
  const interruption = catchInterrupts();
  let isUnread = false;
  process.stdout.on('error', () => {
    isUnread = true;
    interruption.stop();
  });
  const turns: ReadTurns = {
    signal: interruption.signal,
    onTurn: () => output.flush(),
    turnBytes: TURN_BYTES,
    onEnter: (path, isAnew, file) => writer.enter(path, isAnew, file),
    onAwaited: reportAwaited,
    onGivenUp: reportGivenUp,
  };
  if (given.format === 'csv') output.write(csvHeader(given.source));
  await inputs.readAll(paths, given.follow, turns);
  await output.flush();
  // Where nobody reads any more the reading ends anywhere, within a line too.
  if (!isUnread) reportOthers(tally);
  if (inputs.unread !== undefined && writer.events > 0) reportUnread(inputs.unread);
  reportReading(paths, inputs, writer.events + tally.other + tally.malformed, interruption);
  interruption.release();
}

/** Writes the events that pass the filter, with their files and line numbers. */
class RecordWriter {
  /** The number of events before the filter. */
  events = 0;
  readonly #given: ParseArguments;
  readonly #filter: EventFilter | undefined;
  readonly #output: BufferedOutput;
  readonly #seen: SeenEvents | undefined;
  readonly #repeated: ((line: InterpretedLine) => boolean) | undefined;
  /** The line numbers by file: one that was renamed may be read on beside the one that has its path now. */
  readonly #lineNumbers = new WeakMap<object, number>();
  #path = '';
  #file: object = {};

  constructor(given: ParseArguments, filter: EventFilter | undefined, output: BufferedOutput) {
    this.#given = given;
    this.#filter = filter;
    this.#output = output;
    if (given.dropDuplicates) {
      this.#seen = new SeenEvents();
      this.#repeated = recognizer(this.#seen);
    }
  }

  /** Tells that the next lines are of this input; `isAnew` when they are its first ones. */
  enter(path: string, isAnew: boolean, file: object): void {
    this.#path = path;
    this.#file = file;
    if (!isAnew) return;
    this.#lineNumbers.set(file, 0);
    this.#seen?.beginInput();
  }

  take(line: InterpretedLine): void {
    const lineNumber = (this.#lineNumbers.get(this.#file) ?? 0) + 1;
    this.#lineNumbers.set(this.#file, lineNumber);
    for (const record of recordsOf(line)) this.#record(record, lineNumber);
  }

  #record(line: InterpretedLine, lineNumber: number): void {
    if (line.parsed.kind !== 'event') return;
    const { event, header, repeat } = line.parsed;
    this.events += repeat;
    if (this.#repeated?.(line)) return;
    if (this.#filter && !acceptsEvent(this.#filter, event, header, line.timeMs)) return;
    const { format, source } = this.#given;
    const record = toRecord(line as EventLine, source ? { file: this.#path, line: lineNumber } : undefined);
    const text = format === 'csv' ? renderRecordCsv(record, source) : renderRecordJson(record);
    const times = this.#seen === undefined ? repeat : 1;
    for (let i = 0; i < times; i++) this.#output.write(text);
  }
}

/** A function that tells whether the event of a line came before. */
function recognizer(seen: SeenEvents): (line: InterpretedLine) => boolean {
  let isRepeated = false;
  const rows = new RowBuffer(new Names(), (batch) => {
    seen.mark(batch);
    isRepeated = ((batch.ints[Int.flags] as number) & RowFlag.repeated) !== 0;
  });
  return (line) => {
    rows.write(line);
    return isRepeated;
  };
}

/** Reports lines that were read and are no record: nothing is left out silently. */
function reportOthers({ other, malformed, spoofed }: LineTally): void {
  if (other + malformed + spoofed === 0) return;
  reportProblem({
    message: `lines that are no records: ${other} other SPOE, ${malformed} malformed, ${spoofed} spoofed`,
  });
}
