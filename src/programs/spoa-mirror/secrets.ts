/** Secrets from files and the environment: every user of the machine can read a command line. */
import { readFileSync } from 'node:fs';
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

/** Reads --answers-key: any text of at least 32 bytes; a line end behind it does not count. */
function readKey({ answers, answersKeyFile: path, warnings }: MirrorAgentOptions): Partial<MirrorAgentOptions> {
  if (path === undefined || answers === undefined) return {};
  let text: string;
  try {
    text = readFileSync(path, 'latin1').trimEnd();
  } catch (error) {
    throw usage(`unable to read --answers-key ${path}: ${(error as NodeJS.ErrnoException).code}`);
  }
  if (text.length < KEY_BYTES.least || text.length > KEY_BYTES.most)
    throw usage(
      `--answers-key ${path} is no key: it takes ${KEY_BYTES.least} to ${KEY_BYTES.most} bytes, and it has ${text.length}`,
    );
  return {
    answersKey: Buffer.from(text, 'latin1').toString('base64url'),
    ...(isForOthers(path) && {
      warnings: [...warnings, `--answers-key ${path} can be read by every user of this machine`],
    }),
  };
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
