/** An HTTP/2 connection to an untrusted server: whatever the server sends ends requests, or the connection, and nothing else. */
import { constants as cryptoConstants } from 'node:crypto';
import { type ClientHttp2Session, connect, constants } from 'node:http2';
import { connect as connectTcp, isIP, type Socket } from 'node:net';
import { connect as connectTls, type SecureContextOptions } from 'node:tls';
import { FrameGate, type ReadingTime } from './frame-gate.ts';

/** Fields of an answer, its pseudo-header among them. */
const MAX_FIELDS = 256;
/** Memory that node keeps for a connection, in MB. */
const MAX_MEMORY = 8;

/** @returns a socket that is being connected, with TLS where the URL says so; `connect` or `secureConnect` is when it is open */
export function openSocket({ protocol, hostname, port }: URL, tls: SecureContextOptions): Socket {
  const host = hostname.replace(/^\[(.*)\]$/, '$1');
  if (protocol === 'http:') return connectTcp({ host, port: Number(port || 80), noDelay: true });
  const socket = connectTls({
    ...tls,
    host,
    port: Number(port || 443),
    servername: isIP(host) === 0 ? host : '',
    ALPNProtocols: ['h2'],
    // Each handshake costs more than a call.
    secureOptions: cryptoConstants.SSL_OP_NO_RENEGOTIATION,
  });
  socket.setNoDelay(true);
  return socket;
}

/** Bytes a server may send before the window is opened again, which is a write each time; the gate stops it by not reading. */
const STREAM_WINDOW = 256 * 1024;
const CONNECTION_WINDOW = 1024 * 1024;

/**
 * As node's, without push, behind a gate. Its errors end no process; who wants to know of them listens all the same. A server
 * that sends too much ends it with a FloodError.
 *
 * @param socket on which HTTP/2 is spoken, or will be once it is open
 * @param reading what reading may take, where others wait for this thread
 */
export function openSession(origin: string, socket: Socket, reading?: ReadingTime): ClientHttp2Session {
  const session = connect(origin, {
    createConnection: () => new FrameGate(socket, reading),
    settings: { enablePush: false, initialWindowSize: STREAM_WINDOW },
    maxHeaderListPairs: MAX_FIELDS,
    maxSessionMemory: MAX_MEMORY,
    maxReservedRemoteStreams: 0,
  });
  session.once('connect', () => {
    // It is said in a later turn, in which the server may have ended it.
    if (!session.destroyed) session.setLocalWindowSize(CONNECTION_WINDOW);
  });
  for (const event of ['error', 'frameError']) session.on(event, () => undefined);
  // Push is off: who pushes all the same is refused.
  session.on('stream', (stream) => {
    stream.on('error', () => undefined);
    stream.close(constants.NGHTTP2_REFUSED_STREAM);
  });
  return session;
}
