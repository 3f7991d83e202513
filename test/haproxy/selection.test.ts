/** Mirroring a part of the traffic, with the message and the ACLs of the vendor's page. */
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { exchange, Load, statusOf } from './client.ts';
import { assertAgreement } from './evidence.ts';
import { missing, SERIES } from './haproxy.ts';
import { Stage } from './stage.ts';

async function get(stage: Stage, path: string): Promise<void> {
  const answer = await exchange(stage.haproxy.frontPort, `GET ${path} HTTP/1.1\r\nHost: shop.example\r\n\r\n`);
  assert.equal(statusOf(answer), 200);
}

function targetsOf(requests: readonly { readonly target: string }[]): string[] {
  return requests.map(({ target }) => target).toSorted();
}

for (const series of SERIES) {
  const options = { skip: missing(series), timeout: 300_000 };

  for (const [what, acls, condition] of [
    ['a condition on the event line', [], 'if { path_beg /search }'],
    ['a named ACL', ['acl is_search path_beg /search'], 'if is_search'],
  ] as const) {
    test(`HAProxy ${series}: ${what} mirrors only what it matches`, options, async (t) => {
      const stage = await Stage.set(t, series, { haproxy: { message: 'mirror-msg', acls, condition } });
      const paths = ['/search', '/', '/search/more?q=1', '/cart', '/a/search'];
      for (const path of paths) await get(stage, path);
      const evidence = await stage.end(paths.length);
      assertAgreement(evidence);
      assert.deepEqual(targetsOf(stage.production.requests), paths.toSorted());
      assert.deepEqual(targetsOf(stage.mirror.requests), ['/search', '/search/more?q=1']);
      assert.deepEqual([...new Set(evidence.records.map(({ message }) => message))], ['mirror-msg']);
      assert.equal(evidence.summary.total.count, 2);
    });
  }

  test(
    `HAProxy ${series}: rand(100) mirrors a sample, and log, record and mirror have the same one`,
    options,
    async (t) => {
      const stage = await Stage.set(t, series, {
        agent: ['-c', 'pipelining'],
        haproxy: { message: 'mirror-msg', condition: 'if { rand(100) le 30 }' },
      });
      const load = new Load(t, stage.haproxy.frontPort, { keepAlive: true });
      await load.goOn(400);
      const sent = await load.stop();
      const evidence = await stage.end(sent);
      assert.deepEqual(load.failures, []);
      assertAgreement(evidence);
      // Of 400 there are 124 on average; fewer than 40 or more than 300 come once in more runs than there will be.
      const count = evidence.events.length;
      assert.ok(count > sent / 10 && count < (sent * 3) / 4, `${count} of ${sent}`);
      assert.equal(stage.production.requests.length, sent);
      assert.deepEqual(targetsOf(stage.mirror.requests), evidence.records.map(({ path }) => path).toSorted());
    },
  );

  test(
    `HAProxy ${series}: a map file switches mirroring, and "set map" of the runtime API does while it runs`,
    options,
    async (t) => {
      const map = (folder: string) => join(folder, 'mirroring.map');
      const stage = await Stage.set(t, series, {
        haproxy: ({ folder }) => {
          writeFileSync(map(folder), 'mirroring off\n');
          return {
            message: 'mirror-msg',
            acls: [`acl mirroring_on str(mirroring),map(${map(folder)}) -m str on`],
            condition: 'if mirroring_on',
          };
        },
      });
      const turn = async (value: string) => {
        assert.equal((await stage.haproxy.command(`set map ${map(stage.folder)} mirroring ${value}`)).trim(), '');
      };
      await get(stage, '/off-at-first');
      await turn('on');
      await get(stage, '/on');
      await get(stage, '/still-on');
      await turn('off');
      await get(stage, '/off-again');
      const evidence = await stage.end(4);
      assertAgreement(evidence);
      assert.equal(stage.production.requests.length, 4);
      assert.deepEqual(targetsOf(stage.mirror.requests), ['/on', '/still-on']);
    },
  );
}
