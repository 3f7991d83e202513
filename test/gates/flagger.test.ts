/** The webhooks of gates/ for Flagger, called as pkg/controller/webhook.go calls them. No cluster runs here. */
import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, test } from 'node:test';
import { postsYes } from './flagger-hook.ts';
import { VerdictServer } from './verdict-server.ts';
import { recipe } from './workplace.ts';

interface Webhook {
  readonly name: string;
  readonly type: string;
  readonly url: string;
  readonly timeout: string;
}

const [CANARY] = recipe('flagger.yaml') as [{ readonly spec: { readonly analysis: { readonly webhooks: Webhook[] } } }];

/** Whether the hook of this type, at another address, is a yes. */
async function isYes(type: string, base: string): Promise<boolean> {
  const hooks = CANARY.spec.analysis.webhooks.filter((each) => each.type === type);
  assert.equal(hooks.length, 1);
  const [{ url = '', timeout = '' } = {}] = hooks;
  const { pathname, username, password } = new URL(url);
  const [, seconds] = /^(\d+)s$/.exec(timeout) ?? [];
  const address = new URL(pathname, base);
  address.username = username;
  address.password = password;
  return await postsYes(address.href, Number(seconds) * 1000);
}

/** A turn of a canary that is analysed, or waits: rollback is asked before promotion (pkg/controller/scheduler.go). */
async function turn(base: string): Promise<'promoted' | 'rolled back' | 'waits'> {
  if (await isYes('rollback', base)) return 'rolled back';
  return (await isYes('confirm-promotion', base)) ? 'promoted' : 'waits';
}

describe('Flagger', () => {
  let server: VerdictServer;
  before(async () => {
    server = await VerdictServer.start();
  });
  after(() => server.stop());
  beforeEach(() => {
    server.asked.length = 0;
  });

  for (const [verdict, becomes] of [
    ['PASS', 'promoted'],
    ['FAIL', 'rolled back'],
    ['INCONCLUSIVE', 'waits'],
  ] as const) {
    test(`${verdict}: the canary is ${becomes}`, async () => {
      server.verdict = verdict;
      assert.equal(await turn(server.url), becomes);
      assert.equal(server.asked[0]?.what, 'POST /verdict/rollback');
    });
  }

  test('a server that cannot be asked neither promotes nor rolls back', async () => {
    const gone = await VerdictServer.start();
    const { url } = gone;
    await gone.stop();
    assert.equal(await turn(url), 'waits');
  });

  test('there is no other hook, and no metric of Flagger that decides besides', () => {
    assert.deepEqual(CANARY.spec.analysis.webhooks.map(({ type }) => type).sort(), ['confirm-promotion', 'rollback']);
    assert.equal('metrics' in CANARY.spec.analysis, false);
  });
});
