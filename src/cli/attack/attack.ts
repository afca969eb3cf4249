/** Attack a running service and report what works: `latchkey attack`. */
import { command, integerOption, JSON_OPTION, UsageError } from '../command.ts';
import { note, say, sayJson, tableOf } from '../terminal.ts';
import type { AttackCase } from './attack-case.ts';
import { ATTACKS } from './cases.ts';
import { requireOwnMachine } from './own-machine.ts';
import { Skipped } from './skipped.ts';
import { createTarget, type Target } from './target.ts';

type Verdict = {
  attack: string;
  verdict: 'holds' | 'FINDING' | 'skipped';
  meaning: string;
  findings: readonly string[];
};

const MOST_REQUESTS = 3000;

export const attack = command({
  name: 'attack',
  summary: 'attack a running service and report what works',
  options: {
    ...JSON_OPTION,
    url: { type: 'string', value: 'URL', help: 'the service (default: PUBLIC_URL, or http://localhost:PORT)' },
    'email-domain': {
      type: 'string',
      value: 'DOMAIN',
      help: 'your domain, for the made-up email addresses (default: example.com)',
    },
    'i-own-this': { type: 'string', value: 'HOST', help: 'the host of --url, if it is another machine' },
    only: { type: 'string', value: 'NAMES', help: 'run only these attacks, comma-separated' },
    seconds: { type: 'string', value: 'N', help: 'stop after this time (default: 120)' },
  },
  details: `
Tries races, replays, floods of guesses, enumeration by answer and by time, forged tokens, malformed bodies and headers,
mail bombing, and locking a victim out, with at most ${MOST_REQUESTS} requests. Use a test system: the command creates
accounts, some of which stay unverified, and uses up the budgets of this machine's network for some minutes. Attacks that
need an account are skipped if the service has no development mailbox.

Exit code 1 if an attack worked. With --json: {"ok": BOOLEAN, "requests": NUMBER, "attacks": [{"attack", "verdict":
"holds", "FINDING" or "skipped", "meaning", "findings"}]}.

  COMMAND --url http://localhost:4000 --email-domain example.com`,
  run: async ({ terminal, options }) => {
    const url = urlOf(options.url ?? terminal.env['PUBLIC_URL'] ?? `http://localhost:${terminal.env['PORT'] ?? 4000}`);
    const emailDomain = options['email-domain'] ?? 'example.com';
    const attacks = chosenOf(options.only);
    const seconds = integerOption('seconds', options.seconds, 120, 3600);
    await requireOwnMachine(url, options['i-own-this']);
    const target = createTarget(url, emailDomain, { requests: MOST_REQUESTS, seconds });
    await target.send('/healthz').catch(() => {
      throw new UsageError(`Nothing answers at ${url.origin}.`);
    });
    const verdicts: Verdict[] = [];
    for (const each of attacks) {
      if (!options.json) note(terminal, `${each.name} …`);
      verdicts.push(await verdictOf(each, target));
    }
    const ok = verdicts.every(({ verdict }) => verdict !== 'FINDING');
    if (options.json) sayJson(terminal, { ok, requests: target.sent(), attacks: verdicts });
    else say(terminal, shown(verdicts, target.sent()));
    return ok ? 0 : 1;
  },
});

function urlOf(text: string): URL {
  if (!URL.canParse(text) || !/^https?:$/.test(new URL(text).protocol)) throw new UsageError(`${text} is not a URL.`);
  return new URL(text);
}

function chosenOf(only: string | undefined): readonly AttackCase[] {
  if (only === undefined) return ATTACKS;
  return only.split(',').map((name) => {
    const found = ATTACKS.find((each) => each.name === name.trim());
    if (found !== undefined) return found;
    throw new UsageError(`There is no attack "${name.trim()}", only ${ATTACKS.map((each) => each.name).join(', ')}.`);
  });
}

async function verdictOf({ name, holds, means, run }: AttackCase, target: Target): Promise<Verdict> {
  try {
    const findings = await run(target);
    return findings.length === 0
      ? { attack: name, verdict: 'holds', meaning: holds, findings }
      : { attack: name, verdict: 'FINDING', meaning: means, findings };
  } catch (error) {
    if (!(error instanceof Skipped)) throw error;
    return { attack: name, verdict: 'skipped', meaning: `Not tried: ${error.message}.`, findings: [] };
  }
}

function shown(verdicts: readonly Verdict[], requests: number): string {
  const rows = verdicts.map(({ attack, verdict, meaning }) => [attack, verdict, meaning] as const);
  const findings = verdicts.flatMap(({ attack, findings }) => findings.map((finding) => `${attack}: ${finding}`));
  const count = (verdict: Verdict['verdict']) => verdicts.filter((each) => each.verdict === verdict).length;
  const sum = `${count('holds')} hold, ${count('FINDING')} with findings, ${count('skipped')} skipped; ${requests} requests.`;
  return [tableOf(['attack', 'verdict', 'what it means'], rows), ...findings, '', sum].join('\n');
}
