/** Certificates that sign themselves, made on the spot by openssl. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after } from 'node:test';

const folder = mkdtempSync(join(tmpdir(), 'spoe-logs-tls-'));
after(() => rmSync(folder, { recursive: true }));

/** Undefined where there is no openssl. */
export function makeCertificate(
  name: string,
  names = 'IP:127.0.0.1,DNS:localhost',
): { readonly key: string; readonly cert: string } | undefined {
  const [key, cert] = [join(folder, `${name}.key`), join(folder, `${name}.crt`)];
  const subject = ['-subj', `/CN=${name}`, '-addext', `subjectAltName=${names}`, '-days', '2'];
  const curve = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1'];
  const args = ['req', '-x509', '-nodes', ...curve, '-keyout', key, '-out', cert, ...subject];
  if (spawnSync('openssl', args, { stdio: 'ignore' }).status !== 0) return undefined;
  return { key: readFileSync(key, 'utf8'), cert: readFileSync(cert, 'utf8') };
}
