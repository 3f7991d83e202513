/** A token that clients have to send, compared so that the time it takes tells nothing of it. */
import { createHash, timingSafeEqual } from 'node:crypto';

/** @returns whether a header `Authorization` holds the token: of Bearer, or as the password of Basic for who can send a URL alone */
export function bearerCheck(token: string): (authorization: string | undefined) => boolean {
  const wanted = hash(token);
  return (authorization) => {
    const given = /^bearer +(\S+) *$/i.exec(authorization ?? '')?.[1] ?? passwordOf(authorization);
    return given !== undefined && timingSafeEqual(hash(given), wanted);
  };
}

/** Of `Basic`, whoever the user is. */
function passwordOf(authorization = ''): string | undefined {
  const pair = /^basic +(\S+) *$/i.exec(authorization)?.[1];
  return pair === undefined ? undefined : /^[^:]*:(.*)$/s.exec(Buffer.from(pair, 'base64').toString())?.[1];
}

/** Hashes are of one length, as the comparison wants them. */
function hash(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
