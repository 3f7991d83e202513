import assert from 'node:assert/strict';
import { appendFileSync, renameSync } from 'node:fs';
import { after, describe, test } from 'node:test';
import { TemporaryFolder } from '../../../logs/reading.ts';
import { LiveRun } from '../../../programs/spoe-logs/run.ts';
import { print } from '../prints.ts';

const folder = new TemporaryFolder();
after(() => folder.remove());

const LONG_AGO = Date.now() - 5 * 86_400_000;

/** httplog + %ID %rt */
function productionLine(id: string, timeMs = Date.now(), path = '/users/17'): string {
  const [, , month, year] = new Date(timeMs).toUTCString().split(' ');
  const iso = new Date(timeMs).toISOString();
  const day = iso.slice(8, 10);
  const date = `${day}/${month}/${year}:${iso.slice(11, 23)}`;
  const header = `${month} ${day.replace(/^0/, ' ')} ${iso.slice(11, 19)} lb1 haproxy[7]:`;
  return `${header} 10.0.0.1:4000 [${date}] fe be/s1 0/0/1/5/10 200 100 - - ---- 1/1/0/0/0 0/0 "GET ${path} HTTP/1.1" ${id} 1\n`;
}

function mirrorLine(id: string, status: number, timeMs = Date.now(), path = '/users/17'): string {
  const ts = new Date(timeMs).toISOString();
  const rest = { status, ttfb_ms: 5, latency_ms: 10, request_bytes: 0, response_bytes: 1, truncated: false };
  return `${JSON.stringify({ ts, message: 'mirror', unique_id: id, method: 'GET', path, ...rest, attempts: 1, error: null })}\n`;
}

function follow(production: string, mirror: string, ...args: string[]): LiveRun {
  return new LiveRun(['diff', '--follow', '--production', production, '--mirror', mirror, '--tz', 'UTC', ...args]);
}

async function interrupted(run: LiveRun) {
  run.child.kill('SIGINT');
  const { code, stdout } = await run.ended;
  return { code, report: JSON.parse(stdout) };
}

// Most of their time they wait for the clock of the program.
describe('diff --follow', { concurrency: true }, () => {
  test('a request is written when it is settled, across a rotation, until Ctrl-C', async () => {
    const production = folder.write('ndjson-production.log', productionLine('a'));
    const mirror = folder.write('ndjson-mirror.log', mirrorLine('a', 500));
    const run = follow(production, mirror, '--format', 'ndjson', '--grace', '1s');
    await run.sees('"id":"a","bucket":"paired","kind":"new_error"');
    renameSync(production, `${production}.1`);
    appendFileSync(production, productionLine('b'));
    appendFileSync(mirror, mirrorLine('b', 200));
    await run.sees('"id":"b","bucket":"paired","kind":"same"');
    appendFileSync(production, productionLine('c'));
    await run.sees('"id":"c","bucket":"missing"');
    run.child.kill('SIGINT');
    const { code, stdout } = await run.ended;
    assert.equal(code, 130);
    assert.equal(stdout.split('\n').length, 4);
  });

  test('answers are compared while the record grows, with those of a record of the noise', async () => {
    const [one, other] = [print({ '$.a': 'n:AAAAAAAA' }), print({ '$.a': 's:AAAAAAAA' })];
    const kept = (id: string, answer: string) =>
      mirrorLine(id, 200).replace(/\}\n$/, `,"stream_id":1,"frame_id":1,"answer":${answer}}\n`);
    const heard = (id: string) =>
      `{"ts":"${new Date().toISOString()}","kind":"production","message":"answer-body","unique_id":"${id}","answer":${one}}\n`;
    const production = folder.write('answers-production.log', productionLine('a'));
    const mirror = folder.write('answers-mirror.jsonl', heard('a') + kept('a', other));
    const noise = folder.write('answers-noise.jsonl', kept('a', one) + heard('a'));
    const run = follow(production, mirror, '--mirror-noise', noise, '--format', 'ndjson', '--grace', '1s');
    const type = '{"place":"$.a","kind":"type","shape":"number → string"}';
    await run.sees(`"responses":{"body":"compared","differences":[${type}],"noise":[]}`);
    appendFileSync(production, productionLine('b'));
    appendFileSync(mirror, kept('b', one) + heard('b'));
    await run.sees('"responses":{"body":"compared","differences":[]}');
    run.child.kill('SIGINT');
    assert.equal((await run.ended).code, 130);
  });

  test('Ctrl-C gives the report; what was just asked is neither paired nor missing', async () => {
    const production = folder.write('last-production.log', productionLine('a') + productionLine('b'));
    const mirror = folder.write('last-mirror.log', mirrorLine('a', 200));
    const run = follow(production, mirror, '--mirror', folder.file('none.log'), '--format', 'json');
    // It is said after everything else was read once.
    await run.sees('none.log is not there yet');
    const { code, report } = await interrupted(run);
    assert.equal(code, 130);
    assert.deepEqual([report.coverage.productionRequests, report.coverage.paired], [1, 1]);
    const { message } = report.warnings.find(({ code }: { code: string }) => code === 'waiting');
    assert.equal(message, 'not counted yet: 1 requests and 0 answers wait for the other side');
    assert.equal(report.inputs[0].lines, 2);
  });

  test('a failed gate is the exit code after Ctrl-C, too', async () => {
    const ids = Array.from({ length: 50 }, (_, i) => `id-${i}`);
    const production = folder.write('fail-production.log', ids.map((id) => productionLine(id)).join(''));
    const mirror = folder.write('fail-mirror.log', ids.map((id) => mirrorLine(id, 500)).join(''));
    const run = follow(production, mirror, '--mirror', folder.file('none.log'), '--format', 'json');
    await run.sees('none.log is not there yet');
    const { code, report } = await interrupted(run);
    assert.equal(code, 1);
    assert.equal(report.verdict.status, 'fail');
  });

  test('what the files hold already is read in the order of its times, however far the files are apart', async () => {
    const minutes = Array.from({ length: 4_000 }, (_, i) => ({ id: `id-${i}`, timeMs: LONG_AGO + i * 60_000 }));
    // More than one poll of production, and several of the mirror, for the same hours; every tenth is not answered.
    const longPath = `/search/${'x'.repeat(300)}`;
    const production = folder.write(
      'old-production.log',
      minutes.map(({ id, timeMs }) => productionLine(id, timeMs)).join(''),
    );
    const mirror = folder.write(
      'old-mirror.log',
      minutes.map(({ id, timeMs }, i) => (i % 10 === 0 ? '' : mirrorLine(id, 200, timeMs + 2_000, longPath))).join(''),
    );
    const last = minutes.at(-1)?.id as string;
    const run = follow(production, mirror, '--format', 'ndjson', '--grace', '1s');
    await run.sees(`"id":"${last}"`);
    run.child.kill('SIGINT');
    const { stdout } = await run.ended;
    const lines = stdout.trimEnd().split('\n');
    assert.equal(lines.length, 4_000);
    assert.equal(lines.filter((line) => line.includes('"bucket":"missing"')).length, 400);
  });

  test('ends when nothing can be followed', async () => {
    const { code, stderr } = await follow(folder.path, folder.path).ended;
    assert.equal(code, 2);
    assert.match(stderr, /is a directory/);
  });
});
