/**
 * `npm run pictures`: makes docs/pictures/ from one real run (scripts/pictures/scene.ts), each picture dark and light.
 *
 * It takes a HAProxy (on PATH, or HAPROXY=…) and Python. A page is looked at in the Chromium of SPOE_LOGS_BROWSER
 * (scripts/install-browser.sh), the dashboard asked of the Prometheus of SPOE_LOGS_PROMETHEUS (scripts/install-prometheus.sh); where
 * one of them is missing its picture stays as it is.
 */
import { once } from 'node:events';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { run } from './child.mjs';
import type { Panel } from './dashboards/grafana.ts';
import { DASHBOARD } from './dashboards/panels.ts';
import { Cleanup } from './demo/cleanup.ts';
import { Ending } from './demo/ending.ts';
import { drawDashboard, type Shown } from './pictures/dashboard-svg.ts';
import { PageCamera } from './pictures/page-picture.ts';
import { SCHEMES, type Scheme } from './pictures/palette.ts';
import { ACTS, type Act, Scene } from './pictures/scene.ts';
import { type AskedSeries, ScrapedScene } from './pictures/scraped-scene.ts';
import { drawTerminal, type Recording, type Shot } from './pictures/terminal-svg.ts';
import { isMain, main, ROOT, ScriptError } from './project.mjs';
import { RecordedTerminal } from './terminal/recorded-terminal.ts';

const FOLDER = join(ROOT, 'docs/pictures');
const PROGRAM = join(ROOT, 'bin/spoe-logs.js');

/** A recording begins shortly before there is something to see; a shot of it stands for four seconds of the run. */
const RECORDED = { from: 22, every: 4, seconds: 1.6, lastSeconds: 5 };
const SMALL = { columns: 92, rows: 28 };
const LARGE = { columns: 100, rows: 34 };
/** Of the report's page. */
const REPORT_VIEW = { width: 1160, height: 1640 };
/** What the dashboard shows without scrolling. */
const DASHBOARD_ROWS = 2;
/** Until rates of some seconds are those of the traffic. */
const WARM_UP_SECONDS = 10;
/** The last moment of trouble, when the screen shows most. */
const COCKPIT_AT = 47;

function save(name: string, scheme: Scheme, extension: string, content: string | Uint8Array): void {
  const file = join(FOLDER, `${name}-${scheme}.${extension}`);
  writeFileSync(file, content);
  console.log(`docs/pictures/${name}-${scheme}.${extension}  ${Math.ceil(Buffer.byteLength(content) / 1000)} kB`);
}

async function makePictures(cleanup: Cleanup, ending: Ending): Promise<void> {
  mkdirSync(FOLDER, { recursive: true });
  const scene = await Scene.set(cleanup, ending);
  const total = ACTS.reduce((sum, { seconds }) => sum + seconds, 0);
  console.log(`${scene.sentence}; ${total} s`);
  const command = ['summarize', '-F', scene.log, '--record', scene.record];
  const watch = (size: typeof SMALL) =>
    new RecordedTerminal([process.execPath, PROGRAM, ...command], { ...size, cwd: scene.folder }, cleanup, ending);
  const small = watch(SMALL);
  const large = watch(LARGE);
  const scraped = await startScraping(scene, cleanup, ending);
  const startSeconds = Math.floor(Date.now() / 1000);
  const shots: Shot[] = [];
  let cockpit: Shot['rows'] = [];
  await scene.play((second: number, { story }: Act) => {
    // Charts of the last minute.
    if (second === 3) for (const terminal of [small, large]) terminal.type('[');
    if (second === COCKPIT_AT) cockpit = large.runs;
    if (second < RECORDED.from || (second - RECORDED.from) % RECORDED.every !== 0) return;
    shots.push({
      rows: small.runs,
      story,
      seconds: second + RECORDED.every > total ? RECORDED.lastSeconds : RECORDED.seconds,
    });
  });
  const untilSeconds = Math.floor(Date.now() / 1000);
  await Promise.all([small.quit(), large.quit()]);
  const typed = `spoe-logs ${command.join(' ')}`;
  const recording: Recording = {
    ...SMALL,
    command: typed,
    shots,
    title: 'A terminal: spoe-logs summarize while the mirror falls ill, the agent is stopped, and runs again',
  };
  const still: Recording = {
    ...LARGE,
    command: typed,
    shots: [{ rows: cockpit, story: '', seconds: 1 }],
    title: 'The full screen of spoe-logs summarize while the agent is stopped',
  };
  for (const scheme of SCHEMES) {
    save('terminal', scheme, 'svg', drawTerminal(recording, scheme));
    save('cockpit', scheme, 'svg', drawTerminal(still, scheme));
  }
  await photographReport(scene, cleanup);
  if (scraped === undefined) console.log('the dashboard stays as it is: SPOE_LOGS_PROMETHEUS names no Prometheus');
  else await drawPanels(scraped, { from: startSeconds + WARM_UP_SECONDS, until: untilSeconds });
}

/** The dashboard's first rows, between two times in seconds. */
async function drawPanels(scraped: ScrapedScene, time: Pick<Shown, 'from' | 'until'>): Promise<void> {
  const rows = DASHBOARD.rows.slice(0, DASHBOARD_ROWS);
  const answers = new Map<Panel, readonly (readonly AskedSeries[])[]>();
  for (const panel of rows.flatMap(({ panels }) => panels)) {
    const asked = panel.targets.map(({ expr }) => scraped.ask(expr, time.from, time.until));
    answers.set(panel, await Promise.all(asked));
  }
  for (const scheme of SCHEMES)
    save('dashboard', scheme, 'svg', drawDashboard({ title: DASHBOARD.title, rows, answers, ...time }, scheme));
}

/** The report of the whole run, the upper part of its page. */
async function photographReport({ folder, log, record }: Scene, cleanup: Cleanup): Promise<void> {
  const { SPOE_LOGS_BROWSER: browser } = process.env;
  if (browser === undefined) return console.log('the report stays as it is: SPOE_LOGS_BROWSER names no browser');
  const args = [PROGRAM, 'summarize', log, '--record', record, '--format', 'html'];
  const { code, output } = await run(process.execPath, args, { cwd: folder, stdio: ['ignore', 'pipe', 'inherit'] });
  if (code !== 0) throw new ScriptError(`spoe-logs summarize ended with ${code} (no-report)`);
  const file = join(folder, 'report.html');
  writeFileSync(file, output);
  const camera = await PageCamera.open(browser, cleanup);
  for (const scheme of SCHEMES) save('report', scheme, 'webp', await camera.take(file, REPORT_VIEW, scheme));
}

/** Prometheus, and `spoe-logs serve` for the log; undefined where there is none. */
async function startScraping(scene: Scene, cleanup: Cleanup, ending: Ending): Promise<ScrapedScene | undefined> {
  const { SPOE_LOGS_PROMETHEUS: programs } = process.env;
  if (programs === undefined) return undefined;
  const args = [PROGRAM, 'serve', scene.log, '--record', scene.record, '--listen', '127.0.0.1:0'];
  const serve = cleanup.start(process.execPath, args, { cwd: scene.folder, stdio: ['ignore', 'pipe', 'ignore'] });
  serve.once('close', (code) => ending.fail(new ScriptError(`spoe-logs serve ended with ${code} (serve-ended)`)));
  const [address] = await ending.until(once(serve.stdout as Readable, 'data'));
  const targets = { mirroring: scene.adminPort, serve: Number(new URL(String(address).trim()).port) };
  return await ScrapedScene.start(programs, scene.folder, targets, cleanup, ending);
}

if (isMain(import.meta)) {
  await main(async () => {
    const cleanup = new Cleanup();
    const ending = new Ending();
    try {
      await makePictures(cleanup, ending);
    } catch (error) {
      if (ending.exitCode === undefined) throw error;
      return ending.exitCode;
    } finally {
      await cleanup.run();
      ending.release();
    }
    return 0;
  });
}
