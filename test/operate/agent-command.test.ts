/** What of an agent's command line HAProxy's configuration has to fit. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { mutatingMethods, parseAgentCommand } from '../../src/operate/agent-command.ts';

const CASES = [
  ['spoa-mirror -r0 -u http://mirror.example/', 16_384, []],
  ['-D -r0 -uhttp://mirror.example/ -m65532', 65_532, []],
  ['spoa-mirror -m 65532 -c pipelining -cfragmentation', 65_532, ['pipelining', 'fragmentation']],
  ['hapee-spoa-mirror --max-frame-size=1024 --capability async', 1024, ['async']],
  ['hapee-spoa-mirror --max 1024 --cap=async', 1024, ['async']],
] as const;

for (const [command, maxFrameBytes, capabilities] of CASES) {
  test(command, () => {
    const others = { answers: undefined, methods: [], strippedHeaders: [] };
    assert.deepEqual(parseAgentCommand(command), { maxFrameBytes, capabilities, ...others });
  });
}

test('--answers, --methods and --strip-header are read', () => {
  const command = parseAgentCommand(
    'spoa-mirror --answers=body --methods GET,post --strip-header Cookie --strip-header=x-a',
  );
  assert.deepEqual(
    [command?.answers, command?.methods, command?.strippedHeaders],
    ['body', ['GET', 'POST'], ['cookie', 'x-a']],
  );
});

test('requests change something by their method, and where the mirror knows who asks', () => {
  for (const [options, methods] of [
    ['', 'POST PUT PATCH DELETE'],
    ['--methods GET,DELETE,POST', 'POST DELETE'],
    ['--methods GET,HEAD', ''],
    ['--strip-header cookie', 'POST PUT PATCH DELETE'],
    ['--strip-header cookie,Authorization', ''],
  ] as const) {
    const command = parseAgentCommand(`spoa-mirror -r0 ${options}`);
    assert.equal(command && mutatingMethods(command).join(' '), methods, options);
  }
});

test('-m without a number is none', () => {
  assert.equal(parseAgentCommand('spoa-mirror -m'), undefined);
  assert.equal(parseAgentCommand('spoa-mirror -m x'), undefined);
});
