/** The files of deploy/ name settings that exist, agree with themselves, and are accepted by the tools they are for. */
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { parseAllDocuments, parse as parseYaml } from 'yaml';
import { parseConfig } from '#config/config.ts';
import { SETTINGS } from '#config/settings.ts';

const read = (file: string) => readFileSync(new URL(`../../deploy/${file}`, import.meta.url), 'utf8');
const SETTING_NAMES = new Set<string>(SETTINGS.map(([name]) => name));
/** What Node and the shell read, not the service. */
const NOT_OURS = new Set(['PATH', 'NODE_COMPILE_CACHE']);
const unknownOf = (names: readonly string[]) => names.filter((it) => !SETTING_NAMES.has(it) && !NOT_OURS.has(it));

const SECRET = 'TrDmnIw5SAVMdyOAlwzmGbeZ4C1z6N4Ue1pcqDLvYqo';

function isInstalled(command: string): boolean {
  const found = spawnSync(command, ['--version']).error === undefined;
  if (!found)
    process.stderr.write(`SKIPPED: ${command} is not installed, so it does not check what is written for it.\n`);
  return found;
}

const check = (command: string, args: readonly string[]) => {
  const { status, stdout, stderr } = spawnSync(command, args, {
    encoding: 'utf8',
    cwd: new URL('../..', import.meta.url),
  });
  return { status, said: `${stdout}${stderr}` };
};

/** What `npm start` runs in the end, without a file of settings. */
const [, START] =
  readFileSync(new URL('../../build/start.sh', import.meta.url), 'utf8')
    .replace('"$@" ', '')
    .match(/(node --.*)$/m) ?? [];

const seconds = (value: string | undefined) => Number.parseInt(value ?? 'NaN', 10);

describe('deploy/Dockerfile', () => {
  test('sets settings that exist, and starts as `npm start` does', () => {
    const file = read('Dockerfile');
    const names = [...file.matchAll(/^ENV (.*)$/gm)].flatMap(([, line = '']) => [...line.matchAll(/(\w+)=/g)]);
    expect(unknownOf(names.map(([, name = '']) => name))).toEqual([]);
    const command: string[] = JSON.parse(/^CMD (.*)$/m.exec(file)?.[1] ?? '[]');
    expect(command.join(' ')).toBe(START);
  });
});

describe('deploy/compose.yaml', () => {
  const compose = parseYaml(read('compose.yaml'));
  const { latchkey } = compose.services;

  test('has settings with which the service starts', () => {
    expect(unknownOf(Object.keys(latchkey.environment))).toEqual([]);
    const values: [string, string][] = Object.entries(latchkey.environment);
    const env = values.map(([name, value]) => [name, value.replace(/\$\{[^}]*\}/, SECRET)]);
    const config = parseConfig({ HOST: '0.0.0.0', ...Object.fromEntries(env) });
    expect(config.database).toMatchObject({ kind: 'postgresql' });
    expect(config.trustedProxies.length).toBeGreaterThan(0);
  });

  test('names only networks, volumes, secrets and services that are there', () => {
    for (const service of Object.values<Record<string, unknown>>(compose.services)) {
      for (const [key, defined] of [
        ['networks', compose.networks],
        ['secrets', compose.secrets ?? {}],
        ['depends_on', compose.services],
      ] as const) {
        const named = service[key] ?? [];
        for (const name of Array.isArray(named) ? named : Object.keys(named))
          expect(Object.keys(defined)).toContain(name);
      }
    }
    expect(compose.networks.front.ipam.config[0].subnet).toBe(latchkey.environment.TRUSTED_PROXIES);
  });

  test('gives a service that is read-only nothing that Compose would have to write into it', () => {
    // Compose refuses it: only a secret or config from a file is mounted.
    const isFromFile = (name: string) => 'file' in { ...compose.secrets, ...compose.configs }[name];
    for (const { read_only: isReadOnly, secrets = [], configs = [] } of Object.values<Record<string, string[]>>(
      compose.services,
    ))
      if (isReadOnly) expect([...secrets, ...configs].filter((name) => !isFromFile(name))).toEqual([]);
  });

  test('waits for a replica as long as it needs to stop, and confines it', () => {
    const { SHUTDOWN_DELAY, SHUTDOWN_TIMEOUT } = latchkey.environment;
    expect(seconds(latchkey.stop_grace_period)).toBeGreaterThan(seconds(SHUTDOWN_DELAY) + seconds(SHUTDOWN_TIMEOUT));
    expect(latchkey).toMatchObject({ read_only: true, cap_drop: ['ALL'], deploy: { replicas: 2 } });
  });
});

describe('deploy/kubernetes.yaml', () => {
  const objects = parseAllDocuments(read('kubernetes.yaml')).map((document) => document.toJS());
  const one = (kind: string) => objects.filter((object) => object.kind === kind)[0];
  const pod = one('Deployment').spec.template;
  const [container] = pod.spec.containers;
  const settings: Record<string, string> = one('ConfigMap').data;

  test('is of kinds and versions that Kubernetes 1.27 and later have', () => {
    expect(objects.map(({ apiVersion, kind }) => `${apiVersion} ${kind}`)).toEqual([
      'v1 ConfigMap',
      'v1 Secret',
      'v1 ServiceAccount',
      'apps/v1 Deployment',
      'v1 Service',
      'policy/v1 PodDisruptionBudget',
      'autoscaling/v2 HorizontalPodAutoscaler',
    ]);
  });

  test('has settings with which the service starts in production', () => {
    expect(unknownOf(Object.keys(settings))).toEqual([]);
    const directory = container.volumeMounts[0].mountPath;
    const secrets = Object.entries<string>(one('Secret').stringData).map(([key, value]) => [
      `${directory}/${key}`,
      value,
    ]);
    const files: Record<string, string> = { ...Object.fromEntries(secrets), [`${directory}/secret`]: SECRET };
    const config = parseConfig({ NODE_ENV: 'production', HOST: '0.0.0.0', ...settings }, (file) => {
      const content = files[file];
      if (content === undefined) throw new Error(`no file ${file}`);
      return content;
    });
    expect(config.warnings).toEqual([]);
    expect(config.isProduction).toBe(true);
  });

  test('the placeholder of the secret is refused', () => {
    const { secret } = one('Secret').stringData;
    const env = { NODE_ENV: 'production', HOST: '0.0.0.0', ...settings, SECRET_FILE: '', SECRET: secret };
    expect(() => parseConfig(env, () => 'postgresql://latchkey@db.example.com/latchkey')).toThrow(/SECRET/);
  });

  test('labels, names and ports agree', () => {
    const labels = pod.metadata.labels;
    expect(one('Deployment').spec.selector.matchLabels).toEqual(labels);
    expect(one('Service').spec.selector).toEqual(labels);
    expect(one('PodDisruptionBudget').spec.selector.matchLabels).toEqual(labels);
    expect(one('HorizontalPodAutoscaler').spec.scaleTargetRef.name).toBe(one('Deployment').metadata.name);
    const ports = container.ports.map(({ name }: { name: string }) => name);
    const probes = [container.startupProbe, container.livenessProbe, container.readinessProbe];
    for (const { httpGet } of probes) expect(ports).toContain(httpGet.port);
    expect(probes.map(({ httpGet }) => httpGet.path)).toEqual(['/healthz', '/healthz', '/readyz']);
    expect(ports).toContain(one('Service').spec.ports[0].targetPort);
    expect(container.envFrom).toEqual([{ configMapRef: { name: one('ConfigMap').metadata.name } }]);
    expect(pod.spec.volumes[0].secret.secretName).toBe(one('Secret').metadata.name);
  });

  test('a pod has the time it needs to stop, and the connections of all pods fit into a default PostgreSQL', () => {
    const { SHUTDOWN_DELAY, SHUTDOWN_TIMEOUT, DATABASE_POOL_SIZE } = settings;
    const needed = seconds(SHUTDOWN_DELAY) + seconds(SHUTDOWN_TIMEOUT);
    expect(pod.spec.terminationGracePeriodSeconds).toBeGreaterThan(needed);
    const { maxReplicas } = one('HorizontalPodAutoscaler').spec;
    // As docs/operations.md calculates it: two more for each pod, and three for superusers.
    expect((maxReplicas + 1) * (Number(DATABASE_POOL_SIZE) + 2) + 3).toBeLessThanOrEqual(100);
  });

  test('a pod is confined', () => {
    expect(pod.spec.securityContext).toMatchObject({ runAsNonRoot: true, runAsUser: 1000 });
    expect(container.securityContext).toEqual({
      allowPrivilegeEscalation: false,
      readOnlyRootFilesystem: true,
      capabilities: { drop: ['ALL'] },
    });
  });
});

describe('deploy/latchkey.service', () => {
  const unit = read('latchkey.service');

  test('sets settings that exist, and waits as long as a stop takes', () => {
    const lines = [...unit.matchAll(/^Environment=(.*)$/gm)].flatMap(([, line = '']) => line.split(' '));
    expect(unknownOf(lines.map((line) => line.slice(0, line.indexOf('='))))).toEqual([]);
    expect(seconds(/^TimeoutStopSec=(.*)$/m.exec(unit)?.[1])).toBeGreaterThan(15);
    expect(/^ExecStart=\S+ (.*)$/m.exec(unit)?.[1]).toBe(START);
  });

  test.skipIf(!isInstalled('systemd-analyze'))('systemd accepts it, and finds little that it may do', () => {
    expect(check('systemd-analyze', ['verify', 'deploy/latchkey.service'])).toEqual({ status: 0, said: '' });
    // 10 is a service that may do everything; few score less than 2.
    const args = ['security', '--offline=yes', '--threshold=15', '--no-pager', 'deploy/latchkey.service'];
    expect(check('systemd-analyze', args).status).toBe(0);
  });
});
