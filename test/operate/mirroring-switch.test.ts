import assert from 'node:assert/strict';
import { describe, type TestContext, test } from 'node:test';
import {
  checkWord,
  type Mirroring,
  MirroringSwitch,
  noteOf,
  PAGE_PLACE,
  type SwitchPlace,
} from '../../src/operate/mirroring-switch.ts';
import { RuntimeApi } from '../../src/operate/runtime-api.ts';
import { FakeHaproxy, type FakeOptions, FakeWorker, MAP } from './fake-haproxy.ts';

const ON = { kind: 'on' } as const;
const OFF = { kind: 'off' } as const;

function entries(sample?: string): [string, string][] {
  return [
    ['mirroring', 'on'],
    ...(sample === undefined ? [] : [['mirroring.sample', sample] as [string, string]]),
    ['other', 'x y'],
  ];
}

async function set(
  t: TestContext,
  workers: FakeWorker[],
  options: FakeOptions & { place?: Partial<SwitchPlace> } = {},
) {
  const fake = await FakeHaproxy.start(t, workers, options);
  const mirroring = new MirroringSwitch(new RuntimeApi({ path: fake.path }), { ...PAGE_PLACE, ...options.place });
  return { fake, mirroring };
}

describe('the values of the two keys', () => {
  for (const [values, expected] of [
    [{ mirroring: 'on' }, ON],
    [{ mirroring: 'off' }, OFF],
    [{ mirroring: 'off', 'mirroring.sample': '10' }, OFF],
    [{ mirroring: 'on', 'mirroring.sample': '100' }, ON],
    [
      { mirroring: 'on', 'mirroring.sample': '10' },
      { kind: 'sample', rate: 10 },
    ],
    [{ mirroring: 'on', 'mirroring.sample': '0' }, OFF],
    [
      { mirroring: 'on', 'mirroring.sample': 'x' },
      { kind: 'other', value: 'on, mirroring.sample x' },
    ],
    [{ mirroring: 'ON' }, { kind: 'other', value: 'ON' }],
    [{}, undefined],
  ] as [Record<string, string>, Mirroring | undefined][]) {
    test(JSON.stringify(values), () => {
      const mirroring = new MirroringSwitch(new RuntimeApi({ path: '/x' }), PAGE_PLACE);
      assert.deepEqual(mirroring.interpret(new Map(Object.entries(values))), expected);
    });
  }
});

test('the only map called mirroring.map is found, and #ID becomes its name', async (t) => {
  const worker = new FakeWorker(7, entries());
  worker.maps.set('/etc/haproxy/hosts.map', []);
  for (const map of [undefined, '#0', MAP]) {
    const { mirroring } = await set(t, [worker], { place: { map } });
    assert.deepEqual((await mirroring.read()).current.mirroring, ON);
    assert.equal(mirroring.map, MAP);
  }
});

test('a name is asked for where several maps have it, none has it, or another one was meant', async (t) => {
  const worker = new FakeWorker(7, entries());
  const read = async (map?: string) => (await set(t, [worker], { place: { map } })).mirroring.read();
  await assert.rejects(read('#9'), { code: 'no-map', hint: `name one with --map: ${MAP}` });
  await assert.rejects(read('/etc/haproxy/mirorring.map'), { code: 'no-map', hint: `did you mean --map ${MAP}?` });
  worker.maps.set('/srv/mirroring.map', []);
  await assert.rejects(read(), { code: 'no-map', message: /has 2 maps called mirroring\.map/ });
  worker.maps.clear();
  await assert.rejects(read(), { code: 'no-map', message: /has no map called mirroring\.map/ });
});

test('a map without the key is no switch', async (t) => {
  const { mirroring } = await set(t, [new FakeWorker(7, [['other', 'x']])]);
  await assert.rejects(mirroring.read(), { code: 'no-key' });
});

test('off and on set the key alone, and all of it where it is there several times', async (t) => {
  const worker = new FakeWorker(7, [...entries(), ['mirroring', 'on']]);
  const { mirroring } = await set(t, [worker]);
  assert.deepEqual((await mirroring.write(OFF)).current.mirroring, OFF);
  assert.deepEqual(worker.maps.get(MAP), [
    ['mirroring', 'off'],
    ['other', 'x y'],
    ['mirroring', 'off'],
  ]);
  assert.deepEqual((await mirroring.write(ON)).current.mirroring, ON);
});

test('a sample is set before the switch, and is 100 again with on', async (t) => {
  const worker = new FakeWorker(7, [
    ['mirroring', 'off'],
    ['mirroring.sample', '100'],
  ]);
  const { fake, mirroring } = await set(t, [worker]);
  await mirroring.write({ kind: 'sample', rate: 10 });
  const written = fake.commands.filter((command) => command.startsWith('set map'));
  assert.deepEqual(written, [`set map ${MAP} mirroring.sample 10`, `set map ${MAP} mirroring on`]);
  await mirroring.write(ON);
  assert.equal(worker.value('mirroring.sample'), '100');
});

test('without its key there is no sample', async (t) => {
  const worker = new FakeWorker(7, entries());
  const { mirroring } = await set(t, [worker]);
  await assert.rejects(mirroring.write({ kind: 'sample', rate: 10 }), {
    code: 'no-key',
    message: /no key mirroring\.sample/,
  });
  assert.equal(worker.value('mirroring'), 'on');
});

test('by the master, processes of before a reload are switched, too', async (t) => {
  const workers = [new FakeWorker(9, entries()), new FakeWorker(5, entries()), new FakeWorker(3, [])];
  workers[2]?.maps.clear();
  const { mirroring } = await set(t, workers, { isMaster: true });
  const { current, old } = await mirroring.write(OFF);
  assert.deepEqual([current.worker.pid, current.mirroring], [9, OFF]);
  assert.deepEqual(
    old.map(({ worker, mirroring: value }) => [worker.pid, value]),
    [
      [5, OFF],
      [3, undefined],
    ],
  );
});

test('an old process that ends meanwhile is no error', async (t) => {
  const workers = [new FakeWorker(9, entries()), new FakeWorker(5, entries())];
  const { fake, mirroring } = await set(t, workers, {
    isMaster: true,
    instead: (command) => {
      if (command.startsWith('@!5 set')) fake.workers.pop();
      return undefined;
    },
  });
  const { old } = await mirroring.write(OFF);
  assert.deepEqual(old, []);
});

test('a note tells who switches back, and goes when somebody switches by hand', async (t) => {
  const { mirroring } = await set(t, [new FakeWorker(7, entries('100'))]);
  const note = noteOf('for', { kind: 'sample', rate: 10 }, 1_795_735_084_123, 42);
  assert.deepEqual((await mirroring.write(OFF, note)).current.note, note);
  assert.deepEqual((await mirroring.read()).current.note, note);
  assert.equal((await mirroring.write(OFF)).current.note, undefined);
});

test('a note that nobody of us has written is none', async (t) => {
  for (const text of [
    'x',
    'for,on,2026-11-26T23:30:00.000Z',
    'for,on,2026-99-99T23:30:00.000Z,h:1',
    'for,\u001b[2J,2026-11-26T23:30:00Z,h:1',
  ]) {
    const { mirroring } = await set(t, [new FakeWorker(7, [...entries(), ['mirroring.note', text]])]);
    assert.equal((await mirroring.read()).current.note, undefined);
  }
});

test('a switch that does not keep what it was told is said', async (t) => {
  const { mirroring } = await set(t, [new FakeWorker(7, entries())], {
    instead: (command) => (command.startsWith('set map') ? '\n' : undefined),
  });
  await assert.rejects(mirroring.write(OFF), {
    code: 'not-switched',
    message: `the map ${MAP} says on after it was set to off`,
  });
});

test('an answer that is none is refused, and shown without its escapes', async (t) => {
  const { mirroring } = await set(t, [new FakeWorker(7, entries())], {
    instead: (command) => (command.startsWith('get map') ? '\u001b[2Jpwned\n\n' : undefined),
  });
  await assert.rejects(mirroring.read(), { code: 'command-refused', message: /\\u001b\[2Jpwned/ });
});

test('words that a command or a map file would cut are refused', () => {
  assert.equal(checkWord('--key', 'mirroring.v2'), 'mirroring.v2');
  for (const word of ['', 'a b', 'a;b', 'a\nb', '#1', '<<', 'x'.repeat(201)])
    assert.throws(() => checkWord('--key', word), { code: 'bad-map' });
});
