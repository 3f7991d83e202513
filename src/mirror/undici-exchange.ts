import type { Dispatcher } from 'undici';
import type { Job } from './job.ts';
import { connectCode, systemCode } from './network.ts';
import type { ConnectCode, OutcomeCode } from './record.ts';

/** The client an exchange belongs to. */
export interface ExchangeOwner {
  readonly maxResponseBytes: number;
  onStarted(): void;
  onAnswered(exchange: UndiciExchange, status: number): void;
  onFailed(exchange: UndiciExchange, code: OutcomeCode): void;
  onNotConnected(exchange: UndiciExchange, code: ConnectCode): void;
}

/** Interim responses that are too many for any purpose. */
const MAX_INTERIM = 100;

/** One request in undici's hands. */
export class UndiciExchange implements Dispatcher.DispatchHandler {
  readonly job: Job;
  readonly #owner: ExchangeOwner;
  readonly #startedMs = performance.now();
  #controller: Dispatcher.DispatchController | undefined;
  #status = 0;
  #interim = 0;
  #done = false;

  constructor(job: Job, owner: ExchangeOwner) {
    this.job = job;
    this.#owner = owner;
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    this.#controller = controller;
    if (this.#done) {
      controller.abort(new Error('given up'));
      return;
    }
    this.job.attempts++;
    this.job.sentMs = performance.now();
    this.#owner.onStarted();
  }

  onResponseStart(_controller: Dispatcher.DispatchController, status: number): void {
    if (this.job.firstByteMs === 0) this.job.firstByteMs = performance.now();
    this.#status = status;
    if (status < 200 && ++this.#interim > MAX_INTERIM) this.giveUp('protocol-error');
  }

  onResponseData(_controller: Dispatcher.DispatchController, chunk: Buffer): void {
    if (this.#done) return;
    this.job.responseBytes += chunk.length;
    if (this.job.responseBytes > this.#owner.maxResponseBytes) {
      this.#answered();
      this.#controller?.abort(new Error('long enough'));
    }
  }

  onResponseEnd(): void {
    this.#answered();
  }

  onResponseError(_controller: Dispatcher.DispatchController | undefined, error: Error): void {
    if (this.#done) return;
    this.#done = true;
    if (this.job.attempts > 0) this.#owner.onFailed(this, brokenCode(error));
    else if (systemCode(error) === 'UND_ERR_INVALID_ARG') this.#owner.onFailed(this, 'invalid-header');
    else this.#owner.onNotConnected(this, connectCode(error));
  }

  #answered(): void {
    if (this.#done) return;
    this.#done = true;
    this.#owner.onAnswered(this, this.#status);
  }

  giveUp(code: OutcomeCode): void {
    if (this.#done) return;
    this.#done = true;
    this.#owner.onFailed(this, code);
    this.#controller?.abort(new Error(code));
  }

  /** From the write on; before it, from when undici got it. */
  tick(nowMs: number, headersTimeoutMs: number, totalTimeoutMs: number): void {
    const elapsedMs = nowMs - (this.job.sentMs === 0 ? this.#startedMs : this.job.sentMs);
    const isLate = this.job.attempts > 0 && this.job.firstByteMs === 0 && elapsedMs > headersTimeoutMs;
    if (isLate || elapsedMs > totalTimeoutMs) this.giveUp('timeout');
  }
}

/** A connection that was made ended in the middle of an exchange. */
function brokenCode(error: Error): OutcomeCode {
  const code = systemCode(error);
  if (error.name === 'HTTPParserError' || /^bad (response|upgrade)$/.test(error.message)) return 'protocol-error';
  if (/^UND_ERR_HEADERS_OVERFLOW$|^UND_ERR_RES_EXCEEDED/.test(code)) return 'protocol-error';
  if (code === 'UND_ERR_SOCKET' && error.message.includes('closed')) return 'closed';
  if (code === 'UND_ERR_RES_CONTENT_LENGTH_MISMATCH') return 'closed';
  return /^(ERR_TLS|ERR_SSL|EPROTO|ERR_OSSL)/.test(code) ? 'tls' : 'reset';
}
