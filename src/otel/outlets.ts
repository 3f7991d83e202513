/** The two places batchs go to. */

import type { Batch } from './batch.ts';
import type { Delivery } from './delivery.ts';
import type { OtlpFile } from './otlp-file.ts';
import type { Outlet } from './pipeline.ts';
import type { Encoding } from './span-batch.ts';
import type { SpanEncoder } from './span-encoder.ts';

type MakeEncoder = (onFull: (batch: Batch) => void) => SpanEncoder;

/** The signals that an outlet takes. */
export interface Intake {
  /** Makes an encoder of spans; absent where no spans are taken. */
  readonly makeEncoder?: MakeEncoder;
  /** The encoding of metrics; absent where no metrics are taken. */
  readonly metrics?: Encoding;
}

export class CollectorOutlet implements Outlet {
  readonly makeEncoder?: MakeEncoder;
  readonly metrics?: Encoding;
  readonly #delivery: Delivery;

  constructor(delivery: Delivery, { makeEncoder, metrics }: Intake) {
    this.#delivery = delivery;
    if (metrics !== undefined) this.metrics = metrics;
    if (makeEncoder !== undefined) this.makeEncoder = makeEncoder;
  }

  get isStopped(): boolean {
    return this.#delivery.isStopped;
  }

  deliver(batch: Batch): Promise<void> {
    return this.#delivery.deliver(batch);
  }

  abandon(batch: Batch): void {
    this.#delivery.countFailed(batch.signal, batch.size);
    batch.release();
  }

  abandonSpans(count: number): void {
    this.#delivery.countFailed('traces', count);
  }
}

export class FileOutlet implements Outlet {
  readonly makeEncoder?: MakeEncoder;
  readonly metrics?: Encoding;
  readonly #file: OtlpFile;
  readonly #onFault: (error: unknown) => void;
  isStopped = false;
  /** Items written. */
  readonly written = { traces: 0, metrics: 0 };

  /** `onFault` is called once, when the file cannot be written any more. */
  constructor(file: OtlpFile, onFault: (error: unknown) => void, { makeEncoder, metrics }: Intake) {
    this.#file = file;
    this.#onFault = onFault;
    if (metrics !== undefined) this.metrics = metrics;
    if (makeEncoder !== undefined) this.makeEncoder = makeEncoder;
  }

  async deliver(batch: Batch): Promise<void> {
    try {
      if (!this.isStopped) {
        this.#file.write(batch.encode(0, batch.size));
        this.written[batch.signal] += batch.size;
      }
    } catch (error) {
      this.isStopped = true;
      this.#onFault(error);
    }
    batch.release();
  }

  abandon(batch: Batch): void {
    batch.release();
  }

  abandonSpans(): void {}
}
