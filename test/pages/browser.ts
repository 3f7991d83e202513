/**
 * Pages in a real Chromium: SPOE_LOGS_BROWSER is the folder that scripts/install-browser.sh has filled. Each page is watched
 * while it is open: a message on its console, an error of its script or a request beyond itself fails the test.
 */
import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after } from 'node:test';
import { pathToFileURL } from 'node:url';

const { SPOE_LOGS_BROWSER: folder } = process.env;
export const skip = folder === undefined && 'SPOE_LOGS_BROWSER names no browser (scripts/install-browser.sh)';

/** What is used of playwright-core, which is no dependency of ours. */
interface Locator {
  boundingBox(): Promise<{ readonly x: number; readonly y: number; readonly width: number; readonly height: number }>;
  click(): Promise<void>;
  focus(): Promise<void>;
  textContent(): Promise<string | null>;
  scrollIntoViewIfNeeded(): Promise<void>;
  isVisible(): Promise<boolean>;
}

export interface Page {
  goto(url: string): Promise<unknown>;
  evaluate<T>(expression: string): Promise<T>;
  /** Waits for the first that is there. An expression (`waitForFunction`) is evaluated again in the page itself, which a policy forbids. */
  waitForSelector(selector: string): Promise<unknown>;
  locator(selector: string): Locator;
  emulateMedia(options: { readonly media: 'print' | 'screen' }): Promise<void>;
  pdf(): Promise<Buffer>;
  readonly mouse: {
    move(x: number, y: number, options?: { readonly steps: number }): Promise<void>;
    down(): Promise<void>;
    up(): Promise<void>;
  };
  readonly keyboard: { press(key: string): Promise<void> };
  on(event: 'console', listener: (message: { text(): string }) => void): void;
  on(event: 'pageerror', listener: (error: Error) => void): void;
  on(event: 'request', listener: (request: { url(): string }) => void): void;
}

interface Context {
  newPage(): Promise<Page>;
  setDefaultTimeout(ms: number): void;
  close(): Promise<void>;
}

interface Browser {
  newContext(options: object): Promise<Context>;
  close(): Promise<void>;
}

interface Playwright {
  readonly chromium: { launch(options: object): Promise<Browser> };
}

/** A browser on a machine that is busy takes its time. */
const PATIENCE_MS = 120_000;

let browser: Promise<Browser> | undefined;
const scratch = mkdtempSync(join(tmpdir(), 'spoe-logs-pages-'));

after(async () => {
  await (await browser)?.close();
  rmSync(scratch, { recursive: true, force: true });
});

function fromFolder(): NodeJS.Require {
  return createRequire(join(folder ?? '', 'node_modules', 'of-tests.js'));
}

export interface View {
  readonly width?: number;
  readonly scheme?: 'light' | 'dark';
  /** Whether scripts run; they do unless it says no. */
  readonly script?: boolean;
}

/** Opens a page at an address, or one that is given as text, for as long as `use` takes. */
export async function withPage(page: string | URL, view: View, use: (page: Page) => Promise<void>): Promise<void> {
  const { width = 1240, scheme = 'light', script = true } = view;
  const { chromium } = fromFolder()('playwright-core') as Playwright;
  browser ??= chromium.launch({ executablePath: join(folder ?? '', 'chromium'), timeout: PATIENCE_MS });
  const context = await (await browser).newContext({
    viewport: { width, height: 900 },
    colorScheme: scheme,
    javaScriptEnabled: script,
  });
  const said: string[] = [];
  try {
    context.setDefaultTimeout(PATIENCE_MS);
    const opened = await context.newPage();
    const url = page instanceof URL ? page : fileOf(page);
    opened.on('console', (message) => said.push(`console: ${message.text()}`));
    opened.on('pageerror', (error) => said.push(`error: ${error.message}`));
    opened.on('request', (request) => {
      if (!request.url().startsWith(url.href)) said.push(`request: ${request.url()}`);
    });
    await opened.goto(url.href);
    await use(opened);
    assert.deepEqual(said, []);
  } finally {
    await context.close();
  }
}

let files = 0;

function fileOf(html: string): URL {
  files += 1;
  const file = join(scratch, `page-${files}.html`);
  writeFileSync(file, html);
  return pathToFileURL(file);
}

/** What axe-core finds wrong, one text each; it has to have looked at something. */
export async function violations(page: Page): Promise<string[]> {
  // Into the page by the debugger, which no policy of the page concerns.
  await page.evaluate(readFileSync(fromFolder().resolve('axe-core/axe.min.js'), 'utf8'));
  const { found, passes } = await page.evaluate<{ found: string[]; passes: number }>(
    `axe.run().then(({ violations, passes }) => ({
      found: violations.flatMap(({ id, nodes }) => nodes.map(({ target, failureSummary }) => id + ': ' + target + ' ' + failureSummary)),
      passes: passes.length,
    }))`,
  );
  assert.ok(passes > 10, `axe-core looked at ${passes} things`);
  return found;
}

/** Whether the page can be moved sideways: then it is too wide. */
export async function isTooWide(page: Page): Promise<boolean> {
  return await page.evaluate('document.documentElement.scrollWidth > innerWidth');
}
