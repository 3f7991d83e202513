/** The job of gates/ for GitLab, its script run as GitLab's runner does: all lines in one shell, with errexit and pipefail. */
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { afterEach, beforeEach, describe, test } from 'node:test';
import { readMarkup } from '../report/diff/markup-reader.ts';
import { EXIT_CODES, recipe, VERDICTS, Workplace } from './workplace.ts';

interface Job {
  readonly script: readonly string[];
  readonly variables: { readonly [name: string]: string };
  readonly artifacts: { readonly when: string; readonly reports: { readonly junit: string }; readonly paths: string[] };
  readonly allow_failure?: unknown;
}

const [FILE] = recipe('gitlab-ci.yml') as [{ readonly 'mirror-verdict': Job }];
const JOB = FILE['mirror-verdict'];
const MERGE_REQUEST = { CI_MERGE_REQUEST_IID: '5', CI_PROJECT_ID: '3', CI_API_V4_URL: 'https://gitlab.example/api/v4' };

let place: Workplace;
beforeEach(() => {
  place = new Workplace();
  place.program('curl', 'cat > config.txt; echo "$*" > curl.txt');
});
afterEach(() => place.remove());

function runJob(env: { readonly [name: string]: string } = {}) {
  const lines = JOB.script.join('\n');
  return place.run(['bash', '-c', `set -eo pipefail; set +o noclobber\n${lines}`], { ...JOB.variables, ...env });
}

describe('GitLab CI', { skip: process.platform === 'win32' }, () => {
  for (const verdict of VERDICTS) {
    test(`${verdict}: the reports are written, and the exit code is the verdict's`, async () => {
      place.placeLogs(verdict);
      const { code, stdout } = await runJob();
      assert.equal(code, EXIT_CODES[verdict]);
      assert.match(stdout, new RegExp(`^${verdict} — `, 'm'));
      for (const name of JOB.artifacts.paths) assert.ok(place.read(name).includes(verdict), name);
      const failed = readTests(place.read(JOB.artifacts.reports.junit)).filter(({ status }) => status === 'failed');
      assert.equal(failed.length > 0, verdict !== 'PASS');
      if (verdict !== 'PASS') assert.match(failed[0]?.output ?? '', new RegExp(`^${verdict}: `));
      assert.equal(existsSync(place.path('curl.txt')), false);
    });
  }

  test('the reports are kept whatever the verdict, and only PASS lets the pipeline go on', () => {
    assert.equal(JOB.artifacts.when, 'always');
    assert.equal(JOB.allow_failure, undefined);
  });

  test('a merge request gets a note, and its token is in no argument', async () => {
    place.placeLogs('FAIL');
    const { code, stdout } = await runJob({ ...MERGE_REQUEST, MR_TOKEN: 'glpat-secret' });
    assert.equal(code, 1);
    assert.equal(place.read('config.txt'), 'header = "PRIVATE-TOKEN: glpat-secret"\n');
    assert.match(
      place.read('curl.txt'),
      /^--config - --fail .* body@comment\.md https:\/\/gitlab\.example\/api\/v4\/projects\/3\/merge_requests\/5\/notes$/m,
    );
    assert.doesNotMatch(stdout + place.read('curl.txt'), /glpat/);
  });

  test('a note that cannot be written does not change the verdict', async () => {
    place.program('curl', 'exit 22');
    place.placeLogs('PASS');
    const { code, stdout } = await runJob({ ...MERGE_REQUEST, MR_TOKEN: 'glpat-secret' });
    assert.equal(code, 0);
    assert.match(stdout, /the merge request has no note/);
  });

  test('logs that are not there fail the job, and its tests', async () => {
    const { code, stderr } = await runJob();
    assert.equal(code, 2);
    assert.match(stderr, /lb-access\.log.*\(not-found\)/);
    const [verdict] = readTests(place.read('junit.xml'));
    assert.deepEqual([verdict?.name, verdict?.status], ['verdict', 'failed']);
    assert.match(verdict?.output ?? '', /^an input could not be read/);
  });

  test('what is refused leaves no report that could be taken for one', async () => {
    place.placeLogs('PASS');
    place.write('mirror.jsonl', place.read('lb-access.log'));
    const { code } = await runJob({ ...MERGE_REQUEST, MR_TOKEN: 'glpat-secret' });
    assert.equal(code, 2);
    for (const name of [...JOB.artifacts.paths, JOB.artifacts.reports.junit, 'curl.txt']) {
      assert.equal(existsSync(place.path(name)), false, name);
    }
  });
});

interface Test {
  readonly name: string;
  readonly classname: string;
  readonly status: 'failed' | 'skipped' | 'success';
  readonly output: string;
}

/** The tests of JUnit as GitLab reads them: its cases are those in suites below one `testsuites`. */
function readTests(xml: string): Test[] {
  const { elements } = readMarkup(xml);
  const [root, ...others] = elements;
  assert.equal(root?.name, 'testsuites');
  assert.ok(others.every(({ name }) => name !== 'testsuites'));
  const tests: Test[] = [];
  for (const { name, attributes } of others) {
    if (name === 'testsuite') assert.ok((attributes.get('name') ?? '') !== '');
    else if (name === 'testcase') {
      const [title, classname] = [attributes.get('name') ?? '', attributes.get('classname') ?? ''];
      assert.ok(title !== '' && classname !== '' && Number.isFinite(Number(attributes.get('time'))));
      tests.push({ name: title, classname, status: 'success', output: '' });
    } else if (name === 'failure' || name === 'skipped') {
      const last = tests.pop();
      assert.ok(last);
      const status = name === 'failure' ? 'failed' : last.status === 'failed' ? 'failed' : 'skipped';
      tests.push({ ...last, status, output: last.output || (attributes.get('message') ?? '') });
    } else assert.equal(name, 'system-out');
  }
  // One that is there twice is shown once, by name and class.
  assert.equal(new Set(tests.map((each) => `${each.classname} ${each.name}`)).size, tests.length);
  return tests;
}
