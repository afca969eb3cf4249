/** The Token API. */
import { createApi, type RestApi } from './api.ts';

export function createToken(): RestApi {
  return createApi({
    tag: { name: 'Token API', description: '' },
    mediaType: 'application/x-www-form-urlencoded',
    shape: ({ message }) => ({ body: { error: message } }),
  });
}
