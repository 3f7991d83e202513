/** Secrets from files and the environment: every user of the machine can read a command line. */
import { closeSync, openSync, readFileSync, readSync, statSync } from 'node:fs';
import { parseHeader, usage } from './option-values.ts';
import { checkMark, checkTracing, type MirrorAgentOptions } from './options.ts';
import { isForOthers } from './pem.ts';

/** The variable that replaces -U: `user:password`. */
export const PROXY_CREDENTIALS = 'MIRROR_PROXY_USERPWD';

type Header = readonly [name: string, value: string];

/** @throws AgentError `usage` for a file that cannot be read or holds what is no header. No error says what is in it. */
export function readSecrets(
  options: MirrorAgentOptions,
  env: { readonly [name: string]: string | undefined },
): MirrorAgentOptions {
  const { headerFiles, proxy } = options;
  const credentials = proxy.credentials ?? (env[PROXY_CREDENTIALS] || undefined);
  const complete: MirrorAgentOptions = {
    ...options,
    ...readKey(options),
    setHeaders: [...options.setHeaders, ...headerFiles.mirror.flatMap((path) => readHeaders('--set-header', path))],
    proxy: {
      ...proxy,
      headers: [...proxy.headers, ...headerFiles.proxy.flatMap((path) => readHeaders('-H', path))],
      ...(credentials !== undefined && { credentials }),
    },
  };
  const [problem] = [...checkTracing(complete), ...checkMark(complete)];
  if (problem !== undefined) throw usage(problem);
  return complete;
}

/** A key of fewer bytes could be guessed; a longer file is something else. */
const KEY_BYTES = { least: 32, most: 4096 };
const LINE_END_BYTES = 2;

/** Reads --answers-key: any text of at least 32 bytes; a line end behind it does not count. */
function readKey({ answers, answersKeyFile: path, warnings }: MirrorAgentOptions): Partial<MirrorAgentOptions> {
  if (path === undefined || answers === undefined) return {};
  let text: string;
  try {
    text = readBeginning(path).trimEnd();
  } catch (error) {
    throw usage(`unable to read --answers-key ${path}: ${(error as NodeJS.ErrnoException).code ?? 'it is no file'}`);
  }
  if (text.length < KEY_BYTES.least || text.length > KEY_BYTES.most)
    throw usage(
      `--answers-key ${path} is no key: it takes ${KEY_BYTES.least} to ${KEY_BYTES.most} bytes, and it has ${text.length > KEY_BYTES.most ? 'more' : text.length}`,
    );
  return {
    answersKey: Buffer.from(text, 'latin1').toString('base64url'),
    ...(isForOthers(path) && {
      warnings: [...warnings, `--answers-key ${path} can be read by every user of this machine`],
    }),
  };
}

/** As much of a file as says whether it is a key: a device or a pipe has no end, or none yet. */
function readBeginning(path: string): string {
  // A pipe that nobody writes to would be waited for.
  if (!statSync(path).isFile()) throw new Error('no file');
  const bytes = Buffer.alloc(KEY_BYTES.most + LINE_END_BYTES + 1);
  const file = openSync(path, 'r');
  try {
    return bytes.toString('latin1', 0, readSync(file, bytes, 0, bytes.length, 0));
  } finally {
    closeSync(file);
  }
}

/** Reads a file of one header a line; empty lines and those that begin with # are left out, as curl does. */
function readHeaders(option: string, path: string): Header[] {
  return readLines(option, path).flatMap((line, i) => {
    if (line.trim() === '' || line.startsWith('#')) return [];
    try {
      return [parseHeader(line)];
    } catch (error) {
      throw usage(`${option} @${path}, line ${i + 1}: ${(error as Error).message}`);
    }
  });
}

function readLines(option: string, path: string): string[] {
  try {
    return readFileSync(path, 'utf8').split(/\r?\n/);
  } catch (error) {
    throw usage(`unable to read ${option} @${path}: ${(error as NodeJS.ErrnoException).code}`);
  }
}
