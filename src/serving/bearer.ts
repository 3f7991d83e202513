/** A token that clients have to send, compared so that the time it takes tells nothing of it. */
import { createHash, timingSafeEqual } from 'node:crypto';

/** @returns whether a header `Authorization` holds the token */
export function bearerCheck(token: string): (authorization: string | undefined) => boolean {
  const wanted = hash(token);
  return (authorization) => {
    const given = /^bearer +(\S+) *$/i.exec(authorization ?? '')?.[1];
    return given !== undefined && timingSafeEqual(hash(given), wanted);
  };
}

/** Hashes are of one length, as the comparison wants them. */
function hash(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
