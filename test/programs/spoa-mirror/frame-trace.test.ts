/** --trace-frames: readable, bounded, and without what is secret. */
import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, renameSync, statSync } from 'node:fs';
import { test } from 'node:test';
import { describeFrame, traceFrames } from '../../../src/programs/spoa-mirror/frame-trace.ts';
import { writeAck } from '../../../src/spop/ack.ts';
import { setVarAction, unsetVarAction, VariableScope } from '../../../src/spop/actions.ts';
import { ByteReader } from '../../../src/spop/byte-reader.ts';
import { ByteWriter } from '../../../src/spop/byte-writer.ts';
import { writeAgentDisconnect } from '../../../src/spop/disconnect.ts';
import { LENGTH_BYTES } from '../../../src/spop/frame-header.ts';
import { writeHaproxyHello } from '../../../src/spop/hello.ts';
import { KvList } from '../../../src/spop/kv-list.ts';
import { writeNotify } from '../../../src/spop/notify.ts';
import type { TypedData } from '../../../src/spop/typed-data.ts';
import { binaryData, int64Data, nullData, stringData } from '../../../src/spop/values.ts';
import { HELLO } from '../../spoa/client.ts';
import { client, fresh, get, Run } from './program.ts';

function frame(write: (writer: ByteWriter) => void): ByteReader {
  const writer = new ByteWriter();
  write(writer);
  return new ByteReader(Buffer.from(writer.take()), LENGTH_BYTES);
}

function notify(args: readonly (readonly [string, TypedData])[], redact = false): string {
  const message = { name: 'mirror', args: KvList.of(args.map(([name, value]) => [name, value])) };
  return describeFrame(
    frame((writer) => writeNotify(writer, 7, 1, [message])),
    redact,
  );
}

test('HELLO, NOTIFY, ACK and DISCONNECT in words', () => {
  assert.equal(
    describeFrame(
      frame((writer) => writeHaproxyHello(writer, HELLO)),
      false,
    ).replace(/\d+ bytes/, 'N bytes'),
    'HAPROXY-HELLO stream=0 frame=0 flags=FIN N bytes: supported-versions="2.0" max-frame-size=16380 ' +
      'capabilities="pipelining,async" engine-id="engine-1"',
  );
  assert.equal(
    notify([
      ['arg_method', stringData('GET')],
      ['arg_sid', int64Data(5)],
      ['arg_body', nullData()],
    ]).replace(/\d+ bytes/, 'N bytes'),
    'NOTIFY stream=7 frame=1 flags=FIN N bytes: mirror(arg_method="GET" arg_sid=5 arg_body=NULL)',
  );
  const actions = [
    setVarAction(VariableScope.transaction, 'a', stringData('x')),
    unsetVarAction(VariableScope.request, 'b'),
  ];
  assert.match(
    describeFrame(
      frame((writer) => writeAck(writer, 7, 1, actions)),
      false,
    ),
    /^ACK stream=7 frame=1 flags=FIN \d+ bytes: set-var\(2\.a="x"\) unset-var\(3\.b\)$/,
  );
  assert.match(
    describeFrame(
      frame((writer) => writeAgentDisconnect(writer, { statusCode: 2, message: 'late' })),
      false,
    ),
    /^AGENT-DISCONNECT .*: status 2 "late"$/,
  );
});

test('headers, bodies, binary values and texts of several lines are lengths; --redact-query leaves values of queries out', () => {
  const secret = notify([
    ['arg_hdrs', stringData('cookie: s3cret')],
    ['arg_body', stringData('password=s3cret')],
    ['other', binaryData(Buffer.from('s3cret'))],
    ['own_headers', stringData('a: b\r\ncookie: s3cret\r\n')],
  ]);
  assert.match(secret, /\(arg_hdrs=<14 bytes> arg_body=<15 bytes> other=<6 bytes> own_headers=<22 bytes>\)$/);
  const path: [string, TypedData][] = [['arg_path', stringData('/a?token=s3cret&x')]];
  assert.match(notify(path), /arg_path="\/a\?token=s3cret&x"/);
  assert.match(notify(path, true), /arg_path="\/a\?token=\*&\*"/);
});

test('texts of a client are cut, and move no cursor', () => {
  const text = notify([['arg_path', stringData(`/\u001b[2J\u202e${'x'.repeat(10_000)}`)]]);
  assert.match(text, /arg_path="\/\\u001b\[2J/);
  assert.ok(text.length < 300, text);
  const many = notify(Array.from({ length: 255 }, (_, i) => [`arg${i}`, stringData('y'.repeat(200))] as const));
  assert.ok(many.length <= 4001, String(many.length));
  assert.match(many, /^[\x20-\x7e…]*$/);
});

test('what cannot be read says why', () => {
  const whole = frame((writer) =>
    writeNotify(writer, 7, 1, [{ name: 'mirror', args: KvList.of([['a', stringData('bcd')]]) }]),
  );
  assert.match(
    describeFrame(new ByteReader(whole.bytes, LENGTH_BYTES, whole.end - 1), false),
    /^NOTIFY .*cannot be read: /,
  );
  assert.match(describeFrame(new ByteReader(Buffer.from([200, 0]), 0), false), /^type 200 2 bytes: cannot be read: /);
});

test('a line says when, which connection and which way, and the reader stays where it was', () => {
  const lines: string[] = [];
  const trace = traceFrames((line) => lines.push(line), false, 42);
  const first = trace.nextConnection();
  const second = trace.nextConnection();
  const received = frame((writer) => writeAck(writer, 1, 1));
  trace.received(first, received);
  assert.equal(received.position, LENGTH_BYTES);
  const writer = new ByteWriter();
  writeAck(writer, 1, 2);
  writeAck(writer, 1, 3);
  trace.sent(second, writer.take());
  assert.deepEqual(
    lines.map((line) => line.replace(/^\d{4}-\d\d-\d\dT[\d:.]{12}Z /, '').replace(/ stream.*/, '')),
    ['42.1 > ACK', '42.2 < ACK', '42.2 < ACK'],
  );
});

for (const workers of [1, 2]) {
  test(`spoa-mirror --trace-frames writes them, with ${workers} worker${workers > 1 ? 's' : ''}, for its owner; SIGHUP opens it again`, async () => {
    const [socket, admin, file] = [fresh('agent'), fresh('admin'), fresh('frames')];
    const run = new Run([
      ...['-r0', '-a', `unix:${socket}`, `-n${workers}`, '--admin', `unix:${admin}`],
      ...['--trace-frames', file, '--record-mode', '0600'],
    ]);
    await run.says(/ready on unix:/);
    assert.match(run.stdout, /--trace-frames: for debugging, each frame is written to /);
    const haproxy = await client(socket);
    haproxy.notify(1);
    await haproxy.until(2);
    renameSync(file, `${file}.1`);
    run.child.kill('SIGHUP');
    await run.says(/log reopened, reopening the record/);
    const { trace } = JSON.parse((await get(admin, '/stats')).body);
    assert.equal(trace.dropped, 0);
    assert.match((await get(admin, '/metrics')).body, /^spoa_mirror_trace_lines_dropped_total 0$/m);
    run.child.kill('SIGTERM');
    await haproxy.disconnect();
    haproxy.close();
    assert.equal(await run.exit, 0, run.stderr);
    const before = readFileSync(`${file}.1`, 'utf8');
    assert.equal(statSync(`${file}.1`).mode & 0o777, 0o600);
    for (const what of ['> HAPROXY-HELLO', '< AGENT-HELLO', '> NOTIFY', '< ACK'])
      assert.ok(before.includes(what), before);
    assert.match(
      readFileSync(file, 'utf8'),
      /< AGENT-DISCONNECT stream=0 frame=0 flags=FIN \d+ bytes: status 0 "the agent stops"\n/,
    );
  });
}

test('a file that cannot be opened is 255, - is no file', async () => {
  const folder = fresh('folder');
  mkdirSync(folder);
  const unusable = new Run(['-r0', '-n1', '-a', `unix:${fresh('s')}`, '--trace-frames', `${folder}/no/x`]);
  assert.equal(await unusable.exit, 255);
  assert.match(unusable.stderr, /^spoa-mirror: unable to open trace file .*\(ENOENT\)\n$/);
  const standard = new Run(['-r0', '--trace-frames', '-']);
  assert.equal(await standard.exit, 64);
  assert.match(standard.stderr, /it needs the name of a file \(--trace-frames\)/);
});
