/** Log lines, as they are written: whatever a caller passes, secrets under their usual names do not get out. */
import { readFileSync } from 'node:fs';
import { buildSchema, isInputObjectType, isObjectType } from 'graphql';
import { expect, test } from 'vitest';
import { createLog } from '#outside/log.ts';

const lines: string[] = [];
const log = createLog('info', { write: (line) => void lines.push(line) });

function written(line: object): Record<string, unknown> {
  log.info(line, 'a line');
  return JSON.parse(lines.at(-1) ?? '{}');
}

test('secrets under their usual names are removed, in the line and in what it holds', () => {
  const person = { name: 'Ada', password: 'hunter2', keys: { accessToken: 'hunter2', count: 2 } };
  expect(written({ code: '123456', person, list: [{ token: 'hunter2' }, 'x'] })).toMatchObject({
    code: '[redacted]',
    person: { name: 'Ada', password: '[redacted]', keys: { accessToken: '[redacted]', count: 2 } },
    list: [{ token: '[redacted]' }, 'x'],
  });
  expect(lines.join()).not.toMatch(/hunter2|123456/);
  // The caller goes on with what it has passed.
  expect(person).toEqual({ name: 'Ada', password: 'hunter2', keys: { accessToken: 'hunter2', count: 2 } });
});

test('every field of the API that is a secret has one of these names', () => {
  const schema = buildSchema(readFileSync(new URL('../../schema.graphql', import.meta.url), 'utf8'));
  const fields = Object.values(schema.getTypeMap()).flatMap((type) =>
    (isObjectType(type) || isInputObjectType(type)) && !type.name.startsWith('__')
      ? Object.values(type.getFields()).filter((field) => /^\[?String\b/.test(String(field.type)))
      : [],
  );
  const isSecret = /(?:password|token|codes?|secret|captcha|uri)$/i;
  const secrets = [...new Set(fields.map(({ name }) => name).filter((name) => isSecret.test(name)))];
  expect(secrets.length).toBeGreaterThan(10);
  const line = written(Object.fromEntries(secrets.map((name) => [name, 'hunter2'])));
  expect(secrets.filter((name) => line[name] !== '[redacted]')).toEqual([]);
});

test('what is not secret is written as it is, and of an error what may be told', () => {
  const error = Object.assign(new Error('it failed'), { code: 'ECONNRESET', password: 'hunter2' });
  const line = written({ err: error, other: error, at: new Date(0), nothing: null, list: [1, [2]], worker: 3 });
  expect(line).toMatchObject({
    level: 'info',
    service: 'latchkey',
    msg: 'a line',
    err: { type: 'Error', message: 'it failed', reason: 'ECONNRESET' },
    other: { type: 'Error', message: 'it failed', reason: 'ECONNRESET' },
    at: '1970-01-01T00:00:00.000Z',
    nothing: null,
    list: [1, [2]],
    worker: 3,
  });
  expect(lines.at(-1)).not.toContain('hunter2');
  expect(written({ err: 'hunter2' })).toMatchObject({ err: { type: 'string' } });
});
