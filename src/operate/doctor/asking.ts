/** One request of HTTP, of which only the beginning of the answer is read. */
import { request as requestPlain } from 'node:http';
import { request as requestTls } from 'node:https';
import type { ConnectionOptions } from 'node:tls';

/** Of a body. */
const MOST_BYTES = 16 * 1024;

export interface Asked {
  readonly method?: string;
  /** In place of the host of the URL. */
  readonly socketPath?: string;
  readonly tls?: ConnectionOptions;
  /** From the first step to the end of the body. */
  readonly timeoutMs: number;
}

export interface Answer {
  readonly status: number;
  readonly body: string;
}

/** @throws Error with the code of the system, or ETIMEDOUT */
export function ask(url: URL, { method = 'GET', socketPath, tls, timeoutMs }: Asked): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const options = { method, agent: false, ...(socketPath !== undefined && { socketPath }) };
    const request = url.protocol === 'https:' ? requestTls(url, { ...options, ...tls }) : requestPlain(url, options);
    const end = (settle: () => void) => {
      clearTimeout(timer);
      settle();
      request.destroy();
    };
    const late = () => reject(Object.assign(new Error('it takes too long'), { code: 'ETIMEDOUT' }));
    const timer = setTimeout(() => end(late), timeoutMs);
    request.on('error', (error) => end(() => reject(error)));
    request.on('response', (response) => {
      const parts: Buffer[] = [];
      let length = 0;
      const finish = () => {
        const body = Buffer.concat(parts).subarray(0, MOST_BYTES).toString();
        end(() => resolve({ status: response.statusCode ?? 0, body }));
      };
      response.on('error', (error) => end(() => reject(error))).on('end', finish);
      response.on('data', (part: Buffer) => {
        parts.push(part);
        length += part.length;
        if (length >= MOST_BYTES) finish();
      });
    });
    request.end();
  });
}

/** Why a request was not answered, in few words. */
export function causeOf(error: unknown): string {
  const { code, message } = error as NodeJS.ErrnoException;
  return code === 'ETIMEDOUT' ? 'it takes too long' : (code ?? message);
}
