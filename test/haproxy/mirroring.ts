/** A stage whose mirroring has the switch of the vendor's page, and the command that switches it. */
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { reservePort } from '../ports.ts';
import { spoeLogs } from '../programs/spoe-logs/run.ts';
import { exchange, statusOf } from './client.ts';
import type { Variation } from './configuration.ts';
import type { Series } from './haproxy.ts';
import { Stage } from './stage.ts';

/** The page's ACL, word by word but for the path; and, where a sample is wanted, the two of docs/mirroring.md. */
function switchedBy(map: string, hasSample: boolean): Variation {
  const acls = [`acl mirroring_on str(mirroring),map(${map}) -m str on`];
  if (!hasSample) return { acls, condition: 'if mirroring_on' };
  acls.push(
    `acl mirroring_share str(mirroring.sample),map(${map},100),add(0),set-var(txn.mirroring_sample) -m found`,
    'acl mirroring_drawn rand(100),sub(txn.mirroring_sample) lt 0',
  );
  return { acls, condition: 'if mirroring_on mirroring_share mirroring_drawn' };
}

export const MAP_TEXT = '# who switches\nmirroring on\nother x y\n';

export async function setSwitched(
  t: TestContext,
  series: Series,
  { hasSample = false, reloadable = false, extra = {} as Variation } = {},
) {
  const tcpPort = await reservePort();
  let map = '';
  const stage = await Stage.set(t, series, {
    reloadable,
    agent: ['-n', '1', '-c', 'pipelining'],
    haproxy: ({ folder }) => {
      map = join(folder, 'mirroring.map');
      writeFileSync(map, hasSample ? `${MAP_TEXT}mirroring.sample 100\n` : MAP_TEXT, { mode: 0o640 });
      const own = switchedBy(map, hasSample);
      return {
        ...own,
        ...extra,
        global: [`stats socket ipv4@127.0.0.1:${tcpPort} level admin`, ...(extra.global ?? [])],
      };
    },
  });
  const socket = join(stage.folder, 'command.sock');
  let sent = 0;
  /** Requests, each of which is answered. */
  const ask = async (count: number) => {
    for (let i = 0; i < count; i++) {
      const answer = await exchange(stage.haproxy.frontPort, `GET /${sent++} HTTP/1.1\r\nHost: shop.example\r\n\r\n`);
      assert.equal(statusOf(answer), 200);
    }
  };
  const mirroring = async (args: string[], at = socket) => await spoeLogs(['mirroring', ...args, '--socket', at]);
  return { stage, map, socket, tcpPort, ask, mirroring, sent: () => sent };
}
