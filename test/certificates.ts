/** Certificates made on the spot; undefined where openssl is not installed. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after } from 'node:test';

export interface Certificate {
  /** Paths. */
  readonly keyFile: string;
  readonly certFile: string;
  readonly key: Buffer;
  readonly cert: Buffer;
}

const folder = mkdtempSync(join(tmpdir(), 'spoe-logs-tls-'));
after(() => rmSync(folder, { recursive: true }));

/** @param issuer signs it; by default it signs itself */
export function makeCertificate(
  name: string,
  names = 'IP:127.0.0.1,DNS:localhost',
  issuer?: Certificate,
): Certificate | undefined {
  const [keyFile, certFile] = [join(folder, `${name}.key`), join(folder, `${name}.crt`)];
  const subject = ['-subj', `/CN=${name}`, '-addext', `subjectAltName=${names}`, '-days', '2'];
  const curve = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1'];
  const signer = issuer === undefined ? [] : ['-CA', issuer.certFile, '-CAkey', issuer.keyFile];
  const args = ['req', '-x509', '-nodes', ...curve, ...signer, '-keyout', keyFile, '-out', certFile, ...subject];
  if (spawnSync('openssl', args, { stdio: 'ignore' }).status !== 0) return undefined;
  return { keyFile, certFile, key: readFileSync(keyFile), cert: readFileSync(certFile) };
}
