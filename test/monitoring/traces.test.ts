import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { parseConfig } from '#config/config.ts';
import { LoginDocument, MeDocument } from '../generated/graphql.ts';
import { ENGINES } from '../support/database.ts';
import { type Latchkey, PASSWORD, type Person, startLatchkey } from '../support/latchkey.ts';
import { type OtlpReceiver, type ReceivedSpan, startOtlpReceiver } from '../support/otlp.ts';

const TRACE = '4bf92f3577b34da6a3ce929d0e0e4736';
const PARENT = '00f067aa0ba902b7';
const traceparent = `00-${TRACE}-${PARENT}-01`;

describe.each(ENGINES)('traces on %s', (engine) => {
  let latchkey: Latchkey;
  let otlp: OtlpReceiver;
  let person: Person;
  beforeAll(async () => {
    otlp = await startOtlpReceiver();
    latchkey = await startLatchkey({ engine, env: { OTEL_EXPORTER_OTLP_ENDPOINT: otlp.url } });
    person = await latchkey.person();
  });
  afterAll(async () => {
    await latchkey.close();
    await otlp.close();
  });

  /** The spans of what was done, once they have all been sent: with the end of the process. */
  async function spansOf(work: () => Promise<unknown>): Promise<ReceivedSpan[]> {
    await latchkey.restart();
    otlp.spans.length = 0;
    await work();
    await latchkey.restart();
    return [...otlp.spans];
  }

  const login = (password = PASSWORD) =>
    latchkey.ask(LoginDocument, { input: { identifier: person.email, password } }, { headers: { traceparent } });
  const attributesOf = (span: ReceivedSpan | undefined) =>
    Object.fromEntries((span?.attributes ?? []).map(({ key, value }) => [key, Object.values(value)[0]]));

  test('a request continues the trace of its caller, with its operation, statements by name, and the hash', async () => {
    const spans = await spansOf(login);
    expect(new Set(spans.map(({ traceId }) => traceId))).toEqual(new Set([TRACE]));
    const request = spans.find(({ parentSpanId }) => parentSpanId === PARENT);
    expect(request).toMatchObject({ name: 'mutation login', kind: 2 });
    expect(attributesOf(request)).toMatchObject({
      'http.request.method': 'POST',
      'http.response.status_code': 200,
      'latchkey.outcome': 'OK',
    });
    const operation = spans.find(({ parentSpanId }) => parentSpanId === request?.spanId);
    expect(operation?.name).toBe('mutation login');
    const inside = spans.filter(({ parentSpanId }) => parentSpanId === operation?.spanId).map(({ name }) => name);
    expect(inside).toEqual(expect.arrayContaining(['compare password', 'open-free-sessions']));
  });

  test('each of many requests whose sessions are read together has the span of that in its own trace', async () => {
    const { accessToken: bearer } = person;
    const traces = Array.from({ length: 5 }, (_, number) => `${TRACE.slice(0, -1)}${number}`);
    const spans = await spansOf(() =>
      Promise.all(
        traces.map((trace) =>
          latchkey.send(MeDocument, {}, { bearer, headers: { traceparent: `00-${trace}-${PARENT}-01` } }),
        ),
      ),
    );
    for (const trace of traces) {
      const own = spans.filter(({ traceId, name }) => traceId === trace && name === 'find-sessions');
      const parents = spans.filter(({ spanId }) => spanId === own[0]?.parentSpanId).map(({ traceId }) => traceId);
      expect([trace, own.length, parents]).toEqual([trace, 1, [trace]]);
    }
  });

  test('an email is sent in the trace of the request that queued it', async () => {
    const { email } = person;
    const spans = await spansOf(async () => {
      const query =
        'mutation Forgot($input: RequestPasswordResetInput!) { requestPasswordReset(input: $input) { __typename } }';
      await latchkey.fetch('/graphql', {
        method: 'POST',
        headers: { 'content-type': 'application/json', traceparent },
        body: JSON.stringify({ query, variables: { input: { email } } }),
      });
      await latchkey.smtp.waitForMail((mail) => mail.envelope.to.includes(email) && /reset/i.test(mail.subject));
    });
    // What Prisma runs, also in transactions.
    const names = spans.map(({ name }) => name);
    expect(names).toEqual(expect.arrayContaining(['SELECT users', 'INSERT challenges', 'INSERT audit_events']));
    const sent = spans.find(({ name }) => name === 'send reset-password');
    expect(sent).toMatchObject({ traceId: TRACE, kind: 5 });
    expect(spans.some(({ name, parentSpanId }) => name === 'SMTP' && parentSpanId === sent?.spanId)).toBe(true);
  });

  test('log lines belong to their span, and an answer that names its trace names the same', async () => {
    await login('wrong');
    const lines = latchkey
      .logged()
      .split('\n')
      .filter((line) => line.includes(TRACE));
    const line = JSON.parse(lines.at(-1) ?? '{}');
    expect(line).toMatchObject({ msg: 'request', traceId: TRACE, spanId: expect.stringMatching(/^[0-9a-f]{16}$/) });
    const { headers } = await latchkey.fetch('/healthz');
    const own = latchkey
      .logged()
      .split('\n')
      .find((each) => each.includes(headers.get('x-request-id') ?? 'none'));
    expect(JSON.parse(own ?? '{}').traceId).toMatch(/^[0-9a-f]{32}$/);
  });

  test('a trace that is not sampled by its caller is not sent; a malformed header begins a new one', async () => {
    const ask = (header: string) => latchkey.send(MeDocument, {}, { headers: { traceparent: header } });
    expect(await spansOf(() => ask(`00-${TRACE}-${PARENT}-00`))).toEqual([]);
    for (const header of ['nonsense', `ff-${TRACE}-${PARENT}-01`, `00-${'0'.repeat(32)}-${PARENT}-01`]) {
      const [span] = await spansOf(() => ask(header));
      expect([header, span?.traceId]).toEqual([header, expect.stringMatching(/^(?!4bf9|0{32})[0-9a-f]{32}$/)]);
    }
  });

  test('no span or log line holds an address, a token, or a name', async () => {
    const { code } = await latchkey.mailTo(person.email);
    const secrets = [
      person.email,
      person.accessToken,
      person.refreshToken,
      'Ada',
      PASSWORD,
      person.id,
      '203.0.113.77',
      code,
    ];
    await spansOf(async () => {
      const { accessToken: bearer } = person;
      await login('wrong');
      await latchkey.send(MeDocument, {}, { bearer, ip: '203.0.113.77' });
      await latchkey.fetch(`/api/exist-email/${person.email}?token=${person.refreshToken}`);
      await latchkey.fetch(`/${person.email}`);
      await latchkey.fetch('/graphql', {
        method: 'POST',
        headers: { 'content-type': 'application/json', authorization: `Bearer ${bearer}` },
        body: JSON.stringify({
          query: 'query Ada { Ada: me { name email } node(id: "Ada") { id } }',
          operationName: 'Ada',
        }),
      });
    });
    for (const secret of secrets) expect([secret, otlp.raw().includes(secret ?? 'none')]).toEqual([secret, false]);
    const inLog = secrets.filter((secret) => secret !== person.id && secret !== '203.0.113.77');
    for (const secret of inLog) expect([secret, latchkey.logged().includes(secret ?? 'none')]).toEqual([secret, false]);
  });

  test('a receiver that refuses is told once in the log, and disturbs nobody', async () => {
    otlp.answerWith(400);
    await spansOf(login);
    otlp.answerWith(200);
    expect(latchkey.logged().match(/traces cannot be sent/g)).toHaveLength(1);
  });
});

test('traces are off unless a variable says where to send them', () => {
  const endpoint = { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://collector:4318/' };
  expect(parseConfig({}).tracing).toBeNull();
  expect(parseConfig(endpoint).tracing).toEqual({ url: 'http://collector:4318/v1/traces' });
  const own = { OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: 'https://traces.example.com/in' };
  expect(parseConfig({ ...endpoint, ...own }).tracing).toEqual({ url: 'https://traces.example.com/in' });
  expect(parseConfig({ ...endpoint, OTEL_SDK_DISABLED: 'true' }).tracing).toBeNull();
  expect(parseConfig({ ...endpoint, OTEL_TRACES_EXPORTER: 'none' }).tracing).toBeNull();
  expect(() => parseConfig({ ...endpoint, OTEL_EXPORTER_OTLP_PROTOCOL: 'grpc' })).toThrow('must be http/json');
  const [warning] = parseConfig({ ...endpoint, OTEL_EXPORTER_OTLP_PROTOCOL: 'http/protobuf' }).warnings;
  expect(warning?.variable).toBe('OTEL_EXPORTER_OTLP_PROTOCOL');
});
