/**
 * The service in a process of its own that looks at its own heap: `node --expose-gc heap-process.ts <directory>`.
 * Sends itself thousands of documents of which no two are the same, then passwords written into documents, and tells on
 * standard output, as JSON, by how many bytes the heap has grown and how many of these passwords are still in it.
 */
import { getHeapSnapshot } from 'node:v8';
import { createApp } from '#app.ts';
import { parseConfig } from '#config/config.ts';

const DOCUMENTS = 5000;
const [directory = ''] = process.argv.slice(2);
const env = { DATA_DIR: directory, LOG_LEVEL: 'silent', HASH_MEMORY_KIB: '64', HASH_ITERATIONS: '1', HASH_SLOTS: '1' };
const app = await createApp(parseConfig(env));

async function send(query: string): Promise<string> {
  const init = { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify({ query }) };
  return (await app.fetch(new Request('http://localhost:4000/graphql', init))).text();
}

/** Valid, refused because of a field, refused because of the syntax, in turns. */
function documentOf(number: number): string {
  const fields = 'me { id name email createdAt isVerified } '.repeat(10);
  return `query Q${number} { ${fields} ${['', 'nothing', '{'][number % 3]} } # ${'x'.repeat(1000)}`;
}

async function heapAfterGc(): Promise<number> {
  for (let round = 0; round < 3; round++) {
    await new Promise((resolve) => setTimeout(resolve, 50));
    globalThis.gc?.();
  }
  return process.memoryUsage().heapUsed;
}

for (let number = 0; number < 100; number++) await send(documentOf(-number));
const before = await heapAfterGc();
for (let number = 1; number <= DOCUMENTS; number++) await send(documentOf(number));
const grownBy = (await heapAfterGc()) - before;

/** Created each time it is needed, so that it stays in memory only where code keeps it. */
const password = () => ['literal', 'hunter', '2'].join('-');
async function sendPasswords(): Promise<string[]> {
  const accepted = [
    `mutation { login(input: {identifier: "ada", password: "${password()}"}) { __typename } }`,
    `mutation ($p: String! = "${password()}") { login(input: {identifier: "ada", password: $p}) { __typename } }`,
    `mutation { logout(input: {refreshToken: "${password()}"}) { __typename } }`,
    `mutation { login(input: {identifier: "ada", password: """${password()}"""}) { __typename } }`,
  ];
  const refused = [
    `mutation { login(input: {identifier: "ada", password: "${password()}", nothing: 1}) { __typename } }`,
    `mutation { login(input: {identifier: "ada", password: "${password()}"}) { __typename }`,
  ];
  const answers: string[] = [];
  for (const query of [...accepted, ...refused]) answers.push(await send(query));
  return answers;
}

const answers = await sendPasswords();
// V8 keeps the text that the last regular expression was applied to.
await send('{ me { id } }');
await heapAfterGc();
let text = '';
let found = 0;
for await (const chunk of getHeapSnapshot()) {
  text += chunk;
  found += text.split(password()).length - 1;
  text = text.slice(1 - password().length);
}
process.stdout.write(JSON.stringify({ grownBy, found, answers: answers.map((it) => it.slice(0, 60)) }));
await app.close();
process.exit(0);
