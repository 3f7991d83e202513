/** What of an agent's command line HAProxy's configuration has to fit, and all else that it says. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fittedOptions, mutatingMethods, splitAgentCommand } from '../../src/operate/agent-command.ts';
import { readAgentArguments } from '../../src/programs/spoa-mirror/option-table.ts';

const read = (command: string) => readAgentArguments(splitAgentCommand(command));

const CASES = [
  ['spoa-mirror -r0 -u http://mirror.example/', 16_384, []],
  ['-D -r0 -uhttp://mirror.example/ -m65532', 65_532, []],
  ['spoa-mirror -m 65532 -c pipelining -cfragmentation', 65_532, ['pipelining', 'fragmentation']],
  ['hapee-spoa-mirror --max-frame-size=1024 --capability async', 1024, ['async']],
  // --max begins an option of ours, too: what the original has is meant. --ca is one of ours as it stands.
  ['hapee-spoa-mirror --max 1024 --ca=async', 1024, []],
  ['hapee-spoa-mirror --max-f 1024 --cap=async', 1024, ['async']],
  ['spoa-mirror -Dr0 -dm 512 -m 1024', 1024, []],
  // The value of another option is none of its own.
  ['spoa-mirror --path -m --set-header "X-A: -m 5" -l -c -m 2048', 2048, []],
  ["spoa-mirror -r0 --message '-m 7' -- -m 9", 16_384, []],
] as const;

for (const [command, maxFrameBytes, capabilities] of CASES) {
  test(command, () => {
    const others = { answers: undefined, hasAnswersKey: false, isMarked: false, methods: [], strippedHeaders: [] };
    assert.deepEqual(fittedOptions(read(command)), { maxFrameBytes, capabilities, ...others });
  });
}

test('--answers, --methods and --strip-header are read', () => {
  const command = fittedOptions(
    read('spoa-mirror --answers=body --methods "GET, post" --strip-header Cookie --strip-header=x-a'),
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
    ['--mark', ''],
  ] as const) {
    const command = fittedOptions(read(`spoa-mirror -r0 ${options}`));
    assert.equal(command && mutatingMethods(command).join(' '), methods, options);
  }
});

test('-m without a number is none', () => {
  assert.equal(fittedOptions(read('spoa-mirror -m')), undefined);
  assert.equal(fittedOptions(read('spoa-mirror -m x')), undefined);
});

test('other names and letters of an option are one, flags have no text', () => {
  const given = read('spoa-mirror -u http://a/ --mirror-url=http://b/ -xhttp://p/ --insecure --mirror-no-proxy c');
  assert.deepEqual(
    [...given],
    [
      ['mirror-url', ['http://a/', 'http://b/']],
      ['proxy-url', ['http://p/']],
      ['insecure', ['']],
      ['noproxy', ['c']],
    ],
  );
});
