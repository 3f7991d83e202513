/** Whether an error of a connection is worth another attempt. */
import { isTlsCode } from '../text/tls-code.ts';
import type { Answer } from './answer.ts';

/** Codes of errors that say the other side speaks another protocol. */
const PROTOCOL_CODE = /^(HPE_|ERR_HTTP2_ERROR$|ERR_HTTP2_SESSION_ERROR$|ERR_HTTP2_TOO_MANY_INVALID_FRAMES$)/;

/** The first error of several addresses that were tried. */
function rootOf(error: unknown): { readonly code: string; readonly message: string } {
  const { code, errors, cause, message } = error as {
    code?: unknown;
    errors?: unknown;
    cause?: unknown;
    message?: unknown;
  };
  if (Array.isArray(errors) && errors.length > 0) return rootOf(errors[0]);
  if (typeof cause === 'object' && cause !== null && !isTlsCode(String(code))) return rootOf(cause);
  const text = typeof message === 'string' ? message : String(error);
  return { code: typeof code === 'string' ? code : parserCode(error), message: text };
}

/** The code of a parser's error: undici's parser does not always give one. */
function parserCode(error: unknown): string {
  return (error as { name?: unknown }).name === 'HTTPParserError' ? 'HPE_INVALID' : '';
}

/**
 * @param reached the endpoint has answered before: it is the right one, whatever goes wrong now
 * @param otherProtocol what to try where something else than this protocol is spoken
 */
export function readNetworkError(error: unknown, reached: boolean, otherProtocol: string): Answer {
  const { code, message } = rootOf(error);
  const reason = code === '' || message.includes(code) ? message : `${message} (${code})`;
  if (isTlsCode(code)) {
    const hint = /WRONG_VERSION|EPROTO.*wrong version/i.test(`${code} ${message}`)
      ? 'it may speak plain text: try http:// in place of https://'
      : 'check the certificate and its name, or give its authority with --ca, and --cert and --key where it wants them';
    return { kind: 'fatal', code: 'collector-tls', reason, hint };
  }
  if (code === 'ENOTFOUND' && !reached)
    return { kind: 'fatal', code: 'collector-unreachable', reason, hint: 'check the host name in the endpoint' };
  if (PROTOCOL_CODE.test(code) && !reached)
    return {
      kind: 'fatal',
      code: 'collector-refused',
      reason: `it does not speak this protocol: ${reason}`,
      hint: otherProtocol,
    };
  return { kind: 'retry', reason };
}
