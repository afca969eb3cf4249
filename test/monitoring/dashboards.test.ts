/** What `deploy/` brings for Prometheus and Grafana, against what /metrics says. */
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { READINGS } from '#outside/telemetry/metric-list.ts';
import { type Latchkey, startLatchkey } from '../support/latchkey.ts';
import { METRICS_TOKEN } from '../support/metrics.ts';

const RULES = 'deploy/prometheus/latchkey-alerts.yml';
const dashboard = JSON.parse(readFileSync('deploy/grafana/latchkey.json', 'utf8'));
const rules = readFileSync(RULES, 'utf8');

const expressions: string[] = [
  ...[...rules.matchAll(/^ +expr: '(.+)'$/gm)].map(([, expression = '']) => expression.replaceAll("''", "'")),
  ...dashboard.panels.flatMap(({ targets = [] }: { targets?: { expr: string }[] }) => targets.map(({ expr }) => expr)),
];

/** Prometheus makes it itself. */
const BUILT_IN = ['up'];

const hasPromtool = spawnSync('promtool', ['--version']).error === undefined;
if (!hasPromtool)
  process.stderr.write('promtool is not installed (Debian: apt install prometheus): rules go unchecked.\n');

/** The metrics that an expression names: what stands before a label set, a range, or the end of an argument. */
function metricsIn(expression: string): string[] {
  const bare = expression.replace(/\{[^}]*\}/g, '').replace(/\b(?:by|without) \([^)]*\)/g, '');
  return [...bare.matchAll(/\b([a-z]\w*_\w+|up)\b(?!\s*\()/g)]
    .map(([, name = '']) => name)
    .filter((name) => name !== 'le');
}

describe('deploy/', () => {
  let latchkey: Latchkey;
  let text: string;
  beforeAll(async () => {
    latchkey = await startLatchkey({ env: { METRICS_TOKEN } });
    await latchkey.person();
    const headers = { authorization: `Bearer ${METRICS_TOKEN}` };
    // Requests are counted when they have ended.
    await latchkey.fetch('/metrics', { headers });
    text = await (await latchkey.fetch('/metrics', { headers })).text();
  });
  afterAll(() => latchkey.close());

  test('every metric that a panel or an alert names is in /metrics', () => {
    const described = new Set([...text.matchAll(/^# TYPE (\w+) /gm)].map(([, name = '']) => name));
    const named = expressions.flatMap(metricsIn).map((name) => name.replace(/(?<=_seconds)_(?:bucket|count|sum)$/, ''));
    expect(new Set(named).size).toBeGreaterThan(20);
    expect([...new Set(named)].filter((name) => !described.has(name) && !BUILT_IN.includes(name))).toEqual([]);
  });

  test('what replicas share is never added up', () => {
    const shared = Object.entries(READINGS).flatMap(([name, reading]) =>
      'across' in reading && reading.across !== 'sum' ? [{ name, across: reading.across }] : [],
    );
    const uses = shared.flatMap(({ name, across }) =>
      expressions.filter((each) => metricsIn(each).includes(name)).map((each) => ({ name, across, each })),
    );
    expect(uses.length).toBeGreaterThan(shared.length);
    const wrong = uses.filter(
      ({ name, across, each }) => !new RegExp(`\\b${across}(?: by \\(\\w+\\) )?\\(${name}\\b`).test(each),
    );
    expect(wrong.map(({ each }) => each)).toEqual([]);
  });

  test('docs/monitoring.md explains every alert', () => {
    const alerts = [...rules.matchAll(/- alert: (\w+)/g)].map(([, name]) => name);
    const explained = [...readFileSync('docs/monitoring.md', 'utf8').matchAll(/^\| `(Latchkey\w+)` \|/gm)];
    expect(explained.map(([, name]) => name)).toEqual(alerts);
  });

  test.skipIf(!hasPromtool)('promtool finds nothing wrong with the alerts, the configuration, and /metrics', () => {
    const check = (what: string[], input = '') => {
      const { status, stdout, stderr } = spawnSync('promtool', ['check', ...what], { encoding: 'utf8', input });
      return { status, said: `${stdout}${stderr}`.replace(/^nodejs_.*$/gm, '').trim() };
    };
    expect(check(['rules', '--lint-fatal', RULES])).toMatchObject({ status: 0 });
    expect(check(['config', 'deploy/prometheus/prometheus.yml'])).toMatchObject({ status: 0 });
    const ours = text.replaceAll(/^(?:# \w+ )?(?:nodejs|process)_.*$/gm, '').replaceAll(/\n{2,}/g, '\n');
    expect(check(['metrics'], ours.trimStart())).toEqual({ status: 0, said: '' });
  });
});
