/** The certificates and keys that are named on the command line. */
import { constants, readFileSync, statSync } from 'node:fs';
import type { ListenPem } from './handshakes.ts';
import { usage } from './option-values.ts';

/** The paths of PEM files. */
export interface PemFiles {
  readonly ca?: string;
  readonly cert?: string;
  readonly key?: string;
}

/** The contents of PEM files. */
export interface Pem {
  readonly ca?: string;
  readonly cert?: string;
  readonly key?: string;
}

/** Reads the files; workers get the texts, as the user that the agent changes to may not read a key. @throws AgentError `usage` */
export function readPem({ tlsFiles }: { readonly tlsFiles: PemFiles }): Pem {
  if (tlsFiles.key !== undefined && tlsFiles.cert === undefined)
    throw usage('--key needs --cert, the certificate it is of');
  return readFiles('--', tlsFiles);
}

function readFiles(prefix: string, files: PemFiles): Pem {
  const read = ([name, path]: [string, string]) => {
    try {
      return [name, readFileSync(path, 'utf8')];
    } catch (error) {
      throw usage(`unable to read ${prefix}${name} ${path}: ${(error as NodeJS.ErrnoException).code}`);
    }
  };
  return Object.fromEntries(Object.entries(files).map(read));
}

/**
 * Checks the PEM at the start rather than with every connection. A file of trusted certificates that has none would trust nobody.
 * @throws AgentError `usage`
 */
export async function checkPem(pem: Pem): Promise<void> {
  if (Object.keys(pem).length === 0) return;
  const [{ X509Certificate }, { createSecureContext }] = await Promise.all([import('node:crypto'), import('node:tls')]);
  const { ca, ...own } = pem;
  if (ca !== undefined) attempt('--ca', () => new X509Certificate(ca));
  attempt('--cert or --key', () => createSecureContext(own));
}

/** @throws AgentError `usage` */
function attempt<Result>(what: string, step: () => Result): Result {
  try {
    return step();
  } catch (error) {
    throw usage(`${what} cannot be used: ${(error as Error).message}`);
  }
}

export interface ListenTls {
  readonly pem: ListenPem;
  /** The certificate's last moment, as ISO 8601. */
  readonly validUntil: string;
  /** Lines for the log. */
  readonly warnings: readonly string[];
}

/**
 * Reads and checks --tls-cert, --tls-key and --tls-ca; undefined without --tls-cert.
 * @throws AgentError `usage`
 */
export async function readListenTls({
  listenTlsFiles,
}: {
  readonly listenTlsFiles: PemFiles;
}): Promise<ListenTls | undefined> {
  const { cert, key, ca } = readFiles('--tls-', listenTlsFiles);
  if (cert === undefined || key === undefined) return undefined;
  const [{ X509Certificate, createPrivateKey }, { createSecureContext }, { serverOptions }] = await Promise.all([
    import('node:crypto'),
    import('node:tls'),
    import('./handshakes.ts'),
  ]);
  const certificate = attempt('--tls-cert', () => new X509Certificate(cert));
  const privateKey = attempt('--tls-key', () => createPrivateKey(key));
  if (!certificate.checkPrivateKey(privateKey)) throw usage('--tls-key is not the key of --tls-cert');
  if (ca !== undefined) attempt('--tls-ca', () => new X509Certificate(ca));
  const pem = { cert, key, ...(ca !== undefined && { ca }) };
  attempt('--tls-cert', () => createSecureContext(serverOptions(pem)));
  const keyFile = listenTlsFiles.key as string;
  return {
    pem,
    validUntil: new Date(certificate.validTo).toISOString(),
    warnings: isForOthers(keyFile) ? [`--tls-key ${keyFile} can be read by every user of this machine`] : [],
  };
}

/** Whether every user of the machine can read it. */
export function isForOthers(path: string): boolean {
  return (statSync(path).mode & constants.S_IROTH) !== 0;
}
