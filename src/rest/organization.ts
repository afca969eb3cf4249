/** The Organization API. */
import { createApi, type RestApi } from './api.ts';

export function createOrganization(): RestApi {
  return createApi({
    tag: { name: 'Organization API', description: '' },
    mediaType: 'application/json',
    shape: ({ message }) => ({ body: { error: message } }),
  });
}
