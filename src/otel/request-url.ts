/**
 * `url.full` of a mirrored request: what a client sent, without what must not be read in a trace, and harmless wherever it
 * is shown.
 */

/** The HTTP conventions ask for the first four; the others are where secrets stand in practice. */
const SECRETS: ReadonlySet<string> = new Set([
  'awsaccesskeyid',
  'signature',
  'sig',
  'x-goog-signature',
  'x-amz-signature',
  'x-amz-credential',
  'x-amz-security-token',
  'x-goog-credential',
  'access_token',
  'refresh_token',
  'id_token',
  'auth_token',
  'token',
  'jwt',
  'password',
  'passwd',
  'pwd',
  'secret',
  'client_secret',
  'api_key',
  'apikey',
  'api-key',
  'x-api-key',
  'key',
  'code',
  'auth',
  'authorization',
  'credentials',
  'session',
  'sessionid',
  'session_id',
  'sid',
  'phpsessid',
  'jsessionid',
]);

const REDACTED = 'REDACTED';
const MAX_CHARACTERS = 2048;

/** @param path origin-form, one character a byte */
export function describeUrl(origin: string, path: string): string {
  const url = origin + redactSecrets(redactUserinfo(path));
  return cut(escapeUnprintable(url));
}

/** A URL within the path, as of a proxy, may carry credentials. */
function redactUserinfo(path: string): string {
  return path.includes('@') ? path.replace(/\/\/[^/?#@]*@/g, `//${REDACTED}:${REDACTED}@`) : path;
}

/** Parameters of the query, of a path segment (`;jsessionid=`), of a fragment, and of a URL within another's query. */
function redactSecrets(path: string): string {
  if (!path.includes('=')) return path;
  const parameter = /[?&;#]([^=?&;#]*)=/g;
  const query = path.indexOf('?');
  let redacted = '';
  let from = 0;
  for (let found = parameter.exec(path); found !== null; found = parameter.exec(path)) {
    if (!SECRETS.has(decode(found[1] as string).toLowerCase())) continue;
    const start = parameter.lastIndex;
    // In the path a value ends with its segment; in the query a question mark is part of the value.
    const isQuery = query >= 0 && start > query;
    const end = start + path.slice(start).search(isQuery ? /[&;#]|$/ : /[/?&;#]|$/);
    redacted += path.slice(from, start) + REDACTED;
    from = end;
    parameter.lastIndex = end;
  }
  return redacted + path.slice(from);
}

/** Decodes a name: `%74oken` is `token` for its reader. */
function decode(name: string): string {
  if (!name.includes('%')) return name;
  return name.replace(/%([0-9a-f]{2})/gi, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
}

function escapeUnprintable(url: string): string {
  return url.replace(/[^\x21-\x7e]|["<>\\^`{|}]/g, (character) => {
    const code = character.charCodeAt(0);
    return `%${code.toString(16).toUpperCase().padStart(2, '0')}`;
  });
}

function cut(text: string): string {
  return text.length > MAX_CHARACTERS ? `${text.slice(0, MAX_CHARACTERS)}...` : text;
}
