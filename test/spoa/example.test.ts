/** docs/agent.md: the agent of one's own, run as it stands there. */
import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { pathToFileURL } from 'node:url';
// For what the example imports: TypeScript.
import 'tsx';
import type { Agent } from '../../src/spoa/agent.ts';
import { Client, HELLO } from './client.ts';

const doc = readFileSync(new URL('../../docs/agent.md', import.meta.url), 'utf8');
const folder = mkdtempSync(join(tmpdir(), 'spoe-agent-example-'));
after(() => rmSync(folder, { recursive: true, force: true }));

/** What `spoe-logs` exports of it. */
const surface = ['agent/agent.ts', 'spop/actions.ts', 'spop/values.ts']
  .map((file) => `export * from '${new URL(`../../src/${file}`, import.meta.url)}';\n`)
  .join('');

test('the example answers HAProxy', async () => {
  const example = /```ts\n([\s\S]*?)```/.exec(doc)?.[1] ?? '';
  assert.ok(example.trim().split('\n').length <= 13, 'ten lines and the import');
  writeFileSync(join(folder, 'surface.mts'), surface);
  const program = example.replace("'spoe-logs'", "'./surface.mts'").replace('12345', '0');
  writeFileSync(join(folder, 'example.mts'), `${program}export { agent };\n`);
  const { agent } = (await import(String(pathToFileURL(join(folder, 'example.mts'))))) as { agent: Agent };
  try {
    const client = await Client.open((agent.address() as AddressInfo).port, HELLO);
    client.notify(1, 1, 'check-path');
    const [, ack] = await client.until(2);
    assert.ok(ack?.type === 'ack');
    const [action] = ack.actions;
    assert.ok(action?.type === 'set-var');
    assert.deepEqual([action.scope, action.name, action.value.text], [2, 'verdict', 'allow']);
    client.close();
  } finally {
    await agent.close();
  }
});

test('the tables name every option', async () => {
  const { OPTIONS } = await import('../../src/programs/spoa-mirror/option-table.ts');
  for (const { short, long } of OPTIONS) {
    assert.ok(doc.includes(short === undefined ? `\`--${long}` : `\`-${short}\`, \`--${long}\``), long);
  }
});
