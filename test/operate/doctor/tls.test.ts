/** The doctor asks as HAProxy and the agent do: with their certificates. Processes are those of the test alone. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer as createHttp } from 'node:http';
import { createServer as createHttps } from 'node:https';
import { type AddressInfo, connect, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { createServer as createTls } from 'node:tls';
import { lookAtAgent } from '../../../src/operate/doctor/agent.ts';
import { lookAtMirror } from '../../../src/operate/doctor/mirror.ts';
import { createAgent } from '../../../src/spoa/agent.ts';
import { makeCertificate } from '../../certificates.ts';
import { agentProcess, around } from './around.ts';

const server = makeCertificate('server');
const client = makeCertificate('client');
const skip = (server === undefined || client === undefined) && 'no openssl';
const folder = (t: TestContext) => {
  const path = mkdtempSync(join(tmpdir(), 'spoe-logs-doctor-'));
  t.after(() => rmSync(path, { recursive: true, force: true }));
  return path;
};

async function portOf(t: TestContext, listening: Server): Promise<number> {
  listening.listen(0, '127.0.0.1');
  await once(listening, 'listening');
  t.after(() => listening.close());
  return (listening.address() as AddressInfo).port;
}

const texts = (findings: readonly { readonly mark: string; readonly text: string }[]) =>
  findings.map(({ mark, text }) => `${mark} ${text}`.replaceAll(/:\d{4,5}\b/g, ':PORT'));

test('a server of the backend that has ssl is asked by TLS, with its ca-file and crt', { skip }, async (t) => {
  const path = folder(t);
  const socket = join(path, 'agent');
  const agent = createAgent({ handlers: {} });
  await agent.listen({ path: socket });
  t.after(() => agent.close());
  const secure = createTls(
    { cert: server?.cert, key: server?.key, ca: [client?.cert as Buffer], requestCert: true },
    (incoming) => {
      const outgoing = connect(socket);
      incoming.on('error', () => outgoing.destroy()).pipe(outgoing);
      outgoing.on('error', () => incoming.destroy()).pipe(incoming);
    },
  );
  const port = await portOf(t, secure);
  const both = join(path, 'client.pem');
  writeFileSync(both, `${client?.cert}${client?.key}`);
  const cfg = join(path, 'haproxy.cfg');
  const spoe = join(path, 'spoe.cfg');
  writeFileSync(
    spoe,
    '[m]\nspoe-agent m\n messages x\n use-backend agents\nspoe-message x\n event on-client-session\n',
  );
  const look = async (words: string) => {
    writeFileSync(
      cfg,
      `frontend f\n mode http\n bind 127.0.0.1:1\n filter spoe engine m config ${spoe}\nbackend agents\n mode tcp\n server a 127.0.0.1:${port} ${words}\n`,
    );
    return texts(await lookAtAgent(around([agentProcess([])], { config: [cfg] }))).at(-1);
  };
  const trusted = `ssl verify required ca-file ${server?.certFile}`;
  assert.match(
    (await look(`${trusted} crt ${both}`)) ?? '',
    /^ok 127\.0\.0\.1:PORT speaks SPOP 2\.0 by TLS: frames of/,
  );
  assert.match((await look(`ssl verify none crt ${both}`)) ?? '', /^ok .* by TLS/);
  assert.match((await look(trusted)) ?? '', /^fail 127\.0\.0\.1:PORT and the server line do not agree on TLS: ERR_SSL/);
  assert.match((await look(`ssl crt ${both}`)) ?? '', /do not agree on TLS: DEPTH_ZERO_SELF_SIGNED_CERT/);
  assert.equal(
    await look('ssl crt /no/such.pem'),
    'unknown 127.0.0.1:PORT is spoken to by TLS, and /no/such.pem cannot be read: ENOENT',
  );
});

test("a mirror is asked with the agent's own certificates", { skip }, async (t) => {
  const mirror = createHttps(
    { cert: server?.cert, key: server?.key, ca: [client?.cert as Buffer], requestCert: true },
    (_request, response) => response.end(),
  );
  const url = `https://127.0.0.1:${await portOf(t, mirror as unknown as Server)}/`;
  const look = async (...more: string[]) =>
    texts(await lookAtMirror(around([agentProcess(['-u', url, ...more])], { request: 'HEAD' })));
  const own = ['--cert', client?.certFile ?? '', '--key', client?.keyFile ?? ''];
  assert.deepEqual(await look('--ca', server?.certFile ?? '', ...own), [
    'ok https://127.0.0.1:PORT/ can be reached from here, its certificate is trusted',
    'ok HEAD https://127.0.0.1:PORT/ is answered with 200',
  ]);
  assert.deepEqual(
    (await look('--insecure', ...own))[0],
    'ok https://127.0.0.1:PORT/ can be reached from here, its certificate is not looked at',
  );
  assert.deepEqual(await look(...own), ['fail https://127.0.0.1:PORT/: DEPTH_ZERO_SELF_SIGNED_CERT']);
});

test('files that the process itself could not read are not read for it', { skip }, async (t) => {
  const key = join(folder(t), 'key');
  writeFileSync(key, client?.key ?? '');
  chmodSync(key, 0o600);
  const stranger = 4_000_000;
  const args = ['-u', 'https://127.0.0.1:1/', '--key', key];
  const [finding] = texts(await lookAtMirror(around([agentProcess(args, stranger)])));
  assert.match(
    finding ?? '',
    /^unknown .* certificates that the agent has for it .*key cannot be read: the process itself may not$/,
  );
});

test('the admin pages are asked at a unix socket, too, and only the beginning of an answer is read', async (t) => {
  const path = join(folder(t), 'admin');
  let status = 200;
  const admin = createHttp((_request, response) => {
    response.writeHead(status);
    const more = () => {
      while (!response.destroyed && response.write('not ready '.repeat(1000)));
    };
    if (status === 200) response.end('ready\n');
    else {
      response.on('drain', more);
      more();
    }
  }).listen(path);
  await once(admin, 'listening');
  t.after(() => {
    admin.closeAllConnections();
    admin.close();
  });
  const look = async () =>
    texts(await lookAtAgent(around([agentProcess(['--admin', `unix:${path}`])], { agents: ['127.0.0.1:1'] }))).at(-1) ??
    '';
  assert.equal(await look(), `ok unix:${path} /readyz: ready`);
  status = 503;
  const cut = await look();
  assert.match(cut, /^warning unix:.* \/readyz: not ready not ready/);
  assert.ok(cut.length < 1200, `${cut.length} characters`);
});
