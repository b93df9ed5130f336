import { type Browser, chromium, type Page } from 'playwright-core';
import { findBrowser } from './find-browser.ts';
import { skipWithout } from './skip.ts';

/** A headless browser. Skips the test where there is none. */
export async function openBrowser(): Promise<Browser> {
  const executablePath = skipWithout(findBrowser(), 'no Chromium is installed (SLIPWAY_TEST_BROWSER names one)');
  const asRoot = process.getuid?.() === 0 ? ['--no-sandbox'] : [];
  return chromium.launch({ executablePath, args: [...asRoot, '--disable-quic', '--disable-background-networking'] });
}

export interface VisitOptions {
  readonly width?: number;
  readonly height?: number;
  /** Texts that the page must come to show. */
  readonly shows: readonly (string | RegExp)[];
}

const patienceMs = 20_000;
const attempts = 3;

/**
 * Opens a page of MLflow's UI and waits until it shows the texts. On a busy machine parts of the UI now and then fail to
 * load, and it shows an error instead: then the page is opened anew, a few times. Throws with what is shown at last.
 */
export async function visit(browser: Browser, url: string, options: VisitOptions): Promise<Page> {
  let shown = '';
  for (let attempt = 1; attempt <= attempts; attempt += 1) {
    const context = await browser.newContext({
      viewport: { width: options.width ?? 1600, height: options.height ?? 1000 },
    });
    // Else a panel covers a part of the page when it is opened for the first time.
    await context.addInitScript({
      content: "localStorage.setItem('mlflow.assistant.fab.autoOpenedOnFirstLoad_v1', 'true')",
    });
    const page = await context.newPage();
    await page.goto(url);
    const deadlineMs = Date.now() + patienceMs;
    do {
      shown = await shownText(page);
      if (options.shows.every((text) => (typeof text === 'string' ? shown.includes(text) : text.test(shown))))
        return page;
      await page.waitForTimeout(250);
    } while (Date.now() < deadlineMs && !shown.includes('Something went wrong'));
    await context.close();
  }
  const missing = options.shows.filter((text) => !(typeof text === 'string' ? shown.includes(text) : text.test(shown)));
  throw new Error(`${url} did not show ${missing.join(', ')} but:\n${shown}`);
}

/** The text of a page as a person reads it: what stands side by side is one line here, with single spaces. */
export async function shownText(page: Page): Promise<string> {
  const text = await page.locator('body').innerText();
  return text.replace(/\s+/g, ' ').replaceAll(' : ', ': ');
}
