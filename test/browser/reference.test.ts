/** The API reference in a real browser that can reach the service and nothing else. */
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { launchBrowser, openPage } from '../support/browser.ts';
import { type Latchkey, PASSWORD, startLatchkey } from '../support/latchkey.ts';

describe('the API reference in a browser without internet', () => {
  let latchkey: Latchkey;
  let server: Server;
  let browser: Browser;
  let baseUrl: string;
  beforeAll(async () => {
    latchkey = await startLatchkey();
    server = createServer(latchkey.app.listener);
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    baseUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    browser = await launchBrowser();
  });
  afterAll(async () => {
    await browser?.close();
    server?.closeAllConnections();
    server?.close();
    await latchkey.close();
  });

  test('shows every API, tries a sign-in, and requests nothing from other hosts', async () => {
    const { email } = await latchkey.person();
    const { page, hosts, complaints, close } = await openPage(browser, baseUrl);
    await page.goto('/docs');
    await page.locator('#operations-ConnectX-postApiAuthLogin').click();
    for (const name of ['ConnectX', 'Organization API', 'Vault API', 'Token API']) {
      await page.locator(`[data-tag="${name}"]`).waitFor();
    }
    const operation = page.locator('#operations-ConnectX-postApiAuthLogin');
    await operation.locator('textarea').fill(JSON.stringify({ email, password: PASSWORD }));
    await operation.getByRole('button', { name: 'Execute' }).click();
    const answer = operation.locator('.live-responses-table');
    await answer.waitFor();
    await expect.poll(() => answer.textContent()).toContain('"is_verified": true');
    expect(await answer.textContent()).toContain('200');
    expect(complaints).toEqual([]);
    expect([...hosts]).toEqual([new URL(baseUrl).host]);
    await close();
  });

  test('labels every field, and is dark where the system is', async () => {
    const { page, complaints, close } = await openPage(browser, baseUrl, { colorScheme: 'dark' });
    await page.goto('/docs');
    const operation = page.locator('#operations-ConnectX-postApiAuthLogin');
    await operation.click();
    await operation.locator('.responses-wrapper select').first().waitFor();
    const nameless = () =>
      page.evaluate(() =>
        [...document.querySelectorAll<HTMLInputElement>('select, textarea, input')]
          .filter(({ ariaLabel, labels }) => !ariaLabel && !labels?.length)
          .map(({ outerHTML }) => outerHTML),
      );
    await expect.poll(nameless).toEqual([]);
    expect(await page.getByLabel('Server').count()).toBe(1);
    expect(await page.getByLabel('Example').count()).toBeGreaterThan(3);
    const background = () => page.evaluate(() => getComputedStyle(document.documentElement).backgroundColor);
    expect(await background()).toBe('rgb(28, 32, 34)');
    await page.emulateMedia({ colorScheme: 'light' });
    await expect.poll(background).not.toBe('rgb(28, 32, 34)');
    expect(complaints).toEqual([]);
    await close();
  });

  test('sends the token that was authorised, and puts it into no storage', async () => {
    const { accessToken, email } = await latchkey.person();
    const { page, complaints, close } = await openPage(browser, baseUrl);
    await page.goto('/docs');
    await page.getByRole('button', { name: 'Authorize' }).first().click();
    await page.locator('.modal-ux input').fill(accessToken);
    await page.locator('.modal-ux').getByRole('button', { name: 'Apply' }).click();
    await page.locator('.modal-ux .btn-done').click();
    const operation = page.locator('[id$="-getAuthMe"]');
    await operation.click();
    await operation.getByRole('button', { name: 'Execute' }).click();
    await expect.poll(() => operation.locator('.live-responses-table').textContent()).toContain(email);
    expect(complaints).toEqual([]);
    expect(await page.evaluate(() => JSON.stringify({ ...localStorage, ...sessionStorage }))).not.toContain(
      accessToken,
    );
    await close();
  });

  test('runs no script but our own, stands in no frame, and its files may be kept for ever', async () => {
    const page = await latchkey.fetch('/docs');
    const policy = page.headers.get('content-security-policy') ?? '';
    expect(policy).toMatch(/^default-src 'none'; script-src 'self';/);
    expect(policy).toContain("frame-ancestors 'none'");
    expect(policy).not.toMatch(/unsafe-eval|https?:|\*/);
    const html = await page.text();
    expect(html).not.toMatch(/<script>|https?:/);
    const files = [...html.matchAll(/(?:src|href)="\.(\/docs\/[^"]+)"/g)].map(([, path]) => path ?? '');
    expect(files).toHaveLength(4);
    for (const path of files) {
      const file = await latchkey.fetch(path);
      expect([path, file.status]).toEqual([path, 200]);
      expect(file.headers.get('x-content-type-options')).toBe('nosniff');
      const isOurs = path.endsWith('start.js');
      expect(file.headers.get('cache-control')).toBe(isOurs ? 'no-cache' : 'public, max-age=31536000, immutable');
    }
    const folder = files[0]?.replace(/[^/]+$/, '') ?? '';
    for (const name of ['package.json', '../package.json', '..%2fpackage.json', 'index.html', '__proto__']) {
      expect([name, (await latchkey.fetch(folder + name)).status]).toEqual([name, 404]);
    }
  });
});
