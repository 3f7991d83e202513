/**
 * What goes wrong on the wire, with the number that says so to the peer.
 *
 * doc/SPOE.txt, section 3.5 "Errors & timeouts". The words for a reader are in the status room.
 */

/** SPOP status codes by name, as they travel in `status-code` of a DISCONNECT frame. */
export const SpopStatus = {
  normal: 0,
  ioError: 1,
  timeout: 2,
  frameTooBig: 3,
  invalidFrame: 4,
  versionNotFound: 5,
  maxFrameSizeNotFound: 6,
  capabilitiesNotFound: 7,
  unsupportedVersion: 8,
  badMaxFrameSize: 9,
  fragmentationNotSupported: 10,
  interlacedFrames: 11,
  frameIdNotFound: 12,
  resourceAllocation: 13,
  unknownError: 99,
} as const;
export type SpopStatus = (typeof SpopStatus)[keyof typeof SpopStatus];

/**
 * A frame or stream that breaks the protocol or one of our bounds.
 *
 * `code` is what an agent sends in its AGENT-DISCONNECT; `message` says what was wrong, in one line without bytes of
 * the peer, so it can go into the same frame and into a log.
 */
export class SpopError extends Error {
  override readonly name = 'SpopError';
  readonly code: SpopStatus;

  constructor(code: SpopStatus, message: string) {
    super(message);
    this.code = code;
  }
}

/** Status 4, by far the most frequent one: a frame that cannot be decoded. */
export function invalidFrame(message: string): SpopError {
  return new SpopError(SpopStatus.invalidFrame, message);
}
