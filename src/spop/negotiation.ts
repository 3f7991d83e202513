/** What an agent answers to HAPROXY-HELLO: doc/SPOE.txt, sections 3.2.1, 3.2.4 and 3.2.5. */
import { SpopError, SpopStatus } from './errors.ts';
import type { AgentHello, HaproxyHello } from './hello.ts';

const SPOP_VERSION = '2.0';
/** Section 3.2: every peer supports frames of this size. */
export const MIN_MAX_FRAME_SIZE = 256;

const MAJOR = Number.parseInt(SPOP_VERSION, 10);

/** What the agent is willing to do. */
export interface Offer {
  /** Bytes of a frame without its length, at least 256. */
  readonly maxFrameSize: number;
  readonly pipelining: boolean;
  readonly async: boolean;
  readonly fragmentation: boolean;
}

/** What both sides will do, and the frame that says so. */
export interface Agreement {
  readonly hello: AgentHello;
  readonly maxFrameSize: number;
  readonly pipelining: boolean;
  /** ACKs may go over any connection of the same engine. */
  readonly async: boolean;
  readonly fragmentation: boolean;
  /** The agent may close the connection after its HELLO. */
  readonly healthcheck: boolean;
  readonly engineId?: string;
}

/**
 * Pipelining and async need both sides. Fragmentation concerns only the one who reads: HAProxy up to 3.0 uses it as
 * soon as the agent offers it, although it never lists it itself.
 * @throws SpopError 8 for an unsupported version, 9 for a max-frame-size below 256
 * @throws RangeError for an offer below 256
 */
export function negotiate(hello: HaproxyHello, offer: Offer): Agreement {
  if (offer.maxFrameSize < MIN_MAX_FRAME_SIZE) {
    throw new RangeError(`max-frame-size is at least ${MIN_MAX_FRAME_SIZE}, not ${offer.maxFrameSize}`);
  }
  if (!hello.supportedVersions.some(isSupported)) {
    throw new SpopError(SpopStatus.unsupportedVersion, `none of the supported-versions is ${SPOP_VERSION}`);
  }
  if (hello.maxFrameSize < MIN_MAX_FRAME_SIZE) {
    throw new SpopError(
      SpopStatus.badMaxFrameSize,
      `max-frame-size ${hello.maxFrameSize} is below ${MIN_MAX_FRAME_SIZE}`,
    );
  }
  const { engineId, healthcheck, capabilities: theirs } = hello;
  const maxFrameSize = Math.min(hello.maxFrameSize, offer.maxFrameSize);
  const fragmentation = offer.fragmentation;
  const pipelining = offer.pipelining && theirs.includes('pipelining');
  // Without an engine-id it is unknown which connections belong together.
  const async = offer.async && theirs.includes('async') && engineId !== undefined;
  const capabilities = Object.entries({ fragmentation, pipelining, async })
    .filter(([, agreed]) => agreed)
    .map(([name]) => name);
  return {
    hello: { version: SPOP_VERSION, maxFrameSize, capabilities },
    maxFrameSize,
    pipelining,
    async,
    fragmentation,
    healthcheck,
    ...(engineId === undefined ? {} : { engineId }),
  };
}

/** A version stands for all lower minor ones of its major one, so any 2.x includes 2.0. */
function isSupported(version: string): boolean {
  const match = /^(\d{1,9})\.\d{1,9}$/.exec(version);
  return match !== null && Number(match[1]) === MAJOR;
}
