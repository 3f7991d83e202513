/** What of an agent's command line HAProxy's configuration has to fit. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseAgentCommand } from '../../src/operate/agent-command.ts';

const CASES = [
  ['spoa-mirror -r0 -u http://mirror.example/', 16_384, []],
  ['-D -r0 -uhttp://mirror.example/ -m65532', 65_532, []],
  ['spoa-mirror -m 65532 -c pipelining -cfragmentation', 65_532, ['pipelining', 'fragmentation']],
  ['hapee-spoa-mirror --max-frame-size=1024 --capability async', 1024, ['async']],
  ['hapee-spoa-mirror --max 1024 --cap=async', 1024, ['async']],
] as const;

for (const [command, maxFrameBytes, capabilities] of CASES) {
  test(command, () => assert.deepEqual(parseAgentCommand(command), { maxFrameBytes, capabilities }));
}

test('-m without a number is none', () => {
  assert.equal(parseAgentCommand('spoa-mirror -m'), undefined);
  assert.equal(parseAgentCommand('spoa-mirror -m x'), undefined);
});
