/** Of several agents on a machine the doctor judges those that the configuration's servers are. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { lookAtAgent, servingCommands } from '../../../src/operate/doctor/agent.ts';
import { SETUP_FILES } from '../../../src/operate/setup.ts';
import { Folder, printed } from '../examples.ts';
import { agentProcess, around } from './around.ts';

/** Servers of the backend, command lines of agents, which of these serve them. */
const CASES = [
  ['127.0.0.1:12345', ['-p 12345', '-p12346', '--port=2345'], [0]],
  ['127.0.0.1:12345', ['--po 12346 -p 12345', '-p 12345 -p 12346'], [0]],
  ['127.0.0.1:12345', ['-a 127.0.0.1', '-a unix:/run/a.sock'], [0]],
  ['unix@/run/a.sock', ['-a unix:/run/a.sock -p 1', '--address=unix:/run/b.sock', '-p 12345', '-r0'], [0, 3]],
  ['127.0.0.1:12345', ['--path -p --message 7'], [0]],
] as const;

const surroundings = (folder: Folder, commands: readonly string[]) =>
  around(
    commands.map((command) => agentProcess(command.split(' '))),
    { config: [SETUP_FILES.haproxy], cwd: folder.path },
  );

for (const [server, commands, serving] of CASES) {
  test(`${server}: ${commands.join(' | ')}`, async (t) => {
    const folder = new Folder(printed({ agents: [server] }));
    t.after(() => folder.remove());
    const all = surroundings(folder, commands);
    assert.deepEqual(
      await servingCommands(all),
      serving.map((at) => all.agentProcesses[at]?.given),
    );
  });
}

test('requests that change something are told of agents that serve, alone', async (t) => {
  const folder = new Folder(printed({ agents: ['unix@/no/such/agent'] }));
  t.after(() => folder.remove());
  const look = async (...commands: string[]) => {
    const findings = await lookAtAgent(surroundings(folder, commands));
    return findings.flatMap(({ text }) => /^(.*) are mirrored with the cookies/.exec(text)?.[1] ?? []);
  };
  const other = '-a unix:/no/other -m 16380';
  assert.deepEqual(await look('-a unix:/no/such/agent --methods GET,post', other), ['POST']);
  assert.deepEqual(await look('-a unix:/no/such/agent --methods GET', other), []);
  assert.deepEqual(await look('-a unix:/no/such/agent --strip-header Cookie,authorization', other), []);
});
