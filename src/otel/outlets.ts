/** The two places parcels go to. */
import type { Delivery } from './delivery.ts';
import type { OtlpFile } from './otlp-file.ts';
import type { Parcel } from './parcel.ts';
import type { Outlet } from './pipeline.ts';
import type { Encoding } from './span-batch.ts';
import type { SpanEncoder } from './span-encoder.ts';

type MakeEncoder = (onFull: (parcel: Parcel) => void) => SpanEncoder;

/** What it takes. */
export interface Intake {
  /** Absent: no spans. */
  readonly makeEncoder?: MakeEncoder;
  /** Absent: no metrics. */
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

  deliver(parcel: Parcel): Promise<void> {
    return this.#delivery.deliver(parcel);
  }

  abandon(parcel: Parcel): void {
    this.#delivery.countFailed(parcel.signal, parcel.size);
    parcel.release();
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

  async deliver(parcel: Parcel): Promise<void> {
    try {
      if (!this.isStopped) {
        this.#file.write(parcel.encode(0, parcel.size));
        this.written[parcel.signal] += parcel.size;
      }
    } catch (error) {
      this.isStopped = true;
      this.#onFault(error);
    }
    parcel.release();
  }

  abandon(parcel: Parcel): void {
    parcel.release();
  }

  abandonSpans(): void {}
}
