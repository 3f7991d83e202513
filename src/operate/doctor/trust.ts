/** The certificates by which others speak TLS, so that the doctor speaks to somebody as they do. */
import { closeSync, constants, fstatSync, openSync, readFileSync } from 'node:fs';
import path from 'node:path';
import type { ConnectionOptions } from 'node:tls';
import type { AgentArguments } from '../agent-command.ts';
import type { RunningProcess } from '../processes.ts';

/** Of a file of certificates. */
const MOST_BYTES = 1024 * 1024;

/** What is given to `tls.connect`, or why that is not known. */
export type Trust = { readonly tls: ConnectionOptions } | { readonly why: string };

/** That of `--ca`, `--cert`, `--key` and `--insecure` of an agent that runs. */
export function trustOfAgent(given: AgentArguments, { uid, cwd }: RunningProcess, ownUid: number | undefined): Trust {
  // Anybody can call a process spoa-mirror and name a file: what it could not read itself is not read for it.
  const mayRead = (owner: number, mode: number) => uid === 0 || uid === ownUid || uid === owner || (mode & 0o004) !== 0;
  return attempt(() => {
    const read = (option: string) => {
      const name = given.get(option)?.at(-1);
      if (name === undefined) return {};
      if (cwd === undefined && !path.isAbsolute(name)) throw new Error(`which folder ${name} lies in is not known`);
      return { [option]: readPem(path.resolve(cwd ?? '/', name), mayRead) };
    };
    return {
      ...read('ca'),
      ...read('cert'),
      ...read('key'),
      rejectUnauthorized: !given.has('insecure'),
    };
  });
}

/** That of `ssl verify … ca-file … crt …` of a server line; HAProxy looks at a name only where it has `verifyhost`. */
export function trustOfServer(words: readonly string[]): Trust {
  const of = (name: string) => {
    const at = words.indexOf(name);
    return at < 0 ? undefined : words[at + 1];
  };
  const [ca, crt, host] = [of('ca-file'), of('crt'), of('verifyhost')];
  for (const file of [ca, crt])
    if (file !== undefined && file !== '@system-ca' && !path.isAbsolute(file))
      return { why: `which folder ${file} lies in is not known` };
  return attempt(() => {
    const client = crt === undefined ? undefined : readPem(crt, () => true);
    return {
      ...(ca !== undefined && ca !== '@system-ca' && { ca: readPem(ca, () => true) }),
      ...(client !== undefined && { cert: client, key: client }),
      rejectUnauthorized: of('verify') !== 'none',
      ...(host === undefined ? { checkServerIdentity: () => undefined } : { servername: host }),
    };
  });
}

function attempt(make: () => ConnectionOptions): Trust {
  try {
    return { tls: make() };
  } catch (error) {
    return { why: (error as Error).message };
  }
}

/** @throws Error with a sentence */
function readPem(file: string, mayRead: (owner: number, mode: number) => boolean): Buffer {
  let fd: number | undefined;
  try {
    // One that waits for a writer is opened all the same, and is no regular file.
    fd = openSync(file, constants.O_RDONLY | constants.O_NONBLOCK);
    const stat = fstatSync(fd);
    if (!stat.isFile() || stat.size > MOST_BYTES)
      throw Object.assign(new Error(), { code: 'it holds no certificates' });
    if (!mayRead(stat.uid, stat.mode)) throw Object.assign(new Error(), { code: 'the process itself may not' });
    return readFileSync(fd);
  } catch (error) {
    throw new Error(`${file} cannot be read: ${(error as NodeJS.ErrnoException).code}`);
  } finally {
    if (fd !== undefined) closeSync(fd);
  }
}
