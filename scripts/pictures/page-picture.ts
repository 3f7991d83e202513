/** The upper part of a page as Chromium shows it. SPOE_LOGS_BROWSER is the folder that scripts/install-browser.sh has filled. */
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Cleanup } from '../demo/cleanup.ts';
import type { Scheme } from './palette.ts';

/** What is used of playwright-core, which is no dependency of ours. */
interface Page {
  goto(url: string): Promise<unknown>;
}

interface Context {
  newPage(): Promise<Page>;
  newCDPSession(page: Page): Promise<{ send(method: string, options: object): Promise<{ readonly data: string }> }>;
}

interface Browser {
  newContext(options: object): Promise<Context>;
  close(): Promise<void>;
}

export interface PageView {
  /** CSS pixels. */
  readonly width: number;
  readonly height: number;
}

const QUALITY = 75;

export class PageCamera {
  readonly #browser: Browser;

  static async open(folder: string, cleanup: Cleanup): Promise<PageCamera> {
    const load = createRequire(join(folder, 'node_modules', 'of-pictures.js'));
    const { chromium } = load('playwright-core') as {
      readonly chromium: { launch(options: object): Promise<Browser> };
    };
    const browser = await chromium.launch({ executablePath: join(folder, 'chromium') });
    cleanup.add(() => browser.close());
    return new PageCamera(browser);
  }

  private constructor(browser: Browser) {
    this.#browser = browser;
  }

  /** A WebP picture of a page in a file. */
  async take(file: string, viewport: PageView, scheme: Scheme): Promise<Buffer> {
    const context = await this.#browser.newContext({ viewport, colorScheme: scheme });
    const page = await context.newPage();
    await page.goto(pathToFileURL(file).href);
    const session = await context.newCDPSession(page);
    const { data } = await session.send('Page.captureScreenshot', { format: 'webp', quality: QUALITY });
    return Buffer.from(data, 'base64');
  }
}
