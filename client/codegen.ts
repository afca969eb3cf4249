/** The operations of the client and their types, from the printed schema of the service. */
import type { CodegenConfig } from '@graphql-codegen/cli';

const config: CodegenConfig = {
  schema: '../schema.graphql',
  documents: 'src/operations.graphql',
  generates: {
    'src/generated/operations.ts': {
      plugins: ['typescript-operations', './codegen-documents.mjs'],
      config: {
        enumsAsTypes: true,
        scalars: { DateTime: 'string', JSON: 'unknown' },
        useTypeImports: true,
        skipTypename: true,
      },
    },
    'src/generated/persisted-documents.json': { plugins: ['./codegen-persisted.mjs'] },
  },
};

export default config;
