/** `latchkey attack`: the service holds, a weak one does not, and nobody else's machine is touched. */
import { describe, expect, test } from 'vitest';
import { ATTACKS } from '../../src/cli/attack/cases.ts';
import { runLatchkey } from '../support/command.ts';
import { ENGINES } from '../support/database.ts';
import { startOverHttp } from '../support/http.ts';
import { startWeakServer } from '../support/weak-server.ts';

type Report = { ok: boolean; requests: number; attacks: { attack: string; verdict: string; findings: string[] }[] };

/** What a clock on the wall decides; on a busy machine chance does. */
const BY_TIME = 'enumeration by time';
const NAMES = ATTACKS.map(({ name }) => name).filter((name) => name !== BY_TIME);
/** The development mailbox, and no proxy in front. */
const AS_STARTED = { SMTP_URL: '', TRUSTED_PROXIES: '' };

async function attack(url: string, ...more: string[]): Promise<Report & { code: number }> {
  const { code, stdout, stderr } = await runLatchkey(['attack', '--url', url, '--json', ...more]);
  if (stdout === '') throw new Error(stderr);
  return { code, ...JSON.parse(stdout) };
}

describe.each(ENGINES)('the service, on %s', (engine) => {
  test('holds against every attack', { timeout: 120_000 }, async () => {
    const service = await startOverHttp(AS_STARTED, engine);
    const { code, ok, attacks, requests } = await attack(service.url, '--only', NAMES.join());
    await service.close();
    expect(attacks.filter(({ verdict }) => verdict !== 'holds')).toEqual([]);
    expect([code, ok]).toEqual([0, true]);
    expect(attacks.map((each) => each.attack)).toEqual(NAMES);
    expect(requests).toBeLessThan(1000);
  });
});

test('the attack by time runs as well', { timeout: 60_000 }, async () => {
  const service = await startOverHttp(AS_STARTED);
  const { attacks } = await attack(service.url, '--only', BY_TIME);
  await service.close();
  expect(attacks.map(({ verdict }) => verdict)).not.toContain('skipped');
});

test('a server whose time tells who has an account is found out by it', { timeout: 60_000 }, async () => {
  const weak = await startWeakServer({ hesitatesMs: 400 });
  const { code, attacks } = await attack(weak.url, '--only', BY_TIME);
  weak.close();
  expect([code, attacks]).toMatchObject([1, [{ attack: BY_TIME, verdict: 'FINDING' }]]);
  expect(attacks[0]?.findings).toEqual([
    expect.stringMatching(/^login takes \d+\.\d ms for a known address and \d+\.\d ms for another\.$/),
  ]);
});

test('without a mailbox, what needs an account is skipped and says so, and the rest holds', {
  timeout: 60_000,
}, async () => {
  const service = await startOverHttp({ TRUSTED_PROXIES: '' });
  const { code, stdout } = await runLatchkey(['attack', '--url', service.url, '--only', NAMES.join()]);
  await service.close();
  expect(code).toBe(0);
  expect(stdout).toMatch(/reused link +skipped +Not tried: there is no development mailbox to read emails in\./);
  expect(stdout).toMatch(/forged tokens +holds/);
});

test('a proxy that is believed, and persisted operations, are told apart from a finding', {
  timeout: 60_000,
}, async () => {
  const service = await startOverHttp({ ...AS_STARTED, TRUSTED_PROXIES: '127.0.0.1' });
  const { attacks } = await attack(service.url, '--only', 'spoofed IP addresses');
  await service.close();
  expect(attacks).toMatchObject([{ verdict: 'skipped' }]);
});

test('a weak server is found out', { timeout: 120_000 }, async () => {
  const weak = await startWeakServer();
  const { code, ok, attacks } = await attack(weak.url, '--only', NAMES.join());
  const { stdout } = await runLatchkey(['attack', '--url', weak.url, '--only', 'alias flood']);
  weak.close();
  const holding = attacks.filter(({ verdict }) => verdict !== 'FINDING').map((each) => each.attack);
  // What is believed of this machine is not a finding.
  expect(holding).toEqual(['spoofed IP addresses']);
  expect(attacks.find((each) => each.attack === 'locking out a victim')?.findings).toEqual([
    'The victim cannot sign in on a device on which they have signed in before.',
  ]);
  expect([code, ok]).toEqual([1, false]);
  expect(stdout).toMatch(/alias flood +FINDING +One request can guess many passwords/);
  expect(stdout).toContain('alias flood: 20 passwords were checked in one request with aliases.');
  expect(stdout).toContain('0 hold, 1 with findings, 0 skipped;');
});

test.each([
  [
    ['--url', 'http://192.0.2.1'],
    '192.0.2.1 is another machine. Attack only what you run. If it is yours, add `--i-own-this 192.0.2.1`.',
  ],
  [['--url', 'http://192.0.2.1', '--i-own-this', '192.0.2.2'], '192.0.2.1 is another machine.'],
  [['--url', 'ftp://localhost'], 'ftp://localhost is not a URL.'],
  [['--url', 'http://127.0.0.1:9'], 'Nothing answers at http://127.0.0.1:9.'],
  [['--only', 'nothing'], 'There is no attack "nothing", only guessed codes'],
  [['--seconds', '0'], '--seconds must be a whole number from 1 to 3600.'],
])('%j is a mistake, and nothing is sent', async (typed, sentence) => {
  const { code, stdout, stderr } = await runLatchkey(['attack', ...typed]);
  expect([code, stdout]).toEqual([2, '']);
  expect(stderr).toContain(sentence);
});

test('it ends after the time that it was given', async () => {
  const weak = await startWeakServer();
  const { attacks } = await attack(weak.url, '--seconds', '1', '--only', 'request framing,alias flood');
  weak.close();
  expect(attacks.at(-1)?.verdict).toBe('skipped');
});
