/** The demo's part of HAProxy, with agents that misbehave: its lines say what a real one's say (docs/STATUS-CODES.md). */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { after, test } from 'node:test';
import { BuiltInHaproxy } from '../../scripts/demo/built-in-haproxy.ts';
import { Ending } from '../../scripts/demo/ending.ts';
import { requestIdOf } from '../../scripts/demo/live-log.ts';
import { makeRequest } from '../../scripts/demo/requests.ts';
import { parseLine } from '../../src/logs/line.ts';
import type { SpoeEvent } from '../../src/logs/record.ts';
import { writeAck } from '../../src/spop/ack.ts';
import { setVarAction, VariableScope } from '../../src/spop/actions.ts';
import type { ByteReader } from '../../src/spop/byte-reader.ts';
import { ByteWriter } from '../../src/spop/byte-writer.ts';
import { writeAgentDisconnect } from '../../src/spop/disconnect.ts';
import { type FrameHeader, FrameType, readFrameHeader } from '../../src/spop/frame-header.ts';
import { FrameReader } from '../../src/spop/frame-reader.ts';
import { writeAgentHello } from '../../src/spop/hello.ts';
import { readNotify } from '../../src/spop/notify.ts';
import { booleanData } from '../../src/spop/values.ts';
import { until } from '../until.ts';

const ending = new Ending();
const steps: (() => unknown)[] = [];
after(async () => {
  for (const step of steps.reverse()) await step();
  ending.release();
});
const cleanup = { add: (step: () => unknown) => steps.push(step) };

interface Notify {
  readonly header: FrameHeader;
  readonly frame: ByteReader;
  readonly socket: Socket;
  answer(write: (writer: ByteWriter) => void): void;
}

/** An agent that greets, and leaves it to the test what to do about a NOTIFY. */
async function startAgent(onNotify: (notify: Notify) => void): Promise<AddressInfo & { host: string }> {
  const server = createServer((socket) => {
    const answer = (write: (writer: ByteWriter) => void) => {
      const writer = new ByteWriter();
      write(writer);
      socket.write(writer.take());
    };
    const reader = new FrameReader(2 ** 20, (frame) => {
      const header = readFrameHeader(frame);
      if (header.type === FrameType.notify) onNotify({ header, frame, socket, answer });
      else if (header.type === FrameType.haproxyHello)
        answer((writer) => writeAgentHello(writer, { version: '2.0', maxFrameSize: 16_380, capabilities: [] }));
    });
    socket.on('data', (chunk) => reader.push(chunk)).on('error', () => {});
    steps.push(() => socket.destroy());
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  steps.push(() => server.close());
  return { ...(server.address() as AddressInfo), host: '127.0.0.1' };
}

function play(agentAddress: { host: string; port: number }, checkMs = 60_000) {
  const lines: string[] = [];
  const log = { write: (line: string) => lines.push(line) };
  return { haproxy: new BuiltInHaproxy({ agentAddress, checkMs, log, cleanup, ending }), lines };
}

function eventOf(line: string | undefined): SpoeEvent {
  const parsed = parseLine(line ?? '');
  assert.equal(parsed.kind, 'event', line);
  return (parsed as Extract<typeof parsed, { kind: 'event' }>).event;
}

test('an ACK: st=0, every phase measured, and the request as HAProxy tells it', async () => {
  let seen: Map<string, string | undefined> | undefined;
  const agent = await startAgent(({ header, frame, answer }) => {
    const [message] = readNotify(frame);
    seen = new Map([...(message?.args ?? [])].map(([name, value]) => [name, value.text]));
    setTimeout(() => answer((writer) => writeAck(writer, header.streamId, header.frameId)), 50);
  });
  const { haproxy, lines } = play(agent);
  haproxy.handle(makeRequest(3));
  await haproxy.settle();
  const event = eventOf(lines[0]);
  assert.equal(event.st, 0);
  assert.ok((event.wT as number) >= 45, lines[0]);
  assert.equal(
    event.pT,
    ['reqT', 'qT', 'wT', 'resT'].reduce((sum, name) => sum + (event[name as 'wT'] as number), 0),
  );
  assert.equal(event.nbProcessed, 1);
  assert.equal(seen?.get('arg_method'), 'POST');
  assert.equal(seen?.get('arg_path'), '/cart');
  assert.equal(requestIdOf(seen?.get('arg_uid')), `${process.pid}/0`);
});

test("an ACK that asks for the answer: production's is told in an event of its own, then the request is logged", async () => {
  const told: { message: string | undefined; args: Map<string, string | undefined> }[] = [];
  const agent = await startAgent(({ header, frame, answer }) => {
    const [message] = readNotify(frame);
    told.push({
      message: message?.name,
      args: new Map([...(message?.args ?? [])].map(([name, value]) => [name, value.text])),
    });
    const actions =
      told.length === 1 ? [setVarAction(VariableScope.transaction, 'answer', booleanData(true))] : undefined;
    answer((writer) => writeAck(writer, header.streamId, header.frameId, actions));
  });
  const { haproxy, lines } = play(agent);
  haproxy.handle(makeRequest(0));
  await haproxy.settle();
  const [request, response] = told;
  assert.equal(request?.message, 'mirror');
  assert.equal(response?.message, 'answer-body');
  assert.equal(response?.args.get('arg_uid'), request?.args.get('arg_uid'));
  assert.match(response?.args.get('arg_body') ?? '', /"price":\{"amount":19\.99,/);
  assert.deepEqual(
    lines.slice(0, 2).map((line) => eventOf(line).name),
    ['on-frontend-http-request', 'on-http-response'],
  );
  assert.match(lines[2] ?? '', / 200 \d+ - - ---- \S+ 0\/0 "GET \/products\/0 HTTP\/1\.1" [0-9A-F]+_0000:[0-9A-F]+ 0$/);
});

const FAILURES: readonly [what: string, (notify: Notify) => void, st: number, times: RegExp][] = [
  ['no ACK in time', () => {}, 1, / st=1 \d+\/\d+\/-1\/-1\/(499|[5-9]\d\d|\d{4,}) /],
  [
    'AGENT-DISCONNECT instead of an ACK',
    ({ answer }) => answer((writer) => writeAgentDisconnect(writer, { statusCode: 0, message: 'normal' })),
    256,
    / st=256 \d+\/\d+\/\d+\/-1\/\d+ /,
  ],
  ['a connection that is reset', ({ socket }) => socket.destroy(), 257, / st=257 \d+\/\d+\/\d+\/-1\/\d+ /],
];

for (const [what, onNotify, st, times] of FAILURES) {
  test(`${what}: st=${st}`, async () => {
    const { haproxy, lines } = play(await startAgent(onNotify));
    haproxy.handle(makeRequest(0));
    await haproxy.settle();
    assert.match(lines[0] as string, times);
    assert.equal(eventOf(lines[0]).nbError, 1);
  });
}

test('an agent that is not there: never sent, then no server once the health check has noticed', async () => {
  const gone = await startAgent(() => {});
  await steps.pop()?.(); // Its server is closed.
  const { haproxy, lines } = play(gone, 100);
  haproxy.handle(makeRequest(0));
  await haproxy.settle();
  assert.match(lines[0] as string, / st=1 \d+\/-1\/-1\/-1\/\d{3,4} /);
  await until('the check has noticed', async () => {
    haproxy.handle(makeRequest(1));
    await haproxy.settle();
    return lines.at(-2)?.includes(' st=2 ');
  });
  assert.match(lines.at(-2) as string, / sid=\d+ st=2 -1\/-1\/-1\/-1\/0 0\/[01] 0\/0 (\d+)\/\1$/);
});
