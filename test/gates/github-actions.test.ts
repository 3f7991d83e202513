/** The workflow of gates/, its steps run in their order, under their conditions and in their shell, as the runner does. */
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { afterEach, beforeEach, describe, test } from 'node:test';
import { commandsOf } from '../report/workflow-runner.ts';
import { EXIT_CODES, recipe, VERDICTS, type Verdict, Workplace } from './workplace.ts';

interface Step {
  readonly name?: string;
  readonly id?: string;
  readonly if?: string;
  readonly uses?: string;
  readonly with?: { readonly [name: string]: string };
  readonly run?: string;
  readonly env?: { readonly [name: string]: string };
  readonly 'continue-on-error'?: boolean;
}

interface Workflow {
  readonly defaults: { readonly run: { readonly shell: string } };
  readonly jobs: { readonly verdict: { readonly steps: readonly Step[] } };
}

const [WORKFLOW] = recipe('github-actions.yml') as [Workflow];
const SUCCESS = `\${{ success() }}`;
/** What `shell: bash` stands for. */
const BASH = ['bash', '--noprofile', '--norc', '-eo', 'pipefail'] as const;
const OF_OTHERS = { id: 7, user: { login: 'someone' }, body: '<!-- spoe-logs diff --> said a person' };
const OF_A_BOT = { id: 8, user: { login: 'github-actions[bot]' }, body: 'another workflow of ours' };
const OURS = { id: 9, user: { login: 'github-actions[bot]' }, body: '<!-- spoe-logs diff -->\nof the last push' };

/** gh with the comments of two pages; its filter is jq's, as the real one's. */
const GH = `
echo "$*" >> gh.txt
case "$*" in
  *--jq*) while [ "$1" != --jq ]; do shift; done
    for page in page-1.json page-2.json; do jq -r "$2" "$page"; done ;;
  *PATCH*) cp comment.md updated.md ;;
  'pr comment '*) cp comment.md created.md ;;
esac`;

let place: Workplace;
beforeEach(() => {
  place = new Workplace();
  place.program('gh', GH);
  comments([OF_OTHERS], []);
});
afterEach(() => place.remove());

function comments(...pages: readonly (readonly object[])[]): void {
  for (const [i, page] of pages.entries()) place.write(`page-${i + 1}.json`, JSON.stringify(page));
}

interface Job {
  /** Of each step that ran. */
  readonly outcomes: ReadonlyMap<
    string,
    { readonly code: number | null; readonly stdout: string; readonly summary: string }
  >;
  /** The first failed step makes the job's. */
  readonly conclusion: 'success' | 'failure';
  readonly uploaded: readonly string[];
}

async function runJob(event = 'pull_request'): Promise<Job> {
  assert.equal(WORKFLOW.defaults.run.shell, 'bash');
  const outcomes = new Map<string, { code: number | null; stdout: string; summary: string }>();
  const outputs: { [step: string]: { outputs: { [name: string]: string } } } = {};
  const uploaded: string[] = [];
  let hasFailed = false;
  for (const [i, step] of WORKFLOW.jobs.verdict.steps.entries()) {
    const evaluate = (text: string) => evaluateIn(text, { event, steps: outputs, hasFailed });
    if (!evaluate(step.if ?? SUCCESS)) continue;
    if (step.uses?.startsWith('actions/upload-artifact@') === true) {
      uploaded.push(
        ...(step.with?.path ?? '')
          .trim()
          .split('\n')
          .filter((name) => existsSync(place.path(name))),
      );
    }
    if (step.run === undefined) continue;
    const files = { GITHUB_OUTPUT: `output-${i}`, GITHUB_STEP_SUMMARY: `summary-${i}` };
    for (const name of Object.values(files)) place.write(name, '');
    place.write('step.sh', step.run);
    const env = Object.entries(step.env ?? {}).map(([name, value]) => [name, String(evaluate(value))] as const);
    const { code, stdout, stderr } = await place.run([...BASH, 'step.sh'], { ...Object.fromEntries(env), ...files });
    assert.equal(stderr.match(/syntax error|unbound|not found$/m), null, stderr);
    const pairs = place
      .read(files.GITHUB_OUTPUT)
      .trim()
      .split('\n')
      .map((line) => line.split('='));
    if (step.id !== undefined) outputs[step.id] = { outputs: Object.fromEntries(pairs) };
    outcomes.set(step.name ?? '', { code, stdout, summary: place.read(files.GITHUB_STEP_SUMMARY) });
    hasFailed ||= code !== 0 && step['continue-on-error'] !== true;
  }
  return { outcomes, conclusion: hasFailed ? 'failure' : 'success', uploaded };
}

interface Context {
  readonly event: string;
  readonly steps: object;
  readonly hasFailed: boolean;
}

/** GitHub's expressions in a text; those of the recipe mean the same in JavaScript. Alone, one keeps its type. */
function evaluateIn(text: string, { event, steps, hasFailed }: Context): unknown {
  const names = {
    // A step that did not run has no outputs, and is no error.
    steps: { compare: { outputs: {} }, ...steps },
    github: { event_name: event, repository: 'shop/api', token: 'TOKEN', event: { pull_request: { number: 12 } } },
    cancelled: () => false,
    success: () => !hasFailed,
    hashFiles: (name: string) => (existsSync(place.path(name)) ? 'f00' : ''),
  };
  const value = (expression: string): unknown =>
    new Function(...Object.keys(names), `return (${expression});`)(...Object.values(names));
  const [, alone] = /^\$\{\{([^}]*)\}\}$/.exec(text) ?? [];
  return alone === undefined ? text : (value(alone) ?? '');
}

describe('GitHub Actions', { skip: process.platform === 'win32' }, () => {
  for (const verdict of VERDICTS) {
    test(`${verdict}: summary, annotations, a comment and the reports are there, and the last step decides`, async () => {
      place.placeLogs(verdict);
      const { outcomes, conclusion, uploaded } = await runJob();
      const compared = outcomes.get('Compare');
      assert.equal(compared?.code, 0);
      assert.match(compared.summary, headline(verdict));
      const [first] = commandsOf(compared.stdout);
      assert.equal(first?.properties.get('title'), `spoe-logs diff: ${verdict}`);
      assert.equal(outcomes.get('Comment on the pull request')?.code, 0);
      assert.match(place.read('created.md'), headline(verdict));
      assert.deepEqual(uploaded, ['comment.md', 'junit.xml', 'report.html']);
      assert.equal(outcomes.get('Verdict')?.code, EXIT_CODES[verdict]);
      assert.match(outcomes.get('Verdict')?.stdout ?? '', new RegExp(`^${verdict}: `));
      assert.equal(conclusion, verdict === 'PASS' ? 'success' : 'failure');
    });
  }

  test('logs that are not there fail the job, and the comment does not say otherwise', async () => {
    const { outcomes, conclusion } = await runJob();
    const compared = outcomes.get('Compare');
    assert.equal(compared?.code, 0);
    assert.equal(commandsOf(compared.stdout)[0]?.properties.get('title'), 'spoe-logs diff: no verdict');
    assert.match(place.read('created.md'), /INCONCLUSIVE: .*\n\n\*\*an input could not be read/);
    assert.equal(outcomes.get('Verdict')?.code, 2);
    assert.match(outcomes.get('Verdict')?.stdout ?? '', /^no verdict: nothing was compared \(exit code 2\)/);
    assert.equal(conclusion, 'failure');
  });

  test('what is refused has neither comment nor reports, and fails the job', async () => {
    place.placeLogs('PASS');
    place.write('mirror.jsonl', place.read('lb-access.log'));
    const { outcomes, conclusion, uploaded } = await runJob();
    assert.equal(outcomes.get('Compare')?.code, 0);
    assert.equal(outcomes.has('Comment on the pull request'), false);
    assert.equal(existsSync(place.path('gh.txt')), false);
    assert.deepEqual(uploaded, []);
    assert.equal(outcomes.get('Verdict')?.code, 2);
    assert.equal(conclusion, 'failure');
  });

  test('where spoe-logs cannot be installed there is no verdict, and the job fails', async () => {
    place.placeLogs('PASS');
    place.program('npm', 'exit 1');
    const { outcomes, conclusion } = await runJob();
    assert.equal(outcomes.has('Compare'), false);
    assert.match(outcomes.get('Verdict')?.stdout ?? '', /^no verdict: .*\(exit code none\)/);
    assert.equal(conclusion, 'failure');
  });

  test('the comment of the last push is written anew, whatever else a bot has said', async (t) => {
    if ((await place.run(['sh', '-c', 'command -v jq'])).code !== 0) return t.skip('jq is not installed');
    comments([OF_OTHERS, OF_A_BOT], [OURS, { ...OURS, id: 10 }]);
    place.placeLogs('FAIL');
    await runJob();
    const [list, update] = place.read('gh.txt').trim().split('\n');
    assert.match(list ?? '', /^api --paginate repos\/\{owner\}\/\{repo\}\/issues\/12\/comments --jq /);
    assert.equal(update, 'api --method PATCH repos/{owner}/{repo}/issues/comments/9 --field body=@comment.md --silent');
    assert.match(place.read('updated.md'), headline('FAIL'));
    assert.equal(existsSync(place.path('created.md')), false);
  });

  test('a comment that may not be written does not change the verdict', async () => {
    place.program('gh', 'exit 1');
    place.placeLogs('PASS');
    const { outcomes, conclusion } = await runJob();
    assert.equal(outcomes.get('Comment on the pull request')?.code, 1);
    assert.equal(conclusion, 'success');
  });

  test('without a pull request there is nothing to comment on', async () => {
    place.placeLogs('PASS');
    const { outcomes, conclusion } = await runJob('workflow_dispatch');
    assert.equal(outcomes.has('Comment on the pull request'), false);
    assert.equal(conclusion, 'success');
  });
});

function headline(verdict: Verdict): RegExp {
  return new RegExp(`^<!-- spoe-logs diff -->\n\n## \\S+ ${verdict}: `);
}
