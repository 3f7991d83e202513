/** What an answer of ClickHouse's HTTP interface means for the statement that was sent. */
import { isTlsCode } from '../text/tls-code.ts';
import { EngineError, shortenWords } from './errors.ts';

export type Failure =
  /** The same statement may be taken later. */
  { readonly kind: 'retry'; readonly reason: string } | { readonly kind: 'fatal'; readonly error: EngineError };

/**
 * Exceptions that may pass: timeouts, load, memory, too many parts, a replica or Keeper that is away, an insert whose end is
 * not known (src/Common/ErrorCodes.cpp). The token of an insert makes it safe to send it again.
 */
const PASSING = new Set([
  159, 160, 202, 203, 209, 210, 225, 236, 241, 242, 243, 252, 279, 285, 286, 289, 305, 319, 384, 394, 425, 439, 473,
  499, 574, 614, 649, 667, 999,
]);
/** UNKNOWN_USER, WRONG_PASSWORD, REQUIRED_PASSWORD, IP_ADDRESS_NOT_ALLOWED, ACCESS_DENIED, AUTHENTICATION_FAILED. */
const DENIED = new Set([192, 193, 194, 195, 497, 516]);
/** NO_SUCH_COLUMN_IN_TABLE, UNKNOWN_IDENTIFIER are not among them: they are also what a mistyped question gives. */
const NO_TABLE = new Set([60, 81]);
const READONLY = 164;

/** Words of an exception, wherever they stand: older servers write them into a body that had begun. */
const EXCEPTION = /Code: (\d{1,6})\. DB::(?:Net)?Exception: /;
/** 25.11 and newer mark what follows, in a body that had begun. */
const MARKED = '__exception__';

export interface AnswerHead {
  readonly status: number;
  readonly headers: { readonly [name: string]: string | string[] | undefined };
}

/** Whether ClickHouse itself has answered, and no other server at this address. */
export function isClickHouse({ headers }: AnswerHead): boolean {
  return Object.keys(headers).some((name) => name.startsWith('x-clickhouse-'));
}

/** The exception that a text holds: a body of an error, or the end of an answer that had begun. */
export function findException(text: string): { readonly code: number; readonly words: string } | undefined {
  const found = EXCEPTION.exec(text);
  if (found !== null) return { code: Number(found[1]), words: exceptionWords(text.slice(found.index)) };
  const marked = text.indexOf(MARKED);
  return marked < 0 ? undefined : { code: 0, words: exceptionWords(text.slice(marked + MARKED.length)) };
}

function exceptionWords(text: string): string {
  const [words = ''] = text.replace(/^\s+/, '').split(/\r?\n__exception__|\(version /);
  return shortenWords(words);
}

/** What an answer with this status or exception means. @param shown the address, in messages */
export function readRefusal({ status, headers }: AnswerHead, body: string, shown: string): Failure {
  const exception = findException(body);
  const code = Number(headers['x-clickhouse-exception-code'] ?? exception?.code ?? 0);
  const words = exception?.words ?? shortenWords(body);
  const reason = words === '' ? `HTTP ${status}` : exception === undefined ? `HTTP ${status}: ${words}` : words;
  if (code > 0) return readException(code, reason, shown);
  if (status === 401 || status === 403) return fatal('engine-denied', shown, reason, DENIED_HINT);
  if (status === 408 || status === 425 || status === 429 || status >= 500) return { kind: 'retry', reason };
  return fatal(
    'engine-refused',
    shown,
    reason,
    'check that this is the HTTP port of ClickHouse: 8123, or 8443 with ?tls',
  );
}

const DENIED_HINT = 'check --user, and CLICKHOUSE_PASSWORD or --password-file';

/** What an exception with this code means. */
export function readException(code: number, reason: string, shown: string): Failure {
  if (PASSING.has(code)) return { kind: 'retry', reason };
  if (DENIED.has(code)) return fatal('engine-denied', shown, reason, DENIED_HINT);
  if (NO_TABLE.has(code))
    return fatal(
      'no-schema',
      shown,
      reason,
      'create the tables: spoe-logs sql --schema clickhouse | clickhouse-client -mn',
    );
  if (code === READONLY)
    return fatal(
      'engine-denied',
      shown,
      reason,
      'only questions are asked this way, by a user that may set settings (readonly 0 or 2, not 1)',
    );
  return fatal('engine-refused', shown, reason);
}

/** What an error of the connection means. @param reached the server has answered before: it is the right one */
export function readNetworkFailure(error: unknown, reached: boolean, shown: string): Failure {
  const { code, message } = rootOf(error);
  const reason = code === '' || message.includes(code) ? message : `${message} (${code})`;
  if (isTlsCode(code)) {
    const isPlain = /WRONG_VERSION|wrong version|packet length too long/i.test(`${code} ${message}`);
    const hint = isPlain
      ? 'it may speak plain HTTP: leave ?tls away'
      : 'check the certificate and its name, or give its authority with --ca, and --cert and --key where it wants them';
    return fatal('engine-tls', shown, reason, hint);
  }
  if (code === 'ENOTFOUND' && !reached) return fatal('engine-unreachable', shown, reason, 'check the host name');
  if (code.startsWith('HPE_') && !reached)
    return fatal(
      'engine-refused',
      shown,
      `it does not speak HTTP: ${reason}`,
      'the native port 9000 does not; HTTP is 8123, HTTPS 8443 with ?tls',
    );
  return { kind: 'retry', reason: shortenWords(reason) };
}

/** The first error of several addresses that were tried. */
function rootOf(error: unknown): { readonly code: string; readonly message: string } {
  const { code, errors, message } = error as { code?: unknown; errors?: unknown; message?: unknown };
  if (Array.isArray(errors) && errors.length > 0) return rootOf(errors[0]);
  return { code: typeof code === 'string' ? code : '', message: typeof message === 'string' ? message : String(error) };
}

function fatal(code: EngineError['code'], shown: string, reason: string, hint?: string): Failure {
  return { kind: 'fatal', error: new EngineError(code, `${shown}: ${shortenWords(reason)}`, hint) };
}
