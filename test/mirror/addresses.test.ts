/** Names that lead somewhere else after a while, to several places, or nowhere yet. */
import assert from 'node:assert/strict';
import type { LookupAddress } from 'node:dns';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { test } from 'node:test';
import { Addresses } from '../../src/mirror/addresses.ts';

type Answer = readonly string[] | 'ENOTFOUND';

/** A name server that is asked by hand: what it is asked waits for `answer`. */
function startNames(localAddress?: string) {
  const asked: ((answer: Answer) => void)[] = [];
  let nowMs = 0;
  const ask = ((_host: string, _options: object, done: (error: Error | null, found: LookupAddress[]) => void) => {
    asked.push((answer) => {
      if (answer === 'ENOTFOUND') done(Object.assign(new Error(answer), { code: answer }), []);
      else
        done(
          null,
          answer.map((address) => ({ address, family: address.includes(':') ? 6 : 4 })),
        );
    });
  }) as unknown as ConstructorParameters<typeof Addresses>[1];
  const addresses = new Addresses(localAddress, ask, () => nowMs);
  return {
    asked,
    pass: (ms: number) => {
      nowMs += ms;
    },
    all: () =>
      new Promise<string[] | string>((resolve) => {
        addresses.lookup('mirror.test', { all: true }, (error, found) =>
          resolve(error?.code ?? (found as LookupAddress[]).map(({ address }) => address)),
        );
      }),
    one: () =>
      new Promise<string>((resolve) => {
        addresses.lookup('mirror.test', {}, (_error, found) => resolve(found as string));
      }),
  };
}

test('connections begin at the addresses in turn, and share one question', async () => {
  const { asked, all, one } = startNames();
  const first = [all(), all(), all()];
  assert.equal(asked.length, 1);
  asked[0]?.(['192.0.2.1', '192.0.2.2']);
  assert.deepEqual(await Promise.all(first), [
    ['192.0.2.1', '192.0.2.2'],
    ['192.0.2.2', '192.0.2.1'],
    ['192.0.2.1', '192.0.2.2'],
  ]);
  assert.equal(await one(), '192.0.2.2');
  assert.equal(asked.length, 1, 'what was found a moment ago holds');
});

test('a name is asked for again after a second, and leads where it leads then', async () => {
  const { asked, all, pass } = startNames();
  const early = all();
  asked[0]?.(['192.0.2.1']);
  assert.deepEqual(await early, ['192.0.2.1']);
  pass(1_000);
  const late = all();
  asked[1]?.(['192.0.2.9']);
  assert.deepEqual(await late, ['192.0.2.9']);
});

test('a name without an address is an error for all that wait, and asked for again at once', async () => {
  const { asked, all } = startNames();
  const waiting = [all(), all()];
  asked[0]?.('ENOTFOUND');
  assert.deepEqual(await Promise.all(waiting), ['ENOTFOUND', 'ENOTFOUND']);
  const next = all();
  asked[1]?.(['192.0.2.1']);
  assert.deepEqual(await next, ['192.0.2.1']);
});

test('no address at all is an error as well', async () => {
  const { asked, all } = startNames();
  const found = all();
  asked[0]?.([]);
  assert.equal(await found, 'ENOTFOUND');
});

test('from an address of one family only that family is tried', async () => {
  const { asked, all } = startNames('192.0.2.7');
  const found = all();
  asked[0]?.(['2001:db8::1', '192.0.2.1']);
  assert.deepEqual(await found, ['192.0.2.1']);
});

test('a socket of node takes what is found a moment later, the second address where nobody listens at the first', async (t) => {
  const server = createServer().listen(0, '127.0.0.2');
  await once(server, 'listening');
  t.after(() => server.close());
  const addresses = new Addresses(undefined, ((
    _host: string,
    _options: object,
    done: (e: null, f: LookupAddress[]) => void,
  ) =>
    done(null, [
      { address: '127.0.0.1', family: 4 },
      { address: '127.0.0.2', family: 4 },
    ])) as unknown as ConstructorParameters<typeof Addresses>[1]);
  const { port } = server.address() as AddressInfo;
  for (let turn = 0; turn < 2; turn++) {
    const socket = connect({ host: 'mirror.test', port, lookup: addresses.lookup });
    await once(socket, 'connect');
    assert.equal(socket.remoteAddress, '127.0.0.2');
    socket.destroy();
  }
});
