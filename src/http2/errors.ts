/** A server sends more than anybody has use for: its connection is over. */
export class FloodError extends Error {
  override readonly name = 'FloodError';
  readonly code = 'http2-flood';

  constructor() {
    super('the server sends more frames than anybody asked for');
  }
}
