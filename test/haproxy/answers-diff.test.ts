/** From HAProxy's answers to the verdict on them: what the new version changed is named, noise is not, and no value is anywhere. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import type { DiffReport } from '../../src/diff/model.ts';
import { reservePort } from '../ports.ts';
import { until } from '../until.ts';
import { AgentProcess, recordFile } from './agent.ts';
import { AnsweringHaproxies } from './answering.ts';
import { exchange } from './client.ts';
import { missing, SERIES } from './haproxy.ts';

const PROGRAM = fileURLToPath(new URL('../../bin/spoe-logs.js', import.meta.url));
const REQUESTS = 240;
/** It is in every value that an answer has. */
const CANARY = 'kanarienvogel';

type Version = 'old' | 'new';

/** Of a server: each answer has other times, tokens and cookies, whatever its version. */
function answersOf(version: Version, from: string) {
  let count = 0;
  return ({ url = '' }: IncomingMessage) => {
    count++;
    const number = Number(/\d+$/.exec(url)?.[0]);
    const isNew = version === 'new';
    const item = {
      id: number,
      name: `${CANARY} ${number}`,
      price: isNew ? `${number}.5` : number + 0.5,
      ...((!isNew || number % 3 !== 0) && { discount: `${CANARY} ${number % 7}` }),
      tags: ['a', 'b', 'c'].map((tag) => `${tag}${number}`),
      request: `${CANARY}-${from}-${count}`,
      at: 1_700_000_000_000 + count * 977 + from.length,
    };
    if (isNew && url.startsWith('/items/')) item.tags.reverse();
    const headers = {
      'content-type': 'application/json',
      'set-cookie': `sid=${CANARY}${from}${count}; HttpOnly`,
      ...(!isNew && { 'x-frame-options': `${CANARY}; DENY` }),
    };
    return { headers, body: JSON.stringify(item) };
  };
}

async function startServer(t: TestContext, version: Version, name: string): Promise<number> {
  const answer = answersOf(version, name);
  const server = createServer((request, response) => {
    request.resume();
    const { headers, body } = answer(request);
    response.writeHead(200, { ...headers, 'content-length': Buffer.byteLength(body) }).end(body);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => {
    server.close();
    server.closeAllConnections();
  });
  return (server.address() as AddressInfo).port;
}

for (const series of SERIES) {
  const options = { skip: missing(series), timeout: 300_000 };

  test(
    `HAProxy ${series}: the report names what the new version changed in its answers, and no noise`,
    options,
    async (t) => {
      const folder = mkdtempSync(join(tmpdir(), 'spoe-logs-answers-'));
      t.after(() => rmSync(folder, { recursive: true, force: true }));
      mkdirSync(join(folder, 'agent'));
      const serverPort = await startServer(t, 'old', 'production');
      const mirrors = [await startServer(t, 'new', 'candidate'), await startServer(t, 'old', 'secondary')];
      const [candidate = '', secondary = ''] = mirrors.map((port) => `http://127.0.0.1:${port}`);
      const ports = { none: await reservePort(), event: await reservePort(), wait: await reservePort() };
      const listen = ['-a', '127.0.0.1', '-p', `${ports.event}`, '-u', candidate, '-u', secondary];
      const agent = new AgentProcess(join(folder, 'agent'), [...listen, '-c', 'pipelining', '--answers', 'body']);
      t.after(() => agent.stop());
      await agent.ready();
      const haproxies = await AnsweringHaproxies.start(t, series, {
        serverPort,
        agentPorts: ports,
        areAgentsWell: true,
      });
      for (let i = 0; i < REQUESTS; i++) {
        const path = `/${i % 2 === 0 ? 'items' : 'offers'}/${1000 + i}`;
        const { raw } = await exchange(
          haproxies.of('event').frontPort,
          `GET ${path} HTTP/1.1\r\nHost: shop.example\r\n\r\n`,
        );
        assert.match(raw, new RegExp(`x-frame-options: ${CANARY}.*"price":${1000 + i}.5,`, 's'));
      }
      const isAccess = (line: string) => / fe_main be_servers\//.test(line);
      await until('all access lines', () => haproxies.log.lines.filter(isAccess).length === REQUESTS);
      const stats = JSON.stringify(await agent.stats());
      await agent.stop();

      const production = join(folder, 'lb-access.log');
      writeFileSync(production, haproxies.log.lines.map((line) => `${line}\n`).join(''));
      const record = recordFile(join(folder, 'agent'));
      const sides = ['--production', production, '--mirror', record, '--baseline-destination', secondary];
      const compare = (format: string) =>
        spawnSync(process.execPath, [PROGRAM, 'diff', ...sides, '--format', format], { encoding: 'utf8' });
      const { status, stdout, stderr } = compare('json');
      assert.deepEqual([status, stderr], [1, '']);
      const { responses, correlation }: DiffReport = JSON.parse(stdout);
      assert.equal(correlation.destination, candidate);
      assert.deepEqual([responses?.pairs, responses?.bodiesCompared], [REQUESTS, REQUESTS]);
      const worse = responses?.fields.filter(({ regressed }) => regressed) ?? [];
      assert.deepEqual(
        worse
          .map(({ route, place, kind, shape = '' }) => `${route ?? 'all'} ${place} ${kind} ${shape}`.trim())
          .toSorted(),
        [
          'GET /items/{…} $.tags order',
          'all $.discount missing',
          'all $.price type number → string',
          'all header x-frame-options missing',
        ],
      );
      assert.deepEqual(compare('json').stdout, stdout);
      const outputs = [readFileSync(record, 'utf8'), agent.said, stats, stdout];
      for (const format of ['table', 'html', 'markdown', 'junit', 'ndjson']) outputs.push(compare(format).stdout);
      for (const text of outputs) assert.ok(text.length > 0 && !text.includes(CANARY));
    },
  );
}
