/** The Vault API. */
import { createApi, type RestApi } from './api.ts';

export function createVault(): RestApi {
  return createApi({
    tag: { name: 'Vault API', description: '' },
    mediaType: 'application/json',
    shape: ({ message }) => ({ body: { error: message } }),
  });
}
