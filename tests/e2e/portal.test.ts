// The whole stack in a real browser: sign in, launch the demo at toy size, watch, compare, cancel, invite, comment.
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Stack, startStack } from '@stillwatt/local';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parse, stringify } from 'yaml';
import { expectAccessible, openContext, startBrowser, widths } from '../support/browser.ts';

const owner = { name: 'Ada Owner', email: 'ada@example.org', password: 'correct horse battery' };
const guest = { name: 'Grace Guest', email: 'grace@example.org', password: 'staple correct horse' };
/** Ten stages twice, each a process of its own. */
const sweepMs = 240_000;

let dir: string;
let stack: Stack;
let browser: Browser;
let context: BrowserContext;
let page: Page;
let faults: string[];

beforeAll(async () => {
  dir = mkdtempSync(join(tmpdir(), 'stillwatt-e2e-'));
  [stack, browser] = await Promise.all([startStack({ dir }), startBrowser()]);
  ({ context, page, faults } = await openContext(browser, stack.urls.portal));
}, 180_000);

afterAll(async () => {
  await browser?.close();
  await stack?.stop();
  rmSync(dir, { recursive: true, force: true });
});

/** The demo's spec with few rows and steps; `more` steps make a run that is worth cancelling. */
function toyDemo(more = 1): string {
  const file = new URL('../../workflows/contracts/examples/demo.yaml', import.meta.url);
  const spec = parse(readFileSync(file, 'utf8')) as Record<string, Record<string, unknown>>;
  const few = { maxSteps: 2 * more, batchSize: 8 };
  return stringify({
    ...spec,
    data: { ...spec['data'], limit: 64, maxLength: 16 },
    teacher: { ...spec['teacher'], finetune: { epochs: more, ...few } },
    distill: { ...spec['distill'], ...few, epochs: more, alignEpochs: more },
    profile: { ...spec['profile'], lengths: [16], warmupSeconds: 0, windowSeconds: 0.2 },
  });
}

async function fillAccount(on: Page, { name, email, password }: typeof owner): Promise<void> {
  await on.getByLabel('Name').fill(name);
  await on.getByLabel('E-mail').fill(email);
  await on.getByLabel('Password').fill(password);
}

/** Puts a spec into the editor as a person does: all selected, then pasted. */
async function writeSpec(on: Page, text: string): Promise<void> {
  const editor = on.getByLabel('Experiment file, YAML');
  await editor.click();
  await on.keyboard.press('Control+A');
  await on.keyboard.insertText(text);
}

describe('the portal', () => {
  it('asks who has no session to sign in, wherever they come from', async () => {
    await page.goto('/runs');
    await page.waitForURL(/\/(sign-in|welcome)/);
  });

  it('makes the first administrator with the one-time token', async () => {
    await page.goto(`/welcome?token=${stack.secrets.adminToken}`);
    await expectAccessible(page);
    await fillAccount(page, owner);
    await page.getByRole('button', { name: 'Create the administrator' }).click();
    await page.waitForURL('**/launch');
    // Until here a 401 was the right answer.
    faults.length = 0;
  });

  it('signs out and in again', async () => {
    const other = await openContext(browser, stack.urls.portal);
    await other.page.goto('/sign-in');
    await expectAccessible(other.page);
    await other.page.getByLabel('E-mail').fill(owner.email);
    await other.page.getByLabel('Password').fill('wrong password');
    await other.page.getByRole('button', { name: 'Sign in' }).click();
    await other.page.getByText('No account has this e-mail and password.').waitFor();
    await other.page.getByLabel('Password').fill(owner.password);
    await other.page.getByRole('button', { name: 'Sign in' }).click();
    await other.page.waitForURL('**/runs');
    await other.context.close();
  });

  it('shows an empty table that offers what fills it', async () => {
    await page.goto('/runs');
    await page
      .getByRole('link', { name: /launch/i })
      .first()
      .waitFor();
    await expectAccessible(page);
  });

  it('refuses a wrong spec while it is typed, with the nearest key', async () => {
    await page.goto('/launch');
    await writeSpec(page, 'experiment: demo\nstudent: { layer: 3 }\n');
    await page.getByText('did you mean').first().waitFor();
    expect(await page.getByRole('button', { name: /^Launch/ }).isDisabled()).toBe(true);
  });

  it(
    'launches the demo as two runs and follows them without a reload',
    { timeout: sweepMs },
    async () => {
      await writeSpec(page, toyDemo());
      await page.getByRole('button', { name: 'Launch 2 runs' }).click();
      await page.waitForURL(/\/sweeps\/sweep_/);
      await expectAccessible(page);
      await page.goto('/runs');
      await page.getByRole('grid').getByText('running').first().waitFor();
      await page.getByRole('link', { name: /demo/ }).first().click();
      await page.waitForURL(/\/runs\/run_/);
      await page.getByRole('heading', { level: 1 }).waitFor();
      await page.evaluate('globalThis.loadedOnce = true');
      await page.locator('header').getByText('succeeded').waitFor({ timeout: sweepMs });
      expect(await page.evaluate('globalThis.loadedOnce')).toBe(true);
      await expectAccessible(page);
    },
  );

  it.each(['Metrics', 'Logs', 'Spec', 'Artifacts'])('shows the tab %s of the run', async (tab) => {
    await page.getByRole('tab', { name: tab }).click();
    await page.getByRole('tabpanel').waitFor();
    await expectAccessible(page);
  });

  it('downloads a file of an artifact', async () => {
    await page.getByRole('tab', { name: 'Artifacts' }).click();
    const [download] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('link', { name: 'evaluation.json' }).first().click(),
    ]);
    const evaluation = JSON.parse(readFileSync(await download.path(), 'utf8')) as object;
    expect(evaluation).toHaveProperty('metrics.accuracy');
  });

  it(
    'compares the two runs and names the path in which they differ',
    { timeout: sweepMs },
    async () => {
      await page.goto('/runs');
      const rows = page.getByRole('grid').getByRole('row');
      await expect
        .poll(() => rows.filter({ hasText: 'succeeded' }).count(), { timeout: sweepMs })
        .toBe(2);
      // A chosen row's button is called Deselect: the first that is left is the next.
      const next = page.getByRole('button', { name: /^Select demo/ }).first();
      await next.click();
      await next.click();
      await page
        .getByRole('toolbar', { name: 'Chosen runs' })
        .getByRole('button', { name: 'Compare' })
        .click();
      await page.waitForURL(/\/compare\?runs=/);
      await page.getByText('student.attention').first().waitFor();
      await expectAccessible(page);
    },
  );

  it('finishes an equal launch from the cache, saying so', { timeout: sweepMs }, async () => {
    await page.goto('/launch');
    await writeSpec(page, toyDemo());
    await page.getByRole('button', { name: 'Launch 2 runs' }).click();
    await page.waitForURL(/\/sweeps\/sweep_/);
    await page.locator('header').getByText('succeeded').first().waitFor({ timeout: sweepMs });
    await page.goto('/runs');
    await page.getByRole('grid').getByRole('link', { name: /demo/ }).first().click();
    await page.getByText('from cache').first().waitFor();
  });

  it('cancels a run', { timeout: sweepMs }, async () => {
    await page.goto('/launch');
    const long = toyDemo(100)
      .replace('experiment: demo', 'experiment: long')
      .replace(/\nsweep:[^]*/, '\n');
    await writeSpec(page, long);
    await page.getByRole('button', { name: 'Launch 1 run' }).click();
    await page.waitForURL(/\/runs\/run_/);
    await page.getByRole('button', { name: 'Cancel run' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Cancel run' }).click();
    const header = page.locator('header');
    await header.getByText('cancelled', { exact: true }).first().waitFor({ timeout: sweepMs });
  });

  it('invites a second person, who comments, live for the first', { timeout: 60_000 }, async () => {
    await page.goto('/settings');
    await page.getByRole('button', { name: 'Make a link' }).click();
    await page.getByRole('button', { name: 'Make the link' }).click();
    const link = await page.getByRole('textbox', { name: 'invitation link' }).inputValue();
    await page.getByRole('button', { name: 'Done' }).click();
    await expectAccessible(page);
    await page.goto('/runs');
    await page.getByRole('grid').getByRole('link', { name: /demo/ }).first().click();
    await page.waitForURL(/\/runs\/run_/);

    const second = await openContext(browser, stack.urls.portal);
    await second.page.goto(link);
    await expectAccessible(second.page);
    await fillAccount(second.page, guest);
    await second.page.getByRole('button', { name: /Create account and join/ }).click();
    await second.page.waitForURL('**/runs');
    await second.page.goto(page.url());
    await second.page.getByLabel('Add a comment').fill('The inhibitor wins here.');
    await second.page.getByRole('button', { name: 'Comment', exact: true }).click();
    await page.getByText('The inhibitor wins here.').waitFor();
    await page
      .getByRole('list', { name: 'Looking at this run now' })
      .getByText(guest.name)
      .waitFor();
    await second.context.close();
  });

  it.each(['/runs', '/sweeps', '/launch', '/compare', '/schedules', '/settings'])(
    '%s is accessible in both themes and widths, and nothing spills sideways',
    { timeout: 60_000 },
    async (path) => {
      for (const viewport of [widths.desk, widths.phone]) {
        for (const colorScheme of ['light', 'dark'] as const) {
          await page.setViewportSize(viewport);
          await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
          await page.goto(path);
          await page.locator('h1').first().waitFor({ state: 'attached' });
          await expectAccessible(page);
          const spill = await page.evaluate(
            'document.documentElement.scrollWidth - document.documentElement.clientWidth',
          );
          expect(spill, `${path} at ${viewport.width}`).toBeLessThanOrEqual(0);
        }
      }
      await page.setViewportSize(widths.desk);
    },
  );

  it('never complained in the browser’s console', async () => {
    // The refused sign-in above was in a context of its own.
    expect(faults).toEqual([]);
    await context.close();
  });
});
