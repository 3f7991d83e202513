/** Certificates and keys that are named on the command line. */
import { readFileSync } from 'node:fs';
import { AgentError } from './errors.ts';
import type { MirrorAgentOptions } from './options.ts';

export interface Pem {
  readonly ca?: string;
  readonly cert?: string;
  readonly key?: string;
}

/** Texts, which workers get told: whom the agent becomes may not read a key. @throws AgentError `usage` */
export function readPem({ tlsFiles }: MirrorAgentOptions): Pem {
  const read = ([name, path]: [string, string]) => {
    try {
      return [name, readFileSync(path, 'utf8')];
    } catch (error) {
      throw new AgentError('usage', `unable to read --${name} ${path}: ${(error as NodeJS.ErrnoException).code}`);
    }
  };
  return Object.fromEntries(Object.entries(tlsFiles).map(read));
}

/**
 * Better now than with every connection. A file of trusted certificates that has none would trust nobody.
 * @throws AgentError `usage`
 */
export async function checkPem(pem: Pem): Promise<void> {
  if (Object.keys(pem).length === 0) return;
  const [{ X509Certificate }, { createSecureContext }] = await Promise.all([import('node:crypto'), import('node:tls')]);
  const attempt = (what: string, step: () => void) => {
    try {
      step();
    } catch (error) {
      throw new AgentError('usage', `${what} cannot be used: ${(error as Error).message}`);
    }
  };
  const { ca, ...own } = pem;
  if (ca !== undefined) attempt('--ca', () => new X509Certificate(ca));
  attempt('--cert or --key', () => createSecureContext(own));
}
