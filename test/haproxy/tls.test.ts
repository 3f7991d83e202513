/** HAProxy connects to the agent by TLS, as where they are on different hosts. */
import assert from 'node:assert/strict';
import { copyFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { type Certificate, makeCertificate } from '../certificates.ts';
import { until } from '../until.ts';
import { exchange, Load, statusOf } from './client.ts';
import { assertAgreement, countBy } from './evidence.ts';
import { missing, SERIES, type Series } from './haproxy.ts';
import { Stage } from './stage.ts';

const authority = makeCertificate('haproxy-ca') as Certificate;
const own = makeCertificate('haproxy-agent', 'IP:127.0.0.1', authority) as Certificate;
const client = makeCertificate('haproxy-client', 'DNS:haproxy', authority) as Certificate;
const stranger = makeCertificate('haproxy-stranger') as Certificate;

/** HAProxy has certificate and key in one file. */
function joined(folder: string, { cert, key }: Certificate): string {
  const path = join(folder, 'client.pem');
  writeFileSync(path, Buffer.concat([cert, key]));
  return path;
}

async function setStage(
  t: TestContext,
  series: Series,
  server: (folder: string) => string,
  agent: readonly string[],
): Promise<Stage> {
  return await Stage.set(t, series, {
    agent: ['-c', 'pipelining', ...agent],
    haproxy: ({ folder }) => ({ check: server(folder) }),
  });
}

const trusting = `ssl verify required ca-file ${authority?.certFile}`;

for (const series of SERIES) {
  const skip = missing(series) || (authority === undefined && 'there is no openssl');
  const options = { skip, timeout: 300_000 };

  for (const [version, limits] of [
    ['TLS 1.3', ''],
    ['TLS 1.2', 'force-tlsv12'],
  ] as const) {
    test(
      `HAProxy ${series}: ${version} with client certificates, every request is mirrored once`,
      options,
      async (t) => {
        const tls = ['--tls-cert', own.certFile, '--tls-key', own.keyFile, '--tls-ca', authority.certFile];
        const server = (folder: string) => `${trusting} crt ${joined(folder, client)} ${limits}`;
        const stage = await setStage(t, series, server, tls);
        const loads = ['a', 'b'].map((name) => new Load(t, stage.haproxy.frontPort, { name, keepAlive: name === 'a' }));
        await Promise.all(loads.map((load) => load.goOn(60)));
        // Nor do the connections that were there end.
        stage.agent.signal('SIGHUP');
        await stage.agent.says(/: TLS renewed, /);
        await Promise.all(loads.map((load) => load.goOn(60)));
        const sent = (await Promise.all(loads.map((load) => load.stop()))).reduce((sum, count) => sum + count, 0);
        const stats = async () => (await stage.agent.stats()).agent;
        await until('a health check', async () => (await stats()).healthchecks > 0);
        assert.deepEqual((await stats()).tlsHandshakesFailed, {});
        const evidence = await stage.end(sent);
        assert.equal(stage.mirror.requests.length, sent);
        assert.deepEqual(countBy(evidence.events.map(({ st }) => st)), { 0: sent });
        assertAgreement(evidence);
      },
    );
  }

  test(
    `HAProxy ${series}: without ssl, and without a certificate, it is not let in, and no client notices`,
    options,
    async (t) => {
      const tls = ['--tls-cert', own.certFile, '--tls-key', own.keyFile, '--tls-ca', authority.certFile];
      for (const [server, line] of [
        ['', /TLS handshakes of HAProxy's side failed, the last one: what came is no TLS/],
        [trusting, /TLS handshakes of HAProxy's side failed, the last one: no client certificate came/],
      ] as const) {
        const stage = await setStage(t, series, () => server, tls);
        await stage.agent.says(line);
        const answer = await exchange(
          stage.haproxy.frontPort,
          'GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n',
        );
        assert.equal(statusOf(answer), 200);
        assert.equal(stage.mirror.requests.length, 0);
      }
    },
  );

  test(
    `HAProxy ${series}: one that does not trust the certificate says so, until SIGHUP brings another`,
    options,
    async (t) => {
      const folder = mkdtempSync(join(tmpdir(), 'spoe-logs-renewed-'));
      t.after(() => rmSync(folder, { recursive: true }));
      const [cert, key] = [join(folder, 'crt'), join(folder, 'key')];
      const become = (certificate: Certificate) => {
        copyFileSync(certificate.certFile, cert);
        copyFileSync(certificate.keyFile, key);
      };
      become(stranger);
      const stage = await setStage(t, series, () => trusting, ['--tls-cert', cert, '--tls-key', key]);
      await stage.agent.says(/the last one: HAProxy does not trust --tls-cert, .*\(tlsv1-alert-unknown-ca\)/);
      become(own);
      stage.agent.signal('SIGHUP');
      await stage.agent.says(/: TLS renewed, /);
      await until('HAProxy has its agent back', async () => (await stage.agent.stats()).agent.healthchecks > 0);
    },
  );
}
