/** Compiled code that is kept for the next start: it must never change what a program does. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../../../', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'spoe-logs-compiled-'));
after(() => rmSync(folder, { recursive: true, force: true }));

/** Runs a bundle with its code kept in the folder: what it wrote, and which files V8 took. */
function run(kept: string, ...args: string[]) {
  return runWith([], kept, ...args);
}

function runWith(flags: readonly string[], kept: string, ...args: string[]) {
  const script = `
    const vm = require('node:vm');
    const { Script } = vm;
    vm.Script = class extends Script {
      constructor(source, options) {
        super(source, options);
        if (options.cachedData) process.stderr.write(this.cachedDataRejected ? 'refused\\n' : 'taken\\n');
      }
    };
    process.argv.splice(1, 0, 'spoe-logs');
    require(${JSON.stringify(join(root, 'bin/compiled-code.js'))}).keepCompiledCode(${JSON.stringify(join(root, 'dist'))}, ${JSON.stringify(kept)});
    require(${JSON.stringify(join(root, 'dist/spoe-logs.cjs'))});`;
  const { stdout, stderr, status } = spawnSync(process.execPath, [...flags, '-e', script, ...args], {
    encoding: 'utf8',
  });
  return { stdout, status, taken: stderr.match(/^taken$/gm)?.length ?? 0, stderr: stderr.replace(/^taken\n/gm, '') };
}

const keep = (name: string) => mkdtempSync(join(folder, `${name}-`));

test('the second start runs what the first one compiled, and writes the same', () => {
  const kept = keep('twice');
  const [first, second] = [run(kept, 'explain', '264'), run(kept, 'explain', '264')];
  assert.equal(first.taken, 0);
  assert.equal(second.taken, 2);
  assert.match(first.stdout, /unsupported version/);
  assert.deepEqual({ ...second, taken: 0 }, first);
});

test('a summary, which has V8 optimize later, keeps code that the next one takes', () => {
  const kept = keep('summary');
  const args = ['summarize', join(root, 'fixtures/logs/formats/haproxy-2.6.12--rsyslog-fileformat-iso.log')];
  const [first, second] = [run(kept, ...args), run(kept, ...args)];
  assert.equal(second.taken, 2);
  assert.match(first.stdout, /SPOE [1-9]/);
  assert.deepEqual({ ...second, taken: 0 }, first);
});

test('runs with other flags of V8 keep their code beside it', () => {
  const kept = keep('flags');
  const flags = ['--max-lazy'];
  const starts = [run(kept, 'explain', '264'), runWith(flags, kept, 'explain', '264')];
  assert.deepEqual(
    starts.map(({ taken }) => taken),
    [0, 0],
  );
  assert.equal(run(kept, 'explain', '264').taken, 2);
  assert.equal(runWith(flags, kept, 'explain', '264').taken, 2);
});

test('each command has code of its own, and what is no command has none by its name', () => {
  const kept = keep('commands');
  for (const word of ['explain', 'merge', '../../etc', 'nonsense']) run(kept, word);
  const words = readdirSync(kept).map((name) => /\.cjs-(\w+)-v/.exec(name)?.[1]);
  assert.deepEqual([...new Set(words)].sort(), ['any', 'explain', 'merge']);
});

test('a file that is torn, empty, or of another bundle is not run', () => {
  const kept = keep('torn');
  const expected = run(kept, 'explain', '264');
  for (const name of readdirSync(kept)) {
    const path = join(kept, name);
    const whole = readFileSync(path);
    const flipped = Buffer.from(whole);
    flipped.writeUInt8(flipped.readUInt8(whole.length >> 1) ^ 0x55, whole.length >> 1);
    for (const torn of [Buffer.alloc(0), whole.subarray(0, 3), whole.subarray(0, whole.length >> 1), flipped]) {
      writeFileSync(path, torn);
      const { taken, ...rest } = run(kept, 'explain', '264');
      assert.equal(taken, 1);
      assert.deepEqual({ ...rest, taken: 0 }, expected);
    }
  }
});

test('of several versions and installations each has its own, and the oldest of too many gives way', () => {
  const kept = keep('older');
  run(kept, 'explain', '264');
  const programs = () => readdirSync(kept).filter((name) => name.startsWith('spoe-logs-explain.cjs-explain'));
  const [name = ''] = programs();
  const others = [1, 2, 3, 4].map((i) => name.replace(/-\d+$/, `-of-${i}`));
  for (const [i, other] of others.entries()) {
    writeFileSync(join(kept, other), '');
    utimesSync(join(kept, other), i + 1, i + 1);
  }
  rmSync(join(kept, name));
  run(kept, 'explain', '264');
  assert.deepEqual(programs().sort(), [name, ...others.slice(1)].sort());
  assert.equal(run(kept, 'explain', '264').taken, 2);
});
