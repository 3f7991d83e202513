/** A connection of HTTP/2 to a server that nobody vouches for: whatever it sends ends requests, or the connection, and nothing else. */
import {
  type ClientHttp2Session,
  type ClientSessionOptions,
  connect,
  constants,
  type SecureClientSessionOptions,
} from 'node:http2';

/** Fields of an answer, its pseudo-header among them. */
const MAX_FIELDS = 256;
/** What node keeps for a connection, in MB. */
const MAX_MEMORY = 8;

/** As node's, without push. Its errors end no process; who wants to know of them listens all the same. */
export function openSession(
  origin: string,
  options: ClientSessionOptions | SecureClientSessionOptions,
): ClientHttp2Session {
  const session = connect(origin, {
    ...options,
    settings: { enablePush: false },
    maxHeaderListPairs: MAX_FIELDS,
    maxSessionMemory: MAX_MEMORY,
    maxReservedRemoteStreams: 0,
  });
  for (const event of ['error', 'frameError']) session.on(event, () => undefined);
  // Push is off: who pushes all the same is refused.
  session.on('stream', (stream) => {
    stream.on('error', () => undefined);
    stream.close(constants.NGHTTP2_REFUSED_STREAM);
  });
  return session;
}
