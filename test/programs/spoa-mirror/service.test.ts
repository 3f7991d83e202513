/** What a worker says in the log of what HAProxy does. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect } from 'node:net';
import { after, test } from 'node:test';
import { mirrorOptions, parseCommandLine } from '../../../src/programs/spoa-mirror/options.ts';
import { startService } from '../../../src/programs/spoa-mirror/service.ts';
import { TemporaryFolder } from '../../logs/reading.ts';
import { Client, HELLO, haproxyDisconnectFrame } from '../../spoa/client.ts';
import { untilTrue } from '../../until.ts';

const folder = new TemporaryFolder();
after(() => folder.remove());

test('an idle connection that HAProxy ends is no news; another status is', async () => {
  const path = folder.file('agent');
  const line = parseCommandLine(['-r0', '-a', `unix:${path}`]);
  assert.ok('run' in line);
  const notices: string[] = [];
  const service = await startService(
    line.run,
    mirrorOptions(line.run, {}),
    () => undefined,
    (text) => void notices.push(text),
    () => Promise.reject(new Error('no telemetry here')),
  );
  after(() => service.close());
  await service.listen();
  for (const status of [2, 3]) {
    const socket = connect({ path });
    await once(socket, 'connect');
    const client = new Client(socket);
    client.hello(HELLO);
    client.send(haproxyDisconnectFrame(status));
    await client.until(2);
  }
  await untilTrue(() => notices.length > 0);
  assert.equal(notices.length, 1, notices.join('\n'));
  assert.match(notices[0] ?? '', /^HAProxy ends connections with status 3: /);
});
