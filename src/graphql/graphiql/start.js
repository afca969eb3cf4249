/**
 * Runs in GraphiQL's page: starts GraphiQL, and keeps people signed in while they try the API.
 *
 * The access token of the newest sign-in or refresh goes with every request that has no Authorization header of its
 * own, so that nobody copies tokens between editors. Neither it nor what is typed is written to the browser's storage:
 * the operations hold passwords (OWASP ASVS 5.0, 14.3.3).
 */
const byId = (id) => document.getElementById(id);
const { base, ...settings } = JSON.parse(byId('settings').textContent);
const workers = { editorWorkerService: 'editor', json: 'json', graphql: 'graphql' };
self.MonacoEnvironment = { getWorkerUrl: (_, label) => `${base}${workers[label] ?? 'editor'}.worker.js` };

let accessToken = null;
const forget = () => {
  accessToken = null;
  byId('account').textContent = 'Not signed in. Run Login: its token then goes with every request.';
  byId('forget').hidden = true;
};
const remember = (token, name) => {
  accessToken = token;
  if (name !== undefined) byId('account').textContent = `Signed in as ${name}.`;
  byId('forget').hidden = false;
};
byId('forget').addEventListener('click', forget);

/** What an answer tells about the session, whatever the fields are called by their aliases. */
function follow(result) {
  for (const field of Object.values(result?.data ?? {})) {
    const token = field?.tokens?.accessToken ?? field?.accessToken;
    if (typeof token === 'string') remember(token, field.user?.name ?? field.user?.email);
    if (/^Logout(?:Everywhere)?Success$/.test(field?.__typename)) forget();
  }
}

const send = globalThis.fetch.bind(globalThis);
globalThis.fetch = async (resource, options = {}) => {
  const headers = new Headers(options.headers);
  if (accessToken !== null && !headers.has('authorization')) headers.set('authorization', `Bearer ${accessToken}`);
  const response = await send(resource, { ...options, headers });
  follow(
    await response
      .clone()
      .json()
      .catch(() => null),
  );
  return response;
};

forget();
YogaGraphiQL.renderYogaGraphiQL(byId('root'), {
  ...settings,
  defaultEditorToolsVisibility: false,
  initialQuery: undefined, // otherwise Yoga's welcome text comes before the tab
  onEditQuery() {}, // otherwise each key goes into the address, and a password with it
  storage: null, // nothing that is typed outlives the page
  shouldPersistHeaders: false,
  showPersistHeadersSettings: false,
  additionalHeaders: { 'x-graphql-yoga-csrf': '1' },
});
