/** Reads /metrics as Prometheus does. */
import type { Latchkey } from './latchkey.ts';

export const METRICS_TOKEN = 'a token that is only good for tests'.replaceAll(' ', '-');

export type Sample = { name: string; labels: Record<string, string>; value: number };

export async function readMetrics(latchkey: Latchkey): Promise<Sample[]> {
  const response = await latchkey.fetch('/metrics', { headers: { authorization: `Bearer ${METRICS_TOKEN}` } });
  return samplesIn(await response.text());
}

export function samplesIn(text: string): Sample[] {
  return text.split('\n').flatMap((line) => {
    const [, name = '', labels = '', value] = /^([a-z_]\w*)(?:\{(.*)\})? (\S+)$/.exec(line) ?? [];
    if (name === '') return [];
    const pairs = [...labels.matchAll(/(\w+)="((?:[^"\\]|\\.)*)"/g)].map(([, key = '', text = '']) => [key, text]);
    return [{ name, labels: Object.fromEntries(pairs), value: Number(value) }];
  });
}

/** The value with these labels; 0 if there is none. */
export function metricOf(samples: readonly Sample[], name: string, labels: Record<string, string> = {}): number {
  const found = samples.find(
    (sample) => sample.name === name && Object.entries(labels).every(([key, text]) => sample.labels[key] === text),
  );
  return found?.value ?? 0;
}
