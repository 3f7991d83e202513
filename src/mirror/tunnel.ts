import { connect, type Socket } from 'node:net';
import type { LocalEnd } from './network.ts';
import { readResponseHead } from './response-head.ts';
import type { Target } from './target.ts';

const MAX_HEAD_BYTES = 16 * 1024;
const HEAD_END = '\r\n\r\n';

/** An error between this process and the proxy; `code` becomes the outcome 'proxy'. */
class ProxyError extends Error {
  override readonly name = 'ProxyError';
  readonly code = 'PROXY_REFUSED';
}

export interface TunnelOptions {
  readonly proxy: URL;
  readonly target: Target;
  /** Header lines for the proxy. */
  readonly headers: string;
  readonly local: LocalEnd;
  /** The signal whose abort ends the waiting for the tunnel. */
  readonly signal: AbortSignal;
}

/** CONNECT, RFC 9110 section 9.3.6: a socket whose other end is the target, with nothing read from it yet. */
export function openTunnel(options: TunnelOptions): Promise<Socket> {
  const { proxy, target, headers, local, signal } = options;
  const authority = target.host.endsWith(`:${target.port}`) ? target.host : `${target.host}:${target.port}`;
  const host = proxy.hostname.replace(/^\[|\]$/g, '');
  const socket = connect({ host, port: Number(proxy.port) || 80, ...local });
  socket.write(`CONNECT ${authority} HTTP/1.1\r\nhost: ${authority}\r\n${headers}\r\n`, 'latin1');
  return new Promise((resolve, reject) => {
    const fail = (error: Error) => {
      signal.removeEventListener('abort', late);
      socket.destroy();
      reject(error);
    };
    const late = () => fail(Object.assign(new Error('given up'), { code: 'ETIMEDOUT' }));
    signal.addEventListener('abort', late);
    let text = '';
    const onEnd = () => fail(new ProxyError('the proxy closed the connection'));
    const onData = (chunk: Buffer) => {
      text += chunk.toString('latin1');
      const end = text.indexOf(HEAD_END);
      if (end < 0 && text.length < MAX_HEAD_BYTES) return;
      const head = readResponseHead(Buffer.from(text, 'latin1'), 0, end + 2, true);
      if (end < 0 || head === undefined || head.status < 200 || head.status > 299)
        return fail(new ProxyError(`the proxy answered ${head?.status ?? 'nonsense'}`));
      signal.removeEventListener('abort', late);
      socket.pause().off('data', onData).off('end', onEnd).off('error', fail);
      if (text.length > end + 4) socket.unshift(Buffer.from(text.slice(end + 4), 'latin1'));
      resolve(socket);
    };
    socket.on('data', onData).on('end', onEnd).on('error', fail);
    if (signal.aborted) late();
  });
}
