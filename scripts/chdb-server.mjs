// @ts-check
/**
 * ClickHouse's HTTP interface over chdb, which is ClickHouse in a process, for tests and for trying things out: there is no
 * server in npm, and chdb does not listen by itself. One statement at a time, on 127.0.0.1 only.
 *
 *   node scripts/chdb-server.mjs ENGINES [PORT] [DIR]
 *
 * ENGINES is a folder where `npm install chdb` was run; DIR keeps the data, without it all is gone at the end. Prints
 * `listening on PORT`. CLICKHOUSE_USER and CLICKHOUSE_PASSWORD are what a client has to give; TLS_CERT and TLS_KEY name PEM
 * files, for HTTPS. It is JavaScript because tests start it with a plain Node.
 */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

/** What is no setting among the parameters of an address. */
const OWN = new Set(['query', 'database', 'default_format', 'wait_end_of_query', 'user', 'password', 'readonly']);
const READING = /^\s*(?:\/\*.*?\*\/\s*|--[^\n]*\n\s*)*\(*\s*(?:SELECT|WITH|SHOW|DESCRIBE|DESC|EXPLAIN|EXISTS)\b/is;
const INSERT = /^\s*INSERT\s+INTO\s+([\s\S]+?)\s+FORMAT\s+(\w+)\s*;?\s*$/i;
/** Formats that are no text. */
const BINARY = /^(?:RowBinary|Native|Parquet|Arrow)/;
const FORMAT = /\bFORMAT\s+(\w+)\s*;?\s*$/i;

const [engines = '', port = '0', folder] = process.argv.slice(2);
const { Session } = createRequire(join(resolve(engines), 'here.cjs'))('chdb');
const session = new Session(folder);
const work = mkdtempSync(join(tmpdir(), 'chdb-server-'));
process.on('exit', () => rmSync(work, { recursive: true, force: true }));
for (const signal of ['SIGTERM', 'SIGINT']) process.on(signal, () => process.exit());

/** @param {string} text */
const quoted = (text) => `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`;

/**
 * A server reads a parameter as a cell of TSV.
 * @param {string} text
 */
const unescaped = (text) =>
  text.replace(/\\(.)/gs, (_, letter) => ({ t: '\t', n: '\n', r: '\r' })[/** @type {'t'} */ (letter)] ?? letter);

/** @param {number} code @param {string} words */
const refusal = (code, words) => Object.assign(new Error(`Code: ${code}. DB::Exception: ${words}`), { code });

/** @param {import('node:http').IncomingMessage} request */
function checkUser({ headers }) {
  const { CLICKHOUSE_USER: user = 'default', CLICKHOUSE_PASSWORD: password = '' } = process.env;
  const basic = Buffer.from((headers.authorization ?? '').replace(/^Basic /, ''), 'base64').toString();
  const given =
    basic !== '' ? basic : `${headers['x-clickhouse-user'] ?? 'default'}:${headers['x-clickhouse-key'] ?? ''}`;
  if (given !== `${user}:${password}`)
    throw refusal(
      516,
      `${given.split(':')[0]}: Authentication failed: password is incorrect, or there is no user with such name. (AUTHENTICATION_FAILED)`,
    );
}

/**
 * @param {URLSearchParams} asked
 * @param {Buffer} body
 * @returns {Promise<{ format: string, answer: string | Uint8Array }>}
 */
async function answer(asked, body) {
  const isInUrl = (asked.get('query') ?? '') !== '';
  let sql = isInUrl ? String(asked.get('query')) : body.toString();
  let format = asked.get('default_format') ?? 'TabSeparated';
  const settings = [...asked].filter(([name]) => !OWN.has(name) && !name.startsWith('param_'));
  const parameters = Object.fromEntries(
    [...asked].filter(([name]) => name.startsWith('param_')).map(([name, value]) => [name.slice(6), unescaped(value)]),
  );
  if (asked.has('readonly') && !READING.test(sql))
    throw refusal(164, 'default: Cannot execute query in readonly mode. (READONLY)');
  session.query(`USE \`${asked.get('database') ?? 'default'}\``);
  const insert = isInUrl ? INSERT.exec(sql) : null;
  if (insert !== null) {
    const file = join(work, 'rows');
    writeFileSync(file, body);
    const set = settings.map(([name, value]) => `${name}=${quoted(value)}`).join(', ');
    session.query(
      `INSERT INTO ${insert[1]} FROM INFILE ${quoted(file)} ${set && `SETTINGS ${set} `}FORMAT ${insert[2]}`,
    );
    return { format, answer: '' };
  }
  for (const [name, value] of settings) session.query(`SET ${name}=${quoted(value)}`);
  const own = FORMAT.exec(sql);
  if (own !== null) {
    format = own[1] ?? format;
    sql = sql.slice(0, own.index);
  }
  const isBound = Object.keys(parameters).length > 0;
  if (BINARY.test(format)) {
    const result = await (isBound
      ? session.queryBindAsync(sql, parameters, { format })
      : session.queryAsync(sql, { format }));
    return { format, answer: result.bytes() };
  }
  return { format, answer: isBound ? session.queryBind(sql, parameters, format) : session.query(sql, format) };
}

/**
 * The statement before: what a session is set to is meant for one.
 * @type {Promise<unknown>}
 */
let last = Promise.resolve();

/** @type {import('node:http').RequestListener} */
const listener = async (request, response) => {
  const url = new URL(request.url ?? '/', 'http://127.0.0.1');
  if (url.pathname === '/ping') return void response.end('Ok.\n');
  /** @type {Buffer[]} */
  const parts = [];
  for await (const part of request) parts.push(part);
  try {
    checkUser(request);
    const asked = last.then(() => answer(url.searchParams, Buffer.concat(parts)));
    last = asked.catch(() => undefined);
    const { format, answer: text } = await asked;
    response.writeHead(200, { 'X-ClickHouse-Format': format, 'X-ClickHouse-Summary': '{}' }).end(text);
  } catch (error) {
    const words = /** @type {Error} */ (error).message;
    const code = /Code: (\d+)/.exec(words)?.[1] ?? '0';
    const status = code === '516' ? 403 : 500;
    response.writeHead(status, { 'X-ClickHouse-Exception-Code': code }).end(`${words}\n`);
  }
};

/** As long an address as a server takes. */
const maxHeaderSize = 1024 * 1024;
const { TLS_CERT, TLS_KEY } = process.env;
const server =
  TLS_CERT === undefined || TLS_KEY === undefined
    ? createServer({ maxHeaderSize }, listener)
    : createTlsServer({ cert: readFileSync(TLS_CERT), key: readFileSync(TLS_KEY), maxHeaderSize }, listener);
server.listen(Number(port), '127.0.0.1', () => {
  const address = /** @type {import('node:net').AddressInfo} */ (server.address());
  console.log(`listening on ${address.port}`);
});
