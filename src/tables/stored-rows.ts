/** Events as an engine gives them → rows as the scanner writes them: the statistics do not know where they come from. */
import type { Names } from '../logs/names.ts';
import type { EventType, LineHeader } from '../logs/record.ts';
import { Float, Int, ROW_BYTES, ROW_FLOATS, ROW_INTS, type RowBatch, RowFlag } from '../logs/row.ts';

const BATCH_ROWS = 4096;
const ALL_TIMERS = 5;

type Column = ArrayLike<number>;

/** Some events of spoe_events, column by column, with numbers for what is absent: pid -1, phases -2. */
export interface StoredColumns {
  /** A text for each host, process, agent, type and event. */
  readonly who: readonly string[];
  /** 1: the line names its host. */
  readonly named: Column;
  readonly pid: Column;
  readonly timeMs: Column;
  readonly sid: Column;
  readonly st: Column;
  readonly timers: Column;
  readonly pT: Column;
  readonly reqT: Column;
  readonly qT: Column;
  readonly wT: Column;
  readonly resT: Column;
  readonly idles: Column;
  readonly applets: Column;
  readonly sending: Column;
  readonly waiting: Column;
  /** Counters modulo 2^53. */
  readonly errors: Column;
  readonly processed: Column;
}

export interface StoredRowsOptions {
  readonly names: Names;
  /** Lines that name no host are of the one that `load` was told. */
  readonly areUnnamedOfHost: boolean;
  /** Reads `who`: host, process, agent, type, event. */
  readonly splitWho: (who: string) => readonly string[];
  readonly sink: (batch: RowBatch) => void;
}

interface Numbers {
  readonly key: number;
  readonly origin: number;
}

export class StoredRows {
  readonly #options: StoredRowsOptions;
  readonly #ints: Int32Array;
  readonly #floats: Float64Array;
  readonly #known = new Map<string, Numbers>();
  #who = '';
  #named = -1;
  #pid = -2;
  #numbers: Numbers = { key: 0, origin: 0 };
  #count = 0;

  constructor(options: StoredRowsOptions) {
    this.#options = options;
    const buffer = new ArrayBuffer(BATCH_ROWS * ROW_BYTES);
    this.#ints = new Int32Array(buffer);
    this.#floats = new Float64Array(buffer);
  }

  /** Event number `at` of the columns. */
  add(columns: StoredColumns, at: number): void {
    const ints = this.#ints;
    const floats = this.#floats;
    const int = this.#count * ROW_INTS;
    const float = this.#count * ROW_FLOATS;
    const { key, origin } = this.#numbersOf(columns, at);
    const hasPhases = columns.timers[at] === ALL_TIMERS;
    ints[int + Int.key] = key;
    ints[int + Int.origin] = origin;
    ints[int + Int.status] = columns.st[at] as number;
    ints[int + Int.flags] = hasPhases ? RowFlag.phases : 0;
    ints[int + Int.reqT] = hasPhases ? (columns.reqT[at] as number) : 0;
    ints[int + Int.qT] = hasPhases ? (columns.qT[at] as number) : 0;
    ints[int + Int.wT] = hasPhases ? (columns.wT[at] as number) : 0;
    ints[int + Int.resT] = hasPhases ? (columns.resT[at] as number) : 0;
    ints[int + Int.pT] = columns.pT[at] as number;
    ints[int + Int.idles] = columns.idles[at] as number;
    ints[int + Int.applets] = columns.applets[at] as number;
    ints[int + Int.sending] = columns.sending[at] as number;
    ints[int + Int.waiting] = columns.waiting[at] as number;
    ints[int + Int.repeat] = 1;
    ints[int + Int.sid] = columns.sid[at] as number;
    floats[float + Float.time] = columns.timeMs[at] as number;
    floats[float + Float.processed] = columns.processed[at] as number;
    floats[float + Float.errors] = columns.errors[at] as number;
    this.#count++;
    if (this.#count === BATCH_ROWS) this.flush();
  }

  #numbersOf({ who, named, pid }: StoredColumns, at: number): Numbers {
    if (who[at] === this.#who && named[at] === this.#named && pid[at] === this.#pid) return this.#numbers;
    this.#who = who[at] as string;
    this.#named = named[at] as number;
    this.#pid = pid[at] as number;
    const text = `${this.#named} ${this.#pid} ${this.#who}`;
    let numbers = this.#known.get(text);
    if (numbers === undefined) {
      numbers = this.#learn();
      if (this.#known.size >= BATCH_ROWS) this.#known.clear();
      this.#known.set(text, numbers);
    }
    this.#numbers = numbers;
    return numbers;
  }

  #learn(): Numbers {
    const { names, areUnnamedOfHost, splitWho } = this.#options;
    const [host = '', process = '', agent = '', type = '', event = ''] = splitWho(this.#who);
    const header: LineHeader = {
      ...((this.#named === 1 || areUnnamedOfHost) && { host }),
      ...(process !== '' && { process }),
      ...(this.#pid >= 0 && { pid: this.#pid }),
    };
    return { origin: names.origin(header), key: names.key(agent, type as EventType, event) };
  }

  /** Gives what waits; before the rows of another file, too. */
  flush(): void {
    const count = this.#count;
    this.#count = 0;
    const { names, sink } = this.#options;
    if (count > 0) sink({ ints: this.#ints, floats: this.#floats, names, start: 0, count });
  }
}
