// What pages do between two answers, in a real browser: nothing lost before they listen, drafts kept, projects switched.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Stack, startStack } from '@stillwatt/local';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { openContext, startBrowser } from '../support/browser.ts';

let dir: string;
let stack: Stack;
let browser: Browser;
let page: Page;
let runUrl: string;

beforeAll(async () => {
  dir = mkdtempSync(join(tmpdir(), 'stillwatt-e2e-'));
  [stack, browser] = await Promise.all([startStack({ dir }), startBrowser()]);
  ({ page } = await openContext(browser, stack.urls.portal));
  await page.goto(`/welcome?token=${stack.secrets.adminToken}`);
  await page.getByLabel('Name').fill('Ada Owner');
  await page.getByLabel('E-mail').fill('ada@example.org');
  await page.getByLabel('Password').fill('correct horse battery');
  await page.getByRole('button', { name: 'Create the administrator' }).click();
  await page.waitForURL('**/launch');
}, 180_000);

afterAll(async () => {
  await browser?.close();
  await stack?.stop();
  rmSync(dir, { recursive: true, force: true });
});

async function writeSpec(text: string): Promise<void> {
  await page.getByLabel('Experiment file, YAML').click();
  await page.keyboard.press('Control+A');
  await page.keyboard.insertText(text);
}

it('keeps a draft whose alignment is being written', async () => {
  await writeSpec('experiment: toy\ndistill: { align: 3 }\n');
  await page.locator('footer').getByText('distill.align').waitFor();
  await writeSpec('experiment: toy\ndata: { limit: 8 }\n');
  await page.getByRole('button', { name: 'Launch 1 run' }).click();
  await page.waitForURL(/\/runs\/run_/);
  runUrl = page.url();
  await page.getByRole('heading', { level: 1 }).waitFor();
});

it('shows what happened after the page asked and before it listened', async () => {
  let listen = () => {};
  const gate = new Promise<void>((resolve) => (listen = resolve));
  await page.route('**/api/trpc/live.subscribe**', async (route) => {
    await gate;
    await route.continue();
  });
  await page.goto(runUrl);
  await page.getByText('Nobody has said anything yet.').waitFor();
  const runId = runUrl.split('/').at(-1);
  const added = await page.request.post('/api/trpc/comments.add', {
    headers: { origin: stack.urls.portal },
    data: { runId, body: 'said in between' },
  });
  expect(added.status()).toBe(200);
  listen();
  await page.getByText('said in between').waitFor();
  await page.unroute('**/api/trpc/live.subscribe**');
});

it('opens another project from the page of a run', async () => {
  await page.goto('/runs');
  await page.getByRole('button', { name: /^Project/ }).click();
  await page.getByRole('menuitem', { name: 'New project' }).click();
  await page.getByLabel('Name').fill('Second');
  await page.getByRole('button', { name: 'Create project' }).click();
  await page.getByText('No runs yet').waitFor();
  // Its page opens the project of the run …
  await page.goto(runUrl);
  await page.getByRole('button', { name: /^Project.*Demo/ }).click();
  // … and does not hold on to it.
  await page.getByRole('menuitemradio', { name: /Second/ }).click();
  await page.waitForURL('**/runs');
  await page.getByText('No runs yet').waitFor();
});
